// SPDX-License-Identifier: MIT
#include "shared/base/csv.h"

namespace rpm::csv {
namespace {

// OWASP "CSV Injection"; the last four are ＝ ＋ － ＠, which some spreadsheets fold to the plain signs.
constexpr std::string_view kFormulaStarts[] = {
    "=", "+", "-", "@", "\t", "\r", "\n", "\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0"};

bool looks_like_formula(std::string_view text) {
    for (const std::string_view start : kFormulaStarts)
        if (text.starts_with(start)) return true;
    return false;
}

}  // namespace

std::string value(std::string_view text) {
    const bool formula = looks_like_formula(text);
    const bool plain = text.find_first_of(",\"\r\n") == std::string_view::npos;
    if (plain && !formula) return std::string(text);
    std::string out = formula ? "\"'" : "\"";
    for (const char c : text) {
        if (c == '"') out += '"';
        out += c;
    }
    return out + '"';
}

std::string line(std::span<const std::string> values) {
    std::string out;
    for (const std::string& each : values) {
        if (&each != &values.front()) out += ',';
        out += value(each);
    }
    return out + "\r\n";
}

}  // namespace rpm::csv
