// SPDX-License-Identifier: MIT
#include "shared/store/housekeeping.h"

namespace rpm::store {

// The limits are parameters of ORDER BY … LIMIT: without an order the statement would be unsafe to replicate.

std::uint64_t remove_expired_sessions(db::Transaction& tx, Time now, unsigned limit) {
    return tx.execute("DELETE FROM sessions WHERE expires_at <= ? ORDER BY expires_at LIMIT ?", now, limit);
}

std::uint64_t remove_spent_links(db::Transaction& tx, Time now, unsigned limit) {
    return tx.execute(
        "DELETE FROM sign_in_links WHERE expires_at <= ? OR used_at IS NOT NULL ORDER BY expires_at LIMIT ?",
        now, limit);
}

std::uint64_t remove_ended_counters(db::Transaction& tx, Time now, unsigned limit) {
    tx.execute("DELETE FROM token_failures WHERE ends_at <= ? ORDER BY ends_at LIMIT ?", now, limit);
    return tx.execute("DELETE FROM attempt_counters WHERE ends_at <= ? ORDER BY ends_at LIMIT ?", now, limit);
}

std::uint64_t remove_expired_devices(db::Transaction& tx, Time now, unsigned limit) {
    return tx.execute("DELETE FROM known_devices WHERE expires_at <= ? ORDER BY expires_at LIMIT ?", now,
                      limit);
}

std::uint64_t fail_expired_notifications(db::Transaction& tx, Time now, unsigned limit) {
    return tx.execute(
        "UPDATE notifications SET state = 'failed', sealed = NULL, error = COALESCE(error, 'too late to be "
        "worth sending') WHERE state = 'queued' AND expires_at <= ? ORDER BY id LIMIT ?",
        now, limit);
}

std::uint64_t remove_notifications_before(db::Transaction& tx, Time before, unsigned limit) {
    return tx.execute(
        "DELETE FROM notifications WHERE created_at < ? AND state <> 'queued' ORDER BY created_at LIMIT ?",
        before, limit);
}

std::uint64_t remove_attempts_before(db::Transaction& tx, Time before, unsigned limit) {
    return tx.execute("DELETE FROM login_attempts WHERE created_at < ? ORDER BY created_at LIMIT ?", before,
                      limit);
}

std::uint64_t remove_finished_jobs_before(db::Transaction& tx, Time before, unsigned limit) {
    return tx.execute(
        "DELETE FROM jobs WHERE finished_at < ? AND state IN ('succeeded', 'failed', 'cancelled') "
        "ORDER BY finished_at LIMIT ?",
        before, limit);
}

}  // namespace rpm::store
