// SPDX-License-Identifier: MIT
#include "shared/db/failure.h"

#include <cppconn/exception.h>

#include <string>

#include "shared/base/error.h"
#include "shared/base/log.h"
#include "shared/base/text.h"
#include "shared/db/connection.h"

namespace rpm::db {
namespace {

constexpr std::size_t kShownSql = 300;

bool is_duplicate(int code) {
    return code == 1062 || code == 1586;
}

bool is_retry(int code) {
    // 1205 lock wait timeout (also NOWAIT), 1213 deadlock, 3572 NOWAIT of MySQL 8.
    return code == 1205 || code == 1213 || code == 3572;
}

// Foreign keys (1216, 1217, 1451, 1452), values that a column does not take, CHECK (3819 MySQL, 4025
// MariaDB).
bool is_refused_value(int code) {
    switch (code) {
        case 1048:
        case 1153:
        case 1216:
        case 1217:
        case 1264:
        case 1265:
        case 1292:
        case 1300:
        case 1364:
        case 1366:
        case 1406:
        case 1451:
        case 1452:
        case 3819:
        case 4025:
            return true;
        default:
            return false;
    }
}

// The server answers but cannot do it now: too many connections, disk full, shutdown, read-only after a
// switch-over, statement took too long.
bool is_passing(int code) {
    switch (code) {
        case 1021:
        case 1040:
        case 1053:
        case 1114:
        case 1203:
        case 1290:
        case 1317:
        case 1836:
        case 1969:
        case 3024:
            return true;
        default:
            return false;
    }
}

}  // namespace

bool means_dead_connection(int code) {
    switch (code) {
        case 1053:  // server shutdown in progress
        case 1243:  // unknown prepared statement: the server forgot this session
        case 1615:  // prepared statement needs to be prepared again
        case 1927:  // connection was killed (MariaDB)
        case 2002:  // cannot connect, socket
        case 2003:  // cannot connect, TCP
        case 2006:  // server has gone away
        case 2013:  // lost connection, also a read timeout
        case 2014:  // commands out of sync
        case 2027:  // malformed packet
        case 2030:  // statement not prepared
        case 2055:  // lost connection, with the system's reason
        case 2057:  // the result's columns changed under a prepared statement
        case 3169:  // session was killed (MySQL 8)
        case 4031:  // disconnected for inactivity (MySQL 8)
            return true;
        default:
            return false;
    }
}

void fail(const sql::SQLException& error, std::string_view sql) {
    const int code = error.getErrorCode();
    const std::string message = error.what();
    const std::string number = " (" + std::to_string(code) + ")";
    // The server's words name tables, keys and values: they are for the log, not for whoever sent the value.
    if (is_duplicate(code)) throw Conflict("already exists");
    if (is_refused_value(code)) {
        log::warning("value refused", {{"error", message + number}});
        throw Invalid("database", "a value is not acceptable");
    }
    if (is_retry(code)) throw Retry("transaction was undone: " + message + number);
    if (means_dead_connection(code) || is_passing(code))
        throw Unavailable("the database does not answer: " + message + number);
    throw Error("database error: " + message + number + ": " + text::ellipsis(sql, kShownSql));
}

}  // namespace rpm::db
