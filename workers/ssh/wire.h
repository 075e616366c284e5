// SPDX-License-Identifier: MIT
// The binary types of the SSH protocol (RFC 4251 section 5): reading them out of a buffer, and writing them.
//
// A reader looks into text that somebody else keeps alive. Whatever goes past the end gives nothing, and
// every read after that gives nothing either, so a caller may read a whole structure and look at ok() once.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace rpm::ssh {

class WireReader {
  public:
    explicit WireReader(std::string_view bytes) : rest_(bytes) {}
    bool ok() const { return ok_; }
    std::string_view rest() const { return rest_; }

    std::string_view bytes(std::size_t count) {
        if (!ok_ || count > rest_.size()) {
            ok_ = false;
            return {};
        }
        const std::string_view taken = rest_.substr(0, count);
        rest_.remove_prefix(count);
        return taken;
    }
    std::uint32_t u32() {
        std::uint32_t value = 0;
        for (const char c : bytes(4)) value = (value << 8) | static_cast<unsigned char>(c);
        return value;
    }
    std::string_view text() { return bytes(u32()); }

  private:
    std::string_view rest_;
    bool ok_ = true;
};

inline void put_u32(std::string& out, std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>((value >> shift) & 0xffU);
}
inline void put_text(std::string& out, std::string_view value) {
    put_u32(out, static_cast<std::uint32_t>(value.size()));
    out += value;
}
/// A positive integer from its big-endian bytes: shortest form, with a zero byte where the top bit is set.
inline void put_mpint(std::string& out, std::string_view magnitude) {
    while (!magnitude.empty() && magnitude.front() == 0) magnitude.remove_prefix(1);
    const bool sign_bit = !magnitude.empty() && (static_cast<unsigned char>(magnitude.front()) & 0x80U) != 0;
    put_u32(out, static_cast<std::uint32_t>(magnitude.size() + (sign_bit ? 1 : 0)));
    if (sign_bit) out += '\0';
    out += magnitude;
}

}  // namespace rpm::ssh
