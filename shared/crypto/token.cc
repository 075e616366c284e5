// SPDX-License-Identifier: MIT
#include "shared/crypto/token.h"

#include <cstdint>

#include "shared/base/text.h"
#include "shared/crypto/digest.h"

namespace rpm::crypto {
namespace {

constexpr std::string_view kApiPrefix = "rpmgr_";
constexpr std::string_view kDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::size_t kRandomDigits = 43;  // 62^43 > 2^256
constexpr std::size_t kSumDigits = 6;      // 62^6 > 2^32

// ISO 3309, reflected, as zlib and PNG have it.
std::uint32_t crc32(std::string_view bytes) {
    std::uint32_t crc = 0xffffffffU;
    for (const char c : bytes) {
        crc ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xedb88320U : 0U);
    }
    return ~crc;
}

std::string sum_of(std::string_view bytes) {
    std::string digits(kSumDigits, '0');
    std::uint32_t left = crc32(bytes);
    for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, left /= 62U)
        *digit = kDigits[left % 62U];
    return digits;
}

// The bytes as one large number, written in base 62.
std::string base62(std::string bytes) {
    std::string digits(kRandomDigits, '0');
    for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
        unsigned rest = 0;
        for (char& byte : bytes) {
            const unsigned value = rest * 256U + static_cast<unsigned char>(byte);
            byte = static_cast<char>(static_cast<unsigned char>(value / 62U));
            rest = value % 62U;
        }
        *digit = kDigits[rest];
    }
    return digits;
}

}  // namespace

Secret new_token(std::string_view prefix) {
    const Secret random(random_bytes(32));
    return Secret(std::string(prefix) + text::base64url(random.reveal()));
}

Secret new_api_token() {
    const std::string token = std::string(kApiPrefix) + base62(random_bytes(32));
    return Secret(token + sum_of(token));
}

bool may_be_api_token(std::string_view text) {
    const std::size_t length = kApiPrefix.size() + kRandomDigits + kSumDigits;
    const bool digits = text.find_first_not_of(kDigits, kApiPrefix.size()) == std::string_view::npos;
    if (!text.starts_with(kApiPrefix) || text.size() != length || !digits) return true;
    return sum_of(text.substr(0, length - kSumDigits)) == text.substr(length - kSumDigits);
}

std::string token_hash(std::string_view token) {
    return sha256(token);
}

}  // namespace rpm::crypto
