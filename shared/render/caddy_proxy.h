// SPDX-License-Identifier: MIT
// Where a site's requests go to. Included by caddy_*.cc only.
#pragma once

#include "shared/render/caddy_json.h"

namespace rpm::render::caddy {

/// A handler that sends requests to the pool: to its servers, and where none of these takes a request, to its
/// backups. `field` is the upstream's path in the definition.
Json proxy(const Context& context, const Upstream& upstream);

/// What is asked of the URL of a forward authentication: lets the request pass to the next handler, or
/// answers it.
Json forward_auth(const Context& context, const ForwardAuth& auth);

}  // namespace rpm::render::caddy
