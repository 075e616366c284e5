// SPDX-License-Identifier: MIT
#include "web/view/pager.h"

#include <string_view>

namespace rpm::web {

void set_pager(Fields& list, const Pager& pager) {
    Fields& fields = list.include("PAGER", "components/pager.html");
    fields.set("RANGE", pager.range);
    if (!pager.previous.empty()) fields.row("PREV").set("URL", pager.previous);
    if (!pager.next.empty()) fields.row("NEXT").set("URL", pager.next);
}

std::string url_escape(std::string_view text) {
    static constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           c == '-' || c == '.' || c == '_' || c == '~';
        if (plain) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += kDigits[byte >> 4U];
        out += kDigits[byte & 15U];
    }
    return out;
}

Address& Address::with(std::string_view name, std::string_view value) {
    if (value.empty()) return *this;
    text_ += first_ ? '?' : '&';
    first_ = false;
    text_.append(name) += '=';
    text_ += url_escape(value);
    return *this;
}

}  // namespace rpm::web
