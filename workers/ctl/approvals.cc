// SPDX-License-Identifier: MIT
// Deployments that wait for somebody's approval.
#include "shared/ops/approvals.h"

#include "shared/base/error.h"
#include "workers/ctl/commands.h"
#include "workers/ctl/describe.h"

namespace rpm::ctl {
namespace {

constexpr std::size_t kShownPlan = 12;
constexpr std::size_t kLeastPlan = 8;

DeploymentId id_of(const Arguments& arguments) {
    const auto id = DeploymentId::parse(arguments.word());
    if (!id) throw Invalid("ID", "must be the number of a deployment, as 'rpmgr deployment list' shows it");
    return *id;
}

// As much of the digest as tells plans apart.
std::string plan_of(const store::Deployment& deployment, const std::string& given) {
    if (given.size() < kLeastPlan) throw Invalid("PLAN", "must be at least 8 digits of the plan");
    if (!deployment.basis.starts_with(given))
        throw Conflict("deployment " + deployment.id.text() +
                       " has another plan: " + deployment.basis.substr(0, kShownPlan));
    return deployment.basis;
}

}  // namespace

int list_deployments(Environment& environment, const Arguments& arguments) {
    store::DeploymentFilter filter;
    if (arguments.has("waiting")) filter.state = "awaiting_approval";
    filter.limit = arguments.number("limit", 20, 1, 1000);
    Json all = Json::array();
    Table table({{"ID", Table::right},
                 "STATE",
                 "PLAN",
                 "ASKED FOR",
                 "BY",
                 "SITES",
                 "REASON",
                 "DECIDED BY",
                 "DECISION"});
    for (const auto& d : store::list_deployments(environment.db(), Scope::everything(), filter)) {
        Json entry = describe(d);
        entry["plan"] = d.basis;
        entry["decided_by"] = d.decided_by;
        entry["decision"] = d.decision;
        all.push(std::move(entry));
        table.add({d.id.text(), d.state, d.basis.substr(0, kShownPlan), show(d.created_at), d.requested_by,
                   d.sites, d.reason, d.decided_by, d.decision});
    }
    if (environment.json())
        environment.print(all);
    else
        environment.print(table);
    return 0;
}

int approve_deployment(Environment& environment, const Arguments& arguments) {
    const DeploymentId id = id_of(arguments);
    const auto deployment = store::get_deployment(environment.db(), Scope::everything(), id);
    const auto approval =
        ops::approve_deployment(environment.context(), environment.viewer(), id,
                                plan_of(deployment, arguments.word(1)), arguments.option("reason", ""));
    if (!approval.approved) throw Conflict("deployment " + id.text() + " is void: " + approval.why);
    environment.print("deployment " + id.text() + " is approved",
                      Json::object({{"id", id.value()}, {"state", "queued"}}));
    return 0;
}

int reject_deployment(Environment& environment, const Arguments& arguments) {
    const DeploymentId id = id_of(arguments);
    ops::reject_deployment(environment.context(), environment.viewer(), id, arguments.option("reason", ""));
    environment.print("deployment " + id.text() + " is rejected",
                      Json::object({{"id", id.value()}, {"state", "rejected"}}));
    return 0;
}

}  // namespace rpm::ctl
