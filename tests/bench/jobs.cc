// SPDX-License-Identifier: MIT
// How many jobs the queue hands out and takes back, beside the same number of threads that each update one
// row by its key per transaction: what the database could do at best without any queue.
#include "shared/store/jobs.h"

#include <atomic>
#include <thread>

#include "shared/base/error.h"
#include "shared/crypto/digest.h"
#include "tests/bench/bench.h"
#include "tests/support/database.h"

namespace rpm::bench {
namespace {

constexpr unsigned kWorkers = 4;
constexpr unsigned kJobs = 10'000;
constexpr unsigned kUpdates = 4'000;

void fill(db::Connection& db, Time now) {
    db::transact(db, [&](db::Transaction& tx) {
        for (std::uint64_t i = 1; i <= kJobs; ++i)
            store::enqueue_job(tx,
                               {.kind = "bench",
                                .subject_type = "node",
                                .subject_id = i,
                                .lane = "node:" + std::to_string(i),
                                .reason = "bench",
                                .payload = {}},
                               now);
    });
}

template <class F>
double seconds_with_workers(F work) {
    std::vector<std::unique_ptr<db::Connection>> connections;
    for (unsigned i = 0; i < kWorkers; ++i) {
        connections.push_back(std::make_unique<db::Connection>(test::database_settings()));
        connections.back()->ping();
    }
    return seconds([&] {
        std::vector<std::jthread> threads;
        for (unsigned i = 0; i < kWorkers; ++i) threads.emplace_back([&, i] { work(*connections[i], i); });
    });
}

double jobs_per_second(db::Connection& db) {
    const Time now = SystemClock().now();
    fill(db, now);
    std::atomic<unsigned> finished = 0;
    const double took = seconds_with_workers([&](db::Connection& own, unsigned) {
        while (finished < kJobs) {
            const auto claim = store::claim_jobs(
                own, {.kind = "bench", .worker = "bench:1", .token = crypto::random_bytes(16), .limit = 10},
                now);
            std::vector<JobId> ids;
            for (const auto& job : claim.jobs) ids.push_back(job.id);
            db::transact(own, [&](db::Transaction& tx) {
                if (store::finish_jobs(tx, ids, claim.token, "succeeded", "done", "", now) != ids.size())
                    throw Error("a claimed job was lost");
            });
            finished += static_cast<unsigned>(ids.size());
        }
    });
    if (finished != kJobs) throw Error("jobs were finished twice");
    return kJobs / took;
}

double updates_per_second(db::Connection& db) {
    std::uint64_t first = 0;
    {
        auto row = db.query("SELECT MIN(id) AS id FROM jobs");
        row.next();
        first = row.uint64("id");
    }
    const double took = seconds_with_workers([&](db::Connection& own, unsigned number) {
        for (unsigned i = number; i < kUpdates; i += kWorkers)
            db::transact(own, [&](db::Transaction& tx) {
                tx.execute("UPDATE jobs SET result = ? WHERE id = ?", i, first + i);
            });
    });
    return kUpdates / took;
}

BENCH("jobs_claimed_and_finished", [] {
    test::Database database;
    const double jobs = jobs_per_second(database.db);
    return Result{.value = jobs,
                  .unit = "1/s",
                  .against = "single-row updates by key, one per transaction",
                  .other_value = updates_per_second(database.db),
                  .note = "4 workers, batches of 10; at least 2,500"};
});

}  // namespace
}  // namespace rpm::bench
