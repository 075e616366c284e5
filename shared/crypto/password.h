// SPDX-License-Identifier: MIT
// Password hashes: Argon2id (RFC 9106) through libsodium, in its own "$argon2id$…" text.
//
// One hash takes about 100 ms and 64 MiB; at most as many run at once as there are cores, so that sign-ins
// cannot starve the panel. Tests set a low cost by set_cost().
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "shared/base/secret.h"

namespace rpm::crypto {

enum class PasswordCost { interactive, minimal };
void set_cost(PasswordCost cost);  ///< minimal is for tests; call before threads

std::string hash_password(const Secret& password);
bool verify_password(std::string_view hash, const Secret& password);
/// As much work as verify_password, for accounts that do not exist: the time does not tell which names do.
void verify_nothing(const Secret& password);
bool needs_rehash(std::string_view hash);
/// How many hashes this process has computed: tests hold the work of different answers against each other.
std::uint64_t hashes_made();

}  // namespace rpm::crypto
