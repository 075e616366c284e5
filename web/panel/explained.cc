// SPDX-License-Identifier: MIT
#include "web/panel/explained.h"

#include <algorithm>

#include "shared/base/text.h"
#include "shared/store/node_sites.h"
#include "shared/store/nodes.h"
#include "shared/store/sites.h"

namespace rpm::web {
namespace {

bool is_for_staff(const plan::RenderedLine& line) {
    return std::ranges::any_of(
        line.fields, [](const std::string& field) { return text::split(field, '.').front() == "raw"; });
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
    }
    auto out = plan::explain_on(templates, std::move(nodes), request);
    if (!viewer.is_staff())
        for (plan::ExplainedOn& on : out) std::erase_if(on.lines, is_for_staff);
    return out;
}

}  // namespace rpm::web
