// SPDX-License-Identifier: MIT
#include "web/panel/explained.h"

#include <algorithm>

#include "shared/store/node_sites.h"
#include "shared/store/nodes.h"
#include "shared/store/sites.h"

namespace rpm::web {
namespace {

// An administrator's directives are not for clients to read, and no explanation speaks of them.
void take_directives_out(DeployableSite& site) {
    if (site.definition->raw == RawDirectives{}) return;
    SiteDefinition readable = *site.definition;
    readable.raw = {};
    site.definition = std::make_shared<const SiteDefinition>(std::move(readable));
}

}  // namespace

std::vector<plan::ExplainedOn> explain_for(db::Connection& db, const Viewer& viewer,
                                           const TemplateSet& templates, const plan::Request& request) {
    const Scope scope = Scope::of(viewer);
    const auto holders = store::find_name_holders(db, scope, request.name());
    store::RevisionCache cache;
    std::vector<plan::NodeSites> nodes;
    for (const store::Node& node : store::list_nodes(db)) {
        const bool holds = std::ranges::find(holders.nodes, node.id) != holders.nodes.end();
        if (holders.nodes.empty() ? !node.active : !holds) continue;
        plan::NodeSites& next = nodes.emplace_back(plan::NodeSites{node.profile(), {}});
        if (!holds) continue;
        for (DeployableSite& site : store::load_node_sites(db, node.id, {}, &cache))
            if (std::ranges::find(holders.sites, site.id) != holders.sites.end())
                next.sites.push_back(std::move(site));
        if (!viewer.is_staff()) std::ranges::for_each(next.sites, take_directives_out);
    }
    return plan::explain_on(templates, std::move(nodes), request);
}

}  // namespace rpm::web
