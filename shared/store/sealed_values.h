// SPDX-License-Identifier: MIT
// Every column that holds values sealed for the workers, in one list: what a rotation of the keys must reach.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/db/connection.h"

namespace rpm::store {

/// A column that may hold sealed values; NULL and other text are left alone. A test holds the list against
/// the comments of the schema.
struct SealedColumn {
    std::string_view table;
    std::string_view key;     ///< primary key of the table
    std::string_view column;  ///< "s1:<key id>:…"
};
std::span<const SealedColumn> sealed_columns();

struct SealedValue {
    std::string key;
    std::string sealed;
};
/// At most `most` values that are not sealed with this key, in the order of the primary key, after this one
/// ("" for the first).
std::vector<SealedValue> list_sealed_otherwise(db::Connection& db, const SealedColumn& column,
                                               std::string_view key_id, const std::string& after,
                                               unsigned most);
/// False when the value is another one by now, or gone: somebody else wrote it.
bool replace_sealed(db::Transaction& tx, const SealedColumn& column, const SealedValue& old_value,
                    const std::string& sealed);

struct SealedCount {
    std::string key_id;
    std::string_view table;
    std::uint64_t values = 0;
};
/// Waits for values that are written and not committed yet.
std::vector<SealedCount> count_sealed(db::Transaction& tx);

}  // namespace rpm::store
