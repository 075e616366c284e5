// SPDX-License-Identifier: MIT
// Which ports streams may have: on each of its nodes a port belongs to one stream, and neither to the node's
// own (HTTP, HTTPS, the proof, SSH). Ports are the installation's: clients have none unless the setting
// clients.stream_ports gives them some.
#pragma once

#include "shared/db/connection.h"
#include "shared/model/site.h"
#include "shared/model/viewer.h"
#include "shared/store/nodes.h"

namespace rpm::ops {

/// Inside the transaction that saved the site's revision and targets. Throws Invalid for stream.ports: taken
/// by another stream (named only to who may see it), by the node itself, or more than the owner may have.
/// What a client had before a limit was lowered may still be changed.
void hold_ports(db::Transaction& tx, const Viewer& viewer, SiteId site, UserId owner,
                const SiteDefinition& definition);
/// Throws Invalid when a port that the node shall have for itself belongs to a stream on it.
void demand_own_ports(db::Connection& db, const store::Node& node);

}  // namespace rpm::ops
