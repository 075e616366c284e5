// SPDX-License-Identifier: MIT
// The audit log: written in the transaction of the change it tells of, never changed afterwards.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/json.h"
#include "shared/db/connection.h"
#include "shared/model/viewer.h"

namespace rpm::store {

struct AuditEntry {
    AuditId id;
    Time at{};
    UserId user;
    std::string username;
    std::string address;
    UserId owner;        ///< the client whose object it is; that client may read the entry
    std::string action;  ///< "site.update"
    std::string object_type;
    std::uint64_t object_id = 0;
    std::string object_name;
    std::string before;  ///< JSON, may be empty
    std::string after;   ///< JSON, may be empty
    std::string request_id;
};

struct AuditSubject {
    std::string_view type;
    std::uint64_t id = 0;
    std::string name;
    UserId owner{};
};

void insert_audit(db::Transaction& tx, const Viewer& viewer, std::string_view action,
                  const AuditSubject& subject, const Json& before, const Json& after, Time now);

struct AuditFilter {
    std::string action_prefix{};  ///< "site." or empty
    std::string text{};           ///< part of a user's or object's name, or of an address
    std::string username{};
    std::string object_type{};
    std::uint64_t object_id = 0;
    AuditId before_id{};  ///< keyset: entries older than this one
    unsigned limit = 50;
};
std::vector<AuditEntry> list_audit(db::Connection& db, Scope scope, const AuditFilter& filter);

}  // namespace rpm::store
