// SPDX-License-Identifier: MIT
// Who may do what: the one table that routes, verbs, API tokens and the manual share.
//
//     if (viewer.may(Permission::nodes_manage)) …              // shared/model/viewer.h
//     {"POST", "/nodes/{id}/trust", &trust_node, Needs::nodes_manage},
//     rpmgr token add carl ci --scope "sites:read sites:deploy"
//
// A role has the permissions of its column in kPermissions (permission.cc). Which rows somebody sees is the
// other half, Scope: clients only their tenant's, the others all. What one may not see is answered as
// missing. docs/security.md carries the table; a test holds both against each other.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace rpm {

enum class Role { admin, operator_, read_only, client, client_read_only };
inline constexpr Role kRoles[] = {Role::admin, Role::operator_, Role::read_only, Role::client,
                                  Role::client_read_only};
std::string_view to_word(Role role);  ///< admin | operator | read_only | client | client_read_only
std::optional<Role> role(std::string_view word);
std::string_view title(Role role);  ///< for people: "Administrator"
/// Works with the whole fleet in the administrators' panel; the others with one client's sites.
constexpr bool is_staff(Role role) {
    return role == Role::admin || role == Role::operator_ || role == Role::read_only;
}

enum class Permission : std::uint8_t {
    nothing,  ///< without signing in
    account,  ///< the own account: everybody who is signed in
    sites_read,
    sites_edit,
    sites_deploy,
    sites_assign,
    sites_block,
    sites_raw,
    domains_vouch,
    deployments_approve,
    nodes_read,
    nodes_manage,
    jobs_read,
    jobs_manage,
    audit_read,
    users_read,
    users_manage,
    users_impersonate,
    settings_read,
    settings_manage,
};

struct PermissionRow {
    Permission permission;
    std::string_view word;     ///< scope of an API token: "sites:read"
    std::string_view meaning;  ///< for people
    bool roles[5];             ///< in the order of kRoles
};
/// In the order of the enumeration.
std::span<const PermissionRow> permissions();
bool allows(Role role, Permission permission);
std::string_view to_word(Permission permission);

/// Some of the permissions; what an API token is limited to.
class PermissionSet {
  public:
    static PermissionSet all() { return PermissionSet(~std::uint32_t{0}); }
    /// Words with blanks between, as stored with a token; "" is all. Throws Invalid for field "scopes" naming
    /// the unknown word; so does a text of signs between words only.
    static PermissionSet parse(std::string_view words);
    constexpr PermissionSet() = default;
    bool has(Permission permission) const { return bits_ >> static_cast<unsigned>(permission) & 1U; }
    void add(Permission permission) { bits_ |= std::uint32_t{1} << static_cast<unsigned>(permission); }
    std::string words() const;  ///< as parse() reads; "" for all
    bool operator==(const PermissionSet&) const = default;

  private:
    explicit constexpr PermissionSet(std::uint32_t bits) : bits_(bits) {}
    std::uint32_t bits_ = 0;
};

}  // namespace rpm
