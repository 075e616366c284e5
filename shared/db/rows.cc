// SPDX-License-Identifier: MIT
#include "shared/db/rows.h"

#include <cppconn/exception.h>
#include <cppconn/prepared_statement.h>
#include <cppconn/resultset.h>

#include <array>
#include <charconv>
#include <limits>

#include "shared/db/failure.h"

namespace rpm::db {
namespace {

[[noreturn]] void refuse(std::string_view column, const char* why, const std::string& sql) {
    throw Error("column '" + std::string(column) + "' " + why + ": " + sql);
}

std::string shortest(double value) {
    std::array<char, 32> buffer;
    const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
    return std::string(buffer.data(), end);
}

// Calls the driver and gives its exceptions our names.
template <class F>
auto ask(const Statement& statement, F&& f) {
    try {
        return f();
    } catch (const sql::SQLException& error) {
        fail(error, statement.sql);
    }
}

}  // namespace

Rows::Impl::Impl(std::shared_ptr<Session> from, StatementPtr taken, std::unique_ptr<sql::ResultSet> answer)
    : session(std::move(from)), statement(std::move(taken)), result(std::move(answer)) {}

Rows::Impl::~Impl() {
    result.reset();
    session->give_back(std::move(statement));
}

std::unique_ptr<Rows::Impl> Rows::Impl::read(const std::shared_ptr<Session>& session, StatementPtr statement,
                                             const Params& params) {
    if (statement->columns.empty()) throw Error("not a query: " + statement->sql);
    statement->bind(params);
    std::unique_ptr<sql::ResultSet> answer(statement->handle->executeQuery());
    return std::make_unique<Impl>(session, std::move(statement), std::move(answer));
}

std::size_t Rows::Impl::find(std::string_view column) {
    const std::vector<Column>& columns = statement->columns;
    if (expected >= columns.size()) expected = 0;
    if (columns[expected].name == column) return expected++;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (columns[i].name != column) continue;
        expected = i + 1;
        return i;
    }
    refuse(column, "is not in the query", statement->sql);
}

bool Rows::Impl::is_null(unsigned index) const {
    return ask(*statement, [&] { return result->isNull(index); });
}

unsigned Rows::Impl::find_value(std::string_view column) {
    const auto index = static_cast<unsigned>(find(column)) + 1;
    if (is_null(index)) refuse(column, "is NULL", statement->sql);
    return index;
}

std::string Rows::Impl::text_at(unsigned index) const {
    const bool is_float = statement->columns[index - 1].is_float;
    return ask(*statement, [&] {
        // The driver's own text of a double is cut to six decimals.
        if (is_float) return shortest(static_cast<double>(result->getDouble(index)));
        sql::SQLString value = result->getString(index);
        // Its string is a plain member that only the accessor makes const; moving it saves a copy per value.
        return std::string(std::move(const_cast<std::string&>(value.asStdString())));
    });
}

Rows::Rows(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Rows::Rows(Rows&&) noexcept = default;
Rows& Rows::operator=(Rows&&) noexcept = default;
Rows::~Rows() = default;

bool Rows::next() {
    return ask(*impl_->statement, [&] { return impl_->result->next(); });
}

bool Rows::null(std::string_view column) const {
    const std::size_t index = impl_->find(column);
    impl_->expected = index;  // the value is read next
    return impl_->is_null(static_cast<unsigned>(index) + 1);
}

std::int64_t Rows::int64(std::string_view column) const {
    const unsigned index = impl_->find_value(column);
    const std::int64_t value = ask(*impl_->statement, [&] { return impl_->result->getInt64(index); });
    if (value < 0 && impl_->statement->columns[index - 1].is_unsigned)
        refuse(column, "does not fit a signed number", impl_->statement->sql);
    return value;
}

std::uint64_t Rows::uint64(std::string_view column) const {
    const unsigned index = impl_->find_value(column);
    const bool is_unsigned = impl_->statement->columns[index - 1].is_unsigned;
    const std::uint64_t value = ask(*impl_->statement, [&] { return impl_->result->getUInt64(index); });
    if (!is_unsigned && value > std::numeric_limits<std::int64_t>::max())
        refuse(column, "is negative", impl_->statement->sql);
    return value;
}

unsigned Rows::number(std::string_view column) const {
    const std::uint64_t value = uint64(column);
    if (value > std::numeric_limits<unsigned>::max())
        refuse(column, "does not fit 32 bits", impl_->statement->sql);
    return static_cast<unsigned>(value);
}

bool Rows::flag(std::string_view column) const {
    const unsigned index = impl_->find_value(column);
    return ask(*impl_->statement, [&] { return impl_->result->getInt64(index); }) != 0;
}

double Rows::real(std::string_view column) const {
    const unsigned index = impl_->find_value(column);
    return static_cast<double>(ask(*impl_->statement, [&] { return impl_->result->getDouble(index); }));
}

std::string Rows::text(std::string_view column) const {
    return impl_->text_at(impl_->find_value(column));
}

std::optional<std::string> Rows::maybe_text(std::string_view column) const {
    const auto index = static_cast<unsigned>(impl_->find(column)) + 1;
    if (impl_->is_null(index)) return std::nullopt;
    return impl_->text_at(index);
}

Time Rows::time(std::string_view column) const {
    return from_sql(text(column));
}

std::optional<Time> Rows::maybe_time(std::string_view column) const {
    const std::optional<std::string> value = maybe_text(column);
    if (!value) return std::nullopt;
    return from_sql(*value);
}

}  // namespace rpm::db
