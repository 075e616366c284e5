// SPDX-License-Identifier: MIT
// Sign-ins that were tried: counters for the limits, rows for people who look into it, and the browsers that
// signed in before.
#pragma once

#include <chrono>
#include <string_view>

#include "shared/db/connection.h"

namespace rpm::store {

struct AttemptCount {
    unsigned hits = 0;
    Time ends_at{};  ///< then it counts from 1 again
};
/// Counts one and answers the number within the window that the first one opened. Whoever counts the same key
/// at the same time waits for this transaction: no two are given the same number.
AttemptCount count_attempt(db::Transaction& tx, std::string_view key_hash, std::chrono::seconds window,
                           Time now);
void take_back_attempt(db::Transaction& tx, std::string_view key_hash);  ///< one; not below 0
void forget_attempts(db::Transaction& tx, std::string_view key_hash);

/// For people; nothing decides by it.
void insert_attempt(db::Transaction& tx, std::string_view account, std::string_view address, bool succeeded,
                    Time now);

/// Whether this browser's cookie was given to it when this user signed in.
bool is_known_device(db::Connection& db, std::string_view token_hash, UserId user, Time now);
void insert_known_device(db::Transaction& tx, std::string_view token_hash, UserId user, Time now,
                         Time expires_at);
void remove_known_device(db::Transaction& tx, std::string_view token_hash);
void remove_known_devices(db::Transaction& tx, UserId user);

}  // namespace rpm::store
