// SPDX-License-Identifier: MIT
// The schema: forward-only files sql/NNNN-name.sql, each applied once, in order, under a lock.
//
// schema_migrations holds number, name and SHA-256 of each applied file; a file that was edited afterwards is
// refused, as is a gap in the numbers. The digest is given by the caller (shared/crypto), which keeps this
// layer free of it. DDL commits by itself in MySQL: a migration that fails half-way is reported with its file
// and statement, marked failed, and the next run refuses until a person decides.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/db/connection.h"

namespace rpm::db {

struct Migration {
    unsigned number = 0;
    std::string name;  ///< "0001-core.sql"
    std::string sql;
    std::string digest;  ///< 64 hex digits
};

using DigestHex = std::function<std::string(std::string_view)>;

/// Reads the folder; names that do not begin with a digit (views.sql) are left alone. Throws Invalid naming
/// the file for a wrong name, a gap or a duplicate number.
std::vector<Migration> load_migrations(const std::filesystem::path& folder, const DigestHex& digest);

/// Applies what is missing and answers the names applied. Waits up to 60 s for another run (GET_LOCK), then
/// throws Unavailable. Throws Conflict when the database and the files disagree (edited, gap, half applied),
/// Error with file, line and statement when one fails. `progress` hears each name before it starts.
std::vector<std::string> migrate(Connection& db, const std::vector<Migration>& migrations,
                                 const std::function<void(const std::string&)>& progress = {});

/// Throws Unavailable ("database schema is 3, this program needs 4: run 'rpmgr migrate'") unless they agree.
void check_schema(Connection& db, const std::vector<Migration>& migrations);

}  // namespace rpm::db
