// SPDX-License-Identifier: MIT
// One session with the server and the statements prepared in it. For shared/db only.
//
//     auto session = std::make_shared<Session>(settings, settings.timeout);   // throws Unavailable
//     StatementPtr statement = session->take(sql);          // from the cache, else prepared now
//     …execute, read…
//     session->give_back(std::move(statement));             // not after an error: then it is just dropped
//
// A statement is taken out of the cache while somebody reads its rows, so two open results of the same SQL
// use two statements. A session that failed is never repaired: its owner drops it and makes another. Rows
// hold the session, since neither results nor statements may outlive the driver's connection.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "shared/db/connection.h"

namespace sql {
class Connection;
class PreparedStatement;
class Statement;
}  // namespace sql

namespace rpm::db {

struct Statement;
using StatementPtr = std::unique_ptr<Statement>;

struct Column {
    std::string name;
    bool is_float = false;
    bool is_unsigned = false;
};

struct Statement {
    using Shelf = std::vector<StatementPtr>;

    Statement(std::string text, std::unique_ptr<sql::PreparedStatement> prepared, Shelf* home);
    ~Statement();
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;
    /// Binds all parameters; throws Error when their number is not that of the placeholders, since the driver
    /// would silently take the values of the last run.
    void bind(const Params& params);

    std::string sql;
    std::unique_ptr<sql::PreparedStatement> handle;
    Shelf* shelf;                 ///< where it waits between uses; null: not kept
    std::vector<Column> columns;  ///< empty: not a query
    std::size_t parameters = 0;
};

class Session {
  public:
    Session(const Settings& settings, std::chrono::seconds timeout);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    StatementPtr take(std::string_view sql);
    StatementPtr prepare(std::string_view sql);
    void give_back(StatementPtr statement) noexcept;
    /// A statement without parameters; rows that it answers are read and dropped.
    void run(const std::string& sql);

  private:
    struct TextHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>{}(s); }
    };
    StatementPtr make(std::string_view sql, Statement::Shelf* shelf);
    void demand_tls();

    std::string views_;
    std::unique_ptr<sql::Connection> connection_;  // first: the rest must not outlive it
    std::unique_ptr<sql::Statement> plain_;
    std::unordered_map<std::string, Statement::Shelf, TextHash, std::equal_to<>> shelves_;
};

}  // namespace rpm::db
