// SPDX-License-Identifier: MIT
// From a member's path to its field in the site editor, and what people call it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "shared/base/template_set.h"

namespace rpm::web {

struct MemberLink {
    std::string anchor;  ///< the id in the editor's page: "upstream.servers.0.host", "l-routes.2"
    std::string label;   ///< "Server 1 › Address"
};
/// Nothing for what is no member, and for what only staff may see unless `staff`.
std::optional<MemberLink> member_link(std::string_view path, bool staff);

/// Adds FIELD {ANCHOR LABEL} for the first of these paths that has a link; the label names up to three.
void set_member_link(Fields& line, std::span<const std::string> paths, bool staff);

}  // namespace rpm::web
