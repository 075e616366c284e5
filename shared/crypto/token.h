// SPDX-License-Identifier: MIT
// Random bearer tokens: sessions, sign-in links, API tokens. Only their hash is stored.
#pragma once

#include <string>
#include <string_view>

#include "shared/base/secret.h"

namespace rpm::crypto {

/// 256 random bits as 43 characters of base64url, after the prefix (for secret scanners: "rpmgr_").
Secret new_token(std::string_view prefix = {});
/// A token of the API: "rpmgr_", 43 characters of 0-9A-Za-z with 256 random bits, and 6 that are the CRC-32
/// (as in zlib) of all before them in base 62, so that whoever finds one in a file can tell it from noise
/// without asking anybody: rpmgr_[0-9A-Za-z]{49}.
Secret new_api_token();
/// False for a text that has the form of an API token and another sum: mistyped, cut or made up. True says
/// nothing.
bool may_be_api_token(std::string_view text);

/// What is stored and looked up: SHA-256 of the text, 32 raw bytes. Fast by design: the input has 256 bits.
std::string token_hash(std::string_view token);

}  // namespace rpm::crypto
