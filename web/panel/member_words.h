// SPDX-License-Identifier: MIT
// What was typed into a form (member_form.h) in words, for whoever only reads. Passwords are never shown.
#pragma once

#include <string>
#include <vector>

#include "shared/base/json.h"
#include "shared/model/member_doc.h"

namespace rpm::web {

/// "60 s", "Least connections", "on"; texts as they are, an entry of a list per line; "none" for nothing.
std::string member_words(const MemberDoc& doc, const Json& typed);

/// What a member adds to a sentence: "2 servers", "least connections", "health check (path /healthz)"; ""
/// while it has its default.
std::string member_phrase(const MemberDoc& doc, const Json& typed);

/// One row of a list in a line: "10.0.0.1:8080, weight 3, backup".
std::string row_words(const MemberDoc& item, const Json& row);

/// A member that is set to something else than its default.
struct SetMember {
    std::string path;
    std::string label;  ///< "Health check › Path"
    std::string value;
};
std::vector<SetMember> set_members(const MemberDoc& doc, const Json& typed, const std::string& path = {});

/// "Server", for "Servers": what one row of the list at this path is called.
std::string row_name(std::string_view path, const MemberDoc& list);

}  // namespace rpm::web
