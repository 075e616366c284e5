// SPDX-License-Identifier: MIT
#include "shared/store/audit.h"

#include "shared/store/column_text.h"

namespace rpm::store {
namespace {

std::optional<std::string> json_or_null(const Json& value) {
    if (value.is_null()) return std::nullopt;
    return value.dump();
}

// Makes text safe as a literal in a LIKE pattern.
std::string like_literal(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '%' || c == '_' || c == '\\') out += '\\';
        out += c;
    }
    return out;
}

}  // namespace

void insert_audit(db::Transaction& tx, const Viewer& viewer, std::string_view action,
                  const AuditSubject& subject, const Json& before, const Json& after, Time now) {
    tx.execute(
        "INSERT INTO audit_log (at, user_id, username, impersonator_id, impersonator, address, owner_id, "
        "action, "
        "object_type, object_id, object_name, before_json, after_json, request_id) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        now, viewer.id, viewer.username, viewer.impersonator, viewer.impersonator_name, viewer.address,
        subject.owner, action, subject.type, subject.id, subject.name, json_or_null(before),
        json_or_null(after), viewer.request_id);
}

std::vector<AuditEntry> list_audit(db::Connection& db, Scope scope, const AuditFilter& filter) {
    std::string sql =
        "SELECT id, at, user_id, username, address, owner_id, action, object_type, object_id, object_name, "
        "before_json, after_json, request_id FROM audit_log WHERE 1 = 1";
    db::Params params;
    const auto demand = [&](const char* condition, db::Param value) {
        sql += condition;
        params.push_back(std::move(value));
    };
    if (!scope.is_everything()) demand(" AND owner_id = ?", scope.owner());
    if (!filter.action_prefix.empty())
        demand(" AND action LIKE ?", like_literal(column_ascii(filter.action_prefix)) + "%");
    if (!filter.text.empty()) {
        const std::string anywhere = "%" + like_literal(filter.text) + "%";
        demand(" AND (username LIKE ?", anywhere);
        demand(" OR object_name LIKE ?", anywhere);
        demand(" OR address LIKE ?)", column_ascii(anywhere));
    }
    if (!filter.username.empty()) demand(" AND username = ?", filter.username);
    if (!filter.object_type.empty()) demand(" AND object_type = ?", column_ascii(filter.object_type));
    if (filter.object_id != 0) demand(" AND object_id = ?", filter.object_id);
    if (filter.before_id) demand(" AND id < ?", filter.before_id);
    sql += " ORDER BY id DESC LIMIT " + std::to_string(filter.limit);

    std::vector<AuditEntry> entries;
    for (auto row = db.query_once(sql, params); row.next();) {
        entries.push_back({.id = row.id<AuditId>("id"),
                           .at = row.time("at"),
                           .user = row.id<UserId>("user_id"),
                           .username = row.text("username"),
                           .address = row.text("address"),
                           .owner = row.id<UserId>("owner_id"),
                           .action = row.text("action"),
                           .object_type = row.text("object_type"),
                           .object_id = row.null("object_id") ? 0 : row.uint64("object_id"),
                           .object_name = row.text("object_name"),
                           .before = row.maybe_text("before_json").value_or(""),
                           .after = row.maybe_text("after_json").value_or(""),
                           .request_id = row.text("request_id")});
    }
    return entries;
}

}  // namespace rpm::store
