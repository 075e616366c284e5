// SPDX-License-Identifier: MIT
#include "shared/db/connection.h"

#define BOOST_TEST_DYN_LINK
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <future>
#include <latch>
#include <thread>

#include "tests/support/database.h"

namespace db = rpm::db;

namespace {

// Tables of this file's own, beside those of the program.
struct Tables : rpm::test::Database {
    Tables() {
        db.run_script(R"(
CREATE TABLE IF NOT EXISTS t_kinds (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, huge BIGINT UNSIGNED NULL,
    small INT NULL, big BIGINT NULL, yes BOOLEAN NULL, ratio DOUBLE NULL, price DECIMAL(12,4) NULL,
    name VARCHAR(60) NULL, body MEDIUMTEXT NULL, hash VARBINARY(32) NULL, at DATETIME(6) NULL) ENGINE=InnoDB;
CREATE TABLE IF NOT EXISTS t_parents (
    id INT NOT NULL PRIMARY KEY, name VARCHAR(8) NOT NULL UNIQUE, n INT NOT NULL DEFAULT 0) ENGINE=InnoDB;
CREATE TABLE IF NOT EXISTS t_children (id INT NOT NULL PRIMARY KEY, parent_id INT NOT NULL,
    FOREIGN KEY (parent_id) REFERENCES t_parents (id)) ENGINE=InnoDB;
)");
    }
    void parent(int id, const char* name) {
        db::transact(db, [&](db::Transaction& tx) {
            tx.execute("INSERT INTO t_parents (id, name) VALUES (?, ?)", id, name);
        });
    }
    unsigned parents() { return number_of("SELECT COUNT(*) AS n FROM t_parents"); }
    unsigned number_of(const char* sql) {
        db::Rows rows = db.query(sql);
        rows.next();
        return rows.number("n");
    }
    void kill_connection() {
        const std::uint64_t id = connection_id();
        db::Connection(rpm::test::database_settings()).run_script("KILL " + std::to_string(id));
    }
    std::uint64_t connection_id() {
        db::Rows rows = db.query("SELECT CONNECTION_ID() AS id");
        rows.next();
        return rows.uint64("id");
    }
};

bool says(const std::exception& error, const char* part) {
    BOOST_TEST_INFO("message: " << error.what());
    return std::string(error.what()).find(part) != std::string::npos;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(connection, Tables)

BOOST_AUTO_TEST_CASE(values_come_back_as_they_went) {
    const std::string bytes("a\0\xff\x80'\"\\\n\0", 9);
    const std::string emoji = "snow ☃ and 🦊";
    const std::string large = std::string(300'000, 'x') + "🦊";
    const rpm::Time time = rpm::from_sql("2026-11-22 20:34:00.123456");
    db::transact(db, [&](db::Transaction& tx) {
        tx.execute("INSERT INTO t_kinds VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", UINT64_MAX, -5, INT64_MIN,
                   true, "0.1234567890123", "12345678.0001", emoji, large, db::Bytes{bytes}, time);
    });
    db::Rows row = db.query("SELECT * FROM t_kinds WHERE hash = ? AND at = ?", db::Bytes{bytes}, time);
    BOOST_REQUIRE(row.first());
    BOOST_TEST(row.uint64("huge") == UINT64_MAX);
    BOOST_TEST(row.int64("small") == -5);
    BOOST_CHECK_THROW(row.uint64("small"), rpm::Error);
    BOOST_TEST(row.int64("big") == INT64_MIN);
    BOOST_TEST(row.flag("yes"));
    BOOST_TEST(row.real("ratio") == 0.1234567890123);
    BOOST_TEST(row.text("ratio") == "0.1234567890123");
    BOOST_TEST(row.text("price") == "12345678.0001");
    BOOST_TEST(row.text("name") == emoji);
    BOOST_TEST((row.text("body") == large));
    BOOST_TEST((row.text("hash") == bytes));
    BOOST_TEST((row.time("at") == time));
    BOOST_TEST(row.text("huge") == "18446744073709551615");
    BOOST_TEST(!row.next());
}

BOOST_AUTO_TEST_CASE(numbers_that_do_not_fit_are_refused) {
    db::Rows row = db.query("SELECT CAST(18446744073709551615 AS UNSIGNED) AS huge, -1 AS minus");
    BOOST_REQUIRE(row.first());
    BOOST_CHECK_THROW(row.int64("huge"), rpm::Error);
    BOOST_CHECK_THROW(row.number("huge"), rpm::Error);
    BOOST_CHECK_THROW(row.uint64("minus"), rpm::Error);
    BOOST_TEST(row.int64("minus") == -1);
}

BOOST_AUTO_TEST_CASE(null_is_told_apart_and_never_read_as_a_value) {
    db::transact(db, [](db::Transaction& tx) {
        tx.execute("INSERT INTO t_kinds (id, name, at, hash) VALUES (?, ?, ?, ?)", 1, nullptr,
                   std::optional<rpm::Time>(), rpm::NodeId());
    });
    db::Rows row = db.query("SELECT name, at, hash, small, NULL AS nothing FROM t_kinds");
    BOOST_REQUIRE(row.first());
    BOOST_TEST(row.null("name"));
    BOOST_TEST(row.null("nothing"));
    BOOST_CHECK(!row.maybe_text("name"));
    BOOST_CHECK(!row.maybe_time("at"));
    BOOST_CHECK(!row.id<rpm::NodeId>("hash"));
    BOOST_CHECK_EXCEPTION(row.text("name"), rpm::Error, [](auto& e) { return says(e, "'name' is NULL"); });
    BOOST_CHECK_THROW(row.int64("small"), rpm::Error);
    BOOST_CHECK_THROW(row.time("at"), rpm::Error);
}

BOOST_AUTO_TEST_CASE(a_missing_column_is_named_with_its_query) {
    db::Rows row = db.query("SELECT 1 AS a, 2 AS b");
    BOOST_REQUIRE(row.first());
    BOOST_TEST(row.number("b") == 2U);
    BOOST_TEST(row.number("a") == 1U);
    BOOST_CHECK_EXCEPTION(row.number("c"), rpm::Error, [](auto& e) {
        return says(e, "'c' is not in the query") && says(e, "SELECT 1 AS a, 2 AS b");
    });
}

BOOST_AUTO_TEST_CASE(values_are_not_read_before_or_behind_the_rows) {
    db::Rows row = db.query("SELECT 1 AS a");
    BOOST_CHECK_THROW(row.number("a"), rpm::Error);
    BOOST_TEST(row.next());
    BOOST_TEST(!row.next());
    BOOST_CHECK_THROW(row.number("a"), rpm::Error);
}

BOOST_AUTO_TEST_CASE(the_number_of_parameters_must_fit) {
    BOOST_TEST(db.query("SELECT ? AS a, ? AS b", 1, 2).next());
    BOOST_CHECK_THROW(db.query("SELECT ? AS a, ? AS b", 1), rpm::Error);
    BOOST_CHECK_THROW(db.query("SELECT ? AS a, ? AS b"), rpm::Error);
    BOOST_CHECK_THROW(db.query("SELECT ? AS a, ? AS b", 1, 2, 3), rpm::Error);
}

BOOST_AUTO_TEST_CASE(a_query_changes_nothing_and_a_change_answers_no_rows) {
    BOOST_CHECK_THROW(db.query("DELETE FROM t_parents"), rpm::Error);
    db::transact(db, [](db::Transaction& tx) {
        BOOST_CHECK_THROW(tx.execute("SELECT 1"), rpm::Error);
        BOOST_TEST(tx.execute("INSERT INTO t_parents (id, name) VALUES (1, 'a')") == 1U);
    });
    BOOST_TEST(parents() == 1U);
}

BOOST_AUTO_TEST_CASE(two_open_results_of_the_same_sql_do_not_disturb_each_other) {
    const char* const sql = "SELECT ? AS a UNION ALL SELECT ? UNION ALL SELECT ?";
    db::Rows first = db.query(sql, 1, 2, 3);
    BOOST_TEST(first.next());
    db::Rows second = db.query(sql, 10, 20, 30);
    BOOST_TEST(second.next());
    BOOST_TEST(first.number("a") == 1U);
    BOOST_TEST(second.number("a") == 10U);
    BOOST_TEST(first.next());
    BOOST_TEST(first.number("a") == 2U);
    second = db.query(sql, 100, 200, 300);
    BOOST_TEST(second.next());
    BOOST_TEST(second.number("a") == 100U);
    BOOST_TEST(first.next());
    BOOST_TEST(first.number("a") == 3U);
    BOOST_TEST(!first.next());
}

BOOST_AUTO_TEST_CASE(rows_outlive_the_connection) {
    auto other = std::make_unique<db::Connection>(rpm::test::database_settings());
    db::Rows rows = other->query("SELECT 'here' AS a UNION ALL SELECT 'still here'");
    BOOST_TEST(rows.next());
    other.reset();
    BOOST_TEST(rows.next());
    BOOST_TEST(rows.text("a") == "still here");
}

BOOST_AUTO_TEST_CASE(statements_are_prepared_once) {
    const auto prepared = [this] {
        db::Rows row = db.query_once("SHOW SESSION STATUS LIKE 'Com_stmt_prepare'");
        row.next();
        return std::stoi(row.text("Value"));
    };
    BOOST_TEST(db.query("SELECT 7 AS seven").next());
    const int before = prepared();
    for (int i = 0; i < 10; ++i) BOOST_TEST(db.query("SELECT 7 AS seven").next());
    BOOST_TEST(prepared() == before + 1);
}

BOOST_AUTO_TEST_CASE(session_is_utc_strict_and_read_committed) {
    db::Rows row = db.query(
        "SELECT @@session.time_zone AS zone, @@session.sql_mode AS mode, @@character_set_client AS charset");
    BOOST_REQUIRE(row.first());
    BOOST_TEST(row.text("zone") == "+00:00");
    BOOST_TEST(row.text("charset") == "utf8mb4");
    BOOST_TEST(row.text("mode").find("STRICT_ALL_TABLES") != std::string::npos);
    db::Rows level = db.query_once("SHOW VARIABLES LIKE 't%_isolation'");
    BOOST_REQUIRE(level.next());
    BOOST_TEST(level.text("Value") == "READ-COMMITTED");
}

BOOST_AUTO_TEST_CASE(a_duplicate_key_is_a_conflict) {
    parent(1, "a");
    // The server's own words name keys and values.
    BOOST_CHECK_EXCEPTION(parent(2, "a"), rpm::Conflict,
                          [](const auto& error) { return std::string(error.what()) == "already exists"; });
    BOOST_TEST(parents() == 1U);
}

BOOST_AUTO_TEST_CASE(foreign_keys_and_bad_values_are_invalid) {
    const auto run = [this](const char* sql) {
        db::transact(db, [&](db::Transaction& tx) { tx.execute(sql); });
    };
    BOOST_CHECK_THROW(run("INSERT INTO t_children VALUES (1, 99)"), rpm::Invalid);
    BOOST_CHECK_EXCEPTION(
        run("INSERT INTO t_parents (id, name) VALUES (1, 'far too long')"), rpm::Invalid,
        [](const rpm::Invalid& error) { return error.problems.text().find("name") == std::string::npos; });
    BOOST_CHECK_THROW(run("INSERT INTO t_parents (id, name) VALUES (1, NULL)"), rpm::Invalid);
    BOOST_CHECK_EXCEPTION(run("INSERT INTO nowhere VALUES (1)"), rpm::Error,
                          [](auto& e) { return says(e, "INSERT INTO nowhere"); });
}

BOOST_AUTO_TEST_CASE(what_throws_is_undone) {
    BOOST_CHECK_THROW(db::transact(db,
                                   [](db::Transaction& tx) {
                                       tx.execute("INSERT INTO t_parents (id, name) VALUES (1, 'a')");
                                       throw rpm::Forbidden("no");
                                   }),
                      rpm::Forbidden);
    BOOST_TEST(parents() == 0U);
}

BOOST_AUTO_TEST_CASE(matched_rows_are_counted_and_ids_told) {
    const std::uint64_t id = db::transact(db, [](db::Transaction& tx) {
        tx.execute("INSERT INTO t_kinds (name) VALUES ('a')");
        const std::uint64_t made = tx.insert_id();
        BOOST_TEST(tx.execute("UPDATE t_kinds SET name = 'a' WHERE id = ?", made) == 1U);
        BOOST_TEST(tx.execute("UPDATE t_kinds SET name = 'a' WHERE id = ?", made + 1) == 0U);
        return made;
    });
    BOOST_TEST(db.query("SELECT 1 AS one FROM t_kinds WHERE id = ?", id).first());
}

BOOST_AUTO_TEST_CASE(several_rows_go_in_with_one_statement) {
    db::transact(db, [](db::Transaction& tx) {
        const db::Params params = {1, "a", 2, "b", 3, "c"};
        BOOST_TEST(tx.execute_once("INSERT INTO t_parents (id, name) VALUES " + db::placeholders(3, 2),
                                   params) == 3U);
    });
    BOOST_TEST(parents() == 3U);
    BOOST_TEST(db::placeholders(2, 1) == "(?),(?)");
}

BOOST_AUTO_TEST_CASE(transactions_do_not_nest) {
    BOOST_CHECK_THROW(
        db::transact(db, [this](db::Transaction&) { db::transact(db, [](db::Transaction&) {}); }),
        rpm::Error);
}

// Two threads take two rows in opposite order; the one that the server undoes is run again.
BOOST_AUTO_TEST_CASE(a_deadlock_is_repeated) {
    parent(1, "a");
    parent(2, "b");
    std::latch both(2);
    std::atomic<int> runs = 0;
    const auto add = [&](int first, int second) {
        db::Connection own(rpm::test::database_settings());
        bool waited = false;
        db::transact(own, [&](db::Transaction& tx) {
            ++runs;
            tx.execute("UPDATE t_parents SET n = n + 1 WHERE id = ?", first);
            if (!std::exchange(waited, true)) both.arrive_and_wait();
            tx.execute("UPDATE t_parents SET n = n + 1 WHERE id = ?", second);
        });
    };
    auto other = std::async(std::launch::async, add, 1, 2);
    add(2, 1);
    other.get();
    BOOST_TEST(runs == 3);
    BOOST_TEST(number_of("SELECT CAST(SUM(n) AS UNSIGNED) AS n FROM t_parents") == 4U);
}

BOOST_AUTO_TEST_CASE(nothing_more_is_stored_after_the_server_undid_a_transaction) {
    parent(1, "a");
    db::Connection holder(rpm::test::database_settings());
    int runs = 0;
    db::transact(holder, [&](db::Transaction& held) {
        held.execute("UPDATE t_parents SET n = 1 WHERE id = 1");
        BOOST_CHECK_THROW(
            db::transact(db,
                         [&](db::Transaction& tx) {
                             ++runs;
                             tx.execute("INSERT INTO t_parents (id, name) VALUES (2, 'b')");
                             try {
                                 tx.query("SELECT id FROM t_parents WHERE id = 1 FOR UPDATE NOWAIT");
                             } catch (const db::Retry&) {  // swallowed, as it should not be
                             }
                             tx.execute("INSERT INTO t_parents (id, name) VALUES (3, 'c')");
                         }),
            rpm::Unavailable);
    });
    BOOST_TEST(runs == 5);
    BOOST_TEST(parents() == 1U);
}

BOOST_AUTO_TEST_CASE(a_commit_on_a_killed_connection_throws_and_stores_nothing) {
    BOOST_CHECK_THROW(db::transact(db,
                                   [this](db::Transaction& tx) {
                                       tx.execute("INSERT INTO t_parents (id, name) VALUES (1, 'a')");
                                       kill_connection();
                                   }),
                      rpm::Unavailable);
    BOOST_TEST(parents() == 0U);
}

BOOST_AUTO_TEST_CASE(a_transaction_is_never_continued_on_another_connection) {
    BOOST_CHECK_THROW(
        db::transact(db,
                     [this](db::Transaction& tx) {
                         tx.execute("INSERT INTO t_parents (id, name) VALUES (1, 'a')");
                         kill_connection();
                         for (int id = 2; id < 4; ++id) {
                             BOOST_CHECK_THROW(
                                 tx.execute("INSERT INTO t_parents (id, name) VALUES (?, 'x')", id),
                                 rpm::Unavailable);
                         }
                     }),
        rpm::Unavailable);
    BOOST_TEST(parents() == 0U);
}

BOOST_AUTO_TEST_CASE(a_killed_connection_is_replaced_between_requests) {
    const std::uint64_t before = connection_id();
    db::Rows open = db.query("SELECT 1 AS a UNION ALL SELECT 2");
    kill_connection();
    BOOST_TEST(connection_id() != before);
    kill_connection();
    parent(1, "a");
    kill_connection();
    BOOST_TEST(db.ping());
    BOOST_TEST(parents() == 1U);
    BOOST_TEST(open.next());
    BOOST_TEST(open.number("a") == 1U);
}

BOOST_AUTO_TEST_CASE(session_settings_survive_a_new_connection) {
    kill_connection();
    db::Rows level = db.query_once("SHOW VARIABLES LIKE 't%_isolation'");
    BOOST_REQUIRE(level.next());
    BOOST_TEST(level.text("Value") == "READ-COMMITTED");
}

BOOST_AUTO_TEST_SUITE_END()
