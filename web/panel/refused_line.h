// SPDX-License-Identifier: MIT
// From the line of a site's file that an engine refused to the field that it comes from.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "shared/store/sites.h"
#include "web/auth/visit.h"
#include "web/panel/member_links.h"

namespace rpm::web {

/// The site's `version` is rendered for the node once more; the site was read with a scope before. Nothing
/// when the line comes from no member, or `line` is 0: the engine named none.
std::optional<MemberLink> link_of_refused_line(const Visit& visit, NodeId node, const store::Site& site,
                                               unsigned version, unsigned line);
/// The same from the engine's own words, when they blame a line of this site.
std::optional<MemberLink> link_of_engine_words(const Visit& visit, NodeId node, const store::Site& site,
                                               unsigned version, std::string_view words);

}  // namespace rpm::web
