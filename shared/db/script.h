// SPDX-License-Identifier: MIT
// Cuts an SQL file into statements. For shared/db only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rpm::db {

struct ScriptStatement {
    std::string sql;    ///< without the ';' and comments before it
    unsigned line = 0;  ///< where it starts, from 1
};

/// A statement ends at a ';' that is the last on its line (blanks and a comment may follow), outside of
/// quotes and comments; the last one may lack it. Pieces of nothing but comments are left out.
std::vector<ScriptStatement> split_script(std::string_view script);

}  // namespace rpm::db
