// SPDX-License-Identifier: MIT
// SHA-256 (FIPS 180-4), HMAC (RFC 2104), random bytes, comparison in constant time.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace rpm::crypto {

std::string sha256(std::string_view bytes);                             ///< 32 raw bytes
std::string sha256_hex(std::string_view bytes);                         ///< 64 lower-case digits
std::string hmac_sha256(std::string_view key, std::string_view bytes);  ///< 32 raw bytes
std::string random_bytes(std::size_t count);                            ///< from the kernel's generator
bool equal(std::string_view a, std::string_view b);                     ///< time depends on the length only

/// SHA-256 in pieces.
class Sha256 {
  public:
    Sha256();
    ~Sha256();
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;
    Sha256& update(std::string_view bytes);
    std::string finish();  ///< 32 raw bytes; the object is spent

  private:
    void* context_;
};

}  // namespace rpm::crypto
