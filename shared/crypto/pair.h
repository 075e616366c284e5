// SPDX-License-Identifier: MIT
// Whether a certificate chain and a private key are what a TLS server can load.
#pragma once

#include <string_view>

#include "shared/base/secret.h"

namespace rpm::crypto {

/// What engines demand of the two files before they serve them: every block of the chain is a certificate,
/// the key can be read without a password, and it is the key of the first certificate. Throws
/// Invalid{"certificate", …}.
void check_pair(std::string_view chain_pem, const Secret& private_key_pem);

}  // namespace rpm::crypto
