// SPDX-License-Identifier: MIT
#include "shared/render/quoting.h"

#include <algorithm>

#include "shared/base/error.h"
#include "shared/base/json.h"
#include "shared/base/text.h"

namespace rpm::render {
namespace {

[[noreturn]] void refuse(std::string_view in, const char* why) {
    throw Invalid("value", std::string(why) + ": '" + text::shown(in, 80) + "'");
}

void check_nginx(std::string_view in) {
    if (!text::is_utf8(in)) refuse(in, "is not valid UTF-8");
    if (text::has_control(in)) refuse(in, "nginx has no escape for control characters");
}

bool digit(char c) {
    return c >= '0' && c <= '9';
}
bool word_character(char c) {
    return digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view(".-_:*[]%").find(c) != std::string_view::npos;
}

}  // namespace

void quote_nginx(std::string_view in, std::string& out) {
    check_nginx(in);
    if (in.find('$') != std::string_view::npos) refuse(in, "nginx has no escape for '$'");
    out += '"';
    for (const char c : in) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    out += '"';
}

void quote_nginx_part(std::string_view in, std::string& out) {
    check_nginx(in);
    for (const char c : in) {
        if (c == '"' || c == '\\') out += '\\';
        if (c == '$')
            out += "${rpm_dollar}";  // a variable of nginx.conf
        else
            out += c;
    }
}

void quote_nginx_text(std::string_view in, std::string& out) {
    out += '"';
    quote_nginx_part(in, out);
    out += '"';
}

void quote_nginx_target(std::string_view in, std::string& out) {
    check_nginx(in);
    for (std::size_t i = 0; i < in.size(); ++i) {
        if (in[i] == '$' && (i + 1 == in.size() || in[i + 1] < '1' || in[i + 1] > '9'))
            refuse(in, "has a '$' that names no group");
        if (in[i] == '"' || in[i] == '\\') out += '\\';
        out += in[i];
    }
}

void quote_nginx_literal(std::string_view in, std::string& out) {
    check_nginx(in);
    out += '"';
    for (const char c : in) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    out += '"';
}

void quote_word_path(std::string_view in, std::string& out) {
    const auto fits = [](char c) { return word_character(c) || c == '/'; };
    if (in.empty() || !std::ranges::all_of(in, fits)) refuse(in, "is not a plain path");
    out += in;
}

void quote_word(std::string_view in, std::string& out) {
    if (in.empty() || !std::ranges::all_of(in, word_character)) refuse(in, "is not a plain word");
    out += in;
}

void quote_uint(std::string_view in, std::string& out) {
    if (in.empty() || !std::ranges::all_of(in, digit)) refuse(in, "is not a number");
    out += in;
}

void quote_json(std::string_view in, std::string& out) {
    if (!text::is_utf8(in)) refuse(in, "is not valid UTF-8");
    out += Json(in).dump();
}

void quote_comment(std::string_view in, std::string& out) {
    if (text::has_control(in)) refuse(in, "a comment is one line");
    out += in;
}

void quote_raw(std::string_view in, std::string& out) {
    out += in;
}

}  // namespace rpm::render
