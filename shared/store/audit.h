// SPDX-License-Identifier: MIT
// The audit log: written in the transaction of the change it tells of, never changed afterwards.
#pragma once

#include <functional>
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
    std::string impersonator;  ///< the administrator who acted as that user; empty: nobody
    std::string address;       ///< empty in a client's scope unless it is the client's own
    UserId owner;              ///< the client whose object it is; that client may read the entry
    std::string action;        ///< "site.update"
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

/// All that is given must fit.
struct AuditFilter {
    std::string action_prefix{};  ///< "site." or empty
    std::string text{};           ///< part of a user's or object's name, or of an address
    std::string username{};       ///< whole name of who did it, or of the administrator behind
    std::string address{};        ///< beginning of an address: "192.0.2."
    std::string object_type{};
    std::string object_name{};  ///< part of it
    std::uint64_t object_id = 0;
    std::optional<Time> from{};   ///< not before
    std::optional<Time> until{};  ///< before
    AuditId before_id{};          ///< keyset: entries older than this one
    unsigned limit = 50;
};
/// Newest first.
std::vector<AuditEntry> list_audit(db::Connection& db, Scope scope, const AuditFilter& filter);
/// All of them, newest first, read in slices; the filter's limit does not matter. False ends it.
void each_audit_entry(db::Connection& db, Scope scope, AuditFilter filter,
                      const std::function<bool(const AuditEntry&)>& f);

}  // namespace rpm::store
