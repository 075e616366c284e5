// SPDX-License-Identifier: MIT
// Second factors and ceremonies: one-time passwords, recovery codes, passkeys, identities at a provider.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/db/connection.h"
#include "shared/model/permission.h"

namespace rpm {
using PasskeyId = Id<struct PasskeyTag>;
}

namespace rpm::store {

/// What somebody has set up.
struct Factors {
    bool totp = false;
    unsigned passkeys = 0;
    unsigned recovery_codes = 0;  ///< not used yet
    /// Recovery codes alone are no factor: they stand in for a lost one.
    bool any() const { return totp || passkeys > 0; }
};
Factors count_factors(db::Connection& db, UserId user);
/// All of them, recovery codes too.
void remove_factors(db::Transaction& tx, UserId user);

struct Totp {
    std::string encrypted;
    std::uint64_t last_step = 0;
    bool confirmed = false;
};
std::optional<Totp> find_totp(db::Connection& db, UserId user);
/// Unconfirmed; takes the place of another unconfirmed one. False when there is a confirmed one.
bool insert_totp(db::Transaction& tx, UserId user, std::string_view encrypted, Time now);
void confirm_totp(db::Transaction& tx, UserId user, std::uint64_t step, Time now);
/// False when this step or a later one was used already: of two at once only one wins.
bool use_totp_step(db::Transaction& tx, UserId user, std::uint64_t step);
bool remove_totp(db::Transaction& tx, UserId user);

/// Takes the place of all earlier ones.
void replace_recovery_codes(db::Transaction& tx, UserId user, const std::vector<std::string>& hashes,
                            Time now);
bool use_recovery_code(db::Transaction& tx, UserId user, std::string_view hash, Time now);

struct Passkey {
    PasskeyId id{};
    UserId user{};
    std::string credential_id;
    std::string public_key;
    int algorithm = 0;
    std::uint32_t sign_count = 0;
    std::string aaguid;
    std::string rp_id;  ///< host of the panel that it was made for; it works nowhere else
    std::string name;
    Time created_at{};
    std::optional<Time> last_used_at{};
};
std::vector<Passkey> list_passkeys(db::Connection& db, UserId user);
std::optional<Passkey> find_passkey(db::Connection& db, std::string_view credential_id);
/// Throws Conflict when the credential is registered already.
PasskeyId insert_passkey(db::Transaction& tx, const Passkey& passkey, Time now);
bool rename_passkey(db::Transaction& tx, UserId user, PasskeyId id, std::string_view name);
bool remove_passkey(db::Transaction& tx, UserId user, PasskeyId id);
/// False when the counter has moved on since it was read.
bool update_passkey_used(db::Transaction& tx, const Passkey& read, std::uint32_t sign_count, Time now);
/// The WebAuthn user handle: `fresh` the first time, then always what was stored.
std::string passkey_handle(db::Transaction& tx, UserId user, std::string_view fresh);

/// A ceremony under way; whoever has the token brings it to its end, once.
struct Challenge {
    std::string kind;  ///< passkey_login | passkey_add | passkey_confirm | oidc
    UserId user{};     ///< for whom; empty: nobody yet
    std::string data;  ///< JSON
};
void insert_challenge(db::Transaction& tx, std::string_view token_hash, const Challenge& challenge, Time now,
                      Time expires_at);
/// Removes it and answers what it was; nothing when unknown, expired or of another kind.
std::optional<Challenge> take_challenge(db::Transaction& tx, std::string_view token_hash,
                                        std::string_view kind, Time now);

std::optional<UserId> find_identity(db::Connection& db, std::string_view issuer, std::string_view subject);
void insert_identity(db::Transaction& tx, std::string_view issuer, std::string_view subject, UserId user,
                     Time now);
unsigned count_identities(db::Connection& db, UserId user, std::string_view issuer);
bool remove_identities(db::Transaction& tx, UserId user);
/// As the provider's groups say.
void update_role_by_groups(db::Transaction& tx, UserId user, Role role);

}  // namespace rpm::store
