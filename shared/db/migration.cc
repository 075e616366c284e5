// SPDX-License-Identifier: MIT
#include "shared/db/migration.h"

#include <algorithm>
#include <chrono>
#include <optional>

#include "shared/base/config.h"
#include "shared/base/handle.h"
#include "shared/base/text.h"

namespace rpm::db {
namespace {

constexpr std::chrono::seconds kLockWait{60};
constexpr std::size_t kDigits = 4;

constexpr char kTable[] = R"(
CREATE TABLE IF NOT EXISTS schema_migrations (
    number INT UNSIGNED NOT NULL PRIMARY KEY COMMENT 'of the file: 1 for 0001-….sql',
    name VARCHAR(190) NOT NULL COMMENT 'of the file',
    digest CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'SHA-256 of the file, hex',
    state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'running, applied or failed',
    error TEXT NULL COMMENT 'why it failed',
    started_at DATETIME(6) NOT NULL COMMENT 'UTC',
    finished_at DATETIME(6) NULL COMMENT 'UTC'
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='files of sql/ that were applied to this database';
)";

struct Applied {
    unsigned number = 0;
    std::string name;
    std::string digest;
    std::string state;
};

// "0001-core.sql" -> 1; nothing when the name has another form.
std::optional<unsigned> number_in(std::string_view name) {
    if (name.size() <= kDigits + 5 || name[kDigits] != '-' || !name.ends_with(".sql")) return std::nullopt;
    return text::number<unsigned>(name.substr(0, kDigits));
}

bool has_table(Connection& db) {
    Rows rows = db.query(
        "SELECT COUNT(*) AS n FROM information_schema.tables"
        " WHERE table_schema = DATABASE() AND table_name = 'schema_migrations'");
    return rows.next() && rows.number("n") > 0;
}

std::vector<Applied> list_applied(Connection& db) {
    std::vector<Applied> all;
    Rows rows = db.query("SELECT number, name, digest, state FROM schema_migrations ORDER BY number");
    while (rows.next())
        all.push_back({rows.number("number"), rows.text("name"), rows.text("digest"), rows.text("state")});
    return all;
}

// What was applied must be the beginning of what the files say; more than they say is left to the caller.
void check_history(const std::vector<Applied>& applied, const std::vector<Migration>& migrations) {
    for (std::size_t i = 0; i < applied.size(); ++i) {
        const Applied& row = applied[i];
        if (row.number != i + 1)
            throw Conflict("database schema has a gap: number " + std::to_string(i + 1) + " is missing");
        if (row.state != "applied")
            throw Conflict("migration " + row.name + " did not finish (" + row.state +
                           "): repair the schema by hand, then in schema_migrations delete its row to run it "
                           "again, or set its state to 'applied'");
        if (i < migrations.size() && row.digest != migrations[i].digest)
            throw Conflict("migration " + migrations[i].name + " was changed after it was applied");
    }
}

void check_not_newer(const std::vector<Applied>& applied, const std::vector<Migration>& migrations) {
    if (applied.size() > migrations.size())
        throw Unavailable("database schema is " + std::to_string(applied.size()) +
                          ", this program knows only " + std::to_string(migrations.size()) +
                          ": install the newer program");
}

// One lock per database. The server frees it when the connection ends. Asked for in short turns, because the
// connection's read timeout is shorter than the wait.
void lock(Connection& db) {
    const auto until = std::chrono::steady_clock::now() + kLockWait;
    while (std::chrono::steady_clock::now() < until) {
        Rows rows =
            db.query("SELECT GET_LOCK(CONCAT('rpmgr migrate ', LEFT(MD5(DATABASE()), 16)), 1) AS locked");
        if (rows.next() && !rows.null("locked") && rows.flag("locked")) return;
    }
    throw Unavailable("another migration is running");
}

void unlock(Connection& db) noexcept {
    try {
        db.query("SELECT RELEASE_LOCK(CONCAT('rpmgr migrate ', LEFT(MD5(DATABASE()), 16))) AS released");
    } catch (const std::exception&) {  // then the connection is gone, and the lock with it
    }
}

void mark_failed(Connection& db, const Migration& migration, const std::string& why) {
    transact(db, [&](Transaction& tx) {
        tx.execute(
            "UPDATE schema_migrations SET state = 'failed', error = ?, finished_at = UTC_TIMESTAMP(6)"
            " WHERE number = ?",
            why, migration.number);
    });
}

void apply(Connection& db, const Migration& migration) {
    transact(db, [&](Transaction& tx) {
        tx.execute(
            "INSERT INTO schema_migrations (number, name, digest, state, started_at)"
            " VALUES (?, ?, ?, 'running', UTC_TIMESTAMP(6))",
            migration.number, migration.name, migration.digest);
    });
    try {
        db.run_script(migration.sql);
    } catch (const Error& error) {
        const std::string why = migration.name + ": " + error.what();
        mark_failed(db, migration, why);
        throw Error(why);
    }
    transact(db, [&](Transaction& tx) {
        tx.execute(
            "UPDATE schema_migrations SET state = 'applied', finished_at = UTC_TIMESTAMP(6) WHERE number = ?",
            migration.number);
    });
}

}  // namespace

std::vector<Migration> load_migrations(const std::filesystem::path& folder, const DigestHex& digest) {
    std::vector<Migration> migrations;
    std::error_code failed;
    for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) {
        const std::string name = entry.path().filename().string();
        if (!entry.is_regular_file() || name[0] < '0' || name[0] > '9') continue;
        const auto number = number_in(name);
        if (!number) throw Invalid(name, "is not named like 0001-name.sql");
        std::string sql = read_file(entry.path());
        std::string hex = digest(sql);
        migrations.push_back({*number, name, std::move(sql), std::move(hex)});
    }
    if (failed) throw Unavailable("cannot read " + folder.string() + ": " + failed.message());
    std::ranges::sort(migrations, {}, [](const Migration& m) { return std::tie(m.number, m.name); });
    for (std::size_t i = 0; i < migrations.size(); ++i) {
        if (migrations[i].number == i + 1) continue;
        const bool twice = i > 0 && migrations[i].number == migrations[i - 1].number;
        throw Invalid(migrations[i].name,
                      twice ? "has the number of " + migrations[i - 1].name
                            : "comes after a gap: number " + std::to_string(i + 1) + " is missing");
    }
    return migrations;
}

std::vector<std::string> migrate(Connection& db, const std::vector<Migration>& migrations,
                                 const std::function<void(const std::string&)>& progress) {
    lock(db);
    const Finally release([&db] { unlock(db); });
    if (!has_table(db)) db.run_script(kTable);
    const std::vector<Applied> applied = list_applied(db);
    check_history(applied, migrations);
    check_not_newer(applied, migrations);
    std::vector<std::string> names;
    for (std::size_t i = applied.size(); i < migrations.size(); ++i) {
        if (progress) progress(migrations[i].name);
        apply(db, migrations[i]);
        names.push_back(migrations[i].name);
    }
    return names;
}

void check_schema(Connection& db, const std::vector<Migration>& migrations) {
    const std::vector<Applied> applied = has_table(db) ? list_applied(db) : std::vector<Applied>();
    try {
        check_history(applied, migrations);
    } catch (const Conflict& conflict) {
        throw Unavailable(conflict.what());
    }
    check_not_newer(applied, migrations);
    if (applied.size() < migrations.size())
        throw Unavailable("database schema is " + std::to_string(applied.size()) + ", this program needs " +
                          std::to_string(migrations.size()) + ": run 'rpmgr migrate'");
}

}  // namespace rpm::db
