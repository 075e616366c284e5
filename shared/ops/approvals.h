// SPDX-License-Identifier: MIT
// Deployments that wait until somebody else looked at them.
//
//   deploy_sites() --policy--> awaiting_approval --approve--> queued, as any other deployment
//                                     |  \--reject--> rejected
//                                     |   \--withdraw--> cancelled
//                                     \--saved again, deleted, the nodes moved on--> voided
//
// The settings approval.clients and approval.four_eyes say whose. While it waits nothing is released and no
// node is touched. An approval is for one plan: the basis is a digest over the versions of the sites and what
// every node concerned should serve besides; the approver gives the digest that was looked at, and when what
// it is made of has changed since, the deployment is void instead. So exactly the approved versions go out.
// What takes a site away (pause, block, delete) or brings it back does not wait, nor does what the system
// itself or the operator's command does.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "shared/model/viewer.h"
#include "shared/ops/context.h"
#include "shared/store/deployments.h"
#include "shared/store/sites.h"

namespace rpm::ops {

/// Bytes of the reason of an approval or a rejection (deployments.decision).
inline constexpr std::size_t kMostDecision = 500;

bool needs_approval(db::Connection& db, const Viewer& viewer);

/// Inside the transaction that locked the sites: leaves a waiting deployment, and a job that shows it in the
/// queue. What waited for the same sites before becomes void. Whoever may approve it gets a mail, where mail
/// is on.
DeploymentId ask_for_approval(Context& context, db::Transaction& tx, const Viewer& viewer,
                              const std::vector<store::Site>& sites, const std::set<NodeId>& nodes,
                              const std::string& reason, const std::string& plan_digest, Time now);
/// Inside the transaction that changed the locked site.
void void_approvals(db::Transaction& tx, const store::Site& site, const std::string& why, Time now);

struct Approval {
    bool approved = false;
    std::string why{};  ///< it became void, in words
};
/// Needs deployments:approve; Forbidden for whoever asked for it. `basis` is that of the deployment as the
/// approver saw it. Throws Conflict when it does not wait any more or another basis is given.
Approval approve_deployment(Context& context, const Viewer& viewer, DeploymentId id, const std::string& basis,
                            const std::string& reason);
/// Needs deployments:approve; the reason is shown to who asked.
void reject_deployment(Context& context, const Viewer& viewer, DeploymentId id, const std::string& reason);
/// By who asked for it, the client whose sites they are, or with jobs:manage.
void withdraw_deployment(Context& context, const Viewer& viewer, DeploymentId id);

}  // namespace rpm::ops
