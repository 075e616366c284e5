// SPDX-License-Identifier: MIT
// What stands behind Rows: the driver's result with all that it needs to stay valid. For shared/db only.
#pragma once

#include <memory>
#include <string_view>

#include "shared/db/connection.h"
#include "shared/db/session.h"

namespace sql {
class ResultSet;
}

namespace rpm::db {

struct Rows::Impl {
    Impl(std::shared_ptr<Session> from, StatementPtr taken, std::unique_ptr<sql::ResultSet> answer);
    ~Impl();
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    static std::unique_ptr<Impl> read(const std::shared_ptr<Session>& session, StatementPtr statement,
                                      const Params& params);

    /// The column's place, from zero; throws Error when the query has none of this name.
    std::size_t find(std::string_view column);
    /// The place as the driver counts, from one; throws Error when the value is NULL.
    unsigned find_value(std::string_view column);
    bool is_null(unsigned index) const;         ///< by the place as the driver counts
    std::string text_at(unsigned index) const;  ///< the same; the value is not NULL

    std::shared_ptr<Session> session;
    StatementPtr statement;
    std::unique_ptr<sql::ResultSet> result;
    std::size_t expected = 0;  ///< rows are read in the order of the columns, mostly
};

}  // namespace rpm::db
