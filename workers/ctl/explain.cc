// SPDX-License-Identifier: MIT
#include <algorithm>
#include <iostream>

#include "shared/plan/explain_on.h"
#include "shared/render/renderer.h"
#include "shared/store/node_sites.h"
#include "workers/ctl/commands.h"
#include "workers/ctl/lookup.h"

namespace rpm::ctl {
namespace {

// Of the nodes of the site whose name it is; where no site has the name, of every active node.
std::vector<plan::NodeSites> nodes_for(Environment& environment, const std::string& name,
                                       const std::optional<std::string>& only) {
    auto& db = environment.db();
    const auto holders = store::find_name_holders(db, Scope::everything(), name);
    store::RevisionCache cache;
    std::vector<plan::NodeSites> out;
    const auto add = [&](const store::Node& node) {
        plan::NodeSites& next = out.emplace_back(plan::NodeSites{node.profile(), {}});
        for (DeployableSite& site : store::load_node_sites(db, node.id, {}, &cache))
            if (std::ranges::find(holders.sites, site.id) != holders.sites.end())
                next.sites.push_back(std::move(site));
    };
    if (only) {
        add(get_node(db, *only));
        return out;
    }
    for (const store::Node& node : store::list_nodes(db)) {
        const bool holds = std::ranges::find(holders.nodes, node.id) != holders.nodes.end();
        if (holders.nodes.empty() ? node.active : holds) add(node);
    }
    return out;
}

Json names_of(const plan::ExplainedOn& on) {
    Json out = Json::array();
    for (const NodeProfile& node : on.nodes) out.push(node.name.text());
    return out;
}

std::string with_field(const std::string& says, const std::string& field) {
    return says + (field.empty() ? "" : "  [" + field + "]");
}

void print_text(const plan::ExplainedOn& on) {
    std::string names;
    for (const NodeProfile& node : on.nodes) names += (names.empty() ? "" : ", ") + node.name.text();
    std::cout << "On " << names << " (" << name_of(on.nodes.front().engine) << "):\n";
    for (const plan::Step& step : on.explanation.steps)
        std::cout << "  " << printable(with_field(step.says, step.field)) << '\n';
    for (const plan::Ending& ending : on.explanation.endings)
        std::cout << (ending.when.empty() ? "  => " : "  or ") << printable(plan::describe(ending))
                  << (ending.when.empty() ? "" : ", when " + printable(ending.when)) << '\n';
    std::string path;
    for (const plan::RenderedLine& line : on.lines) {
        if (line.path != path) std::cout << "  " << (path = line.path) << '\n';
        std::cout << "  " << line.number << ": " << printable(line.text) << '\n';
    }
}

}  // namespace

int explain_request(Environment& environment, const Arguments& arguments) {
    const plan::Request request = plan::parse_request(arguments.option("method", ""), arguments.word(),
                                                      arguments.option("from", ""), arguments.all("header"));
    const auto templates = render::load_templates(environment.settings().templates);
    const auto found = plan::explain_on(
        *templates, nodes_for(environment, request.name(), arguments.option("node")), request);
    Json all = Json::array();
    for (const plan::ExplainedOn& on : found) {
        Json one = plan::to_json(on.explanation);
        one["nodes"] = names_of(on);
        one["engine"] = to_word(on.nodes.front().engine);
        one["lines"] = plan::to_json(on.lines);
        all.push(std::move(one));
    }
    if (environment.json())
        environment.print(all);
    else if (found.empty())
        std::cout << "There is no active node.\n";
    else
        for (const plan::ExplainedOn& on : found) print_text(on);
    return 0;
}

}  // namespace rpm::ctl
