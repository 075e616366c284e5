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

namespace {

struct Query {
    std::string sql;
    db::Params params;
    void demand(const char* condition, db::Param value) {
        sql += condition;
        params.push_back(std::move(value));
    }
};

void add_text(Query& query, Scope scope, const std::string& text) {
    const std::string anywhere = "%" + like_literal(text) + "%";
    query.demand(" AND (username LIKE ?", anywhere);
    query.demand(" OR impersonator LIKE ?", anywhere);
    // A client does not see where others come from, so it must not find out by guessing either.
    if (scope.is_everything()) query.demand(" OR address LIKE ?", column_ascii(anywhere));
    query.demand(" OR object_name LIKE ?)", anywhere);
}

void add_filter(Query& query, Scope scope, const AuditFilter& filter) {
    if (!scope.is_everything()) query.demand(" AND owner_id = ?", scope.owner());
    if (!filter.action_prefix.empty())
        query.demand(" AND action LIKE ?", like_literal(column_ascii(filter.action_prefix)) + "%");
    if (!filter.text.empty()) add_text(query, scope, filter.text);
    if (!filter.username.empty()) {
        query.demand(" AND (username = ?", filter.username);
        query.demand(" OR impersonator = ?)", filter.username);
    }
    if (!filter.address.empty()) {
        query.demand(" AND address LIKE ?", like_literal(column_ascii(filter.address)) + "%");
        if (!scope.is_everything()) query.demand(" AND user_id = ?", scope.owner());
    }
    if (!filter.object_type.empty()) query.demand(" AND object_type = ?", column_ascii(filter.object_type));
    if (!filter.object_name.empty())
        query.demand(" AND object_name LIKE ?", "%" + like_literal(filter.object_name) + "%");
    if (filter.object_id != 0) query.demand(" AND object_id = ?", filter.object_id);
    if (filter.from) query.demand(" AND at >= ?", *filter.from);
    if (filter.until) query.demand(" AND at < ?", *filter.until);
    if (filter.before_id) query.demand(" AND id < ?", filter.before_id);
}

AuditEntry entry_from(const db::Rows& row) {
    return {.id = row.id<AuditId>("id"),
            .at = row.time("at"),
            .user = row.id<UserId>("user_id"),
            .username = row.text("username"),
            .impersonator = row.text("impersonator"),
            .address = row.text("address"),
            .owner = row.id<UserId>("owner_id"),
            .action = row.text("action"),
            .object_type = row.text("object_type"),
            .object_id = row.null("object_id") ? 0 : row.uint64("object_id"),
            .object_name = row.text("object_name"),
            .before = row.maybe_text("before_json").value_or(""),
            .after = row.maybe_text("after_json").value_or(""),
            .request_id = row.text("request_id")};
}

}  // namespace

std::vector<AuditEntry> list_audit(db::Connection& db, Scope scope, const AuditFilter& filter) {
    Query query{
        "SELECT id, at, user_id, username, impersonator, address, owner_id, action, object_type, object_id, "
        "object_name, before_json, after_json, request_id FROM audit_log WHERE 1 = 1",
        {}};
    add_filter(query, scope, filter);
    query.sql += " ORDER BY id DESC LIMIT " + std::to_string(filter.limit);
    std::vector<AuditEntry> entries;
    for (auto row = db.query_once(query.sql, query.params); row.next();) {
        entries.push_back(entry_from(row));
        if (!scope.is_everything() && entries.back().user != scope.owner()) entries.back().address.clear();
    }
    return entries;
}

void each_audit_entry(db::Connection& db, Scope scope, AuditFilter filter,
                      const std::function<bool(const AuditEntry&)>& f) {
    filter.limit = 1000;
    for (;;) {
        const auto entries = list_audit(db, scope, filter);
        for (const AuditEntry& entry : entries)
            if (!f(entry)) return;
        if (entries.size() < filter.limit) return;
        filter.before_id = entries.back().id;
    }
}

}  // namespace rpm::store
