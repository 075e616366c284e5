// SPDX-License-Identifier: MIT
// Random bearer tokens: sessions, sign-in links, API tokens. Only their hash is stored.
#pragma once

#include <string>
#include <string_view>

#include "shared/base/secret.h"

namespace rpm::crypto {

/// 256 random bits as 43 characters of base64url, after the prefix (for secret scanners: "rpmgr_").
Secret new_token(std::string_view prefix = {});
/// What is stored and looked up: SHA-256 of the text, 32 raw bytes. Fast by design: the input has 256 bits.
std::string token_hash(std::string_view token);

}  // namespace rpm::crypto
