// SPDX-License-Identifier: MIT
// Time-based one-time passwords (RFC 6238) through liboath: SHA-1, 30 s, 6 digits, which is what every
// authenticator application takes.
//
//     const Secret seed = totp::new_seed();
//     page shows totp::uri(seed, "rpmgr", "anna") as a QR code, and totp::shown(seed) for typing
//     if (const auto step = totp::verify(seed, "492 039", now, last_step)) …store *step as last_step
//
// A code is good for the step of now and one before and after it (RFC 6238 section 5.2: clocks drift, people
// type slowly), but never for a step up to the last accepted one: no code works twice.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "shared/base/clock.h"
#include "shared/base/secret.h"

namespace rpm::crypto::totp {

/// 160 random bits (RFC 4226 section 4, R6), raw.
Secret new_seed();
/// The step whose code this is; nothing when it is wrong, or of a step up to `last_step`. Blanks in the code
/// are passed over.
std::optional<std::uint64_t> verify(const Secret& seed, std::string_view code, Time now,
                                    std::uint64_t last_step);
/// The six digits of the step that now is in.
Secret code(const Secret& seed, Time now);
/// "otpauth://totp/rpmgr:anna?secret=…&issuer=rpmgr&…" (the key URI format that applications read).
Secret uri(const Secret& seed, std::string_view issuer, std::string_view account);
/// Base32 in groups of four, for people who type it.
Secret shown(const Secret& seed);

}  // namespace rpm::crypto::totp
