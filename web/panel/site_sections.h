// SPDX-License-Identifier: MIT
// How the members of a definition are arranged on pages: the sections, and what stands under "More".
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rpm::web {

struct SiteSection {
    std::string_view id;
    std::string_view title;
    std::string_view icon;
    std::string_view nothing;  ///< what it says while everything has its default
    /// Paths; "tls.*" is everything in it without a heading of its own. Each member of the definition is in
    /// one section.
    std::vector<std::string_view> members;
};
std::span<const SiteSection> site_sections();

/// The section that holds the member at this path, or the first one.
const SiteSection& section_of(std::string_view path);

/// Seldom set: folded away in its section or group.
bool is_rare(std::string_view path);

}  // namespace rpm::web
