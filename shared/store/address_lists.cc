// SPDX-License-Identifier: MIT
#include "shared/store/address_lists.h"

#include "shared/store/column_text.h"

namespace rpm::store {

std::vector<ListedAddresses> list_address_lists(db::Connection& db) {
    std::vector<ListedAddresses> out;
    auto row = db.query(
        "SELECT url, networks, digest, entries, fetched_at, changed_at, tried_at, error FROM address_lists "
        "ORDER BY url LIMIT 10000");
    while (row.next())
        out.push_back({.url = row.text("url"),
                       .networks = row.text("networks"),
                       .digest = row.text("digest"),
                       .entries = row.number("entries"),
                       .fetched_at = row.maybe_time("fetched_at"),
                       .changed_at = row.maybe_time("changed_at"),
                       .tried_at = row.maybe_time("tried_at"),
                       .error = row.text("error")});
    return out;
}

void insert_address_list(db::Transaction& tx, std::string_view url) {
    tx.execute("INSERT INTO address_lists (url, networks) VALUES (?, '') ON DUPLICATE KEY UPDATE url = url",
               url);
}

void remove_address_list(db::Transaction& tx, std::string_view url) {
    tx.execute("DELETE FROM address_lists WHERE url = ?", url);
}

bool claim_address_list(db::Transaction& tx, const ListedAddresses& list, Time now) {
    return tx.execute("UPDATE address_lists SET tried_at = ? WHERE url = ? AND tried_at <=> ?", now, list.url,
                      list.tried_at) == 1;
}

void record_address_list(db::Transaction& tx, const ListedAddresses& fresh, Time now) {
    tx.execute(
        "UPDATE address_lists SET changed_at = IF(digest = ?, changed_at, ?), networks = ?, digest = ?, "
        "entries = ?, fetched_at = ?, error = '' WHERE url = ?",
        fresh.digest, now, fresh.networks, fresh.digest, fresh.entries, now, fresh.url);
}

void record_list_failure(db::Transaction& tx, std::string_view url, std::string_view error) {
    tx.execute("UPDATE address_lists SET error = ? WHERE url = ?", column_text(error, 500), url);
}

}  // namespace rpm::store
