// SPDX-License-Identifier: MIT
// Password hashes: Argon2id (RFC 9106) through libsodium, in its own "$argon2id$…" text. Imported bcrypt
// hashes
// ("$2a$", "$2b$", "$2y$") are verified through libxcrypt and should be replaced at the first sign-in, which
// needs_rehash() tells.
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
/// Whether verify_password() can make something of it: Argon2id, or bcrypt of cost 4 to 14 (more would let
/// each attempt hold a core for seconds).
bool is_password_hash(std::string_view hash);
bool is_bcrypt(std::string_view hash);
/// The text with "(password hash)" where bcrypt hashes stand.
std::string without_hashes(std::string text);
/// "$2y$10$…", as engines read it; about 60 ms. bcrypt takes 72 bytes and no NUL: the caller refuses more.
std::string hash_bcrypt(const Secret& password);
bool verify_password(std::string_view hash, const Secret& password);
/// As much work as verify_password, for accounts that do not exist: the time does not tell which names do.
void verify_nothing(const Secret& password);
bool needs_rehash(std::string_view hash);
/// How many hashes this process has computed: tests hold the work of different answers against each other.
std::uint64_t hashes_made();

}  // namespace rpm::crypto
