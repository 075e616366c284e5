// SPDX-License-Identifier: MIT
// The difference of two texts by lines, for people to review. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rpm::plan {

enum class LineKind { same, added, removed };
struct DiffLine {
    LineKind kind;
    unsigned old_number;  ///< 1-based; 0 for added lines
    unsigned new_number;  ///< 1-based; 0 for removed lines
    std::string text;
};
struct Hunk {
    std::vector<DiffLine> lines;
};
/// Shortest edit script (Myers 1986) in hunks with this many equal lines around each change; no hunk when
/// equal. Texts that differ in more than 2,000 lines are shown as whole removed and added, to bound the work.
std::vector<Hunk> diff(std::string_view from, std::string_view to, unsigned context = 3);

}  // namespace rpm::plan
