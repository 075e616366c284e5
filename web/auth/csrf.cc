// SPDX-License-Identifier: MIT
#include "web/auth/csrf.h"

#include "shared/base/text.h"
#include "shared/crypto/digest.h"

namespace rpm::web {

std::string csrf_token(std::string_view secret_cookie) {
    return text::base64url(crypto::hmac_sha256(secret_cookie, "csrf"));
}

bool csrf_matches(std::string_view secret_cookie, std::string_view given) {
    return !secret_cookie.empty() && crypto::equal(csrf_token(secret_cookie), given);
}

}  // namespace rpm::web
