// SPDX-License-Identifier: MIT
#include "shared/store/jobs.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <atomic>
#include <latch>
#include <map>
#include <mutex>
#include <thread>

#include "tests/support/world.h"

using namespace rpm;
using namespace std::chrono_literals;

namespace {

struct Jobs : test::World {
    JobId enqueue(std::uint64_t subject, int priority = 100, std::string_view kind = "node.deploy") {
        return db::transact(db, [&](db::Transaction& tx) {
            return store::enqueue_job(tx,
                                      {.kind = kind,
                                       .subject_type = "node",
                                       .subject_id = subject,
                                       .lane = "node:" + std::to_string(subject),
                                       .priority = priority,
                                       .requested_by = admin.id,
                                       .reason = "a test",
                                       .payload = {}},
                                      clock.now());
        });
    }
    std::vector<JobId> claim_all(unsigned limit = 10, std::string_view kind = "node.deploy") {
        std::vector<JobId> ids;
        for (const auto& job :
             store::claim_jobs(
                 db, {.kind = kind, .worker = "host:1", .token = token, .lease = 30s, .limit = limit},
                 clock.now())
                 .jobs)
            ids.push_back(job.id);
        return ids;
    }
    std::uint64_t finish_job(JobId id, std::string_view with) {
        return db::transact(db, [&](db::Transaction& tx) {
            return store::finish_jobs(tx, {&id, 1}, with, "succeeded", "done", "", clock.now());
        });
    }
    store::Requeued requeue(JobId id) {
        return db::transact(db, [&](db::Transaction& tx) {
            return store::requeue_job(tx, id, token, "unreachable", clock.now() + 2s, clock.now());
        });
    }
    store::Job job(JobId id) { return store::get_job(db, id); }
};

using Ids = std::vector<JobId>;

}  // namespace

BOOST_FIXTURE_TEST_SUITE(jobs, Jobs)

BOOST_AUTO_TEST_CASE(a_second_request_joins_the_queued_job) {
    const auto first = enqueue(1);
    BOOST_TEST((enqueue(1) == first));
    BOOST_TEST((enqueue(2) != first));
    BOOST_TEST((enqueue(1, 5) == first));
    BOOST_TEST(job(first).priority == 5);
    BOOST_TEST(job(first).requested_by == "root");
    BOOST_TEST(job(first).state == "queued");
}

BOOST_AUTO_TEST_CASE(a_request_while_it_runs_is_a_new_job_that_waits) {
    const auto first = enqueue(1);
    BOOST_TEST((claim_all() == Ids{first}));
    const auto second = enqueue(1);
    BOOST_TEST((second != first));
    BOOST_TEST(claim_all().empty());
    BOOST_TEST(finish_job(first, token) == 1U);
    BOOST_TEST((claim_all() == Ids{second}));
}

BOOST_AUTO_TEST_CASE(claims_go_by_priority_then_age_and_only_what_is_due) {
    const auto late = enqueue(1);
    clock.advance(1s);
    const auto later = enqueue(2);
    const auto urgent = enqueue(3, 1);
    BOOST_TEST((claim_all(2) == Ids{urgent, late}));
    BOOST_TEST((claim_all(1, "other.kind").empty()));
    clock.advance(-1s);
    BOOST_TEST(claim_all().empty());
    clock.advance(1s);
    BOOST_TEST((claim_all() == Ids{later}));
    const auto claimed = job(later);
    BOOST_TEST(claimed.state == "running");
    BOOST_TEST(claimed.attempts == 1U);
    BOOST_TEST(claimed.claimed_by == "host:1");
    BOOST_TEST((claimed.claimed_until == clock.now() + 30s));
    BOOST_TEST((claimed.started_at == clock.now()));
}

BOOST_AUTO_TEST_CASE(one_batch_takes_a_lane_once) {
    const auto first = enqueue(1);
    const auto check = enqueue(1, 100, "node.check");
    BOOST_TEST((claim_all() == Ids{first}));
    BOOST_TEST(claim_all(10, "node.check").empty());
    BOOST_TEST(finish_job(first, token) == 1U);
    BOOST_TEST((claim_all(10, "node.check") == Ids{check}));
}

BOOST_AUTO_TEST_CASE(a_stale_token_can_neither_finish_nor_extend_nor_put_back) {
    const auto id = enqueue(1);
    claim_all();
    const std::string stale(16, 'x');
    BOOST_TEST(finish_job(id, stale) == 0U);
    db::transact(db, [&](db::Transaction& tx) {
        BOOST_TEST(store::extend_leases(tx, {&id, 1}, stale, clock.now() + 1h) == 0U);
        BOOST_TEST(store::extend_leases(tx, {}, token, clock.now() + 1h) == 0U);
        BOOST_TEST(
            (store::requeue_job(tx, id, stale, "", clock.now(), clock.now()) == store::Requeued::lost));
        BOOST_TEST(store::extend_leases(tx, {&id, 1}, token, clock.now() + 1h) == 1U);
    });
    BOOST_TEST(finish_job(id, token) == 1U);
    BOOST_TEST(finish_job(id, token) == 0U);
    const auto done = job(id);
    BOOST_TEST(done.state == "succeeded");
    BOOST_TEST(done.result == "done");
    BOOST_TEST(done.error.empty());
    BOOST_TEST((done.finished_at == clock.now()));
}

BOOST_AUTO_TEST_CASE(an_ended_lease_puts_the_job_back) {
    const auto id = enqueue(1);
    claim_all();
    BOOST_TEST(store::requeue_expired_jobs(db, clock.now() + 30s) == 0U);
    clock.advance(31s);
    BOOST_TEST(store::requeue_expired_jobs(db, clock.now()) == 1U);
    BOOST_TEST(job(id).state == "queued");
    BOOST_TEST(job(id).error == "worker host:1 did not finish in time");
    BOOST_TEST(finish_job(id, token) == 0U);
    BOOST_TEST(claim_all().empty());
    clock.advance(2s);
    BOOST_TEST((claim_all() == Ids{id}));
    BOOST_TEST(job(id).attempts == 2U);
}

BOOST_AUTO_TEST_CASE(a_job_that_kills_its_workers_fails_in_the_end) {
    const auto id = enqueue(1);
    for (unsigned i = 1; i <= 8; ++i) {
        BOOST_REQUIRE((claim_all() == Ids{id}));
        clock.advance(31s);
        BOOST_TEST(store::requeue_expired_jobs(db, clock.now()) == 1U);
        clock.advance(10min);
    }
    BOOST_TEST(job(id).state == "failed");
    BOOST_TEST(job(id).attempts == 8U);
    BOOST_TEST(claim_all().empty());
    BOOST_TEST((enqueue(1) != id));
}

BOOST_AUTO_TEST_CASE(putting_back_ends_with_the_attempts) {
    const auto id = enqueue(1);
    for (unsigned i = 1; i <= 8; ++i) {
        BOOST_REQUIRE((claim_all() == Ids{id}));
        BOOST_TEST((requeue(id) == (i < 8 ? store::Requeued::queued : store::Requeued::exhausted)));
        BOOST_TEST(job(id).attempts == i);
        BOOST_TEST(job(id).error == "unreachable");
        clock.advance(2s);
    }
    BOOST_TEST(job(id).state == "failed");
}

BOOST_AUTO_TEST_CASE(putting_back_joins_a_newer_job_and_brings_the_deployments_along) {
    const auto node = add_node("edge-1");
    const auto site = add_site(alice, "shop.example");
    const auto first = deploy(alice, {site});
    const auto run = start(node);
    const auto second = deploy(alice, {site});
    const auto newer = the_part(second, node).job;
    BOOST_TEST((newer != run.id));
    BOOST_TEST((requeue(run.id) == store::Requeued::joined));
    BOOST_TEST(job(run.id).state == "cancelled");
    BOOST_TEST(job(run.id).result == "covered by job " + newer.text());
    BOOST_TEST((the_part(first, node).job == newer));
    BOOST_TEST(the_part(first, node).state == "queued");
    test::World::run(node);
    BOOST_TEST(the_deployment(first).state == "succeeded");
    BOOST_TEST(the_deployment(second).state == "succeeded");
}

BOOST_AUTO_TEST_CASE(deployments_of_a_worker_that_died_before_its_start_follow_the_newer_job) {
    const auto node = add_node("edge-1");
    const auto site = add_site(alice, "shop.example");
    const auto first = deploy(alice, {site});
    claim();  // and nothing more
    const auto second = deploy(alice, {site});
    clock.advance(1h);
    store::requeue_expired_jobs(db, clock.now());
    const auto newer = the_part(second, node).job;
    BOOST_TEST((the_part(first, node).job == newer));
    db::transact(db, [&](db::Transaction& tx) {
        store::cancel_job(tx, newer, clock.now());
        store::settle_deployments(tx, node, clock.now());
    });
    BOOST_TEST(the_deployment(first).state == "cancelled");
}

// Two people cancel the two parts of one deployment at the same moment: whoever comes second ends it.
BOOST_AUTO_TEST_CASE(the_second_of_two_cancels_that_overlap_ends_the_deployment) {
    const NodeId nodes[] = {add_node("edge-1"), add_node("edge-2")};
    const auto site = add_site(alice, "shop.example");
    const auto deployment = deploy(alice, {site});
    const auto cancel = [&](db::Connection& with, NodeId node, JobId id, auto&& then) {
        db::transact(with, [&](db::Transaction& tx) {
            store::cancel_job(tx, id, clock.now());
            store::settle_deployments(tx, node, clock.now());
            then();
        });
    };
    const JobId jobs[] = {the_part(deployment, nodes[0]).job, the_part(deployment, nodes[1]).job};
    db::Connection watching(test::database_settings());
    std::atomic<bool> second_ended = false;
    std::jthread second;
    cancel(db, nodes[0], jobs[0], [&] {
        second = std::jthread([&] {
            db::Connection own(test::database_settings());
            cancel(own, nodes[1], jobs[1], [] {});
            second_ended = true;
        });
        // Until the other one waits for this one, or has gone past it.
        const auto until = std::chrono::steady_clock::now() + 10s;
        while (!second_ended && std::chrono::steady_clock::now() < until &&
               !watching.query("SELECT 1 FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'")
                    .first())
            std::this_thread::sleep_for(5ms);
    });
    second.join();
    BOOST_TEST(the_deployment(deployment).state == "cancelled");
    BOOST_TEST(the_site(site).deploy_state == "draft");
}

// Of a request and a put-back at the same moment, both orders end with one queued job.
BOOST_AUTO_TEST_CASE(a_request_between_look_and_put_back_is_joined) {
    for (int round = 0; round < 20; ++round) {
        const auto subject = static_cast<std::uint64_t>(round + 1);
        db::transact(db, [](db::Transaction& tx) { tx.execute("DELETE FROM jobs"); });
        const auto id = enqueue(subject);
        claim_all();
        std::latch both(2);
        std::jthread asking([&] {
            db::Connection own(test::database_settings());
            own.ping();
            both.arrive_and_wait();
            db::transact(own, [&](db::Transaction& tx) {
                store::enqueue_job(tx,
                                   {.kind = "node.deploy",
                                    .subject_type = "node",
                                    .subject_id = subject,
                                    .lane = "l",
                                    .reason = {},
                                    .payload = {}},
                                   clock.now());
            });
        });
        both.arrive_and_wait();
        requeue(id);
        asking.join();
        BOOST_TEST(number("SELECT COUNT(*) FROM jobs WHERE state = 'queued' AND subject_id = " +
                          std::to_string(subject)) == 1U);
        BOOST_TEST(number("SELECT COUNT(*) FROM jobs WHERE state = 'running'") == 0U);
    }
}

BOOST_AUTO_TEST_CASE(only_waiting_jobs_are_cancelled_and_only_ended_ones_repeated) {
    const auto id = enqueue(1);
    const auto write = [&](auto change) { return db::transact(db, change); };
    BOOST_CHECK_THROW(
        write([&](db::Transaction& tx) { return store::repeat_job(tx, id, admin.id, clock.now()); }),
        Conflict);
    claim_all();
    BOOST_CHECK_THROW(write([&](db::Transaction& tx) { store::cancel_job(tx, id, clock.now()); }), Conflict);
    requeue(id);
    write([&](db::Transaction& tx) { store::cancel_job(tx, id, clock.now()); });
    BOOST_TEST(job(id).state == "cancelled");
    const auto next =
        write([&](db::Transaction& tx) { return store::repeat_job(tx, id, admin.id, clock.now()); });
    BOOST_TEST((next != id));
    BOOST_TEST(job(next).reason == "a test");
    BOOST_TEST(text("SELECT lane FROM jobs WHERE id = " + next.text()) == "node:1");
    BOOST_CHECK_THROW(write([&](db::Transaction& tx) {
                          return store::repeat_job(tx, JobId(999'999), admin.id, clock.now());
                      }),
                      NotFound);
}

BOOST_AUTO_TEST_CASE(pauses_double_up_to_five_minutes) {
    BOOST_TEST((store::back_off(1, 0) == 2s));
    BOOST_TEST((store::back_off(2, 0) == 4s));
    BOOST_TEST((store::back_off(4, 1) == 20s));
    BOOST_TEST((store::back_off(60, 0) == 300s));
    BOOST_TEST((store::back_off(0, 0) == 2s));
}

BOOST_AUTO_TEST_CASE(lists_and_counts_tell_what_there_is) {
    const auto node = add_node("edge-1");
    const auto first = enqueue(node.value());
    const auto second = enqueue(77);
    BOOST_TEST(store::list_jobs(db, {}).size() == 2U);
    BOOST_TEST((store::list_jobs(db, {.limit = 1}).front().id == second));
    BOOST_TEST((store::list_jobs(db, {.before_id = second}).front().id == first));
    BOOST_TEST(store::list_jobs(db, {.before_id = second}).front().subject_name == "edge-1");
    BOOST_TEST(store::list_jobs(db, {.state = "running"}).empty());
    BOOST_TEST(store::list_jobs(db, {.state = "läuft"}).empty());
    BOOST_TEST(store::count_jobs(db, clock.now()).queued == 2U);
    claim_all(1);
    BOOST_TEST(store::count_jobs(db, clock.now()).running == 1U);
    BOOST_TEST(store::count_jobs(db, clock.now()).failed == 0U);
}

BOOST_AUTO_TEST_CASE(an_error_of_any_size_and_bytes_is_recorded) {
    const auto id = enqueue(1);
    claim_all();
    const std::string error = "\xff" + std::string(200'000, 'x');
    db::transact(db, [&](db::Transaction& tx) {
        BOOST_TEST(store::finish_jobs(tx, {&id, 1}, token, "failed", error, error, clock.now()) == 1U);
    });
    BOOST_TEST(job(id).error.size() <= 65'535U);
    BOOST_TEST(job(id).error.starts_with("?xxx"));
}

BOOST_AUTO_TEST_CASE(the_claim_reads_its_index_in_order) {
    for (std::uint64_t i = 1; i <= 300; ++i) enqueue(i);
    db.query_once("ANALYZE TABLE jobs");
    auto plan =
        db.query_once(std::string("EXPLAIN ") + store::kClaimQuery, {"node.deploy", clock.now(), 10U});
    BOOST_REQUIRE(plan.next());
    BOOST_TEST(plan.text("table") == "j");
    BOOST_TEST(plan.text("key") == "k_claim");
    BOOST_TEST(plan.text("Extra").find("filesort") == std::string::npos);
}

// Eight workers that finish, give back, die and stall: every job ends, each once, lanes never overlap.
BOOST_AUTO_TEST_CASE(whatever_workers_do_no_job_is_lost_or_done_twice) {
    constexpr unsigned kJobs = 2000;
    constexpr unsigned kWorkers = 8;
    db::transact(db, [&](db::Transaction& tx) {
        for (std::uint64_t i = 1; i <= kJobs; ++i)
            store::enqueue_job(tx,
                               {.kind = "chaos",
                                .subject_type = "node",
                                .subject_id = i,
                                .lane = "lane:" + std::to_string(i % 500),
                                .reason = {},
                                .payload = {}},
                               clock.now());
        tx.execute("UPDATE jobs SET max_attempts = 60000");
    });
    std::mutex mutex;
    std::map<JobId, int> finished;
    std::atomic<long> seconds = 0;  // the workers' common clock, moved on by whoever finds nothing
    const Time began = clock.now();
    const auto now = [&] { return began + std::chrono::seconds(seconds.load()); };
    const auto work = [&](unsigned number) {
        db::Connection own(test::database_settings());
        std::uint32_t random = number * 2'654'435'761U + 1;
        const auto dice = [&](unsigned sides) {
            random = random * 1'664'525U + 1'013'904'223U;
            return (random >> 16U) % sides;
        };
        for (unsigned round = 0;; ++round) {
            std::string mine = std::to_string(number) + ":" + std::to_string(round);
            mine.resize(16, '.');
            const auto claim = store::claim_jobs(
                own, {.kind = "chaos", .worker = "w", .token = mine, .lease = 30s, .limit = 10}, now());
            if (claim.jobs.empty()) {
                const auto done = [&] {
                    const std::scoped_lock lock(mutex);
                    return finished.size() == kJobs;
                };
                if (done()) return;
                seconds += 5;
                store::requeue_expired_jobs(own, now());
                continue;
            }
            const unsigned luck = dice(10);
            if (luck == 0) continue;  // died: its lease ends
            if (luck == 1) {          // stalled: finishes when its lease may be another's
                seconds += 31;
                store::requeue_expired_jobs(own, now());
            }
            for (const auto& job : claim.jobs) {
                if (dice(8) == 0) {
                    db::transact(own, [&](db::Transaction& tx) {
                        store::requeue_job(tx, job.id, mine, "busy", now(), now());
                    });
                    continue;
                }
                const auto held = db::transact(own, [&](db::Transaction& tx) {
                    return store::finish_jobs(tx, {&job.id, 1}, mine, "succeeded", "", "", now());
                });
                const std::scoped_lock lock(mutex);
                if (held == 1) ++finished[job.id];
            }
        }
    };
    {
        std::vector<std::jthread> workers;
        for (unsigned i = 0; i < kWorkers; ++i) workers.emplace_back(work, i);
    }
    BOOST_TEST(finished.size() == kJobs);
    BOOST_TEST(std::ranges::all_of(finished, [](const auto& entry) { return entry.second == 1; }));
    BOOST_TEST(number("SELECT COUNT(*) FROM jobs WHERE state = 'succeeded'") == kJobs);
    BOOST_TEST(number("SELECT COUNT(*) FROM jobs") == kJobs);
}

BOOST_AUTO_TEST_SUITE_END()
