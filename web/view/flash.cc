// SPDX-License-Identifier: MIT
#include "web/view/flash.h"

#include <algorithm>

#include "shared/base/text.h"

namespace rpm::web {
namespace {

constexpr const char* kCookie = "rpmgr_flash";
constexpr std::size_t kMaxText = 500;

bool known_kind(std::string_view kind) {
    return kind == "ok" || kind == "warn" || kind == "bad";
}

}  // namespace

void put_flash(http::Response& response, const Flash& flash) {
    const std::string plain = flash.kind + '\n' + text::ellipsis(flash.text, kMaxText);
    response.set_cookie({.name = kCookie, .value = text::hex(plain), .max_age = std::chrono::seconds(60)});
}

std::optional<Flash> find_flash(const http::Request& request) {
    const auto cookie = request.cookie(kCookie);
    if (!cookie) return std::nullopt;
    const auto plain = text::unhex(*cookie);
    if (!plain || !text::is_utf8(*plain)) return std::nullopt;
    const auto end = plain->find('\n');
    if (end == std::string::npos || !known_kind(plain->substr(0, end))) return std::nullopt;
    return Flash{plain->substr(0, end), plain->substr(end + 1)};
}

void drop_flash(http::Response& response) {
    response.drop_cookie(kCookie);
}

}  // namespace rpm::web
