// SPDX-License-Identifier: MIT
#include "shared/crypto/recovery_code.h"

#include "shared/base/text.h"
#include "shared/crypto/digest.h"

namespace rpm::crypto {
namespace {

constexpr std::size_t kBytes = 10;

std::string normal(std::string_view typed) {
    std::string out;
    for (char c : typed) {
        if (c == ' ' || c == '-') continue;
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        out += c == '0' ? 'O' : c == '1' ? 'I' : c == '8' ? 'B' : c;
    }
    return out;
}

}  // namespace

std::vector<Secret> new_recovery_codes() {
    std::vector<Secret> codes;
    for (std::size_t i = 0; i < kRecoveryCodes; ++i)
        codes.emplace_back(text::grouped(text::base32(random_bytes(kBytes)), 4, '-'));
    return codes;
}

std::string recovery_code_hash(std::uint64_t user, std::string_view code) {
    return sha256("rpmgr recovery code of " + std::to_string(user) + ": " + normal(code));
}

}  // namespace rpm::crypto
