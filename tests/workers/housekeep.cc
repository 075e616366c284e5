// SPDX-License-Identifier: MIT
// What housekeeping removes, and what it leaves.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <thread>

#include "shared/crypto/digest.h"
#include "shared/store/attempts.h"
#include "shared/store/contents.h"
#include "shared/store/deployments.h"
#include "shared/store/housekeeping.h"
#include "shared/store/jobs.h"
#include "shared/store/nodes.h"
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
        tx.execute("INSERT INTO client_attempt_counters SELECT * FROM attempt_counters");
        store::insert_known_device(tx, "11111111111111111111111111111111", anna, kNow, kNow - 1s);
        store::insert_known_device(tx, "22222222222222222222222222222222", anna, kNow, kNow + 1s);
    });
    const auto done = housekeep::tidy(db, kNow, {});
    BOOST_TEST(done.counters == 1U);
    BOOST_TEST(done.devices == 1U);
    BOOST_TEST(rows("attempt_counters") == 1U);
    BOOST_TEST(rows("client_attempt_counters") == 1U);
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

namespace {

// A node with releases, each of which names the contents given.
struct Contents : Fixture {
    Contents() {
        change([&](db::Transaction& tx) {
            const CredentialId credential = store::insert_credential(
                tx, {.id = {}, .fingerprint = "SHA256:x", .public_line = "x", .sealed = "x"}, kNow);
            store::Node made;
            made.name = "edge-1";
            made.ip_address = "192.0.2.1";
            made.ssh_user = "x";
            made.credential = credential;
            node = store::insert_node(tx, made, kNow);
        });
    }
    static std::string digest(const std::string& content) { return crypto::sha256_hex(content); }
    void content(const std::string& text, Time when) {
        change([&](db::Transaction& tx) { store::insert_contents(tx, {{digest(text), text}}, when); });
    }
    void release(char id, const std::vector<std::string>& contents, Time when) {
        std::string manifest;
        for (const std::string& one : contents) manifest += digest(one) + "  sites/" + one + ".conf\n";
        change([&](db::Transaction& tx) {
            store::record_release(tx, node, {std::string(32, id), manifest}, {}, when);
        });
    }
    bool has(const std::string& text) { return store::find_content(db, digest(text)).has_value(); }
    NodeId node;
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(old_releases_go_and_with_them_what_only_they_name, Contents) {
    const Time old = kNow - days(3);
    for (const char* text : {"first", "second", "shared", "third", "orphan"}) content(text, old);
    content("fresh", kNow - 1h);
    release('a', {"first", "shared"}, old);
    release('b', {"second", "shared"}, old + 1h);
    release('c', {"third", "shared"}, old + 2h);
    housekeep::Keep keep;
    keep.releases = 1;
    keep.chunk = 2;
    auto done = housekeep::tidy(db, kNow, keep);
    BOOST_TEST(done.releases == 1U);  // c is carried, b is the newest other one
    BOOST_TEST(done.contents == 2U);
    BOOST_TEST((!has("first") && !has("orphan")));
    BOOST_TEST((has("second") && has("shared") && has("third") && has("fresh")));

    release('b', {"second", "shared"}, kNow);  // gone back to
    keep.releases = 0;
    done = housekeep::tidy(db, kNow, keep);
    BOOST_TEST(done.releases == 1U);
    BOOST_TEST((has("second") && has("shared") && !has("third")));
    BOOST_TEST(store::find_current_release(db, node)->id == std::string(32, 'b'));
}

// The manifests were read, then a deployment came that names what nothing named until then.
BOOST_FIXTURE_TEST_CASE(a_content_that_a_deployment_claims_stays, Contents) {
    for (const char* text : {"claimed", "orphan"}) content(text, kNow - days(3));
    const auto named = store::list_named_contents(db);
    const Time before = kNow - store::kContentGrace;
    const auto sweep = [&] {
        std::string from;
        std::uint64_t removed = 0;
        change([&](db::Transaction& tx) {
            from.clear();
            removed = store::remove_unnamed_contents(tx, named, before, from, 100);
        });
        return removed;
    };
    db::Connection other(test::database_settings());
    std::thread housekeeper;
    std::uint64_t removed = 0;
    change([&](db::Transaction& tx) {
        BOOST_TEST(store::claim_contents(tx, {digest("claimed")}, kNow).empty());
        housekeeper = std::thread([&] {
            db::transact(other, [&](db::Transaction& theirs) {
                std::string from;
                removed = store::remove_unnamed_contents(theirs, named, before, from, 100);
            });
        });
        std::this_thread::sleep_for(300ms);  // it waits for our row
        store::record_release(tx, node, {std::string(32, 'a'), digest("claimed") + "  x\n"}, {}, kNow);
    });
    housekeeper.join();
    BOOST_TEST(removed == 1U);
    BOOST_TEST((has("claimed") && !has("orphan")));
    BOOST_TEST(sweep() == 0U);

    // The other way round: what is gone is missed, and stored again.
    content("late", kNow - days(3));
    BOOST_TEST(sweep() == 1U);
    change([&](db::Transaction& tx) {
        BOOST_TEST(store::claim_contents(tx, {digest("late")}, kNow).size() == 1U);
    });
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
