// SPDX-License-Identifier: MIT
// Lists of networks that nodes believe, as they were read last.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/db/connection.h"

namespace rpm::store {

struct ListedAddresses {
    std::string url;
    std::string networks;  ///< separated by blanks; empty: never read
    std::string digest;    ///< SHA-256 of them, 64 hex digits; empty: never read
    unsigned entries = 0;
    std::optional<Time> fetched_at;  ///< read and taken
    std::optional<Time> changed_at;
    std::optional<Time> tried_at;
    std::string error;  ///< why the last answer was not taken
};
std::vector<ListedAddresses> list_address_lists(db::Connection& db);  ///< by URL
void insert_address_list(db::Transaction& tx, std::string_view url);
void remove_address_list(db::Transaction& tx, std::string_view url);
/// False when somebody else has asked since it was read: then it is theirs.
bool claim_address_list(db::Transaction& tx, const ListedAddresses& list, Time now);
/// What was read; changed_at follows the digest.
void record_address_list(db::Transaction& tx, const ListedAddresses& fresh, Time now);
void record_list_failure(db::Transaction& tx, std::string_view url, std::string_view error);

}  // namespace rpm::store
