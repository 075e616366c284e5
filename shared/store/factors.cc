// SPDX-License-Identifier: MIT
#include "shared/store/factors.h"

#include "shared/store/column_text.h"

namespace rpm::store {

Factors count_factors(db::Connection& db, UserId user) {
    auto row = db.query(
        "SELECT (SELECT COUNT(*) FROM ~user_totp WHERE user_id = ? AND confirmed_at IS NOT NULL) AS totp, "
        "(SELECT COUNT(*) FROM ~passkeys WHERE user_id = ?) AS passkeys, "
        "(SELECT COUNT(*) FROM ~recovery_codes WHERE user_id = ? AND used_at IS NULL) AS codes",
        user, user, user);
    row.first();
    return {.totp = row.number("totp") > 0,
            .passkeys = row.number("passkeys"),
            .recovery_codes = row.number("codes")};
}

void remove_factors(db::Transaction& tx, UserId user) {
    tx.execute("DELETE FROM ~user_totp WHERE user_id = ?", user);
    tx.execute("DELETE FROM ~passkeys WHERE user_id = ?", user);
    tx.execute("DELETE FROM ~recovery_codes WHERE user_id = ?", user);
}

std::optional<Totp> find_totp(db::Connection& db, UserId user) {
    auto row = db.query("SELECT sealed, last_step, confirmed_at FROM ~user_totp WHERE user_id = ?", user);
    if (!row.first()) return std::nullopt;
    return Totp{.encrypted = row.text("sealed"),
                .last_step = row.uint64("last_step"),
                .confirmed = !row.null("confirmed_at")};
}

bool insert_totp(db::Transaction& tx, UserId user, std::string_view encrypted, Time now) {
    tx.execute("DELETE FROM ~user_totp WHERE user_id = ? AND confirmed_at IS NULL", user);
    auto row = tx.query("SELECT user_id FROM ~user_totp WHERE user_id = ?", user);
    if (row.first()) return false;
    tx.execute("INSERT INTO ~user_totp (user_id, sealed, created_at) VALUES (?, ?, ?)", user, encrypted, now);
    return true;
}

void confirm_totp(db::Transaction& tx, UserId user, std::uint64_t step, Time now) {
    tx.execute("UPDATE ~user_totp SET confirmed_at = ?, last_step = ? WHERE user_id = ?", now, step, user);
}

bool use_totp_step(db::Transaction& tx, UserId user, std::uint64_t step) {
    return tx.execute(
               "UPDATE ~user_totp SET last_step = ? WHERE user_id = ? AND last_step < ? AND "
               "confirmed_at IS NOT NULL",
               step, user, step) == 1;
}

bool remove_totp(db::Transaction& tx, UserId user) {
    return tx.execute("DELETE FROM ~user_totp WHERE user_id = ?", user) == 1;
}

void replace_recovery_codes(db::Transaction& tx, UserId user, const std::vector<std::string>& hashes,
                            Time now) {
    tx.execute("DELETE FROM ~recovery_codes WHERE user_id = ?", user);
    for (const std::string& hash : hashes)
        tx.execute("INSERT INTO ~recovery_codes (code_hash, user_id, created_at) VALUES (?, ?, ?)",
                   db::Bytes{hash}, user, now);
}

bool use_recovery_code(db::Transaction& tx, UserId user, std::string_view hash, Time now) {
    return tx.execute(
               "UPDATE ~recovery_codes SET used_at = ? WHERE code_hash = ? AND user_id = ? AND "
               "used_at IS NULL",
               now, db::Bytes{hash}, user) == 1;
}

namespace {

#define PASSKEY_COLUMNS                                                                                \
    "id, user_id, credential_id, public_key, algorithm, sign_count, aaguid, rp_id, name, created_at, " \
    "last_used_at FROM ~passkeys "

Passkey passkey_from(const db::Rows& row) {
    return {.id = row.id<PasskeyId>("id"),
            .user = row.id<UserId>("user_id"),
            .credential_id = row.text("credential_id"),
            .public_key = row.text("public_key"),
            .algorithm = static_cast<int>(row.int64("algorithm")),
            .sign_count = row.number("sign_count"),
            .aaguid = row.text("aaguid"),
            .rp_id = row.text("rp_id"),
            .name = row.text("name"),
            .created_at = row.time("created_at"),
            .last_used_at = row.maybe_time("last_used_at")};
}

}  // namespace

std::vector<Passkey> list_passkeys(db::Connection& db, UserId user) {
    std::vector<Passkey> all;
    auto row = db.query("SELECT " PASSKEY_COLUMNS "WHERE user_id = ? ORDER BY id LIMIT 100", user);
    while (row.next()) all.push_back(passkey_from(row));
    return all;
}

std::optional<Passkey> find_passkey(db::Connection& db, std::string_view credential_id) {
    auto row = db.query("SELECT " PASSKEY_COLUMNS "WHERE credential_hash = UNHEX(SHA2(?, 256))",
                        db::Bytes{credential_id});
    if (!row.first()) return std::nullopt;
    return passkey_from(row);
}

PasskeyId insert_passkey(db::Transaction& tx, const Passkey& passkey, Time now) {
    tx.execute(
        "INSERT INTO ~passkeys (user_id, credential_id, credential_hash, public_key, algorithm, sign_count, "
        "aaguid, "
        "rp_id, name, created_at) VALUES (?, ?, UNHEX(SHA2(?, 256)), ?, ?, ?, ?, ?, ?, ?)",
        passkey.user, db::Bytes{passkey.credential_id}, db::Bytes{passkey.credential_id},
        db::Bytes{passkey.public_key}, passkey.algorithm, passkey.sign_count, db::Bytes{passkey.aaguid},
        column_ascii(passkey.rp_id, 253), column_text(passkey.name, 64), now);
    return PasskeyId(tx.insert_id());
}

bool rename_passkey(db::Transaction& tx, UserId user, PasskeyId id, std::string_view name) {
    return tx.execute("UPDATE ~passkeys SET name = ? WHERE id = ? AND user_id = ?", column_text(name, 64), id,
                      user) == 1;
}

bool remove_passkey(db::Transaction& tx, UserId user, PasskeyId id) {
    return tx.execute("DELETE FROM ~passkeys WHERE id = ? AND user_id = ?", id, user) == 1;
}

bool update_passkey_used(db::Transaction& tx, const Passkey& read, std::uint32_t sign_count, Time now) {
    return tx.execute("UPDATE ~passkeys SET sign_count = ?, last_used_at = ? WHERE id = ? AND sign_count = ?",
                      sign_count, now, read.id, read.sign_count) == 1;
}

std::string passkey_handle(db::Transaction& tx, UserId user, std::string_view fresh) {
    tx.execute("UPDATE ~users SET passkey_handle = ? WHERE id = ? AND passkey_handle IS NULL",
               db::Bytes{fresh}, user);
    auto row = tx.query("SELECT passkey_handle FROM ~users WHERE id = ?", user);
    if (!row.first()) throw NotFound("no such user");
    return row.text("passkey_handle");
}

void insert_challenge(db::Transaction& tx, std::string_view token_hash, const Challenge& challenge, Time now,
                      Time expires_at) {
    tx.execute(
        "INSERT INTO ~sign_in_challenges (token_hash, kind, user_id, data, created_at, expires_at) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        db::Bytes{token_hash}, challenge.kind, challenge.user, challenge.data, now, expires_at);
}

std::optional<Challenge> take_challenge(db::Transaction& tx, std::string_view token_hash,
                                        std::string_view kind, Time now) {
    Challenge found{.kind = std::string(kind), .data = {}};
    {
        auto row = tx.query(
            "SELECT user_id, data FROM ~sign_in_challenges WHERE token_hash = ? AND kind = ? AND expires_at "
            "> "
            "? "
            "FOR UPDATE",
            db::Bytes{token_hash}, kind, now);
        if (!row.first()) return std::nullopt;
        found.user = row.id<UserId>("user_id");
        found.data = row.text("data");
    }
    tx.execute("DELETE FROM ~sign_in_challenges WHERE token_hash = ?", db::Bytes{token_hash});
    return found;
}

std::optional<UserId> find_identity(db::Connection& db, std::string_view issuer, std::string_view subject) {
    auto row = db.query("SELECT user_id FROM oidc_identities WHERE issuer = ? AND subject = ?",
                        column_ascii(issuer), column_ascii(subject));
    if (!row.first()) return std::nullopt;
    return row.id<UserId>("user_id");
}

void insert_identity(db::Transaction& tx, std::string_view issuer, std::string_view subject, UserId user,
                     Time now) {
    tx.execute("INSERT INTO ~oidc_identities (issuer, subject, user_id, created_at) VALUES (?, ?, ?, ?)",
               issuer, subject, user, now);
}

unsigned count_identities(db::Connection& db, UserId user, std::string_view issuer) {
    auto row = db.query("SELECT COUNT(*) AS n FROM ~oidc_identities WHERE user_id = ? AND issuer = ?", user,
                        column_ascii(issuer));
    row.first();
    return row.number("n");
}

bool remove_identities(db::Transaction& tx, UserId user) {
    return tx.execute("DELETE FROM ~oidc_identities WHERE user_id = ?", user) > 0;
}

void update_role_by_groups(db::Transaction& tx, UserId user, Role role) {
    tx.execute("UPDATE ~users SET role = ? WHERE id = ?", to_word(role), user);
}

}  // namespace rpm::store
