// SPDX-License-Identifier: MIT
#include "shared/db/script.h"

#include <algorithm>

#include "shared/base/text.h"

namespace rpm::db {
namespace {

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// Past the quoted text that starts at `at`: ends at the same quote, doubled or (not for names) escaped ones
// inside.
std::size_t skip_quoted(std::string_view s, std::size_t at) {
    const char quote = s[at];
    for (++at; at < s.size(); ++at) {
        if (s[at] == '\\' && quote != '`')
            ++at;
        else if (s[at] == quote)
            return at + 1;
    }
    return s.size();
}

// Past the comment that starts at `at`, or `at` itself when none does. "/*!" is not a comment but code.
std::size_t skip_comment(std::string_view s, std::size_t at) {
    const std::string_view rest = s.substr(at);
    const bool dashes = rest.starts_with("--") && (rest.size() == 2 || is_blank(rest[2]));
    if (dashes || rest.starts_with("#")) return std::min(s.find('\n', at), s.size());
    if (!rest.starts_with("/*") || rest.starts_with("/*!")) return at;
    const std::size_t end = s.find("*/", at + 2);
    return end == std::string_view::npos ? s.size() : end + 2;
}

bool ends_line(std::string_view s, std::size_t at) {
    while (at < s.size() && s[at] != '\n') {
        if (const std::size_t past = skip_comment(s, at); past != at)
            at = past;
        else if (!is_blank(s[at++]))
            return false;
    }
    return true;
}

}  // namespace

std::vector<ScriptStatement> split_script(std::string_view s) {
    std::vector<ScriptStatement> statements;
    std::size_t start = std::string_view::npos;  // of the statement; npos: none has begun
    const auto finish = [&](std::size_t end) {
        if (start == std::string_view::npos) return;
        const auto line = 1 + std::count(s.begin(), s.begin() + static_cast<std::ptrdiff_t>(start), '\n');
        statements.push_back(
            {std::string(text::trim(s.substr(start, end - start))), static_cast<unsigned>(line)});
        start = std::string_view::npos;
    };
    for (std::size_t at = 0; at < s.size();) {
        if (const std::size_t past = skip_comment(s, at); past != at) {
            at = past;
        } else if (s[at] == ';' && ends_line(s, at + 1)) {
            finish(at++);
        } else {
            if (start == std::string_view::npos && !is_blank(s[at])) start = at;
            const bool quote = s[at] == '\'' || s[at] == '"' || s[at] == '`';
            at = quote ? skip_quoted(s, at) : at + 1;
        }
    }
    finish(s.size());
    return statements;
}

}  // namespace rpm::db
