// SPDX-License-Identifier: MIT
// What a site answers by itself, and what it adds to every answer. Included by caddy_*.cc only.
#pragma once

#include "shared/render/caddy_json.h"

namespace rpm::render::caddy {

/// A fixed text; the type is text/plain unless it is HTML.
Json plain(Json status, std::string_view body);
Json page(Json status, std::string_view html, Json::Object headers = {});
/// Where `path` says where the redirect stands in the definition. Throws Invalid.
Json redirect(const Redirect& redirect, const std::string& path);

/// Routes that change the headers of every answer, also of errors: HSTS, security headers, the site's rules
/// and CORS. They pass on to what follows.
Json::Array answer_headers(const SiteDefinition& site);
/// The route of preflight requests, of maintenance, robots.txt and security.txt.
Json::Array own_answers(const Context& context);
/// What becomes of errors: an own page, or one line.
Json::Array error_routes(const SiteDefinition& site, const std::string& zone);

}  // namespace rpm::render::caddy
