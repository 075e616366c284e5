// SPDX-License-Identifier: MIT
#include "workers/housekeep/tidy.h"

#include "shared/store/contents.h"
#include "shared/store/csp_reports.h"
#include "shared/store/housekeeping.h"
#include "shared/store/jobs.h"
#include "shared/store/nodes.h"
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

std::uint64_t tidy_releases(db::Connection& db, const Keep& keep) {
    std::uint64_t all = 0;
    for (const store::Node& node : store::list_nodes(db)) {
        std::uint64_t removed = keep.chunk;
        while (removed == keep.chunk && !stop_requested()) {
            removed = db::transact(db, [&](db::Transaction& tx) {
                return store::remove_old_releases(tx, node.id, keep.releases, keep.chunk);
            });
            all += removed;
        }
    }
    return all;
}

std::uint64_t tidy_contents(db::Connection& db, Time now, const Keep& keep) {
    const auto named = store::list_named_contents(db);
    std::uint64_t all = 0;
    std::string from;
    do {
        const std::string at = from;
        all += db::transact(db, [&](db::Transaction& tx) {
            from = at;  // a transaction may be tried twice
            return store::remove_unnamed_contents(tx, named, now - store::kContentGrace, from, keep.chunk);
        });
    } while (!from.empty() && !stop_requested());
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
    remove_all(db, &store::remove_expired_challenges, now, keep.chunk);
    done.attempts = remove_all(db, &store::remove_attempts_before, now - keep.attempts, keep.chunk);
    done.reports = remove_all(db, &store::remove_csp_reports_before, now - keep.reports, keep.chunk);
    done.counters = remove_all(db, &store::remove_ended_counters, now, keep.chunk);
    done.devices = remove_all(db, &store::remove_expired_devices, now, keep.chunk);
    done.late_mail = remove_all(db, &store::fail_expired_notifications, now, keep.chunk);
    done.mail = remove_all(db, &store::remove_notifications_before, now - keep.mail, keep.chunk);
    done.jobs = remove_all(db, &store::remove_finished_jobs_before, now - keep.jobs, keep.chunk);
    done.releases = tidy_releases(db, keep);
    done.contents = tidy_contents(db, now, keep);
    return done;
}

}  // namespace rpm::housekeep
