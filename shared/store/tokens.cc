// SPDX-License-Identifier: MIT
#include "shared/store/tokens.h"

#include "shared/store/column_text.h"

namespace rpm::store {
namespace {

#define TOKEN_COLUMNS                                                                                 \
    "t.id, t.user_id, u.username, t.name, t.hint, t.scopes, t.networks, t.created_at, t.expires_at, " \
    "t.last_used_at, t.last_address, t.revoked_at FROM ~api_tokens t JOIN users u ON u.id = t.user_id "

constexpr std::size_t kAddressColumn = 45;

ApiToken token_from(const db::Rows& row) {
    return {.id = row.id<TokenId>("id"),
            .user = row.id<UserId>("user_id"),
            .username = row.text("username"),
            .name = row.text("name"),
            .hint = row.text("hint"),
            .scopes = PermissionSet::parse(row.text("scopes")),
            .networks = parse_networks("networks", row.text("networks")),
            .created_at = row.time("created_at"),
            .expires_at = row.maybe_time("expires_at"),
            .last_used_at = row.maybe_time("last_used_at"),
            .last_address = row.text("last_address"),
            .revoked_at = row.maybe_time("revoked_at")};
}

}  // namespace

TokenId insert_api_token(db::Transaction& tx, const ApiToken& token, std::string_view token_hash) {
    tx.execute(
        "INSERT INTO ~api_tokens (user_id, name, hint, token_hash, scopes, networks, created_at, expires_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        token.user, token.name, token.hint, db::Bytes{token_hash}, token.scopes.words(),
        words_of(token.networks), token.created_at, token.expires_at);
    return TokenId(tx.insert_id());
}

void revoke_api_tokens(db::Transaction& tx, UserId user, Time now) {
    tx.execute("UPDATE ~api_tokens SET revoked_at = ? WHERE user_id = ? AND revoked_at IS NULL", now, user);
}

std::vector<ApiToken> list_api_tokens(db::Connection& db, UserId user) {
    std::vector<ApiToken> tokens;
    for (auto row =
             db.query("SELECT " TOKEN_COLUMNS "WHERE t.user_id = ? ORDER BY t.id DESC LIMIT 200", user);
         row.next();)
        tokens.push_back(token_from(row));
    return tokens;
}

ApiToken get_api_token(db::Connection& db, TokenId id) {
    auto row = db.query("SELECT " TOKEN_COLUMNS "WHERE t.id = ?", id);
    if (!row.first()) throw NotFound("no such token");
    return token_from(row);
}

bool revoke_api_token(db::Transaction& tx, TokenId id, Time now) {
    return tx.execute("UPDATE ~api_tokens SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", now, id) ==
           1;
}

std::optional<TokenUser> find_token_user(db::Connection& db, std::string_view token_hash, Time now) {
    auto row = db.query("SELECT " TOKEN_COLUMNS
                        "WHERE t.token_hash = ? AND t.revoked_at IS NULL "
                        "AND (t.expires_at IS NULL OR t.expires_at > ?) AND u.is_active",
                        db::Bytes{token_hash}, now);
    if (!row.first()) return std::nullopt;
    ApiToken token = token_from(row);
    return TokenUser{get_user(db, token.user), std::move(token)};
}

void update_token_used(db::Transaction& tx, TokenId id, std::string_view address, Time now) {
    tx.execute("UPDATE ~api_tokens SET last_used_at = ?, last_address = ? WHERE id = ?", now,
               column_ascii(address, kAddressColumn), id);
}

AttemptCount count_token_failure(db::Transaction& tx, std::string_view network, std::chrono::seconds window,
                                 Time now) {
    // As in count_attempt(): assignments are made from left to right, so hits still sees the old end.
    tx.execute(
        "INSERT INTO token_failures (network, hits, ends_at) VALUES (?, 1, ?) ON DUPLICATE KEY UPDATE "
        "hits = IF(ends_at <= ?, 1, hits + 1), ends_at = IF(ends_at <= ?, ?, ends_at)",
        column_ascii(network, kAddressColumn), now + window, now, now, now + window);
    auto row = tx.query("SELECT hits, ends_at FROM token_failures WHERE network = ?",
                        column_ascii(network, kAddressColumn));
    if (!row.first()) throw Error("a counter vanished in its own transaction");
    return {row.number("hits"), row.time("ends_at")};
}

}  // namespace rpm::store
