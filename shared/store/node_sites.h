// SPDX-License-Identifier: MIT
// What a node should carry: the sites as they are rendered for it.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "shared/db/connection.h"
#include "shared/model/deployable_site.h"

namespace rpm::store {

/// Definitions and certificates that were read before. Both never change once they are stored, so a worker
/// that keeps one reads and parses each of them once, not once per node. Forgets everything when it has grown
/// too large. One thread.
struct RevisionCache {
    std::unordered_map<RevisionId, std::shared_ptr<const SiteDefinition>> definitions;
    std::unordered_map<CertificateId, std::shared_ptr<const std::string>> chains;
};

/// The released revisions of the node's sites, without removed ones, by site id; a revision in quarantine is
/// replaced by the one that the node serves now, or left out. `candidates` are sites whose head is shown as
/// if it were released already: for plans.
std::vector<DeployableSite> load_node_sites(db::Connection& db, NodeId node,
                                            const std::vector<SiteId>& candidates = {},
                                            RevisionCache* cache = nullptr);

}  // namespace rpm::store
