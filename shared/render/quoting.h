// SPDX-License-Identifier: MIT
// The modifiers by which templates put values into an engine's syntax. Each throws Invalid for a value that
// the syntax cannot say; none drops or changes anything silently.
//
//     :x-nginx    a quoted string; no '$' and no control characters, because nginx has no escape for them
//     :x-nginx-text   a quoted string in which '$' stands for itself
//     :x-nginx-part   the same without the quotation marks, for a part of a quoted string
//     :x-nginx-target the same, but $1 to $9 are groups of a regular expression and no other '$' is allowed
//     :x-nginx-literal  a quoted string where nginx looks for no variables: expressions, locations, geo
//     :x-word-path    a path of plain words: letters, digits, '.', '-', '_', '/' and %-escapes
//     :x-word     a word that no engine gives a meaning to: addresses, names, ids
//     :x-uint     decimal digits
//     :x-json     a JSON string
//     :x-comment  the rest of a comment line
//     :x-raw      as it is; only for RawDirectives, which were checked when they were stored
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace rpm::render {

void quote_nginx(std::string_view in, std::string& out);
void quote_nginx_text(std::string_view in, std::string& out);
void quote_nginx_part(std::string_view in, std::string& out);
void quote_nginx_target(std::string_view in, std::string& out);
void quote_nginx_literal(std::string_view in, std::string& out);
void quote_word_path(std::string_view in, std::string& out);
void quote_word(std::string_view in, std::string& out);
void quote_uint(std::string_view in, std::string& out);
void quote_json(std::string_view in, std::string& out);
void quote_comment(std::string_view in, std::string& out);
void quote_raw(std::string_view in, std::string& out);

/// Every modifier that templates may use; the test of the templates reads this list too.
inline constexpr std::array kModifiers = {
    std::pair{"x-nginx", &quote_nginx},
    std::pair{"x-word", &quote_word},
    std::pair{"x-uint", &quote_uint},
    std::pair{"x-comment", &quote_comment},
    std::pair{"x-raw", &quote_raw},
    std::pair{"x-nginx-text", &quote_nginx_text},
    std::pair{"x-nginx-part", &quote_nginx_part},
    std::pair{"x-nginx-target", &quote_nginx_target},
    std::pair{"x-nginx-literal", &quote_nginx_literal},
    std::pair{"x-word-path", &quote_word_path},
    std::pair{"x-json", &quote_json},
};

}  // namespace rpm::render
