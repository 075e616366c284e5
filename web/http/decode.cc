// SPDX-License-Identifier: MIT
#include "web/http/decode.h"

#include "shared/base/text.h"
#include "web/http/error.h"
#include "web/http/request.h"

namespace rpm::http {
namespace {

int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

char decode_pair(std::string_view text, std::size_t at) {
    const int high = at + 1 < text.size() ? digit(text[at + 1]) : -1;
    const int low = at + 2 < text.size() ? digit(text[at + 2]) : -1;
    if (high < 0 || low < 0 || (high == 0 && low == 0)) throw HttpError(400, "malformed %-encoding");
    return static_cast<char>(high * 16 + low);
}

}  // namespace

std::string decode_percent(std::string_view text, Plus plus) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%') {
            out += decode_pair(text, i);
            i += 2;
        } else {
            out += text[i] == '+' && plus == Plus::blank ? ' ' : text[i];
        }
    }
    return out;
}

void check_text(std::string_view text) {
    if (text.find('\0') != std::string_view::npos || !text::is_utf8(text))
        throw HttpError(400, "the request is not valid UTF-8 text");
}

Values parse_urlencoded(std::string_view text, std::size_t max_fields) {
    Values values;
    for (const std::string_view pair : text::split(text, '&')) {
        if (pair.empty()) continue;
        if (values.size() == max_fields) throw HttpError(413, "too many parameters");
        const auto equals = pair.find('=');
        std::string name = decode_percent(pair.substr(0, equals), Plus::blank);
        std::string value;
        if (equals != std::string_view::npos) value = decode_percent(pair.substr(equals + 1), Plus::blank);
        check_text(name);
        check_text(value);
        values.add(std::move(name), std::move(value));
    }
    return values;
}

}  // namespace rpm::http
