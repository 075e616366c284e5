// SPDX-License-Identifier: MIT
#include "shared/db/connection.h"

#include <cppconn/exception.h>
#include <cppconn/prepared_statement.h>
#include <cppconn/resultset.h>

#include <random>
#include <thread>

#include "shared/base/text.h"
#include "shared/db/failure.h"
#include "shared/db/rows.h"
#include "shared/db/script.h"
#include "shared/db/session.h"

namespace rpm::db {
namespace {

// A dead connection is noticed at once; a failure after this long was a timeout, not worth a second one.
constexpr std::chrono::seconds kNoticedAtOnce{1};
// ALTER TABLE of a large table takes its time.
constexpr std::chrono::hours kScriptTimeout{6};
constexpr std::size_t kShownSql = 200;

enum class State { idle, open, undone, lost };

std::uint64_t write(Statement& statement, const Params& params) {
    // Its unread answer would put the connection out of sync.
    if (!statement.columns.empty()) throw Error("a query was executed as a change: " + statement.sql);
    statement.bind(params);
    return static_cast<std::uint64_t>(statement.handle->executeUpdate());
}

}  // namespace

struct Connection::Impl {
    Settings settings;
    std::shared_ptr<Session> session;
    State state = State::idle;

    const std::shared_ptr<Session>& ready();
    template <class F>
    auto run(std::string_view sql, F&& f);
    void command(const char* sql);
    void note_failure(int code);
};

// The session, made when there is none. What a transaction has lost is never continued on another session or
// outside of it: each further statement would be stored by itself.
const std::shared_ptr<Session>& Connection::Impl::ready() {
    if (state == State::lost) throw Unavailable("the connection was lost within a transaction");
    if (state == State::undone) throw Retry("transaction was undone by the server");
    if (!session) session = std::make_shared<Session>(settings, settings.timeout);
    return session;
}

void Connection::Impl::note_failure(int code) {
    const bool dead = means_dead_connection(code);
    if (dead) session.reset();
    if (state != State::open) return;
    // A deadlock undoes the transaction, a lock timeout only the statement: both must be repeated whole.
    if (code == 1205 || code == 1213 || code == 3572) state = State::undone;
    if (dead) state = State::lost;
}

// Runs f(session). When the connection turns out to be dead outside a transaction, once more on a new one: f
// answers all or nothing, so nothing can have been seen of the first time.
template <class F>
auto Connection::Impl::run(std::string_view sql, F&& f) {
    for (bool may_repeat = state == State::idle;; may_repeat = false) {
        const auto started = std::chrono::steady_clock::now();
        try {
            return f(ready());
        } catch (const sql::SQLException& error) {
            const int code = error.getErrorCode();
            note_failure(code);
            const bool at_once = std::chrono::steady_clock::now() - started < kNoticedAtOnce;
            if (!may_repeat || !means_dead_connection(code) || !at_once) fail(error, sql);
        }
    }
}

void Connection::Impl::command(const char* sql) {
    run(sql, [sql](auto& live) { live->run(sql); });
}

Connection::Connection(Settings settings) : impl_(std::make_unique<Impl>()) {
    impl_->settings = std::move(settings);
}
Connection::~Connection() = default;

Rows Connection::query(const char* sql, const Params& params) {
    return Rows(impl_->run(
        sql, [&](auto& session) { return Rows::Impl::read(session, session->take(sql), params); }));
}

Rows Connection::query_once(const std::string& sql, const Params& params) {
    return Rows(impl_->run(
        sql, [&](auto& session) { return Rows::Impl::read(session, session->prepare(sql), params); }));
}

std::uint64_t Connection::execute(const char* sql, const Params& params) {
    return impl_->run(sql, [&](auto& session) {
        StatementPtr statement = session->take(sql);
        const std::uint64_t rows = write(*statement, params);
        session->give_back(std::move(statement));
        return rows;
    });
}

std::uint64_t Connection::execute_once(const std::string& sql, const Params& params) {
    return impl_->run(sql, [&](auto& session) { return write(*session->prepare(sql), params); });
}

void Connection::begin() {
    if (impl_->state != State::idle) throw Error("transaction within a transaction");
    impl_->command("BEGIN");
    impl_->state = State::open;
}

void Connection::commit() {
    if (impl_->state == State::idle) throw Error("commit without a transaction");
    impl_->command("COMMIT");
    impl_->state = State::idle;
}

void Connection::rollback() noexcept {
    if (impl_->state == State::idle) return;
    impl_->state = State::idle;
    if (!impl_->session) return;
    try {
        impl_->session->run("ROLLBACK");
    } catch (const std::exception&) {
        impl_->session.reset();  // the server undoes what a session leaves open
    }
}

void Connection::pause_before_retry(int attempt) {
    thread_local std::minstd_rand random{std::random_device{}()};
    std::uniform_int_distribution<int> milliseconds(1, 10 << attempt);
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds(random)));
}

void Connection::run_script(std::string_view script) {
    if (impl_->state != State::idle) throw Error("script within a transaction");
    Session session(impl_->settings, kScriptTimeout);
    for (const ScriptStatement& statement : split_script(script)) {
        try {
            session.run(statement.sql);
        } catch (const sql::SQLException& error) {
            throw Error("line " + std::to_string(statement.line) + ": " + error.what() + " (" +
                        std::to_string(error.getErrorCode()) +
                        "): " + text::ellipsis(statement.sql, kShownSql));
        }
    }
}

bool Connection::ping() noexcept {
    try {
        return query("SELECT 1").next();
    } catch (const std::exception&) {
        return false;
    }
}

std::uint64_t Transaction::insert_id() {
    Rows rows = db_.query("SELECT LAST_INSERT_ID() AS id");
    rows.next();
    return rows.uint64("id");
}

std::string placeholders(std::size_t rows, std::size_t columns) {
    std::string row = "(";
    for (std::size_t i = 0; i < columns; ++i) row += i == 0 ? "?" : ",?";
    row += ')';
    std::string all;
    all.reserve(rows * (row.size() + 1));
    for (std::size_t i = 0; i < rows; ++i) {
        if (i > 0) all += ',';
        all += row;
    }
    return all;
}

}  // namespace rpm::db
