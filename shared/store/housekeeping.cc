// SPDX-License-Identifier: MIT
#include "shared/store/housekeeping.h"

#include <algorithm>

#include "shared/base/text.h"

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

std::uint64_t remove_expired_challenges(db::Transaction& tx, Time now, unsigned limit) {
    return tx.execute("DELETE FROM sign_in_challenges WHERE expires_at <= ? ORDER BY expires_at LIMIT ?", now,
                      limit);
}

std::uint64_t remove_ended_counters(db::Transaction& tx, Time now, unsigned limit) {
    tx.execute("DELETE FROM token_failures WHERE ends_at <= ? ORDER BY ends_at LIMIT ?", now, limit);
    tx.execute("DELETE FROM client_attempt_counters WHERE ends_at <= ? ORDER BY ends_at LIMIT ?", now, limit);
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

std::uint64_t remove_old_releases(db::Transaction& tx, NodeId node, unsigned keep, unsigned limit) {
    db::Params old;
    for (auto row = tx.query("SELECT r.id FROM releases r JOIN nodes n ON n.id = r.node_id WHERE n.id = ? "
                             "AND NOT (r.release_id <=> n.current_release) "
                             "ORDER BY r.proven_at DESC, r.id DESC LIMIT ? OFFSET ?",
                             node, limit, keep);
         row.next();)
        old.emplace_back(row.uint64("id"));
    if (old.empty()) return 0;
    // Asked again: a deployment may have gone back to one of them meanwhile.
    return tx.execute_once(
        "DELETE r FROM releases r JOIN nodes n ON n.id = r.node_id "
        "WHERE NOT (r.release_id <=> n.current_release) AND r.id IN " +
            db::placeholders(1, old.size()),
        old);
}

namespace {

// The digests of sha256sum lines.
void add_named(RawDigests& named, std::string_view manifest) {
    for (const std::string_view line : text::lines(manifest)) {
        const auto bytes = text::unhex(line.substr(0, 64));
        RawDigest digest;
        if (!bytes || bytes->size() != digest.size()) continue;
        std::ranges::copy(*bytes, digest.begin());
        named.insert(digest);
    }
}

}  // namespace

RawDigests list_named_contents(db::Connection& db) {
    RawDigests named;
    std::uint64_t last = 0;
    for (bool more = true; more;) {
        more = false;
        for (auto row = db.query("SELECT id, manifest FROM releases WHERE id > ? ORDER BY id LIMIT 50", last);
             row.next(); more = true) {
            last = row.uint64("id");
            add_named(named, row.text("manifest"));
        }
    }
    return named;
}

std::uint64_t remove_unnamed_contents(db::Transaction& tx, const RawDigests& named, Time before,
                                      std::string& from, unsigned limit) {
    std::vector<std::string> seen;
    for (auto row = tx.query("SELECT digest FROM file_contents WHERE digest > ? AND created_at < ? "
                             "ORDER BY digest LIMIT ?",
                             db::Bytes{from}, before, limit);
         row.next();)
        seen.push_back(row.text("digest"));
    from = seen.size() == limit ? seen.back() : std::string();
    db::Params unnamed{before};
    for (const std::string& bytes : seen) {
        RawDigest digest;
        std::ranges::copy(bytes, digest.begin());
        if (!named.contains(digest)) unnamed.emplace_back(db::Bytes{bytes});
    }
    if (unnamed.size() == 1) return 0;
    // The age once more: a deployment may have claimed it since.
    return tx.execute_once("DELETE FROM file_contents WHERE created_at < ? AND digest IN " +
                               db::placeholders(1, unnamed.size() - 1),
                           unnamed);
}

}  // namespace rpm::store
