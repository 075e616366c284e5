// SPDX-License-Identifier: MIT
#include "shared/ops/audit_export.h"

#include "shared/base/csv.h"
#include "shared/base/error.h"
#include "shared/model/hidden_members.h"

namespace rpm::ops {
namespace {

Json text_or_null(const std::string& text) {
    return text.empty() ? Json() : Json(text);
}

Json id_or_null(std::uint64_t id) {
    if (id == 0) return {};
    return id;
}

// Rows are never changed, so an odd one must still be shown.
Json stored(const std::string& json) {
    if (json.empty()) return {};
    try {
        return Json::parse(json);
    } catch (const Invalid&) {
        return json;
    }
}

// What cannot be read cannot be judged.
std::string without_staff_members(const std::string& type, const std::string& json) {
    if (json.empty()) return {};
    try {
        Json shown = Json::parse(json);
        if (type == "site")
            shown = rpm::without_staff_members(site_members(), std::move(shown));
        else if (shown.find("definition") != nullptr)
            shown["definition"] = rpm::without_staff_members(site_members(), std::move(shown["definition"]));
        return shown.is_null() ? std::string() : shown.dump();
    } catch (const Invalid&) {
        return {};
    }
}

}  // namespace

store::AuditEntry readable_entry(store::AuditEntry entry, bool staff) {
    if (staff || (entry.object_type != "site" && entry.object_type != "piece")) return entry;
    entry.before = without_staff_members(entry.object_type, entry.before);
    entry.after = without_staff_members(entry.object_type, entry.after);
    return entry;
}

Json audit_json(const store::AuditEntry& entry) {
    return Json::object({{"id", entry.id.value()},
                         {"at", to_rfc3339(entry.at)},
                         {"username", entry.username},
                         {"impersonator", text_or_null(entry.impersonator)},
                         {"address", text_or_null(entry.address)},
                         {"action", entry.action},
                         {"object", Json::object({{"type", entry.object_type},
                                                  {"id", id_or_null(entry.object_id)},
                                                  {"name", text_or_null(entry.object_name)}})},
                         {"before", stored(entry.before)},
                         {"after", stored(entry.after)},
                         {"request_id", text_or_null(entry.request_id)}});
}

std::string_view mime_type(AuditFormat format) {
    return format == AuditFormat::csv ? "text/csv; charset=utf-8; header=present" : "application/jsonl";
}

std::string_view file_ending(AuditFormat format) {
    return format == AuditFormat::csv ? "csv" : "jsonl";
}

std::string audit_head(AuditFormat format) {
    if (format == AuditFormat::json_lines) return {};
    return csv::line({"id", "at", "username", "impersonator", "address", "action", "object_type", "object_id",
                      "object_name", "before", "after", "request_id"});
}

std::string audit_line(AuditFormat format, const store::AuditEntry& entry) {
    if (format == AuditFormat::json_lines) return audit_json(entry).dump() + "\n";
    return csv::line({entry.id.text(), to_rfc3339(entry.at), entry.username, entry.impersonator,
                      entry.address, entry.action, entry.object_type,
                      entry.object_id == 0 ? std::string() : std::to_string(entry.object_id),
                      entry.object_name, entry.before, entry.after, entry.request_id});
}

}  // namespace rpm::ops
