// SPDX-License-Identifier: MIT
#include "shared/ops/nodes.h"

#include <set>

#include "shared/base/text.h"
#include "shared/ops/node_settings.h"
#include "shared/ops/ports.h"
#include "shared/store/audit.h"
#include "shared/store/deployments.h"
#include "shared/store/jobs.h"
#include "shared/store/nodes.h"

namespace rpm::ops {
namespace {

Json describe(const store::Node& node) {
    Json out = Json::object({{"ip_address", node.ip_address},
                             {"ssh_port", node.ssh_port},
                             {"ssh_user", node.ssh_user},
                             {"proxy_type", to_word(node.engine)},
                             {"http_port", node.http_port},
                             {"https_port", node.https_port},
                             {"proof_port", node.proof_port},
                             {"active", node.active},
                             {"credential", node.credential.value()}});
    if (node.listen_address) out["listen_address"] = *node.listen_address;
    if (node.resolvers_given) out["resolvers"] = *node.resolvers_given;
    if (!node.trusted_proxies.empty()) out["trusted_proxies"] = node.trusted_proxies;
    if (!node.proxy_protocol.empty()) out["proxy_protocol"] = node.proxy_protocol;
    return out;
}

CredentialId seal_credential(Context& context, db::Transaction& tx, const DiscoveredNode& found, Time now) {
    if (found.private_key.empty()) return {};
    if (const auto known = store::find_credential(context.db, found.key_fingerprint)) return known->id;
    return store::insert_credential(
        tx,
        {.id = {},
         .fingerprint = found.key_fingerprint,
         .public_line = found.key_public_line,
         .sealed = context.sealing.seal(found.private_key, "credential:" + found.key_fingerprint)},
        now);
}

std::optional<std::string> given_resolvers(const DiscoveredNode& found) {
    std::vector<std::string> words;
    for (const IpAddress& address : found.resolvers) words.push_back(address.text());
    if (words.empty()) return std::nullopt;
    return text::join(words, " ");
}

store::Node wanted_node(const DiscoveredNode& found, const store::Node* before, CredentialId credential) {
    store::Node node = before != nullptr ? *before : store::Node{};
    node.name = found.name;
    node.ip_address = found.ip_address;
    node.ssh_port = found.ssh_port;
    node.ssh_user = found.ssh_user;
    if (credential) node.credential = credential;
    node.engine = found.engine;
    node.listen_address = found.listen_address;
    node.http_port = found.http_port;
    node.https_port = found.https_port;
    node.proof_port = found.proof_port;
    node.resolvers_given = given_resolvers(found);
    node.trusted_proxies = words_of(found.trusted_proxies);
    node.proxy_protocol = words_of(found.proxy_protocol);
    node.active = found.active;
    node.discovered = true;
    return node;
}

// The file's key is trusted when the node is new or has none. A key that differs from a trusted one is only
// offered: a changed key needs a person who looks at both.
bool adopt_host_key(Context& context, db::Transaction& tx, NodeId node, const DiscoveredNode& found,
                    Time now) {
    if (!found.host_key) return false;
    const auto trusted = store::find_trusted_host_key(context.db, node);
    if (trusted && trusted->fingerprint == found.host_key->fingerprint) return false;
    store::insert_offered_host_key(tx, node, found.host_key->type, found.host_key->blob,
                                   found.host_key->fingerprint, now);
    if (trusted) return false;
    store::trust_host_key(tx, node, found.host_key->fingerprint, {}, now);
    return true;
}

void apply_one(Context& context, db::Transaction& tx, const Viewer& viewer, const DiscoveredNode& found,
               DiscoveryReport& report, Time now) {
    const auto before = store::find_node(context.db, found.name);
    if (before && !before->discovered) {
        report.kept.push_back(found.name);
        return;
    }
    store::Node node =
        wanted_node(found, before ? &*before : nullptr, seal_credential(context, tx, found, now));
    const Json old_json = before ? describe(*before) : Json();
    const Json new_json = describe(node);
    if (!before) {
        node.id = store::insert_node(tx, node, now);
    } else if (old_json != new_json) {
        demand_own_ports(context.db, node);
        store::update_node(tx, node, now);
    }
    const bool trusted = adopt_host_key(context, tx, node.id, found, now);
    const bool set = set_settings_from_file(context, tx, viewer, node.id, found.settings, now);
    if (before && old_json == new_json && !trusted) {
        (set ? report.updated : report.unchanged).push_back(found.name);
        return;
    }
    (before ? report.updated : report.created).push_back(found.name);
    store::insert_audit(tx, viewer, before ? "node.update" : "node.create",
                        {.type = "node", .id = node.id.value(), .name = node.name, .owner = {}}, old_json,
                        new_json, now);
}

struct DryRun {};  // thrown to undo the transaction of a dry run

}  // namespace

DiscoveryReport apply_discovered(Context& context, const Viewer& viewer,
                                 const std::vector<DiscoveredNode>& nodes, bool dry_run) {
    viewer.demand(Permission::nodes_manage);
    DiscoveryReport report;
    try {
        db::transact(context.db, [&](db::Transaction& tx) {
            report = {};
            const Time now = context.clock.now();
            std::set<std::string> named;
            for (const DiscoveredNode& found : nodes) {
                named.insert(found.name);
                apply_one(context, tx, viewer, found, report, now);
            }
            for (const store::Node& node : store::list_nodes(context.db))
                if (node.discovered && !named.contains(node.name)) report.missing.push_back(node.name);
            if (dry_run) throw DryRun{};
        });
    } catch (const DryRun&) {  // the report stands, the rows do not
    }
    return report;
}

void trust_host_key(Context& context, const Viewer& viewer, NodeId id, const std::string& fingerprint,
                    const std::string& reason) {
    viewer.demand(Permission::nodes_manage);
    db::transact(context.db, [&](db::Transaction& tx) {
        const Time now = context.clock.now();
        const auto node = store::get_node(context.db, id);
        const auto before = store::find_trusted_host_key(context.db, id);
        store::trust_host_key(tx, id, fingerprint, viewer.id, now);
        Json after = Json::object({{"fingerprint", fingerprint}});
        if (!reason.empty()) after["reason"] = reason;
        store::insert_audit(
            tx, viewer, "node.trust_key", {.type = "node", .id = id.value(), .name = node.name, .owner = {}},
            before ? Json::object({{"fingerprint", before->fingerprint}}) : Json(), after, now);
        if (node.state == "host_key")
            store::update_node_state(tx, id, "unknown", "host key trusted, not contacted since", false, now);
    });
}

void set_node_active(Context& context, const Viewer& viewer, NodeId id, bool active) {
    viewer.demand(Permission::nodes_manage);
    db::transact(context.db, [&](db::Transaction& tx) {
        const Time now = context.clock.now();
        const auto node = store::get_node(context.db, id);
        store::update_node_active(tx, id, active, now);
        store::insert_audit(tx, viewer, active ? "node.enable" : "node.disable",
                            {.type = "node", .id = id.value(), .name = node.name, .owner = {}},
                            Json::object({{"active", node.active}}), Json::object({{"active", active}}), now);
    });
}

DeploymentId deploy_node(Context& context, const Viewer& viewer, NodeId id, const std::string& reason) {
    viewer.demand(Permission::nodes_manage);
    return db::transact(context.db, [&](db::Transaction& tx) {
        const Time now = context.clock.now();
        const auto node = store::get_node(context.db, id);
        if (!node.active) throw Invalid("node", "is disabled");
        const DeploymentId deployment = store::insert_deployment(tx, viewer, {}, reason, {}, now);
        const JobId job = store::enqueue_job(tx,
                                             {.kind = "node.deploy",
                                              .subject_type = "node",
                                              .subject_id = id.value(),
                                              .lane = "node:" + id.text(),
                                              .requested_by = viewer.id,
                                              .reason = reason,
                                              .payload = {}},
                                             now);
        store::insert_deployment_node(tx, deployment, id, job);
        store::insert_audit(tx, viewer, "node.deploy",
                            {.type = "node", .id = id.value(), .name = node.name, .owner = {}}, nullptr,
                            Json::object({{"deployment", deployment.value()}}), now);
        return deployment;
    });
}

void cancel_job(Context& context, const Viewer& viewer, JobId id) {
    viewer.demand(Permission::jobs_manage);
    db::transact(context.db, [&](db::Transaction& tx) {
        const Time now = context.clock.now();
        const auto job = store::get_job(context.db, id);
        store::cancel_job(tx, id, now);
        if (job.subject_type == "node") store::settle_deployments(tx, NodeId(job.subject_id), now);
        if (job.subject_type == "deployment")  // it waited for approval
            store::decide_deployment(tx, DeploymentId(job.subject_id), "cancelled", viewer.id,
                                     "its job was cancelled", now);
        store::insert_audit(tx, viewer, "job.cancel",
                            {.type = "job", .id = id.value(), .name = job.kind, .owner = {}}, nullptr,
                            nullptr, now);
    });
}

JobId repeat_job(Context& context, const Viewer& viewer, JobId id) {
    viewer.demand(Permission::jobs_manage);
    return db::transact(context.db, [&](db::Transaction& tx) {
        const Time now = context.clock.now();
        const auto job = store::get_job(context.db, id);
        if (job.subject_type == "deployment") throw Conflict("ask for the deployment again instead");
        const JobId next = store::repeat_job(tx, id, viewer.id, now);
        store::insert_audit(tx, viewer, "job.repeat",
                            {.type = "job", .id = id.value(), .name = job.kind, .owner = {}}, nullptr,
                            Json::object({{"job", next.value()}}), now);
        return next;
    });
}

}  // namespace rpm::ops
