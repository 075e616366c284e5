// SPDX-License-Identifier: MIT
// For the sources of shared/crypto that call libsodium.
#pragma once

namespace rpm::crypto {

/// libsodium must be started before its first use; from any thread, as often as one likes.
void start_sodium();

}  // namespace rpm::crypto
