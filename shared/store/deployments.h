// SPDX-License-Identifier: MIT
// Deployments as people see them: which sites, to which nodes, how each node went; and what nodes were proven
// to carry.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "shared/db/connection.h"
#include "shared/model/viewer.h"

namespace rpm::store {

struct Deployment {
    DeploymentId id;
    UserId owner;
    std::string requested_by;  ///< user name; "system"
    std::string reason;
    /// awaiting_approval | voided | rejected | queued | running | succeeded | failed | partial | cancelled
    std::string state;
    std::string plan_digest;
    std::string request_id;
    Time created_at{};
    std::optional<Time> started_at;
    std::optional<Time> finished_at;
    std::string sites;        ///< names, for lists
    unsigned nodes = 0;       ///< all
    unsigned nodes_done = 0;  ///< succeeded or unchanged
    unsigned nodes_failed = 0;
    UserId requester{};
    std::string basis{};       ///< digest over what the plan was made of, when it has to be approved
    std::string decided_by{};  ///< who approved or rejected it
    std::optional<Time> decided_at{};
    std::string decision{};  ///< why, or why it became void
};
struct DeploymentSite {
    SiteId site;
    RevisionId revision;  ///< empty: removed
    unsigned number = 0;
    std::string domain;
    bool directives = false;  ///< it has directives of an administrator, which an engine may quote
};
struct DeploymentNode {
    NodeId node;
    std::string node_name;
    std::string engine;
    JobId job;
    std::string state;  ///< queued | running | succeeded | unchanged | failed | cancelled
    std::string step;
    std::string steps;  ///< JSON: [{"name","state","ms","text"}]
    std::string release;
    std::string engine_output;
    std::string error;
    std::optional<Time> started_at;
    std::optional<Time> finished_at;
};

DeploymentId insert_deployment(db::Transaction& tx, const Viewer& viewer, UserId owner,
                               std::string_view reason, std::string_view plan_digest, Time now);
/// Waits in state awaiting_approval.
DeploymentId insert_waiting_deployment(db::Transaction& tx, const Viewer& viewer, UserId owner,
                                       std::string_view reason, std::string_view plan_digest,
                                       std::string_view basis, Time now);
/// The state, which nobody else changes until the transaction ends. Throws NotFound.
std::string lock_deployment_state(db::Transaction& tx, DeploymentId id);
/// Ends the waiting: queued (approved), rejected, voided or cancelled.
void decide_deployment(db::Transaction& tx, DeploymentId id, std::string_view state, UserId by,
                       std::string_view decision, Time now);
/// What waits for approval with this site becomes void; `except` stays.
void void_waiting_deployments(db::Transaction& tx, SiteId site, std::string_view why, DeploymentId except,
                              Time now);
/// What the node should serve besides these sites, as a text that changes whenever that does.
std::string wanted_of_node(db::Connection& db, NodeId node, const std::set<SiteId>& besides);
void insert_deployment_site(db::Transaction& tx, DeploymentId id, SiteId site, RevisionId revision);
void insert_deployment_node(db::Transaction& tx, DeploymentId id, NodeId node, JobId job);

struct DeploymentFilter {
    std::string state{};  ///< empty: all
    SiteId site{};
    NodeId node{};
    DeploymentId before_id{};
    unsigned limit = 50;
};
std::vector<Deployment> list_deployments(db::Connection& db, Scope scope, const DeploymentFilter& filter);
Deployment get_deployment(db::Connection& db, Scope scope, DeploymentId id);
std::vector<DeploymentSite> list_deployment_sites(db::Connection& db, DeploymentId id);
std::vector<DeploymentNode> list_deployment_nodes(db::Connection& db, DeploymentId id);

/// Takes all that waits for this node: from now on this job carries it.
void start_node_run(db::Transaction& tx, NodeId node, JobId job, Time now);
void update_node_progress(db::Transaction& tx, NodeId node, std::string_view step,
                          std::string_view steps_json, std::string_view release);
struct NodeRun {
    std::string state{};  ///< succeeded | unchanged | failed
    std::string steps_json{};
    std::string release{};
    std::string engine_output{};
    std::string error{};
    /// What the deployments of sites in quarantine show instead: the failed test. They failed here, the
    /// others went live.
    std::string refused_steps_json{};
    std::string refused_output{};
};
/// Ends the run on this node for all deployments it carried, then settles those deployments and their sites.
void finish_node_run(db::Transaction& tx, NodeId node, const NodeRun& run, Time now);
/// The job was put back: shown as waiting, with the reason.
void pause_node_run(db::Transaction& tx, NodeId node, std::string_view error);
/// Derives the states of deployments without open nodes, and of their sites. Also after a cancel or an ended
/// lease. Waits for whoever else settles one of them, so it comes last in a transaction.
void settle_deployments(db::Transaction& tx, NodeId node, Time now);

/// What the node was last proven to carry; empty when nothing was.
struct NodeRelease {
    std::string id;
    std::string manifest;  ///< sha256sum lines
    Time proven_at{};      ///< last time it was proven live; set by reads
};
std::optional<NodeRelease> find_current_release(db::Connection& db, NodeId node);
/// Records a proven release: its manifest, what it serves, and that the node carries it now.
void record_release(db::Transaction& tx, NodeId node, const NodeRelease& release,
                    const std::map<SiteId, RevisionId>& serves, Time now);

}  // namespace rpm::store
