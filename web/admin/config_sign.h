// SPDX-License-Identifier: MIT
// How the configuration of a node stands, beside whether it serves.
#pragma once

#include "shared/store/nodes.h"
#include "web/view/states.h"

namespace rpm::web {

inline Sign config_sign(const store::Node& node) {
    if (node.quarantined != 0)
        return {"bad", node.quarantined == 1 ? "1 site refused"
                                             : std::to_string(node.quarantined) + " sites refused"};
    if (node.current_release.empty()) return {"idle", "Nothing deployed"};
    if (node.state == "ok") return {"ok", "Proven live"};
    return {"idle help", "Last known"};
}

}  // namespace rpm::web
