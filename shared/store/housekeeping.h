// SPDX-License-Identifier: MIT
// Removes rows that nobody needs any more, at most `limit` at a time, so that no lock is held long. Each
// answers how many it removed: fewer than `limit` means that none is left.
#pragma once

#include <cstdint>

#include "shared/db/connection.h"

namespace rpm::store {

/// Sessions whose absolute limit has passed.
std::uint64_t remove_expired_sessions(db::Transaction& tx, Time now, unsigned limit);
/// Sign-in links that were used, or ran out.
std::uint64_t remove_spent_links(db::Transaction& tx, Time now, unsigned limit);
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

}  // namespace rpm::store
