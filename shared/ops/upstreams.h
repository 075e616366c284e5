// SPDX-License-Identifier: MIT
// Where clients may send their visitors' requests, and the questions whether to let them in: not into the
// proxies themselves.
//
// A client chooses the upstream of its site, and every node of the fleet connects to it: an address of the
// node, of a cloud's metadata service or of another node would let a client reach through the fleet what it
// cannot reach itself (CWE-918). So for clients the networks of the setting clients.denied_networks and the
// addresses of all nodes are closed, and names that mean the node itself. Private networks (RFC 1918) are
// open by default, because that is where proxied servers stand; whoever has other things there adds the
// networks.
//
// Only what the address says is checked: a name is resolved by the node, later and again and again, and what
// it then means is not known here. A firewall on the nodes is the answer to that.
#pragma once

#include "shared/db/connection.h"
#include "shared/model/site.h"
#include "shared/model/viewer.h"

namespace rpm::ops {

/// Throws Invalid{"upstream.servers.N.host", "routes.N.upstream.servers.N.host", "access.forward.url", …} for
/// everything nodes would connect to that `before` does not have already: what staff put in, the client may
/// keep. Staff may give any.
void check_upstreams(db::Connection& db, const Viewer& viewer, const SiteDefinition& wanted,
                     const SiteDefinition* before);

/// What a site and its shared pieces reach together, of which each was checked by itself: a stream's other
/// ports lead to other ports of the servers that a piece names. `own`: as it was saved; `before`: the
/// composed one before. Throws Invalid.
void check_composed_upstreams(db::Connection& db, const Viewer& viewer, const SiteDefinition& own,
                              const SiteDefinition& composed, const SiteDefinition* before);

}  // namespace rpm::ops
