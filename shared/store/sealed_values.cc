// SPDX-License-Identifier: MIT
#include "shared/store/sealed_values.h"

#include <map>

namespace rpm::store {
namespace {

constexpr SealedColumn kColumns[] = {
    {"credentials", "id", "sealed"},
    {"certificates", "id", "sealed_key"},
    {"notifications", "id", "sealed"},
    {"settings", "name", "value"},
};

// "s1:", eight digits, ":". Text that looks the same by chance does not open, and is reported.
constexpr const char* kSealedPattern = "'s1:________:%'";

// Names come from the list above only.
std::string name(std::string_view text) {
    return "`" + std::string(text) + "`";
}

}  // namespace

std::span<const SealedColumn> sealed_columns() {
    return kColumns;
}

std::vector<SealedValue> list_sealed_otherwise(db::Connection& db, const SealedColumn& column,
                                               std::string_view key_id, const std::string& after,
                                               unsigned most) {
    // The order is that of the text, for numbers too: any order will do, as long as it is one.
    const std::string key = "CAST(" + name(column.key) + " AS CHAR CHARACTER SET utf8mb4)";
    const std::string sql = "SELECT " + key + " AS k, " + name(column.column) + " AS v FROM " +
                            name(column.table) + " WHERE " + name(column.column) + " LIKE " + kSealedPattern +
                            " AND SUBSTRING(" + name(column.column) + ", 4, 8) <> ? AND " + key +
                            " > ? ORDER BY k LIMIT " + std::to_string(most);
    std::vector<SealedValue> values;
    for (auto row = db.query_once(sql, {key_id, after}); row.next();)
        values.push_back({row.text("k"), row.text("v")});
    return values;
}

bool replace_sealed(db::Transaction& tx, const SealedColumn& column, const SealedValue& old_value,
                    const std::string& sealed) {
    return tx.execute_once("UPDATE " + name(column.table) + " SET " + name(column.column) + " = ? WHERE " +
                               name(column.key) + " = ? AND " + name(column.column) + " = ?",
                           {sealed, old_value.key, old_value.sealed}) == 1;
}

std::vector<SealedCount> count_sealed(db::Transaction& tx) {
    std::vector<SealedCount> counts;
    for (const SealedColumn& column : kColumns) {
        std::map<std::string, std::uint64_t> by_key;
        auto row = tx.query_once("SELECT SUBSTRING(" + name(column.column) + ", 4, 8) AS key_id FROM " +
                                 name(column.table) + " WHERE " + name(column.column) + " LIKE " +
                                 kSealedPattern + " LOCK IN SHARE MODE");
        while (row.next()) ++by_key[row.text("key_id")];
        for (const auto& [key_id, values] : by_key) counts.push_back({key_id, column.table, values});
    }
    return counts;
}

}  // namespace rpm::store
