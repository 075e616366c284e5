// SPDX-License-Identifier: MIT
#include <algorithm>

#include "shared/base/error.h"
#include "shared/ops/sites.h"
#include "workers/ctl/commands.h"
#include "workers/ctl/describe.h"
#include "workers/ctl/follow.h"
#include "workers/ctl/lookup.h"

namespace rpm::ctl {
namespace {

constexpr unsigned kLastDeployments = 8;

void print_status(Environment& environment, const std::vector<store::Node>& nodes,
                  const store::SiteCounts& sites, const store::JobCounts& jobs,
                  const std::vector<store::Deployment>& deployments) {
    environment.print(node_table(nodes));
    environment.print("");
    environment.print("sites: " + std::to_string(sites.all) + ", " + std::to_string(sites.live) + " live, " +
                      std::to_string(sites.failed) + " failed, " + std::to_string(sites.undeployed) +
                      " with changes not deployed");
    environment.print("queue: " + std::to_string(jobs.queued) + " waiting, " + std::to_string(jobs.running) +
                      " running, " + std::to_string(jobs.failed) + " failed within a day");
    if (deployments.empty()) return;
    environment.print("");
    environment.print(deployment_table(deployments));
}

Json status_json(const std::vector<store::Node>& nodes, const store::SiteCounts& sites,
                 const store::JobCounts& jobs, const std::vector<store::Deployment>& deployments) {
    Json out = Json::object();
    out["nodes"] = Json::array();
    for (const auto& node : nodes) out["nodes"].push(describe(node));
    out["sites"] = Json::object({{"all", sites.all},
                                 {"live", sites.live},
                                 {"failed", sites.failed},
                                 {"undeployed", sites.undeployed}});
    out["queue"] =
        Json::object({{"waiting", jobs.queued}, {"running", jobs.running}, {"failed", jobs.failed}});
    out["deployments"] = Json::array();
    for (const auto& deployment : deployments) out["deployments"].push(describe(deployment));
    return out;
}

}  // namespace

Json describe(const store::Deployment& deployment) {
    return Json::object({{"id", deployment.id.value()},
                         {"state", deployment.state},
                         {"sites", deployment.sites},
                         {"node_count", deployment.nodes},
                         {"nodes_done", deployment.nodes_done},
                         {"nodes_failed", deployment.nodes_failed},
                         {"requested_by", deployment.requested_by},
                         {"reason", deployment.reason},
                         {"created_at", to_rfc3339(deployment.created_at)},
                         {"started_at", to_json(deployment.started_at)},
                         {"finished_at", to_json(deployment.finished_at)}});
}

Json describe(const store::DeploymentNode& node) {
    Json steps;
    try {
        steps = Json::parse(node.steps);
    } catch (const Invalid&) {
        steps = Json::array();
    }
    return Json::object({{"node", node.node_name},
                         {"engine", node.engine},
                         {"state", node.state},
                         {"step", node.step},
                         {"steps", steps},
                         {"release", node.release},
                         {"error", node.error},
                         {"engine_output", node.engine_output},
                         {"started_at", to_json(node.started_at)},
                         {"finished_at", to_json(node.finished_at)}});
}

Table deployment_table(const std::vector<store::Deployment>& deployments) {
    Table table({{"DEPLOYMENT", Table::right}, "STATE", "NODES", "ASKED FOR", "BY", "SITES", "REASON"});
    for (const auto& d : deployments)
        table.add({d.id.text(), d.state, std::to_string(d.nodes_done) + "/" + std::to_string(d.nodes),
                   show(d.created_at), d.requested_by, d.sites, d.reason});
    return table;
}

int deploy_sites(Environment& environment, const Arguments& arguments) {
    const auto wait = wait_option(arguments);
    std::vector<SiteId> sites;
    for (const std::string& domain : arguments.words()) {
        const SiteId id = get_site(environment.db(), domain).id;
        if (std::ranges::find(sites, id) == sites.end()) sites.push_back(id);  // two names of one site
    }
    const DeploymentId id =
        ops::deploy_sites(environment.context(), environment.viewer(), sites, arguments.option("reason", ""));
    return report_queued(environment, id, wait);
}

int show_status(Environment& environment, const Arguments& arguments) {
    if (arguments.option("deployment")) {
        show_deployment(environment, DeploymentId(arguments.number("deployment", 0, 1, ~0U)));
        return 0;
    }
    auto& db = environment.db();
    const auto nodes = store::list_nodes(db);
    const auto sites = store::count_site_states(db, Scope::everything());
    const auto jobs = store::count_jobs(db, environment.now());
    store::DeploymentFilter last;
    last.limit = kLastDeployments;
    const auto deployments = store::list_deployments(db, Scope::everything(), last);
    if (environment.json())
        environment.print(status_json(nodes, sites, jobs, deployments));
    else
        print_status(environment, nodes, sites, jobs, deployments);
    return 0;
}

}  // namespace rpm::ctl
