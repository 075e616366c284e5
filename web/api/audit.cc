// SPDX-License-Identifier: MIT
#include "shared/store/audit.h"

#include "shared/ops/audit_export.h"
#include "web/api/handlers.h"
#include "web/api/input.h"
#include "web/api/output.h"

namespace rpm::api {
namespace {

std::optional<Time> read_time(http::Form& query, const char* name) {
    const std::string given = query.text(name, {.max = 30});
    if (given.empty()) return std::nullopt;
    const auto time = parse_time(given);
    if (!time) query.problem(name, "must be a time in UTC like 2026-11-22T20:34:00Z");
    return time;
}

store::AuditFilter read_filter(http::Form& query) {
    store::AuditFilter filter;
    filter.action_prefix = query.text("action", {.max = 48});
    filter.username = query.text("user", {.max = 64});
    filter.object_type = query.text("object_type", {.max = 16});
    filter.object_id = query.maybe_number<std::uint64_t>("object_id", 1, INT64_MAX).value_or(0);
    filter.object_name = query.text("object", {.max = 100});
    filter.address = query.text("address", {.max = 45});
    filter.from = read_time(query, "from");
    filter.until = read_time(query, "until");
    return filter;
}

}  // namespace

http::Response list_audit(Call& call) {
    http::Form query(call.request.query);
    const Slice slice = read_slice(query);
    store::AuditFilter filter = read_filter(query);
    check(query);
    filter.before_id = cursor_id<AuditId>(slice);
    filter.limit = slice.limit + 1;
    auto entries = store::list_audit(call.db(), call.scope(), filter);
    const bool more = entries.size() > slice.limit;
    if (more) entries.pop_back();
    Json items = Json::array();
    for (auto& entry : entries)
        items.push(rpm::ops::audit_json(rpm::ops::readable_entry(std::move(entry), call.viewer.is_staff())));
    return list_response(std::move(items), more ? entries.back().id.text() : "");
}

}  // namespace rpm::api
