// SPDX-License-Identifier: MIT
// Which passwords are taken, after NIST SP 800-63B rev. 4 section 3.1.1.2: length decides, nothing about
// kinds of characters is demanded, and what everybody guesses first is refused.
#pragma once

#include <string>

#include "shared/base/secret.h"

namespace rpm::ops {

/// Whom the password is for: what it may not contain.
struct PasswordOwner {
    std::string username;
    std::string email;
};
/// Throws Invalid for field "password" saying what is wrong: 12 to 1024 bytes, not among the common ones
/// (shared/crypto/common_passwords.h), without the user name, the mail address and this product's name.
void check_password(const Secret& password, const PasswordOwner& owner);

}  // namespace rpm::ops
