// SPDX-License-Identifier: MIT
// Lines of comma-separated values (RFC 4180) that spreadsheets open without running anything.
//
//     out += csv::line({"time", "user"}) + csv::line({to_rfc3339(at), name});
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace rpm::csv {

/// One value. Quoted where RFC 4180 section 2 demands it. A value that a spreadsheet would take for a formula
/// (it begins with = + - @, a tab or a line end, or with their full-width forms) gets an apostrophe in front,
/// and is quoted.
std::string value(std::string_view text);

/// Values with commas between, and CRLF.
std::string line(std::span<const std::string> values);
inline std::string line(std::initializer_list<std::string> values) {
    return line(std::span<const std::string>(values.begin(), values.size()));
}

}  // namespace rpm::csv
