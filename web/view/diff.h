// SPDX-License-Identifier: MIT
// Differences of files as fields of components/diff.html.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "shared/base/template_set.h"
#include "shared/plan/release.h"

namespace rpm::web {

/// One file that changes, with both contents. Compared when made, so that totals are known before it is
/// shown.
struct FileDiff {
    std::string path;
    plan::ChangeKind kind = plan::ChangeKind::changed;
    struct Line {
        std::string kind;    ///< "", "add", "del", "hunk"
        std::string number;  ///< of the new text, of the old one for removed lines
        std::string text;
    };
    std::vector<Line> lines;
    unsigned plus = 0;
    unsigned minus = 0;
    bool folded = false;  ///< shut when the page opens, however small
    std::string note;     ///< instead of lines that cannot be shown
    bool operator==(const FileDiff& other) const;
};
/// Password hashes (bcrypt) are compared and not shown.
FileDiff diff_of(std::string path, plan::ChangeKind kind, std::string_view from, std::string_view to);

/// Adds more to the row of a line of the new text, whose number it gets.
using MarkLine = std::function<void(Fields& row, const std::string& path, std::size_t number)>;
/// Adds >DIFF. Ids begin with the prefix, which must be unique on the page; small diffs are open.
void set_diff(Fields& fields, const std::vector<FileDiff>& files, const std::string& id_prefix,
              const MarkLine& mark = {});

}  // namespace rpm::web
