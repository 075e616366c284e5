// SPDX-License-Identifier: MIT
// From the server's error numbers to the kinds of failure that the program knows. For shared/db only.
#pragma once

#include <string_view>

namespace sql {
class SQLException;
}

namespace rpm::db {

/// The connection cannot be used any more, or its prepared statements cannot: make a new one.
bool means_dead_connection(int code);

/// Throws what the error means (see connection.h). The SQL is told only where the fault is in the program.
[[noreturn]] void fail(const sql::SQLException& error, std::string_view sql);

}  // namespace rpm::db
