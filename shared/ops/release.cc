// SPDX-License-Identifier: MIT
#include "shared/ops/release.h"

#include <algorithm>

#include "shared/store/deployments.h"
#include "shared/store/jobs.h"
#include "shared/store/nodes.h"
#include "shared/store/site_ports.h"

namespace rpm::ops {

store::AuditSubject subject_of(const store::Site& site) {
    return {.type = "site", .id = site.id.value(), .name = site.domain, .owner = site.owner};
}

std::vector<store::Site> lock_sites(db::Transaction& tx, Scope scope, const std::vector<SiteId>& wanted) {
    std::vector<store::Site> sites;
    for (const SiteId id : std::set<SiteId>(wanted.begin(), wanted.end()))
        sites.push_back(store::get_site_for_update(tx, scope, id));
    return sites;
}

UserId common_owner(const std::vector<store::Site>& sites) {
    const auto of_first = [&](const store::Site& site) { return site.owner == sites.front().owner; };
    return std::ranges::all_of(sites, of_first) ? sites.front().owner : UserId();
}

std::set<NodeId> only_active_nodes(db::Connection& db, const std::set<NodeId>& nodes) {
    std::set<NodeId> active;
    for (const NodeId node : nodes)
        if (store::get_node(db, node).active) active.insert(node);
    return active;
}

std::set<NodeId> reachable_nodes(db::Connection& db, const std::vector<store::Site>& sites) {
    std::set<NodeId> all;
    for (const store::Site& site : sites) {
        const auto concerned = store::list_concerned_nodes(db, site.id);
        auto nodes = only_active_nodes(db, {concerned.begin(), concerned.end()});
        if (nodes.empty()) throw Invalid("targets", site.domain + " has no active node to be deployed to");
        all.merge(nodes);
    }
    return all;
}

void enqueue_nodes(db::Transaction& tx, UserId requester, DeploymentId deployment,
                   const std::set<NodeId>& nodes, const std::string& reason, Time now) {
    for (const NodeId node : nodes) {
        const JobId job = store::enqueue_job(tx,
                                             {.kind = "node.deploy",
                                              .subject_type = "node",
                                              .subject_id = node.value(),
                                              .lane = "node:" + node.text(),
                                              .requested_by = requester,
                                              .reason = reason,
                                              .payload = {}},
                                             now);
        store::insert_deployment_node(tx, deployment, node, job);
    }
}

void release_heads(db::Transaction& tx, const Viewer& viewer, UserId requester, DeploymentId deployment,
                   const std::vector<store::Site>& sites, const std::set<NodeId>& nodes,
                   const std::string& reason, Time now) {
    for (const store::Site& site : sites) {
        store::update_site_released(tx, site.id, now);
        store::update_site_domains(tx, site.id);
        store::update_site_ports(tx, site.id);  // frees those that only the release before had
        // Asking again for a refused revision is a wish to try it again.
        store::remove_quarantine(tx, site.id);
        store::insert_audit(
            tx, viewer, "site.deploy", subject_of(site), Json::object({{"version", site.released_number}}),
            Json::object({{"version", site.head_number}, {"deployment", deployment.value()}}), now);
    }
    enqueue_nodes(tx, requester, deployment, nodes, reason, now);
}

}  // namespace rpm::ops
