// SPDX-License-Identifier: MIT
#include "shared/store/deployments.h"

#include "shared/ops/approvals.h"
#include "web/api/handlers.h"
#include "web/api/input.h"
#include "web/api/output.h"
#include "web/view/engine_words.h"

namespace rpm::api {
namespace {

Json summary(const store::Deployment& deployment) {
    return Json::object({{"id", deployment.id.value()},
                         {"state", deployment.state},
                         {"reason", text_or_null(deployment.reason)},
                         {"requested_by", deployment.requested_by},
                         {"node_count", deployment.nodes},
                         {"nodes_done", deployment.nodes_done},
                         {"nodes_failed", deployment.nodes_failed},
                         {"created_at", time_json(deployment.created_at)},
                         {"started_at", time_json(deployment.started_at)},
                         {"finished_at", time_json(deployment.finished_at)}});
}

// null for what never had to be approved.
Json approval_json(const store::Deployment& deployment) {
    if (deployment.basis.empty()) return {};
    return Json::object({{"plan", deployment.basis},
                         {"decided_by", text_or_null(deployment.decided_by)},
                         {"decided_at", time_json(deployment.decided_at)},
                         {"reason", text_or_null(deployment.decision)}});
}

Json site_json(const store::DeploymentSite& site) {
    return Json::object({{"id", site.site.value()},
                         {"domain", site.domain},
                         {"version", site.number ? Json(site.number) : Json()},
                         {"removed", !site.revision}});
}

// The words of a step may name the node's address.
Json steps_json(const store::DeploymentNode& node, const Viewer& viewer) {
    Json steps = Json::parse(node.steps);
    if (viewer.is_staff()) return steps;
    for (Json& step : steps.items())
        if (step.find("text") != nullptr) step["text"] = "";
    return steps;
}

// Clients do not learn how the operator's machines are called, nor what is said of others' sites.
Json node_json(const store::DeploymentNode& node, const std::vector<store::DeploymentSite>& sites,
               const Viewer& viewer) {
    Json out = Json::object({{"id", node.node.value()},
                             {"name", viewer.is_staff() ? Json(node.node_name) : Json()},
                             {"engine", node.engine},
                             {"state", node.state},
                             {"step", text_or_null(node.step)},
                             {"steps", steps_json(node, viewer)},
                             {"release", text_or_null(node.release)},
                             {"error", text_or_null(web::readable_error(node, sites, viewer))},
                             {"started_at", time_json(node.started_at)},
                             {"finished_at", time_json(node.finished_at)}});
    if (viewer.is_staff()) out["engine_output"] = text_or_null(node.engine_output);
    return out;
}

}  // namespace

http::Response deployment_response(DeploymentId id) {
    return http::json(Json::object({{"deployment", id.value()}}), 202)
        .set("Location", "/api/v1/deployments/" + id.text());
}

http::Response change_response(const std::optional<DeploymentId>& id) {
    return http::json(Json::object({{"deployment", id ? Json(id->value()) : Json()}}));
}

http::Response list_deployments(Call& call) {
    http::Form query(call.request.query);
    const Slice slice = read_slice(query);
    store::DeploymentFilter filter;
    filter.state = query.choice("state",
                                {"", "awaiting_approval", "voided", "rejected", "queued", "running",
                                 "succeeded", "failed", "partial", "cancelled"},
                                "");
    filter.site = SiteId(query.maybe_number<std::uint64_t>("site", 1, INT64_MAX).value_or(0));
    filter.node = NodeId(query.maybe_number<std::uint64_t>("node", 1, INT64_MAX).value_or(0));
    check(query);
    filter.before_id = cursor_id<DeploymentId>(slice);
    filter.limit = slice.limit + 1;
    auto deployments = store::list_deployments(call.db(), call.scope(), filter);
    const bool more = deployments.size() > slice.limit;
    if (more) deployments.pop_back();
    Json items = Json::array();
    for (const auto& deployment : deployments) items.push(summary(deployment));
    return list_response(std::move(items), more ? deployments.back().id.text() : "");
}

namespace {

http::Response whole(Call& call) {
    const auto deployment =
        store::get_deployment(call.db(), call.scope(), call.captures.id<DeploymentId>("id"));
    Json out = summary(deployment);
    out["approval"] = approval_json(deployment);
    out["sites"] = Json::array();
    const auto sites = store::list_deployment_sites(call.db(), deployment.id);
    for (const auto& site : sites) out["sites"].push(site_json(site));
    out["nodes"] = Json::array();
    for (const auto& node : store::list_deployment_nodes(call.db(), deployment.id))
        out["nodes"].push(node_json(node, sites, call.viewer));
    return http::json(out);
}

}  // namespace

http::Response get_deployment(Call& call) {
    return whole(call);
}

http::Response approve_deployment(Call& call) {
    const Json body = read_body(call.request);
    Members members(body);
    const std::string plan = members.text("plan", 64);
    const std::string reason = members.text("reason", rpm::ops::kMostDecision);
    if (plan.empty()) members.problem("plan", "is missing: the member approval.plan of the deployment");
    members.check();
    const auto approval = rpm::ops::approve_deployment(call.ops, call.viewer,
                                                       call.captures.id<DeploymentId>("id"), plan, reason);
    if (!approval.approved) throw Conflict("the plan is void: " + approval.why);
    return whole(call);
}

http::Response reject_deployment(Call& call) {
    const Json body = read_body(call.request);
    Members members(body);
    const std::string reason = members.text("reason", rpm::ops::kMostDecision);
    members.check();
    rpm::ops::reject_deployment(call.ops, call.viewer, call.captures.id<DeploymentId>("id"), reason);
    return whole(call);
}

http::Response withdraw_deployment(Call& call) {
    const Json body = read_body(call.request);
    Members(body).check();
    rpm::ops::withdraw_deployment(call.ops, call.viewer, call.captures.id<DeploymentId>("id"));
    return whole(call);
}

}  // namespace rpm::api
