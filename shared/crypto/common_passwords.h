// SPDX-License-Identifier: MIT
// Whether a password is one of those that everybody tries first (NIST SP 800-63B section 3.1.1.2 asks for
// such a list; composition rules it forbids).
//
//     if (is_common_password(password)) throw Invalid("password", "is one of the most used passwords");
//
// The list (53,000 entries, compiled in: common_passwords.bin) holds hashes of frequent passwords of public
// leaks, in lower case. What is long by decoration only is found too: digits and signs around a listed word,
// letters replaced by what looks like them (p4ssw0rd), a short text repeated, a run along the alphabet or the
// digits. Of 10^7 passwords that are none of these about one is refused by accident of the hash.
#pragma once

#include "shared/base/secret.h"

namespace rpm::crypto {

bool is_common_password(const Secret& password);

}  // namespace rpm::crypto
