// SPDX-License-Identifier: MIT
// Who asks, and what they may see.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "shared/base/error.h"
#include "shared/base/id.h"

namespace rpm {

enum class Role { admin, client };
std::string_view to_word(Role role);
std::optional<Role> role(std::string_view word);

/// The signed-in person (or the system itself) on whose behalf something is read or changed.
struct Viewer {
    UserId id;  ///< empty: the system (workers, the operator's command)
    std::string username = "system";
    Role role = Role::client;
    std::string address;     ///< of the client, for the audit log
    std::string request_id;  ///< of the request or job
    bool is_admin() const { return role == Role::admin; }
    static Viewer system(std::string request_id = {}) {
        return {.id = {},
                .username = "system",
                .role = Role::admin,
                .address = {},
                .request_id = std::move(request_id)};
    }
};

/// Which rows a read may answer. Every store read that a client can reach demands one, so that forgetting it
/// does not compile. Only of() and everything() make one.
class Scope {
  public:
    /// Throws Forbidden for a client without id: an empty owner would mean everything.
    static Scope of(const Viewer& viewer) {
        if (viewer.is_admin()) return everything();
        if (!viewer.id) throw Forbidden("nobody is signed in");
        return Scope(viewer.id);
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
