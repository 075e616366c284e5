// SPDX-License-Identifier: MIT
#include "workers/housekeep/tidy.h"

#include "shared/store/housekeeping.h"
#include "shared/store/jobs.h"
#include "workers/runner.h"

namespace rpm::housekeep {
namespace {

using Remove = std::uint64_t (*)(db::Transaction&, Time, unsigned);

std::uint64_t remove_all(db::Connection& db, Remove remove, Time time, unsigned chunk) {
    std::uint64_t all = 0;
    std::uint64_t removed = chunk;
    while (removed == chunk && !stop_requested()) {
        removed = db::transact(db, [&](db::Transaction& tx) { return remove(tx, time, chunk); });
        all += removed;
    }
    return all;
}

}  // namespace

Tidied tidy(db::Connection& db, Time now, const Keep& keep) {
    Tidied done;
    done.leases = store::requeue_expired_jobs(db, now);
    done.waiting =
        db::transact(db, [&](db::Transaction& tx) { return store::end_stale_waiting_jobs(tx, now); });
    done.sessions = remove_all(db, &store::remove_expired_sessions, now, keep.chunk);
    done.links = remove_all(db, &store::remove_spent_links, now, keep.chunk);
    done.attempts = remove_all(db, &store::remove_attempts_before, now - keep.attempts, keep.chunk);
    done.counters = remove_all(db, &store::remove_ended_counters, now, keep.chunk);
    done.devices = remove_all(db, &store::remove_expired_devices, now, keep.chunk);
    done.late_mail = remove_all(db, &store::fail_expired_notifications, now, keep.chunk);
    done.mail = remove_all(db, &store::remove_notifications_before, now - keep.mail, keep.chunk);
    done.jobs = remove_all(db, &store::remove_finished_jobs_before, now - keep.jobs, keep.chunk);
    return done;
}

}  // namespace rpm::housekeep
