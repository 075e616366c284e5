// SPDX-License-Identifier: MIT
#include "shared/crypto/token.h"

#include "shared/base/text.h"
#include "shared/crypto/digest.h"

namespace rpm::crypto {

Secret new_token(std::string_view prefix) {
    const Secret random(random_bytes(32));
    return Secret(std::string(prefix) + text::base64url(random.reveal()));
}

std::string token_hash(std::string_view token) {
    return sha256(token);
}

}  // namespace rpm::crypto
