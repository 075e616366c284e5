// SPDX-License-Identifier: MIT
// What would change on the nodes if these sites were released now: rendered, compared with what each node was
// last proven to carry, and shown file by file. The same computation that the worker makes, without secrets.
#pragma once

#include <string>
#include <vector>

#include "shared/store/nodes.h"
#include "shared/store/sites.h"
#include "web/auth/visit.h"
#include "web/view/diff.h"

namespace rpm::web {

struct NodePlan {
    store::Node node;
    std::string release;  ///< that it would carry
    bool first = false;   ///< nothing was proven there yet
    std::vector<FileDiff> files;
    bool restarts = false;  ///< the engine opens other ports, for which it is started anew
    std::string problem;    ///< the engine cannot say a site, or is not supported; no files then
    SiteId problem_site;
};

/// A name of a planned site that its owner has still to show.
struct UnprovenName {
    SiteId site;
    std::string name;
};

struct SitesPlan {
    std::vector<store::Site> sites;
    std::vector<NodePlan> nodes;        ///< active nodes concerned, by name
    std::vector<store::Node> inactive;  ///< concerned, but switched off: they get nothing
    std::vector<UnprovenName> unproven;
    std::string fingerprint;  ///< 32 hex digits over sites, revisions, nodes and releases
    bool feasible() const;    ///< at least one node, none has a problem, and every name is proven
};

/// Reads the sites in the viewer's scope (NotFound otherwise) and plans them. A client's plan shows the files
/// of the client's own sites only; the fingerprint always covers everything.
SitesPlan plan_sites(Visit& visit, const std::vector<SiteId>& sites);

/// Nodes whose files change in the same way.
struct NodeGroup {
    std::vector<const NodePlan*> nodes;
};
std::vector<NodeGroup> group_nodes(const SitesPlan& plan);

}  // namespace rpm::web
