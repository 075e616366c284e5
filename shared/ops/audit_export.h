// SPDX-License-Identifier: MIT
// Entries of the audit log for other programs: the same in the panel's export, the API and the command.
#pragma once

#include <string>
#include <string_view>

#include "shared/base/json.h"
#include "shared/store/audit.h"

namespace rpm::ops {

/// What the entry says to people outside of the staff: of changed sites what they may see of them.
store::AuditEntry readable_entry(store::AuditEntry entry, bool staff);

/// id, at, username, impersonator, address, action, object {type, id, name}, before, after, request_id; what
/// is absent is null, before and after are the values themselves.
Json audit_json(const store::AuditEntry& entry);

/// How an export is written.
enum class AuditFormat { csv, json_lines };
std::string_view mime_type(AuditFormat format);
std::string_view file_ending(AuditFormat format);  ///< "csv", "jsonl"
/// The line of names that a CSV file begins with; nothing for JSON lines.
std::string audit_head(AuditFormat format);
/// One entry with its line end.
std::string audit_line(AuditFormat format, const store::AuditEntry& entry);

}  // namespace rpm::ops
