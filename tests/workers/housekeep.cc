// SPDX-License-Identifier: MIT
// What housekeeping removes, and what it leaves.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "shared/store/attempts.h"
#include "shared/store/jobs.h"
#include "shared/store/notifications.h"
#include "shared/store/users.h"
#include "tests/support/database.h"
#include "workers/housekeep/tidy.h"

using namespace rpm;
using namespace std::chrono_literals;

namespace {

const Time kNow = from_sql("2026-11-22 20:00:00");
using std::chrono::days;

struct Fixture : test::Database {
    Fixture() {
        db::transact(db, [&](db::Transaction& tx) {
            store::User user;
            user.username = "anna";
            anna = store::insert_user(tx, user, kNow);
        });
    }
    template <class F>
    void change(F&& f) {
        db::transact(db, [&](db::Transaction& tx) { f(tx); });
    }
    std::uint64_t rows(const char* table) {
        auto row = db.query_once("SELECT COUNT(*) AS n FROM " + std::string(table));
        row.first();
        return row.uint64("n");
    }
    void session(const char* hash, Time expires) {
        change([&](db::Transaction& tx) {
            store::insert_session(tx,
                                  {.id = {},
                                   .user = store::get_user(db, anna),
                                   .panel = "client",
                                   .address = "",
                                   .user_agent = "",
                                   .created_at = kNow,
                                   .last_seen_at = kNow,
                                   .expires_at = expires},
                                  hash);
        });
    }
    UserId anna;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(tidying, Fixture)

BOOST_AUTO_TEST_CASE(sessions_end_at_their_limit) {
    session("11111111111111111111111111111111", kNow - 1s);
    session("22222222222222222222222222222222", kNow + 1s);
    BOOST_TEST(housekeep::tidy(db, kNow, {}).sessions == 1U);
    BOOST_TEST(rows("sessions") == 1U);
}

BOOST_AUTO_TEST_CASE(links_go_when_used_or_run_out) {
    change([&](db::Transaction& tx) {
        store::insert_link(tx, {.user = anna}, "11111111111111111111111111111111", kNow, kNow - 1s);
        store::insert_link(tx, {.user = anna}, "22222222222222222222222222222222", kNow, kNow + 1min);
        store::insert_link(tx, {.user = anna}, "33333333333333333333333333333333", kNow, kNow + 1min);
        store::use_link(tx, "33333333333333333333333333333333", "sign_in", kNow);
    });
    BOOST_TEST(housekeep::tidy(db, kNow, {}).links == 2U);
    BOOST_TEST(rows("sign_in_links") == 1U);
}

BOOST_AUTO_TEST_CASE(rows_go_in_chunks_until_none_is_left) {
    change([&](db::Transaction& tx) {
        for (int i = 0; i < 7; ++i) store::insert_attempt(tx, "a", "192.0.2.1", false, kNow - days(2));
        store::insert_attempt(tx, "a", "192.0.2.1", false, kNow - 1h);
    });
    housekeep::Keep keep;
    keep.chunk = 3;
    BOOST_TEST(housekeep::tidy(db, kNow, keep).attempts == 7U);
    BOOST_TEST(rows("login_attempts") == 1U);
}

BOOST_AUTO_TEST_CASE(counters_and_devices_go_when_their_time_is_over) {
    change([&](db::Transaction& tx) {
        store::count_attempt(tx, "11111111111111111111111111111111", 15min, kNow - 15min);
        store::count_attempt(tx, "22222222222222222222222222222222", 15min, kNow);
        store::insert_known_device(tx, "11111111111111111111111111111111", anna, kNow, kNow - 1s);
        store::insert_known_device(tx, "22222222222222222222222222222222", anna, kNow, kNow + 1s);
    });
    const auto done = housekeep::tidy(db, kNow, {});
    BOOST_TEST(done.counters == 1U);
    BOOST_TEST(done.devices == 1U);
    BOOST_TEST(rows("attempt_counters") == 1U);
    BOOST_TEST(rows("known_devices") == 1U);
}

BOOST_AUTO_TEST_CASE(mail_that_is_too_late_is_given_up_and_old_mail_goes) {
    const auto queue = [&](Time created, Time expires) {
        change([&](db::Transaction& tx) {
            store::insert_notification(tx, {.id = {},
                                            .kind = "security",
                                            .user = anna,
                                            .recipient = "anna@example.com",
                                            .subject = "x",
                                            .sealed = "sealed",
                                            .created_at = created,
                                            .expires_at = expires});
        });
    };
    queue(kNow - 1h, kNow + 1h);
    queue(kNow - 2h, kNow - 1s);
    queue(kNow - days(31), kNow - days(30));
    const auto done = housekeep::tidy(db, kNow, {});
    BOOST_TEST(done.late_mail == 2U);
    BOOST_TEST(done.mail == 1U);
    auto row = db.query_once("SELECT COUNT(*) AS n FROM notifications WHERE sealed IS NOT NULL");
    row.first();
    BOOST_TEST(row.uint64("n") == 1U);
    BOOST_TEST(rows("notifications") == 2U);
}

BOOST_AUTO_TEST_CASE(finished_jobs_go_after_a_month_and_waiting_ones_never) {
    change([&](db::Transaction& tx) {
        const Time long_ago = kNow - days(31);
        const JobId old = store::enqueue_job(tx,
                                             {.kind = "node.deploy",
                                              .subject_type = "node",
                                              .subject_id = 1,
                                              .lane = {},
                                              .reason = {},
                                              .payload = {}},
                                             long_ago);
        store::cancel_job(tx, old, long_ago);
        store::enqueue_job(tx,
                           {.kind = "node.deploy",
                            .subject_type = "node",
                            .subject_id = 2,
                            .lane = {},
                            .reason = {},
                            .payload = {}},
                           long_ago);
        const JobId recent = store::enqueue_job(tx,
                                                {.kind = "node.deploy",
                                                 .subject_type = "node",
                                                 .subject_id = 3,
                                                 .lane = {},
                                                 .reason = {},
                                                 .payload = {}},
                                                long_ago);
        store::cancel_job(tx, recent, kNow - days(29));
    });
    BOOST_TEST(housekeep::tidy(db, kNow, {}).jobs == 1U);
    BOOST_TEST(rows("jobs") == 2U);
}

BOOST_AUTO_TEST_CASE(jobs_of_a_dead_worker_are_given_back) {
    change([&](db::Transaction& tx) {
        store::enqueue_job(tx,
                           {.kind = "node.deploy",
                            .subject_type = "node",
                            .subject_id = 1,
                            .lane = "node:1",
                            .reason = {},
                            .payload = {}},
                           kNow);
    });
    const std::string token(16, 'x');
    const auto claim = store::claim_jobs(
        db, {.kind = "node.deploy", .worker = "gone:1", .token = token, .lease = 30s}, kNow);
    BOOST_REQUIRE(claim.jobs.size() == 1U);
    BOOST_TEST(housekeep::tidy(db, kNow + 29s, {}).leases == 0U);
    BOOST_TEST(housekeep::tidy(db, kNow + 31s, {}).leases == 1U);
    BOOST_TEST(store::get_job(db, claim.jobs[0].id).state == "queued");
}

BOOST_AUTO_TEST_CASE(a_second_request_joins_the_waiting_job) {
    const store::NewJob wish{.kind = "node.deploy",
                             .subject_type = "node",
                             .subject_id = 1,
                             .lane = "node:1",
                             .priority = 50,
                             .reason = {},
                             .payload = {}};
    change([&](db::Transaction& tx) {
        const JobId first = store::enqueue_job(tx,
                                               {.kind = "node.deploy",
                                                .subject_type = "node",
                                                .subject_id = 1,
                                                .lane = "node:1",
                                                .reason = {},
                                                .payload = {}},
                                               kNow + 1h);
        BOOST_TEST(store::enqueue_job(tx, wish, kNow).value() == first.value());
    });
    const auto jobs = store::list_jobs(db, {});
    BOOST_REQUIRE(jobs.size() == 1U);
    BOOST_TEST(jobs[0].priority == 50);
    BOOST_TEST((jobs[0].run_after == kNow));
}

BOOST_AUTO_TEST_SUITE_END()
