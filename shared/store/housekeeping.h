// SPDX-License-Identifier: MIT
// Removes rows that nobody needs any more, at most `limit` at a time, so that no lock is held long. Each
// answers how many it removed: fewer than `limit` means that none is left.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <unordered_set>
#include <vector>

#include "shared/db/connection.h"

namespace rpm::store {

/// Sessions whose absolute limit has passed.
std::uint64_t remove_expired_sessions(db::Transaction& tx, Time now, unsigned limit);
/// Sign-in links that were used, or ran out.
std::uint64_t remove_spent_links(db::Transaction& tx, Time now, unsigned limit);
std::uint64_t remove_expired_challenges(db::Transaction& tx, Time now, unsigned limit);
/// Of guesses, whose window is over.
std::uint64_t remove_ended_counters(db::Transaction& tx, Time now, unsigned limit);
/// Browsers that did not sign in for long.
std::uint64_t remove_expired_devices(db::Transaction& tx, Time now, unsigned limit);
/// Mail that is not worth sending any more: what was sealed goes, the row tells that it failed.
std::uint64_t fail_expired_notifications(db::Transaction& tx, Time now, unsigned limit);
std::uint64_t remove_notifications_before(db::Transaction& tx, Time before, unsigned limit);
std::uint64_t remove_attempts_before(db::Transaction& tx, Time before, unsigned limit);
/// Succeeded, failed and cancelled jobs. The deployments that they carried stay.
std::uint64_t remove_finished_jobs_before(db::Transaction& tx, Time before, unsigned limit);

/// Releases of the node that are neither among its newest `keep` nor the one that it carries.
std::uint64_t remove_old_releases(db::Transaction& tx, NodeId node, unsigned keep, unsigned limit);

using RawDigest = std::array<char, 32>;
struct RawDigestHash {
    std::size_t operator()(const RawDigest& digest) const {
        std::size_t head = 0;
        std::memcpy(&head, digest.data(), sizeof head);
        return head;
    }
};
using RawDigests = std::unordered_set<RawDigest, RawDigestHash>;
/// What the manifests of all releases name.
RawDigests list_named_contents(db::Connection& db);
/// Looks at the next `limit` contents after the digest `from` that are older than `before`, removes those not
/// in `named`, and moves `from` on; empty at the end. A release that came after `named` was read keeps what
/// it names: see claim_contents().
std::uint64_t remove_unnamed_contents(db::Transaction& tx, const RawDigests& named, Time before,
                                      std::string& from, unsigned limit);

}  // namespace rpm::store
