// SPDX-License-Identifier: MIT
// One message that survives a redirect: "Saved version 4". Carried by a cookie that the next page drops.
#pragma once

#include <optional>
#include <string>

#include "web/http/response.h"

namespace rpm::web {

struct Flash {
    std::string kind;  ///< "ok", "warn", "bad"
    std::string text;
};

/// Cut to what fits a cookie.
void put_flash(http::Response& response, const Flash& flash);
/// The message that this browser was sent before, if any; unreadable cookies are none.
std::optional<Flash> find_flash(const http::Request& request);
void drop_flash(http::Response& response);

}  // namespace rpm::web
