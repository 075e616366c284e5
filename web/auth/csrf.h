// SPDX-License-Identifier: MIT
// Tokens that tie a form to the browser that got it: HMAC-SHA256 over the browser's own secret cookie.
//
// Nothing is stored: whoever cannot read the cookie cannot make the token, and a cookie named "__Host-…"
// cannot be planted from another host. Before sign-in the secret is a random cookie of its own.
#pragma once

#include <string>
#include <string_view>

namespace rpm::web {

/// 43 characters of base64url.
std::string csrf_token(std::string_view secret_cookie);
/// In a time that does not depend on where the texts differ.
bool csrf_matches(std::string_view secret_cookie, std::string_view given);

}  // namespace rpm::web
