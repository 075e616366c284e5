// SPDX-License-Identifier: MIT
#include "shared/model/viewer.h"

namespace rpm {

std::string_view to_word(Role r) {
    return r == Role::admin ? "admin" : "client";
}

std::optional<Role> role(std::string_view word) {
    if (word == "admin") return Role::admin;
    if (word == "client") return Role::client;
    return std::nullopt;
}

}  // namespace rpm
