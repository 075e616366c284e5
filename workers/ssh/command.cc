// SPDX-License-Identifier: MIT
#include "workers/ssh/command.h"

#include <algorithm>

#include "shared/base/error.h"

namespace rpm::ssh {
namespace {

// `=` and `~` are left out on purpose: A=b is an assignment at the head of a line, ~x a home directory.
bool harmless(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_-./:@%+,").find(c) != std::string_view::npos;
}

}  // namespace

std::string shell_quote(std::string_view word) {
    if (word.find('\0') != std::string_view::npos) throw Invalid("command", "a word holds a NUL byte");
    if (!word.empty() && std::ranges::all_of(word, harmless)) return std::string(word);
    std::string out = "'";
    for (const char c : word) {
        if (c == '\'')
            out += "'\\''";
        else
            out += c;
    }
    return out + '\'';
}

std::string command_line(const std::vector<std::string>& words) {
    if (words.empty()) throw Invalid("command", "is empty");
    std::string line;
    for (const std::string& word : words) {
        if (!line.empty()) line += ' ';
        line += shell_quote(word);
    }
    return line;
}

}  // namespace rpm::ssh
