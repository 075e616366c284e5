// SPDX-License-Identifier: MIT
#include "shared/db/migration.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>
#include <future>

#include "shared/crypto/digest.h"
#include "shared/db/script.h"
#include "tests/support/database.h"
#include "tests/support/folder.h"

namespace db = rpm::db;
using Names = std::vector<std::string>;

namespace {

// An empty database of its own, and a folder of files to apply.
struct EmptyDatabase {
    EmptyDatabase() {
        rpm::test::Database().db.run_script("DROP DATABASE IF EXISTS " + settings.name +
                                            ";\nCREATE DATABASE " + settings.name);
    }
    ~EmptyDatabase() { rpm::test::Database().db.run_script("DROP DATABASE " + settings.name); }

    void file(const std::string& name, const std::string& sql) { folder.write(name, sql); }
    std::vector<db::Migration> load() { return db::load_migrations(folder.path(), rpm::crypto::sha256_hex); }
    Names migrate() { return db::migrate(db, load()); }
    unsigned rows(const std::string& table) {
        db::Rows row = db.query_once("SELECT COUNT(*) AS n FROM " + table);
        row.next();
        return row.number("n");
    }

    static db::Settings named() {
        db::Settings own = rpm::test::database_settings();
        own.name += "_migrations";
        return own;
    }
    const db::Settings settings = named();
    db::Connection db{settings};
    rpm::test::Folder folder;
};

auto says(const char* part) {
    return [part](const std::exception& error) {
        BOOST_TEST_MESSAGE(error.what());
        return std::string(error.what()).find(part) != std::string::npos;
    };
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(migration, EmptyDatabase)

BOOST_AUTO_TEST_CASE(each_file_is_applied_once_and_in_order) {
    file("0002-more.sql", "INSERT INTO a VALUES (1);\nINSERT INTO a VALUES (2);\n");
    file("0001-first.sql", "-- the first\nCREATE TABLE a (n INT PRIMARY KEY);\n");
    file("accounts.sql", "not a migration");
    Names heard;
    BOOST_TEST((db::migrate(db, load(), [&](const std::string& name) { heard.push_back(name); }) ==
                Names{"0001-first.sql", "0002-more.sql"}));
    BOOST_TEST((heard == Names{"0001-first.sql", "0002-more.sql"}));
    BOOST_TEST(migrate().empty());
    file("0003-last.sql", "INSERT INTO a VALUES (3)");
    BOOST_TEST((migrate() == Names{"0003-last.sql"}));
    BOOST_TEST(rows("a") == 3U);
    BOOST_CHECK_NO_THROW(db::check_schema(db, load()));
}

BOOST_AUTO_TEST_CASE(a_file_that_was_edited_is_refused) {
    file("0001-first.sql", "CREATE TABLE a (n INT);\n");
    migrate();
    file("0001-first.sql", "CREATE TABLE a (n BIGINT);\n");
    file("0002-more.sql", "CREATE TABLE b (n INT);\n");
    BOOST_CHECK_EXCEPTION(migrate(), rpm::Conflict, says("0001-first.sql was changed after it was applied"));
    BOOST_CHECK_EXCEPTION(db::check_schema(db, load()), rpm::Unavailable, says("0001-first.sql was changed"));
    BOOST_CHECK_THROW(rows("b"), rpm::Error);
}

BOOST_AUTO_TEST_CASE(gaps_doubles_and_odd_names_are_refused) {
    file("0001-first.sql", "SELECT 1");
    file("0003-third.sql", "SELECT 1");
    BOOST_CHECK_EXCEPTION(load(), rpm::Invalid, says("0003-third.sql: comes after a gap: number 2"));
    file("0002-second.sql", "SELECT 1");
    file("0002-again.sql", "SELECT 1");
    BOOST_CHECK_EXCEPTION(load(), rpm::Invalid, says("0002-second.sql: has the number of 0002-again.sql"));
    file("004-fourth.sql", "SELECT 1");
    BOOST_CHECK_EXCEPTION(load(), rpm::Invalid, says("004-fourth.sql: is not named like"));
    BOOST_CHECK_THROW(db::load_migrations(folder.path() / "absent", rpm::crypto::sha256_hex),
                      rpm::Unavailable);
}

BOOST_AUTO_TEST_CASE(a_gap_in_what_was_applied_is_refused) {
    file("0001-first.sql", "SELECT 1");
    file("0002-second.sql", "SELECT 1");
    migrate();
    db.run_script("DELETE FROM schema_migrations WHERE number = 1");
    BOOST_CHECK_EXCEPTION(migrate(), rpm::Conflict, says("number 1 is missing"));
}

BOOST_AUTO_TEST_CASE(two_runs_at_once_apply_each_file_once) {
    file("0001-first.sql", "CREATE TABLE a (n INT PRIMARY KEY);\nDO SLEEP(0.3);\n");
    file("0002-more.sql", "INSERT INTO a VALUES (1);\n");
    const auto run = [this] {
        db::Connection own(settings);
        return db::migrate(own, load()).size();
    };
    auto first = std::async(std::launch::async, run);
    auto second = std::async(std::launch::async, run);
    BOOST_TEST(first.get() + second.get() == 2U);
    BOOST_TEST(rows("a") == 1U);
}

BOOST_AUTO_TEST_CASE(a_failing_statement_is_named_and_blocks_the_next_run) {
    file("0001-first.sql", "CREATE TABLE a (n INT);\n");
    file("0002-bad.sql",
         "INSERT INTO a VALUES (1);\n\n-- wrong\nINSERT INTO b\n    VALUES (1);\nINSERT INTO a VALUES (2);");
    BOOST_CHECK_EXCEPTION(migrate(), rpm::Error, [](const rpm::Error& error) {
        return says("0002-bad.sql: line 4: ")(error) && says("INSERT INTO b")(error);
    });
    BOOST_TEST(rows("a") == 1U);
    file("0002-bad.sql", "INSERT INTO a VALUES (1);\n");
    BOOST_CHECK_EXCEPTION(migrate(), rpm::Conflict, says("0002-bad.sql did not finish (failed)"));
    BOOST_CHECK_EXCEPTION(db::check_schema(db, load()), rpm::Unavailable, says("did not finish"));
    db.run_script("DELETE FROM schema_migrations WHERE number = 2");
    BOOST_TEST((migrate() == Names{"0002-bad.sql"}));
}

BOOST_AUTO_TEST_CASE(a_run_that_was_killed_blocks_the_next_one) {
    file("0001-first.sql", "CREATE TABLE a (n INT);\n");
    migrate();
    db.run_script("UPDATE schema_migrations SET state = 'running'");
    BOOST_CHECK_EXCEPTION(migrate(), rpm::Conflict, says("did not finish (running)"));
}

BOOST_AUTO_TEST_CASE(programs_say_what_to_do_about_another_schema) {
    file("0001-first.sql", "CREATE TABLE a (n INT);\n");
    BOOST_CHECK_EXCEPTION(db::check_schema(db, load()), rpm::Unavailable,
                          says("database schema is 0, this program needs 1: run 'rpmgr migrate'"));
    file("0002-more.sql", "CREATE TABLE b (n INT);\n");
    migrate();
    std::vector<db::Migration> older = load();
    older.pop_back();
    BOOST_CHECK_EXCEPTION(db::check_schema(db, older), rpm::Unavailable,
                          says("database schema is 2, this program knows only 1"));
    BOOST_CHECK_THROW(db::migrate(db, older), rpm::Unavailable);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(script)

BOOST_AUTO_TEST_CASE(statements_end_at_semicolons_at_line_ends) {
    const auto statements = db::split_script(
        "-- first; comment\n"
        "CREATE VIEW v AS SELECT 'a;\n', \"b;\n\", `c;\n`, 'it''s;\n', 'back\\'s;\n' ;  -- why\n"
        "/* a; block;\n */ SELECT 1; SELECT 2; # two on a line stay one\n"
        "\n;\n"
        "/*!40101 SET x = 1 */;\r\n"
        "SELECT 5 - -1 --2\n");
    BOOST_REQUIRE(statements.size() == 4U);
    BOOST_TEST(statements[0].sql.starts_with("CREATE VIEW"));
    BOOST_TEST(statements[0].sql.ends_with("'back\\'s;\n'"));
    BOOST_TEST(statements[0].line == 2U);
    BOOST_TEST(statements[1].sql == "SELECT 1; SELECT 2");
    BOOST_TEST(statements[2].sql == "/*!40101 SET x = 1 */");
    BOOST_TEST(statements[3].sql == "SELECT 5 - -1 --2");
    BOOST_TEST(statements[3].line == 13U);
}

BOOST_AUTO_TEST_CASE(nothing_comes_of_nothing) {
    BOOST_TEST(db::split_script("").empty());
    BOOST_TEST(db::split_script("-- only\n/* comments */\n;\n").empty());
    BOOST_TEST(db::split_script("SELECT 'unterminated;\n").size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
