// SPDX-License-Identifier: MIT
#include "shared/store/attempts.h"

#include "shared/store/column_text.h"

namespace rpm::store {

AttemptCount count_attempt(db::Transaction& tx, std::string_view key_hash, std::chrono::seconds window,
                           Time now) {
    // Assignments are made from left to right, so hits still sees the old end.
    tx.execute(
        "INSERT INTO ~attempt_counters (key_hash, hits, ends_at) VALUES (?, 1, ?) "
        "ON DUPLICATE KEY UPDATE hits = IF(ends_at <= ?, 1, hits + 1), ends_at = IF(ends_at <= ?, ?, "
        "ends_at)",
        db::Bytes{key_hash}, now + window, now, now, now + window);
    auto row =
        tx.query("SELECT hits, ends_at FROM ~attempt_counters WHERE key_hash = ?", db::Bytes{key_hash});
    if (!row.first()) throw Error("a counter vanished in its own transaction");
    return {row.number("hits"), row.time("ends_at")};
}

void take_back_attempt(db::Transaction& tx, std::string_view key_hash) {
    tx.execute("UPDATE ~attempt_counters SET hits = hits - 1 WHERE key_hash = ? AND hits > 0",
               db::Bytes{key_hash});
}

void forget_attempts(db::Transaction& tx, std::string_view key_hash) {
    tx.execute("DELETE FROM ~attempt_counters WHERE key_hash = ?", db::Bytes{key_hash});
}

void insert_attempt(db::Transaction& tx, std::string_view account, std::string_view address, bool succeeded,
                    Time now) {
    tx.execute("INSERT INTO login_attempts (account, address, succeeded, created_at) VALUES (?, ?, ?, ?)",
               column_ascii(account, 64), column_ascii(address, 45), succeeded, now);
}

bool is_known_device(db::Connection& db, std::string_view token_hash, UserId user, Time now) {
    auto row =
        db.query("SELECT user_id FROM ~known_devices WHERE token_hash = ? AND user_id = ? AND expires_at > ?",
                 db::Bytes{token_hash}, user.value(), now);
    return row.first();
}

void insert_known_device(db::Transaction& tx, std::string_view token_hash, UserId user, Time now,
                         Time expires_at) {
    tx.execute("INSERT INTO ~known_devices (token_hash, user_id, created_at, expires_at) VALUES (?, ?, ?, ?)",
               db::Bytes{token_hash}, user, now, expires_at);
}

void remove_known_device(db::Transaction& tx, std::string_view token_hash) {
    tx.execute("DELETE FROM ~known_devices WHERE token_hash = ?", db::Bytes{token_hash});
}

void remove_known_devices(db::Transaction& tx, UserId user) {
    tx.execute("DELETE FROM ~known_devices WHERE user_id = ?", user);
}

}  // namespace rpm::store
