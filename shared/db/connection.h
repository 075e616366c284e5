// SPDX-License-Identifier: MIT
// The only door to the database: connections, statements, rows and transactions over MySQL Connector/C++.
//
//     db::Connection db(settings);
//     auto row = db.query("SELECT id, name FROM nodes WHERE name = ?", name).first();
//     for (db::Rows rows = db.query(sql, args...); rows.next();) rows.text("name");
//     db::transact(db, [&](db::Transaction& tx) { tx.execute("UPDATE …", id); });
//
// A table written `~name` is `name`, or the account's own view of it where Settings::views says how those
// begin: "DELETE FROM ~sessions" is "DELETE FROM client_sessions" for the clients' panel.
//
// Statements are prepared once per connection and found again by their text, which must be a literal or
// outlive the connection. A connection belongs to one thread. It connects on first use; when the server went
// away it is dropped and made anew by the next use, but never inside a transaction. Session settings: UTC,
// READ COMMITTED, utf8mb4, strict.
//
// Errors: duplicate key -> Conflict; foreign key or value refused -> Invalid{"database", …}; deadlock and
// lock timeout
// -> Retry (transact() repeats the whole function); server gone or not there -> Unavailable; else Error with
// the SQL. COMMIT and ROLLBACK are sent as statements: the driver's own commit() hides a lost connection.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/clock.h"
#include "shared/base/error.h"
#include "shared/base/id.h"

namespace rpm {
class Options;
}

namespace rpm::db {

struct Settings {
    std::filesystem::path socket;  ///< Unix socket; wins over host and port
    std::string host = "127.0.0.1";
    unsigned port = 3306;
    std::string name = "rpmgr";
    std::string user = "rpmgr";
    std::filesystem::path password_file;  ///< empty: no password
    std::filesystem::path tls_ca;         ///< set: TLS is demanded and the server's name verified
    std::string views;                    ///< what the account's own views begin with; empty: it has none
    std::chrono::seconds connect_timeout{3};
    std::chrono::seconds timeout{10};  ///< for one read or write
    void declare(Options& options);    ///< database.socket, database.host, …
};

/// Deadlock or lock wait timeout: the transaction was undone and may be repeated.
struct Retry : Error {
    using Error::Error;
};

/// Bytes that are bound as binary (hashes, sealed values may be text).
struct Bytes {
    std::string_view bytes;
};

/// One parameter of a statement. Made from what callers hold, so that bind lists read like values.
class Param {
  public:
    Param(std::nullptr_t) : kind_(Kind::null) {}
    Param(bool v) : kind_(Kind::signed_), signed_value_(v ? 1 : 0) {}
    Param(int v) : kind_(Kind::signed_), signed_value_(v) {}
    Param(long v) : kind_(Kind::signed_), signed_value_(v) {}
    Param(long long v) : kind_(Kind::signed_), signed_value_(v) {}
    Param(unsigned v) : kind_(Kind::unsigned_), unsigned_value_(v) {}
    Param(unsigned long v) : kind_(Kind::unsigned_), unsigned_value_(v) {}
    Param(unsigned long long v) : kind_(Kind::unsigned_), unsigned_value_(v) {}
    Param(std::string_view v) : kind_(Kind::text), text_(v) {}
    Param(const std::string& v) : kind_(Kind::text), text_(v) {}
    Param(const char* v) : kind_(Kind::text), text_(v) {}
    Param(Bytes v) : kind_(Kind::bytes), text_(v.bytes) {}
    Param(Time v) : kind_(Kind::text), text_(to_sql(v)) {}
    template <class Tag>
    Param(Id<Tag> v) : kind_(v ? Kind::unsigned_ : Kind::null), unsigned_value_(v.value()) {}
    template <class T>
    Param(const std::optional<T>& v) : Param(v ? Param(*v) : Param(nullptr)) {}

    enum class Kind { null, signed_, unsigned_, text, bytes };
    Kind kind() const { return kind_; }
    std::int64_t signed_value() const { return signed_value_; }
    std::uint64_t unsigned_value() const { return unsigned_value_; }
    const std::string& text() const { return text_; }

  private:
    Kind kind_;
    std::int64_t signed_value_ = 0;
    std::uint64_t unsigned_value_ = 0;
    std::string text_;
};
using Params = std::vector<Param>;

/// The answer of a query, read row by row: next(), then columns by name. A NULL read as a value throws Error,
/// as does a column that the query does not have (the message names both). Also the type of one row: first()
/// and one().
class Rows {
  public:
    Rows(Rows&&) noexcept;
    Rows& operator=(Rows&&) noexcept;
    ~Rows();
    bool next();

    bool null(std::string_view column) const;
    std::int64_t int64(std::string_view column) const;
    std::uint64_t uint64(std::string_view column) const;
    unsigned number(std::string_view column) const;
    bool flag(std::string_view column) const;
    double real(std::string_view column) const;
    std::string text(std::string_view column) const;
    std::optional<std::string> maybe_text(std::string_view column) const;
    Time time(std::string_view column) const;
    std::optional<Time> maybe_time(std::string_view column) const;
    template <class T>
    T id(std::string_view column) const {  ///< NULL gives the empty id
        return null(column) ? T() : T(uint64(column));
    }

    /// Moves to the first row; false when there is none. For queries that answer at most one row.
    bool first() { return next(); }

  private:
    friend class Connection;
    struct Impl;
    explicit Rows(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

class Transaction;

class Connection {
  public:
    explicit Connection(Settings settings);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// Reads. The SQL must outlive the connection (a literal).
    Rows query(const char* sql, const Params& params = {});
    template <class... Args>
    Rows query(const char* sql, const Args&... args) requires(sizeof...(Args) > 0) {
        return query(sql, Params{Param(args)...});
    }
    /// Reads with SQL made at run time (multi-row lists of placeholders); not kept prepared.
    Rows query_once(const std::string& sql, const Params& params = {});

    /// Statements of several, separated by ';' at line ends, without parameters: migrations only.
    void run_script(std::string_view sql);

    /// False when the server does not answer within the timeouts. Never throws.
    bool ping() noexcept;

  private:
    friend class Transaction;
    template <class F>
    friend auto transact(Connection& db, F&& f);
    std::uint64_t execute(const char* sql, const Params& params);
    std::uint64_t execute_once(const std::string& sql, const Params& params);
    void begin();
    void commit();
    void rollback() noexcept;
    static void pause_before_retry(int attempt);
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Writing needs one, so that a write outside a transaction does not compile. Made by transact() only.
class Transaction {
  public:
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    Rows query(const char* sql, const Params& params = {}) { return db_.query(sql, params); }
    template <class... Args>
    Rows query(const char* sql, const Args&... args) requires(sizeof...(Args) > 0) {
        return db_.query(sql, Params{Param(args)...});
    }
    Rows query_once(const std::string& sql, const Params& params = {}) { return db_.query_once(sql, params); }
    /// Answers how many rows matched (not: how many differ).
    std::uint64_t execute(const char* sql, const Params& params = {}) { return db_.execute(sql, params); }
    template <class... Args>
    std::uint64_t execute(const char* sql, const Args&... args) requires(sizeof...(Args) > 0) {
        return db_.execute(sql, Params{Param(args)...});
    }
    std::uint64_t execute_once(const std::string& sql, const Params& params = {}) {
        return db_.execute_once(sql, params);
    }
    std::uint64_t insert_id();
    Connection& connection() { return db_; }

  private:
    template <class F>
    friend auto transact(Connection& db, F&& f);
    explicit Transaction(Connection& db) : db_(db) {}
    Connection& db_;
};

/// Runs f(tx) and commits; rolls back when it throws. On Retry the whole function runs again, up to five
/// times, with growing random pauses; so f must not have effects outside the database.
template <class F>
auto transact(Connection& db, F&& f) {
    for (int attempt = 1;; ++attempt) {
        try {
            db.begin();
            Transaction tx(db);
            if constexpr (std::is_void_v<decltype(f(tx))>) {
                f(tx);
                db.commit();
                return;
            } else {
                auto result = f(tx);
                db.commit();
                return result;
            }
        } catch (const Retry&) {
            db.rollback();
            if (attempt >= 5) throw Unavailable("the database is too busy: transaction undone five times");
            Connection::pause_before_retry(attempt);
        } catch (...) {  // undone and passed on: the rollback belongs to this scope
            db.rollback();
            throw;
        }
    }
}

/// "(?,?,?),(?,?,?)" for multi-row statements.
std::string placeholders(std::size_t rows, std::size_t columns);

}  // namespace rpm::db
