// SPDX-License-Identifier: MIT
#include "shared/crypto/totp.h"

#include <liboath/oath.h>

#include <algorithm>
#include <array>

#include "shared/base/error.h"
#include "shared/base/text.h"
#include "shared/crypto/digest.h"

namespace rpm::crypto::totp {
namespace {

constexpr std::size_t kSeedBytes = 20;
constexpr unsigned kDigits = 6;
constexpr unsigned kStepSeconds = 30;
constexpr std::size_t kWindow = 1;  // steps to each side

void start_oath() {
    static const int result = oath_init();
    if (result != OATH_OK) throw Error("liboath does not start");
}

std::time_t seconds_of(Time now) {
    return std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
}

std::string digits_of(std::string_view typed) {
    std::string out;
    for (const char c : typed)
        if (c != ' ') out += c;
    const bool fine =
        out.size() == kDigits && std::ranges::all_of(out, [](char c) { return c >= '0' && c <= '9'; });
    return fine ? out : "";
}

// RFC 3986 section 2.1; names of accounts may hold anything.
std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           std::string_view("-._~").find(c) != std::string_view::npos;
        if (plain)
            out += c;
        else
            out += "%" + text::hex({&c, 1});
    }
    return out;
}

}  // namespace

Secret new_seed() {
    return Secret(random_bytes(kSeedBytes));
}

std::optional<std::uint64_t> verify(const Secret& seed, std::string_view code, Time now,
                                    std::uint64_t last_step) {
    start_oath();
    const std::string digits = digits_of(code);
    if (digits.empty()) return std::nullopt;
    int position = 0;
    std::uint64_t step = 0;
    const int found =
        oath_totp_validate3(seed.reveal().data(), seed.size(), seconds_of(now), kStepSeconds,
                            OATH_TOTP_DEFAULT_START_TIME, kWindow, &position, &step, digits.c_str());
    if (found < 0 || step <= last_step) return std::nullopt;
    return step;
}

Secret code(const Secret& seed, Time now) {
    start_oath();
    std::array<char, kDigits + 1> out{};
    if (oath_totp_generate(seed.reveal().data(), seed.size(), seconds_of(now), kStepSeconds,
                           OATH_TOTP_DEFAULT_START_TIME, kDigits, out.data()) != OATH_OK)
        throw Error("cannot make a one-time password");
    return Secret(out.data());
}

Secret uri(const Secret& seed, std::string_view issuer, std::string_view account) {
    const std::string from = escaped(issuer);
    return Secret("otpauth://totp/" + from + ":" + escaped(account) + "?secret=" +
                  text::base32(seed.reveal()) + "&issuer=" + from + "&algorithm=SHA1&digits=6&period=30");
}

Secret shown(const Secret& seed) {
    return Secret(text::grouped(text::base32(seed.reveal()), 4, ' '));
}

}  // namespace rpm::crypto::totp
