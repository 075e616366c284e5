// SPDX-License-Identifier: MIT
// The fields of a form for whatever MemberDoc describes: one template per kind of member, in
// templates/components/member_*.html.
//
//     MemberLook look{.problems = …, .action_url = "/sites/12/edit"};
//     add_members(fields, entries_of(site_members(), form.values, {"limits.*"}), look);      // {{>GROUP}}
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/error.h"
#include "shared/base/json.h"
#include "shared/base/template_set.h"
#include "shared/model/member_doc.h"
#include "web/panel/member_form.h"

namespace rpm::web {

/// What all fields of a form are shown with.
struct MemberLook {
    std::map<std::string, std::string> problems{};               ///< by path
    std::map<std::string, std::vector<std::string>> warnings{};  ///< by path
    const Json* live = nullptr;  ///< what is live, so that what differs is marked; null: nothing yet
    std::string focus{};         ///< the row, list or object that was just changed
    std::string action_url{};    ///< where the form is posted to
    bool staff = false;          ///< shows what clients may not see
    const PasswordWays* ways{};  ///< not null
    bool (*rare)(std::string_view path) = nullptr;  ///< what is folded away; null: nothing
};

struct MemberEntry {
    const MemberDoc* doc;
    const Json* typed;
    std::string path;
};
/// The members at these paths; "tls.*" means each one in it.
std::vector<MemberEntry> entries_of(const MemberDoc& root, const Json& typed,
                                    std::span<const std::string_view> paths);

/// Adds >GROUP: these members, the rare ones folded.
void add_members(Fields& fields, const std::vector<MemberEntry>& members, const MemberLook& look);

/// Several problems of one field become one text beside it; entries of a list say which they are.
std::map<std::string, std::string> by_field(const MemberDoc& root, const Problems& problems);

/// Whether `path` is `outer` or inside of it.
bool is_within(std::string_view path, std::string_view outer);

/// The id of the element that a problem at this path leads to.
std::string member_id(const MemberDoc& root, const std::string& path);

}  // namespace rpm::web
