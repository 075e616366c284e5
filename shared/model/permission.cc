// SPDX-License-Identifier: MIT
#include "shared/model/permission.h"

#include <algorithm>

#include "shared/base/error.h"
#include "shared/base/text.h"

namespace rpm {
namespace {

// clang-format off
constexpr PermissionRow kPermissions[] = {
    //                                                                                         admin operator read_only client client_read_only
    {Permission::nothing,             "",                    "what needs no sign-in",                       {true,  true,  true,  true,  true}},
    {Permission::account,             "account",             "the own account",                             {true,  true,  true,  true,  true}},
    {Permission::sites_read,          "sites:read",          "see sites, plans and deployments",            {true,  true,  true,  true,  true}},
    {Permission::sites_edit,          "sites:edit",          "save, pause and remove sites",                {true,  true,  false, true,  false}},
    {Permission::sites_deploy,        "sites:deploy",        "bring saved versions to their nodes",         {true,  true,  false, true,  false}},
    {Permission::sites_assign,        "sites:assign",        "choose the owner and the nodes of a site",    {true,  true,  false, false, false}},
    {Permission::sites_block,         "sites:block",         "block and unblock sites",                     {true,  true,  false, false, false}},
    {Permission::sites_raw,           "sites:raw",           "give the engine's own directives",            {true,  false, false, false, false}},
    {Permission::domains_vouch,       "domains:vouch",       "say that a client holds a name",              {true,  true,  false, false, false}},
    {Permission::deployments_approve, "deployments:approve", "approve or reject waiting deployments",       {true,  true,  false, false, false}},
    {Permission::nodes_read,          "nodes:read",          "see nodes and what they carry",               {true,  true,  true,  false, false}},
    {Permission::nodes_manage,        "nodes:manage",        "enable, disable, trust and deploy nodes",     {true,  true,  false, false, false}},
    {Permission::jobs_read,           "jobs:read",           "see the queue",                               {true,  true,  true,  false, false}},
    {Permission::jobs_manage,         "jobs:manage",         "cancel and repeat jobs and deployments",      {true,  true,  false, false, false}},
    {Permission::audit_read,          "audit:read",          "see and export the audit log",                {true,  true,  true,  true,  true}},
    {Permission::users_read,          "users:read",          "see accounts",                                {true,  false, true,  false, false}},
    {Permission::users_manage,        "users:manage",        "make, change and disable accounts",           {true,  false, false, false, false}},
    {Permission::users_impersonate,   "users:impersonate",   "see the clients' panel as a client does",     {true,  false, false, false, false}},
    {Permission::settings_read,       "settings:read",       "see the settings",                            {true,  false, true,  false, false}},
    {Permission::settings_manage,     "settings:manage",     "change the settings",                         {true,  false, false, false, false}},
};
// clang-format on

constexpr bool in_order() {
    for (std::size_t i = 0; i < std::size(kPermissions); ++i)
        if (static_cast<std::size_t>(kPermissions[i].permission) != i) return false;
    return std::size(kPermissions) <= 32;
}
static_assert(in_order(), "the table follows the enumeration, and a set of them fits 32 bits");

constexpr std::string_view kRoleWords[] = {"admin", "operator", "read_only", "client", "client_read_only"};
constexpr std::string_view kRoleTitles[] = {"Administrator", "Operator", "Read only", "Client",
                                            "Client, read only"};

}  // namespace

std::string_view to_word(Role r) {
    return kRoleWords[static_cast<std::size_t>(r)];
}

std::string_view title(Role r) {
    return kRoleTitles[static_cast<std::size_t>(r)];
}

std::optional<Role> role(std::string_view word) {
    for (const Role r : kRoles)
        if (to_word(r) == word) return r;
    return std::nullopt;
}

std::span<const PermissionRow> permissions() {
    return kPermissions;
}

bool allows(Role r, Permission permission) {
    return kPermissions[static_cast<std::size_t>(permission)].roles[static_cast<std::size_t>(r)];
}

std::string_view to_word(Permission permission) {
    return kPermissions[static_cast<std::size_t>(permission)].word;
}

PermissionSet PermissionSet::parse(std::string_view words) {
    if (text::trim(words).empty()) return all();
    const auto named = text::words(words);
    // Only signs between words: nobody meant everything by that.
    if (named.empty()) throw Invalid("scopes", "name no permission");
    PermissionSet set;
    set.add(Permission::nothing);
    for (const auto& word : named) {
        const auto* const row = std::ranges::find(kPermissions, word, &PermissionRow::word);
        if (row == std::end(kPermissions))
            throw Invalid("scopes", "has the unknown permission '" + text::shown(word, 80) + "'");
        set.add(row->permission);
    }
    return set;
}

std::string PermissionSet::words() const {
    std::string out;
    if (*this == all()) return out;
    for (const PermissionRow& row : kPermissions)
        if (!row.word.empty() && has(row.permission)) out += (out.empty() ? "" : " ") + std::string(row.word);
    return out;
}

}  // namespace rpm
