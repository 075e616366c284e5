// SPDX-License-Identifier: MIT
#include "shared/db/session.h"

#include <cppconn/connection.h>
#include <cppconn/datatype.h>
#include <cppconn/exception.h>
#include <cppconn/parameter_metadata.h>
#include <cppconn/prepared_statement.h>
#include <cppconn/resultset.h>
#include <cppconn/resultset_metadata.h>
#include <cppconn/statement.h>
#include <mysql_driver.h>

#include <algorithm>

#include "shared/base/config.h"

namespace rpm::db {
namespace {

constexpr std::size_t kStatements = 400;  // different texts kept per session
constexpr std::size_t kStatementsOfOneText = 4;

// The driver keeps its instances in an unlocked map: reached once, under the lock of a static.
sql::mysql::MySQL_Driver& driver() {
    static sql::mysql::MySQL_Driver* const instance = sql::mysql::get_mysql_driver_instance();
    return *instance;
}

// The client library's per-thread data.
struct ThreadData {
    ThreadData() { driver().threadInit(); }
    ~ThreadData() { driver().threadEnd(); }
};

std::string address(const Settings& settings) {
    if (!settings.socket.empty()) return "unix://" + settings.socket.string();
    const bool ipv6 = settings.host.find(':') != std::string::npos;
    return "tcp://" + (ipv6 ? "[" + settings.host + "]" : settings.host) + ":" +
           std::to_string(settings.port);
}

bool wants_tls(const Settings& settings) {
    return !settings.tls_ca.empty() && settings.socket.empty();
}

sql::ConnectOptionsMap options(const Settings& settings, std::chrono::seconds timeout) {
    sql::ConnectOptionsMap map;
    map["hostName"] = sql::SQLString(address(settings));
    map["userName"] = sql::SQLString(settings.user);
    const Secret password = settings.password_file.empty() ? Secret() : read_secret(settings.password_file);
    map["password"] = sql::SQLString(password.reveal().data(), password.size());
    if (!settings.name.empty()) map["schema"] = sql::SQLString(settings.name);
    map["OPT_CONNECT_TIMEOUT"] = static_cast<int>(settings.connect_timeout.count());
    map["OPT_READ_TIMEOUT"] = static_cast<int>(timeout.count());
    map["OPT_WRITE_TIMEOUT"] = static_cast<int>(timeout.count());
    map["CLIENT_FOUND_ROWS"] = true;
    if (wants_tls(settings)) {
        // Only both together are safe: with sslCA alone the driver falls back to plain text silently.
        map["sslCA"] = sql::SQLString(settings.tls_ca.string());
        map["sslVerify"] = true;
    }
    return map;
}

// A lock wait must end before the read timeout does, or the connection is lost with it.
std::string session_variables(std::chrono::seconds timeout) {
    const auto lock_wait = std::clamp<long>(static_cast<long>(timeout.count()) / 2, 1, 50);
    return "SET time_zone = '+00:00', innodb_lock_wait_timeout = " + std::to_string(lock_wait) +
           ", sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,"
           "NO_ENGINE_SUBSTITUTION,ONLY_FULL_GROUP_BY'";
}

// "~name" -> views + "name". In SQL itself the sign stands before values only, which are parameters here.
std::string with_views(std::string_view sql, const std::string& views) {
    std::string out;
    for (std::size_t at = 0; at < sql.size(); ++at)
        if (sql[at] == '~' && at + 1 < sql.size() && sql[at + 1] >= 'a' && sql[at + 1] <= 'z')
            out += views;
        else
            out += sql[at];
    return out;
}

bool is_float(int type) {
    return type == sql::DataType::REAL || type == sql::DataType::DOUBLE;
}

}  // namespace

Statement::Statement(std::string text, std::unique_ptr<sql::PreparedStatement> prepared, Shelf* home)
    : sql(std::move(text)), handle(std::move(prepared)), shelf(home) {
    parameters = handle->getParameterMetaData()->getParameterCount();
    sql::ResultSetMetaData& meta = *handle->getMetaData();
    const unsigned count = meta.getColumnCount();
    columns.reserve(count);
    for (unsigned i = 1; i <= count; ++i)
        columns.push_back(
            {meta.getColumnLabel(i).asStdString(), is_float(meta.getColumnType(i)), !meta.isSigned(i)});
}
Statement::~Statement() = default;

void Statement::bind(const Params& params) {
    if (params.size() != parameters)
        throw Error("statement takes " + std::to_string(parameters) + " parameters, " +
                    std::to_string(params.size()) + " given: " + sql);
    unsigned index = 0;
    for (const Param& param : params) {
        ++index;
        switch (param.kind()) {
            case Param::Kind::null:
                handle->setNull(index, 0);
                break;
            case Param::Kind::signed_:
                handle->setInt64(index, param.signed_value());
                break;
            case Param::Kind::unsigned_:
                handle->setUInt64(index, param.unsigned_value());
                break;
            case Param::Kind::text:
            case Param::Kind::bytes:
                handle->setString(index, param.text());
                break;
        }
    }
}

Session::Session(const Settings& settings, std::chrono::seconds timeout) : views_(settings.views) {
    thread_local const ThreadData thread_data;
    try {
        sql::ConnectOptionsMap map = options(settings, timeout);
        connection_.reset(driver().connect(map));
        plain_.reset(connection_->createStatement());
        // The driver sets REPEATABLE READ while it connects; so this comes after.
        run("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
        run(session_variables(timeout));
        if (wants_tls(settings)) demand_tls();
    } catch (const sql::SQLException& error) {
        throw Unavailable("cannot connect to the database at " + address(settings) + " as '" + settings.user +
                          "': " + error.what() + " (" + std::to_string(error.getErrorCode()) + ")");
    }
}
Session::~Session() = default;

void Session::demand_tls() {
    const std::unique_ptr<sql::ResultSet> status(plain_->executeQuery("SHOW STATUS LIKE 'Ssl_cipher'"));
    if (!status->next() || status->getString(2).asStdString().empty())
        throw Unavailable("the connection to the database is not encrypted");
}

StatementPtr Session::make(std::string_view sql, Statement::Shelf* shelf) {
    std::string text = with_views(sql, views_);
    std::unique_ptr<sql::PreparedStatement> prepared(connection_->prepareStatement(text));
    return std::make_unique<Statement>(std::move(text), std::move(prepared), shelf);
}

StatementPtr Session::prepare(std::string_view sql) {
    return make(sql, nullptr);
}

StatementPtr Session::take(std::string_view sql) {
    auto found = shelves_.find(sql);
    if (found == shelves_.end()) {
        if (shelves_.size() >= kStatements) return prepare(sql);
        found = shelves_.emplace(std::string(sql), Statement::Shelf()).first;
        found->second.reserve(kStatementsOfOneText);  // give_back() must not allocate
    }
    Statement::Shelf& shelf = found->second;
    if (shelf.empty()) return make(sql, &shelf);
    StatementPtr statement = std::move(shelf.back());
    shelf.pop_back();
    return statement;
}

void Session::give_back(StatementPtr statement) noexcept {
    Statement::Shelf* const shelf = statement->shelf;
    if (shelf != nullptr && shelf->size() < kStatementsOfOneText) shelf->push_back(std::move(statement));
}

void Session::run(const std::string& sql) {
    // An answer left unread would put the next command out of sync.
    if (plain_->execute(sql)) const std::unique_ptr<sql::ResultSet> unread(plain_->getResultSet());
}

}  // namespace rpm::db
