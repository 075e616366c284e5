// SPDX-License-Identifier: MIT
// Between a saved version and the queue: what deploying and approving have in common. For shared/ops only.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "shared/db/connection.h"
#include "shared/model/viewer.h"
#include "shared/store/audit.h"
#include "shared/store/sites.h"

namespace rpm::ops {

store::AuditSubject subject_of(const store::Site& site);
/// Once each, and in one order for everybody, so that two deployments never wait for each other.
std::vector<store::Site> lock_sites(db::Transaction& tx, Scope scope, const std::vector<SiteId>& wanted);
/// The owner of all these sites; empty when they have several.
UserId common_owner(const std::vector<store::Site>& sites);
/// Inactive nodes receive nothing.
std::set<NodeId> only_active_nodes(db::Connection& db, const std::set<NodeId>& nodes);
/// The active nodes that serve the sites or should. Throws Invalid{"targets", …} for a site without any.
std::set<NodeId> reachable_nodes(db::Connection& db, const std::vector<store::Site>& sites);
/// Queues one job per node and ties it to the deployment.
void enqueue_nodes(db::Transaction& tx, UserId requester, DeploymentId deployment,
                   const std::set<NodeId>& nodes, const std::string& reason, Time now);
/// The heads of the locked sites are what nodes should serve from now on.
void release_heads(db::Transaction& tx, const Viewer& viewer, UserId requester, DeploymentId deployment,
                   const std::vector<store::Site>& sites, const std::set<NodeId>& nodes,
                   const std::string& reason, Time now);

}  // namespace rpm::ops
