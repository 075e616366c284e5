// SPDX-License-Identifier: MIT
// Codes that replace a lost second factor, once each.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/secret.h"

namespace rpm::crypto {

inline constexpr std::size_t kRecoveryCodes = 10;

/// Ten of 80 random bits: "K7QF-2MZA-…", base32 in four groups. 80 bits cannot be guessed even by whoever has
/// the hashes, so a fast hash is enough (NIST SP 800-63B section 5.1.2.2 asks for 112, or a salt, below which
/// the user's id serves).
std::vector<Secret> new_recovery_codes();
/// What is stored and looked up: SHA-256 over the user and the code, 32 raw bytes. However the person typed
/// it: case, blanks and hyphens do not matter, 0, 1 and 8 are read as O, I and B.
std::string recovery_code_hash(std::uint64_t user, std::string_view code);

}  // namespace rpm::crypto
