// SPDX-License-Identifier: MIT
// Deployments that wait: what would go out now, and the two buttons of whoever did not ask for it.
#include "shared/ops/approvals.h"

#include <algorithm>

#include "web/http/form.h"
#include "web/panel/pages.h"
#include "web/panel/plan_view.h"
#include "web/view/format.h"
#include "web/view/page.h"
#include "web/view/states.h"

namespace rpm::web {
namespace {

constexpr unsigned kMostWaiting = 200;
constexpr std::size_t kShownBasis = 12;

store::Deployment deployment_of(const Visit& visit) {
    return store::get_deployment(visit.db(), visit.scope(), visit.captures.id<DeploymentId>("id"));
}

std::string page_of(const store::Deployment& deployment) {
    return "/deployments/" + deployment.id.text();
}

// The sites as they are now, in the order of their ids: as the plan was made.
SitesPlan plan_of(Visit& visit, const store::Deployment& deployment) {
    std::vector<SiteId> sites;
    for (const store::DeploymentSite& site : store::list_deployment_sites(visit.db(), deployment.id))
        sites.push_back(site.site);
    return plan_sites(visit, sites);
}

void add_waiting(Fields& plan, const store::Deployment& deployment, const SitesPlan& now,
                 const Visit& visit) {
    Fields& row = plan.row("WAITING");
    row.set("NUMBER", deployment.id.text()).set("WHO", deployment.requested_by);
    set_time(row, "TIME", "TIME_ISO", deployment.created_at, visit.now());
    row.set("BASIS", deployment.basis).set("BASIS_SHORT", deployment.basis.substr(0, kShownBasis));
    if (!deployment.reason.empty()) row.row("MESSAGE").set("TEXT", deployment.reason);
    const bool own = deployment.requester == visit.viewer.id;
    if (!visit.viewer.may(Permission::deployments_approve) || own) {
        row.row("NOTE").set("TEXT", own ? "You asked for it: somebody else approves it."
                                        : "Staff look at it and approve or reject it.");
        return;
    }
    if (!now.feasible()) row.row("NOTE").set("TEXT", "It cannot be deployed as it is: see what was checked.");
    row.row("DECIDE").show("APPROVABLE", now.feasible());
}

}  // namespace

http::Response deployment_plan(Visit& visit) {
    const auto deployment = deployment_of(visit);
    if (deployment.state != "awaiting_approval") return redirect(page_of(deployment));
    count_plan(visit);
    const SitesPlan plan = plan_of(visit, deployment);
    Page page(visit, "Plan", At::deployments);
    page.crumb("Deployments", "/deployments");
    page.crumb("Deployment " + deployment.id.text(), page_of(deployment));
    Fields& fields = page.content("review.html");
    fields.set("SUMMARY", "Deployment " + deployment.id.text() + " waits for approval");
    Fields& part = fields.row("PLAN");
    add_plan_view(part, plan, visit);
    add_waiting(part, deployment, plan, visit);
    return page.response();
}

http::Response approve_deployment(Visit& visit) {
    const auto deployment = deployment_of(visit);
    http::Form form(visit.request);
    const std::string basis = form.text("plan", {.max = 64, .required = true});
    const std::string reason = form.text("reason", {.max = rpm::ops::kMostDecision});
    form.check();
    const auto approval = rpm::ops::approve_deployment(visit.ops, visit.viewer, deployment.id, basis, reason);
    return redirect(page_of(deployment),
                    approval.approved
                        ? Flash{"ok", "Approved."}
                        : Flash{"warn", "Not approved, the plan has changed: " + sentence(approval.why)});
}

http::Response reject_deployment(Visit& visit) {
    const auto deployment = deployment_of(visit);
    http::Form form(visit.request);
    const std::string reason = form.text("reason", {.max = rpm::ops::kMostDecision, .required = true});
    form.check();
    rpm::ops::reject_deployment(visit.ops, visit.viewer, deployment.id, reason);
    return redirect(page_of(deployment), Flash{"ok", "Rejected."});
}

http::Response withdraw_deployment(Visit& visit) {
    const auto deployment = deployment_of(visit);
    rpm::ops::withdraw_deployment(visit.ops, visit.viewer, deployment.id);
    return redirect(page_of(deployment), Flash{"ok", "Withdrawn. Nothing was deployed."});
}

http::Response approvals_page(Visit& visit) {
    store::DeploymentFilter filter;
    filter.state = "awaiting_approval";
    filter.limit = kMostWaiting;
    const auto waiting = store::list_deployments(visit.db(), visit.scope(), filter);
    Page page(visit, "Approvals", At::deployments);
    page.crumb("Deployments", "/deployments");
    Fields& fields = page.content("approvals.html");
    fields.set("SUMMARY", waiting.empty() ? "Nothing waits" : count_words(waiting.size(), "waits", "wait"));
    fields.show("EMPTY", waiting.empty());
    for (const store::Deployment& deployment : waiting) {
        Fields& row = fields.row("ROW");
        row.set("NUMBER", deployment.id.text())
            .set("WHAT", deployment.sites)
            .set("WHO", deployment.requested_by);
        set_time(row, "TIME", "TIME_ISO", deployment.created_at, visit.now());
        if (!deployment.reason.empty()) row.row("REASON").set("TEXT", deployment.reason);
    }
    return page.response();
}

}  // namespace rpm::web
