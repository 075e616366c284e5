// SPDX-License-Identifier: MIT
// The list of deployments.
#include "shared/store/deployments.h"
#include "web/panel/pages.h"
#include "web/view/format.h"
#include "web/view/page.h"
#include "web/view/pager.h"
#include "web/view/states.h"

namespace rpm::web {
namespace {

constexpr unsigned kPage = 50;

void add_row(Fields& list, const store::Deployment& deployment, Time now) {
    Fields& row = list.row("ROW");
    row.set("NUMBER", deployment.id.text());
    set_sign(row, deployment_sign(deployment.state));
    row.set("WHAT", deployment.sites.empty() ? "Nodes brought up to date" : deployment.sites);
    if (!deployment.reason.empty()) row.row("REASON").set("TEXT", deployment.reason);
    row.set("WHO", deployment.requested_by);
    set_time(row, "TIME", "TIME_ISO", deployment.created_at, now);
    row.set("NODES", std::to_string(deployment.nodes_done) + " of " + std::to_string(deployment.nodes));
    row.set("TOOK", took_words(deployment.started_at, deployment.finished_at));
}

}  // namespace

http::Response deployments_page(Visit& visit) {
    store::DeploymentFilter filter;
    if (const auto before = DeploymentId::parse(visit.request.query.text("before")))
        filter.before_id = *before;
    filter.limit = kPage + 1;
    auto deployments = store::list_deployments(visit.db(), visit.scope(), filter);
    Page page(visit, "Deployments", At::deployments);
    Fields& fields = page.content("deployments.html");
    fields.set("SUMMARY", "Newest first");
    if (const auto undeployed = page.counts().sites.undeployed)
        fields.row("REVIEW").set("TEXT", "Review " + count_words(undeployed, "change", "changes"));
    if (deployments.empty()) {
        fields.show("EMPTY");
        return page.response();
    }
    Fields& list = fields.row("LIST");
    const bool more = deployments.size() > kPage;
    if (more) deployments.pop_back();
    for (const store::Deployment& deployment : deployments) add_row(list, deployment, visit.now());
    Pager pager;
    pager.range = count_words(deployments.size(), "deployment", "deployments");
    if (filter.before_id) pager.previous = "/deployments";
    if (more) pager.next = "/deployments?before=" + deployments.back().id.text();
    set_pager(list, pager);
    return page.response();
}

}  // namespace rpm::web
