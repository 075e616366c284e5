// SPDX-License-Identifier: MIT
// The sealed audit log against somebody who has the whole database, but not the key.
#include "shared/ops/audit_chain.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>
#include <thread>

#include "shared/base/text.h"
#include "shared/crypto/digest.h"
#include "shared/store/audit.h"
#include "shared/store/audit_seals.h"
#include "tests/support/database.h"

using namespace rpm;
using namespace std::chrono_literals;

namespace {

const Time kNow = from_sql("2026-11-22 20:00:00");
const Time kOld = kNow - 1h;

struct Fixture : test::Database {
    Fixture() { keys.add(key.raw_public()); }

    void write(unsigned rows, Time at = kOld) {
        Viewer anna;
        anna.id = UserId(7);
        anna.username = "anna";
        anna.address = "192.0.2.1";
        db::transact(db, [&](db::Transaction& tx) {
            for (unsigned i = 0; i < rows; ++i)
                store::insert_audit(
                    tx, anna, "site.update", {.type = "site", .id = 3, .name = "shop.example"},
                    Json::object({{"n", i}}), i % 2 == 0 ? Json() : Json::object({{"n", i + 1}}), at);
        });
    }
    ops::Sealed seal(unsigned rows_of_one = 10) {
        return ops::seal_audit(db, key, kNow, {.age = ops::kSafeAge, .rows = rows_of_one});
    }
    ops::ChainReport verify(const std::string& expect = {}) {
        return ops::verify_audit(db, keys, {.now = kNow, .expect = expect});
    }
    /// What somebody does who has taken over the database.
    void tamper(const std::string& sql) { db.run_script(sql); }
    void expect_problem(const std::string& words, std::uint64_t row = 0) {
        const auto report = verify();
        BOOST_TEST(!report.intact);
        BOOST_TEST(report.problem.find(words) != std::string::npos, report.problem + " lacks " + words);
        BOOST_TEST(report.bad_row == row);
    }
    std::uint64_t first_row() {
        auto row = db.query_once("SELECT MIN(id) AS id FROM audit_log");
        row.first();
        return row.uint64("id");
    }
    std::uint64_t number(const std::string& sql) {
        auto row = db.query_once(sql);
        row.first();
        return row.uint64("n");
    }
    /// Rows 1 to 30 in three seals, and two that are too young.
    std::uint64_t three_seals() {
        write(30);
        write(2, kNow - 1min);
        BOOST_REQUIRE(seal().seals == 3U);
        BOOST_REQUIRE_MESSAGE(verify().intact, verify().problem);
        return first_row();
    }

    crypto::SigningKey key = crypto::SigningKey::generate();
    crypto::VerifyingKeys keys;
};

std::string row(std::uint64_t id) {
    return std::to_string(id);
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(audit_chain, Fixture)

BOOST_AUTO_TEST_CASE(old_rows_are_sealed_in_chunks_and_young_ones_wait) {
    write(25);
    write(3, kNow - 9min);
    const auto done = seal(10);
    BOOST_TEST(done.seals == 3U);
    BOOST_TEST(done.rows == 25U);
    const auto report = verify();
    BOOST_TEST(report.intact, report.problem);
    BOOST_TEST(report.seals == 3U);
    BOOST_TEST(report.rows == 25U);
    BOOST_TEST(report.unsealed == 3U);
    BOOST_TEST(report.digest == done.digest);
    BOOST_TEST(seal().seals == 0U);
}

BOOST_AUTO_TEST_CASE(an_empty_log_is_intact) {
    BOOST_TEST(seal().seals == 0U);
    BOOST_TEST(verify().intact);
}

// The encoding is a promise to other programs: computed here by hand.
BOOST_AUTO_TEST_CASE(the_encoding_is_as_documented) {
    tamper(
        "INSERT INTO audit_log (id, at, user_id, username, address, action, object_type, object_name, "
        "before_json, request_id) VALUES (5, '2026-11-22 10:00:00.000001', NULL, 'system', '', 'node.add', "
        "'node', 'a,b:c', '{}', 'r')");
    BOOST_REQUIRE(seal().seals == 1U);
    const std::string encoded =
        "17:rpmgr audit row 1,1:5,26:2026-11-22 "
        "10:00:00.000001,-,6:system,-,0:,0:,-,8:node.add,4:node,-,5:a,b:c,"
        "2:{},-,1:r,";
    const auto made = *store::find_newest_seal(db);
    const std::string index = std::string(7, '\0') + "\x05" + crypto::sha256(encoded);
    BOOST_CHECK(made.row_index == index);
    BOOST_CHECK(made.rows_digest == crypto::sha256(index));
    const std::string fields = "18:rpmgr audit seal 1,1:1,1:1,1:5,1:1,32:" + made.rows_digest +
                               ",32:" + std::string(32, '\0') + ",8:" + key.id() + ",26:" + made.sealed_at +
                               ",";
    BOOST_CHECK(made.digest == crypto::sha256(fields));
    BOOST_TEST(keys.verify(key.id(), "rpmgr audit seal 1\n" + made.digest, made.signature));
}

BOOST_AUTO_TEST_CASE(every_edited_column_is_found) {
    const std::uint64_t first = three_seals();
    for (const char* change :
         {"at = '2026-11-22 18:59:59.999999'", "user_id = 8", "user_id = NULL", "username = 'Anna'",
          "impersonator_id = 1", "impersonator = 'root'", "address = '192.0.2.2'", "owner_id = 1",
          "action = 'site.create'", "object_type = 'node'", "object_id = NULL", "object_name = ''",
          "before_json = NULL", "before_json = ''", "after_json = '{}'", "request_id = 'x'"}) {
        tamper("CREATE TABLE kept AS SELECT * FROM audit_log WHERE id = " + row(first + 12));
        tamper("UPDATE audit_log SET " + std::string(change) + " WHERE id = " + row(first + 12));
        BOOST_TEST_CONTEXT(change) {
            expect_problem("row " + row(first + 12) + " was changed", first + 12);
        }
        tamper("DELETE FROM audit_log WHERE id = " + row(first + 12));
        tamper("INSERT INTO audit_log SELECT * FROM kept");
        tamper("DROP TABLE kept");
        BOOST_TEST(verify().intact);
    }
}

BOOST_AUTO_TEST_CASE(text_cannot_move_between_fields) {
    const std::uint64_t first = three_seals();
    tamper("UPDATE audit_log SET username = 'ann', address = 'a192.0.2.1' WHERE id = " + row(first));
    expect_problem("was changed", first);
}

BOOST_AUTO_TEST_CASE(removed_rows_are_found) {
    const std::uint64_t first = three_seals();
    for (const std::uint64_t at : {first + 29, first + 14, first}) {  // the last, one inside, the first
        tamper("DELETE FROM audit_log WHERE id = " + row(at));
        expect_problem("row " + row(at) + " was removed", at);
    }
}

BOOST_AUTO_TEST_CASE(inserted_rows_are_found) {
    write(5);
    tamper("UPDATE audit_log SET id = id * 10 ORDER BY id DESC");
    const std::uint64_t first = first_row();
    BOOST_REQUIRE(seal(2).seals == 3U);
    BOOST_REQUIRE(verify().intact);
    for (const std::uint64_t at : {first + 3, first - 1, std::uint64_t{1}}) {
        tamper("INSERT INTO audit_log (id, at, username, action, object_type) VALUES (" + row(at) +
               ", '2026-11-22 19:00:00', 'mallory', 'site.update', 'site')");
        expect_problem("row " + row(at) + " was inserted", at);
    }
}

BOOST_AUTO_TEST_CASE(swapped_rows_are_found) {
    const std::uint64_t first = three_seals();
    tamper("UPDATE audit_log SET id = 1000000 WHERE id = " + row(first + 3) +
           ";\nUPDATE audit_log SET id = " + row(first + 3) + " WHERE id = " + row(first + 4) +
           ";\nUPDATE audit_log SET id = " + row(first + 4) + " WHERE id = 1000000");
    expect_problem("was changed", first + 3);
}

BOOST_AUTO_TEST_CASE(a_missing_seal_is_found) {
    three_seals();
    tamper("DELETE FROM audit_seals WHERE id = 2");
    expect_problem("seal 2 is missing");
    tamper("DELETE FROM audit_seals WHERE id = 1");
    expect_problem("seal 1 is missing");
}

BOOST_AUTO_TEST_CASE(every_changed_field_of_a_seal_is_found) {
    three_seals();
    for (const char* change :
         {"last_id = last_id - 1", "row_count = row_count - 1", "rows_digest = REPEAT('x', 32)",
          "previous = REPEAT('x', 32)", "digest = REPEAT('x', 32)", "signature = REPEAT('x', 64)",
          "key_id = '00000000'", "sealed_at = '2026-11-22 19:59:59'", "first_id = first_id + 1",
          "row_index = LEFT(row_index, 40)"}) {
        tamper("CREATE TABLE kept AS SELECT * FROM audit_seals WHERE id = 2");
        tamper("UPDATE audit_seals SET " + std::string(change) + " WHERE id = 2");
        BOOST_TEST_CONTEXT(change) {
            const auto report = verify();
            BOOST_TEST(!report.intact);
            BOOST_TEST(report.bad_seal == 2U);
        }
        tamper("DELETE FROM audit_seals WHERE id = 2");
        tamper("INSERT INTO audit_seals SELECT * FROM kept");
        tamper("DROP TABLE kept");
        BOOST_TEST(verify().intact);
    }
}

// With the database alone one can compute every digest, but not sign.
BOOST_AUTO_TEST_CASE(a_chain_made_without_the_key_is_found) {
    const std::uint64_t first = three_seals();
    tamper("UPDATE audit_log SET username = 'bob' WHERE id = " + row(first + 12));
    tamper("DELETE FROM audit_seals WHERE id >= 2");
    const auto forged = crypto::SigningKey::generate();
    BOOST_REQUIRE(ops::seal_audit(db, forged, kNow, {.rows = 10}).seals == 2U);
    expect_problem("seal 2 is signed with an unknown key");
    tamper("UPDATE audit_seals SET key_id = '" + key.id() + "' WHERE id >= 2");
    expect_problem("seal 2 was changed");
}

BOOST_AUTO_TEST_CASE(a_new_key_goes_on_with_the_chain) {
    write(10);
    seal();
    const auto next = crypto::SigningKey::generate();
    keys.add(next.raw_public());
    write(10);
    BOOST_REQUIRE(ops::seal_audit(db, next, kNow, {.rows = 10}).seals == 1U);
    const auto report = verify();
    BOOST_TEST(report.intact, report.problem);
    BOOST_TEST(report.seals == 2U);
}

BOOST_AUTO_TEST_CASE(a_cut_end_is_found_by_a_digest_noted_before) {
    three_seals();
    const std::string noted = verify().digest;
    BOOST_TEST(verify(noted).intact);
    BOOST_TEST(verify(text::hex(store::list_seals_after(db, 0, 1)[0].digest)).intact);  // an older note
    tamper("DELETE FROM audit_seals WHERE id = 3");
    tamper("DELETE FROM audit_log WHERE id > (SELECT MAX(last_id) FROM audit_seals)");
    BOOST_TEST(verify().intact);  // this is what the note is for
    const auto report = verify(noted);
    BOOST_TEST(!report.intact);
    BOOST_TEST(report.problem.find("cut off") != std::string::npos);
    BOOST_CHECK_THROW(verify("abc"), Invalid);
}

BOOST_AUTO_TEST_CASE(removed_seals_leave_rows_that_should_be_sealed) {
    write(10, kNow - 25h);
    seal();
    BOOST_REQUIRE(verify().intact);
    tamper("DELETE FROM audit_seals");
    expect_problem("are not sealed");
}

// ---- Rows that commit late, and two at once -------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_row_that_commits_late_is_waited_for) {
    db::Connection other(test::database_settings());
    std::atomic<bool> inserted = false, release = false;
    std::thread late([&] {
        db::transact(other, [&](db::Transaction& tx) {
            store::insert_audit(tx, Viewer::system(), "node.add", {.type = "node", .name = "late"}, nullptr,
                                nullptr, kOld);
            inserted = true;
            while (!release) std::this_thread::sleep_for(1ms);
        });
    });
    while (!inserted) std::this_thread::sleep_for(1ms);
    write(5);  // higher ids, and committed first
    ops::Sealed done;
    std::thread sealing([&] {
        db::Connection own(test::database_settings());
        done = ops::seal_audit(own, key, kNow);
    });
    std::this_thread::sleep_for(300ms);
    BOOST_TEST(number("SELECT COUNT(*) AS n FROM audit_seals") == 0U);
    release = true;
    late.join();
    sealing.join();
    BOOST_TEST(done.rows == 6U);
    BOOST_TEST(verify().intact, verify().problem);
}

BOOST_AUTO_TEST_CASE(a_transaction_that_does_not_end_is_left_for_the_next_run) {
    db::Settings impatient = test::database_settings();
    impatient.timeout = 2s;  // so locks are waited for 1 s
    db::Connection other(test::database_settings()), own(impatient);
    db::transact(other, [&](db::Transaction& tx) {
        store::insert_audit(tx, Viewer::system(), "node.add", {.type = "node", .name = ""}, nullptr, nullptr,
                            kOld);
        write(1);
        const auto done = ops::seal_audit(own, key, kNow);
        BOOST_TEST(done.held);
        BOOST_TEST(done.seals == 0U);
    });
    BOOST_TEST(seal().rows == 2U);
}

BOOST_AUTO_TEST_CASE(two_sealers_make_one_chain) {
    write(400);
    std::vector<std::thread> threads;
    std::atomic<std::uint64_t> seals = 0;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            db::Connection own(test::database_settings());
            seals += ops::seal_audit(own, key, kNow, {.rows = 10}).seals;
        });
    for (auto& thread : threads) thread.join();
    const auto report = verify();
    BOOST_TEST(report.intact, report.problem);
    BOOST_TEST(report.rows == 400U);
    BOOST_TEST(report.seals == 40U);
    BOOST_TEST(seals == 40U);
}

BOOST_AUTO_TEST_SUITE_END()
