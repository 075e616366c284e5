// SPDX-License-Identifier: MIT
// What administrators, discovery and workers do with nodes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "shared/base/secret.h"
#include "shared/model/node.h"
#include "shared/model/viewer.h"
#include "shared/ops/context.h"

namespace rpm::ops {

/// One entry of nodes.yaml, checked. Keys are read by the worker and sealed here.
struct DiscoveredNode {
    std::string name;
    std::string ip_address;
    unsigned ssh_port = 22;
    std::string ssh_user;
    Secret private_key;           ///< text of the key file; empty: keep what is stored
    std::string key_fingerprint;  ///< of its public half
    std::string key_public_line;
    Engine engine = Engine::nginx;
    std::optional<std::string> listen_address;
    unsigned http_port = 80;
    unsigned https_port = 443;
    unsigned proof_port = 8081;
    std::vector<IpNetwork> trusted_proxies;  ///< whose X-Forwarded-For tells the visitor's address
    std::vector<IpNetwork> proxy_protocol;  ///< of balancers that speak it; not together with trusted_proxies
    std::vector<IpAddress> resolvers;       ///< empty: those that the node has itself
    std::optional<NodeSettings> settings;   ///< none: the file does not say them
    bool active = true;
    /// Given in the file: trusted, because whoever writes the file is an operator of this host.
    struct HostKey {
        std::string type;
        std::string blob;
        std::string fingerprint;
    };
    std::optional<HostKey> host_key;
};
struct DiscoveryReport {
    std::vector<std::string> created;
    std::vector<std::string> updated;
    std::vector<std::string> unchanged;
    std::vector<std::string> kept;     ///< made by hand under the same name: not touched
    std::vector<std::string> missing;  ///< discovered before, not in the file any more: reported, not removed
};
/// Creates and updates nodes so that they are as the file says; all or nothing. With `dry_run` it only
/// reports.
DiscoveryReport apply_discovered(Context& context, const Viewer& viewer,
                                 const std::vector<DiscoveredNode>& nodes, bool dry_run);

/// From now on only this host key is accepted for the node; the reason is kept in the audit log.
/// Needs nodes:manage.
void trust_host_key(Context& context, const Viewer& viewer, NodeId node, const std::string& fingerprint,
                    const std::string& reason = {});
/// An inactive node receives nothing; its sites stay as they are on it. Needs nodes:manage.
void set_node_active(Context& context, const Viewer& viewer, NodeId node, bool active);
/// Brings the node up to date with what its sites say. Needs nodes:manage.
DeploymentId deploy_node(Context& context, const Viewer& viewer, NodeId node, const std::string& reason);

/// Both need jobs:manage.
void cancel_job(Context& context, const Viewer& viewer, JobId job);
JobId repeat_job(Context& context, const Viewer& viewer, JobId job);

}  // namespace rpm::ops
