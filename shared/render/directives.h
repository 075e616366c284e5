// SPDX-License-Identifier: MIT
// An administrator's own directives (RawDirectives) in a rendered file are not for the site's client to read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rpm::render {

/// The text with "(set by the operator)" instead of the directives. `known` are those that the text may hold:
/// of each version of the site that it may have been made from. Where others stand, the rest of the text is
/// left out, since nothing says where they end.
std::string without_directives(std::string_view text, const std::vector<std::string>& known);

}  // namespace rpm::render
