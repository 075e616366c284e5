// SPDX-License-Identifier: MIT
// Who asks, what they may do, and what they may see.
#pragma once

#include <optional>
#include <string>

#include "shared/base/error.h"
#include "shared/base/id.h"
#include "shared/model/permission.h"

namespace rpm {

/// The role may, but the API token in use is limited to less (RFC 6750 section 3.1).
struct InsufficientScope : Forbidden {
    explicit InsufficientScope(Permission needed)
        : Forbidden("the token lacks the scope " + std::string(to_word(needed))), permission(needed) {}
    Permission permission;
};

/// The signed-in person (or the system itself) on whose behalf something is read or changed.
struct Viewer {
    UserId id{};  ///< empty: the system (workers, the operator's command)
    std::string username = "system";
    Role role = Role::client;
    std::string address{};     ///< of the client, for the audit log
    std::string request_id{};  ///< of the request or job
    /// Client whose sites this account works with; empty: its own. Only for client roles.
    UserId tenant{};
    /// Administrator who looks through this viewer's eyes; the audit log names both.
    UserId impersonator{};
    std::string impersonator_name{};
    /// What the API token in use is limited to.
    PermissionSet limit = PermissionSet::all();

    bool may(Permission permission) const { return allows(role, permission) && limit.has(permission); }
    /// Throws Forbidden saying what is missing, InsufficientScope when only the token is in the way.
    void demand(Permission permission) const;
    /// Throws Forbidden for whoever looks through another's eyes: passwords, second factors, tokens, sessions
    /// and mail addresses are the owner's own.
    void demand_oneself() const;
    /// Sees the whole fleet: node names, other clients' sites, the engines' words in full.
    bool is_staff() const { return rpm::is_staff(role); }
    /// Owner of what this viewer makes.
    UserId owner() const { return tenant ? tenant : id; }
    static Viewer system(std::string request_id = {}) {
        return {.id = {}, .role = Role::admin, .address = {}, .request_id = std::move(request_id)};
    }
};

/// Which rows a read may answer. Every store read that a client can reach demands one, so that forgetting it
/// does not compile. Only of() and everything() make one.
class Scope {
  public:
    /// Throws Forbidden for a client without id: an empty owner would mean everything.
    static Scope of(const Viewer& viewer) {
        if (viewer.is_staff()) return everything();
        if (!viewer.owner()) throw Forbidden("nobody is signed in");
        return Scope(viewer.owner());
    }
    /// For workers and other code that acts for no client.
    static Scope everything() { return Scope({}); }
    bool is_everything() const { return !owner_; }
    UserId owner() const { return owner_; }

  private:
    explicit Scope(UserId owner) : owner_(owner) {}
    UserId owner_;
};

}  // namespace rpm
