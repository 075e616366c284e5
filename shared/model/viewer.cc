// SPDX-License-Identifier: MIT
#include "shared/model/viewer.h"

namespace rpm {

void Viewer::demand(Permission permission) const {
    if (may(permission)) return;
    if (allows(role, permission)) throw InsufficientScope(permission);
    for (const PermissionRow& row : permissions())
        if (row.permission == permission) throw Forbidden("your role may not " + std::string(row.meaning));
}

void Viewer::demand_oneself() const {
    if (impersonator)
        throw Forbidden("this belongs to " + username + " alone, and you are " + impersonator_name);
}

}  // namespace rpm
