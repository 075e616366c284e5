// SPDX-License-Identifier: MIT
#include "shared/crypto/sodium.h"

#include <sodium.h>

#include "shared/base/error.h"

namespace rpm::crypto {

void start_sodium() {
    static const int result = sodium_init();
    if (result < 0) throw Error("libsodium does not start");
}

}  // namespace rpm::crypto
