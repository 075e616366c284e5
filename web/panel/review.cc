// SPDX-License-Identifier: MIT
// Plan, then apply: every line that would change on every node, and the button that makes it so.
#include <algorithm>
#include <map>

#include "shared/ops/approvals.h"
#include "shared/ops/limits.h"
#include "shared/ops/sites.h"
#include "web/http/form.h"
#include "web/panel/pages.h"
#include "web/panel/plan.h"
#include "web/panel/plan_view.h"
#include "web/view/format.h"
#include "web/view/page.h"
#include "web/view/states.h"

namespace rpm::web {
namespace {

constexpr unsigned kMaxSites = 200;  // of one plan; the rest waits for the next
constexpr std::size_t kMaxSeen = 1000;

// What is asked for: some sites, or everything that is not live.
struct Wanted {
    std::vector<SiteId> sites;
    bool chosen = false;
};

Wanted read_wanted(Visit& visit, const http::Values& values) {
    Wanted wanted;
    if (values.all("site").size() > kMaxSites)
        throw Invalid("site", "is given more than " + std::to_string(kMaxSites) + " times");
    for (const std::string_view text : values.all("site")) {
        const auto id = SiteId::parse(text);
        if (!id) throw NotFound("no such site");
        if (std::ranges::find(wanted.sites, *id) == wanted.sites.end()) wanted.sites.push_back(*id);
    }
    wanted.chosen = !wanted.sites.empty();
    if (wanted.chosen) return wanted;
    store::SiteFilter filter;
    filter.deploy_state = "undeployed";
    filter.limit = kMaxSites;
    for (const auto& site :
         store::list_site_summaries(visit.db(), visit.scope(), filter, visit.context.known_sites))
        wanted.sites.push_back(site->id);
    return wanted;
}

// ---- What moved -----------------------------------------------------------------------------------------

// "site:12@3" and "node:7@1a2b3c4d", small enough to travel in the form.
std::map<std::string, std::string> seen_of(const SitesPlan& plan) {
    std::map<std::string, std::string> seen;
    for (const store::Site& site : plan.sites)
        seen["site:" + site.id.text()] = std::to_string(site.head_number);
    for (const NodePlan& node : plan.nodes) seen["node:" + node.node.id.text()] = node.release.substr(0, 8);
    return seen;
}

std::string moved_words(const SitesPlan& plan, const http::Values& form) {
    std::map<std::string, std::string> before;
    for (const std::string_view entry : form.all("seen"))
        if (const auto at = entry.find('@'); at != std::string_view::npos)
            before[std::string(entry.substr(0, at))] = entry.substr(at + 1);
    std::string words;
    const auto say = [&words](const std::string& text) { words += (words.empty() ? "" : " ") + text; };
    std::size_t same_sites = 0;
    for (const store::Site& site : plan.sites) {
        const auto known = before.find("site:" + site.id.text());
        const std::string number = std::to_string(site.head_number);
        if (known == before.end())
            say(site.domain + " is waiting as well now.");
        else if (known->second != number)
            say(site.domain + " was saved again: version " + number + ".");
        else
            ++same_sites;
    }
    if (words.empty() && same_sites == plan.sites.size()) {
        std::size_t nodes = 0;
        for (const NodePlan& node : plan.nodes) {
            const auto known = before.find("node:" + node.node.id.text());
            nodes += known == before.end() || known->second != node.release.substr(0, 8);
        }
        if (nodes) say("Other changes reached " + count_words(nodes, "node", "nodes") + " meanwhile.");
    }
    if (words.empty()) say("Sites or nodes were added or taken away.");
    return words + " Nothing was deployed. Look at the new plan below.";
}

// ---- The page -------------------------------------------------------------------------------------------

void add_button(Fields& fields, const SitesPlan& plan, Visit& visit) {
    const bool admin = visit.viewer.is_staff();
    if (plan.feasible()) {
        const bool waits = rpm::ops::needs_approval(visit.db(), visit.viewer);
        fields.row("READY").set(
            "BUTTON", waits
                          ? "Ask for approval"
                          : "Deploy to " + (admin ? count_words(plan.nodes.size(), "node", "nodes")
                                                  : count_words(plan.nodes.size(), "location", "locations")));
        return;
    }
    fields.row("NOT_READY")
        .set("TEXT", plan.nodes.empty()       ? "No active node is chosen for these sites."
                     : !plan.unproven.empty() ? "Some names are not proven yet."
                                              : "Some nodes cannot serve this.");
}

void add_plan(Fields& content, const SitesPlan& plan, const Wanted& wanted, Visit& visit,
              const std::string& moved, const std::string& reason) {
    Fields& fields = content.row("PLAN");
    fields.show("DEPLOY_FORM").set("REASON", reason);
    fields.show("MAY_DEPLOY", visit.viewer.may(Permission::sites_deploy));
    if (!moved.empty()) fields.row("MOVED").set("TEXT", moved);
    add_plan_view(fields, plan, visit);
    if (wanted.chosen)
        for (const SiteId site : wanted.sites) fields.row("ONLY_SITE").set("ID", site.text());
    const auto seen = seen_of(plan);
    if (seen.size() <= kMaxSeen)
        for (const auto& [what, version] : seen) fields.row("SEEN").set("VALUE", what + '@' + version);
    add_button(fields, plan, visit);
}

http::Response show(Visit& visit, const Wanted& wanted, const SitesPlan& plan, const std::string& moved,
                    const std::string& reason, int status) {
    Page page(visit, "Review", At::sites);
    page.crumb("Sites", "/sites");
    Fields& fields = page.content("review.html");
    if (wanted.sites.empty()) {
        fields.set("SUMMARY", "Nothing is waiting");
        fields.row("EMPTY").set("TEXT", "What was saved is what the nodes should serve.");
        return page.response(status);
    }
    std::string summary = count_words(plan.sites.size(), "site", "sites");
    if (wanted.sites.size() == kMaxSites) summary += ", the rest with the next plan";
    fields.set("SUMMARY", summary);
    add_plan(fields, plan, wanted, visit, moved, reason);
    return page.response(status);
}

}  // namespace

void count_plan(Visit& visit) {
    if (const auto wait = rpm::ops::count_plan(visit.ops, visit.viewer))
        throw http::HttpError(429, "too many plans were computed for you; wait a little",
                              {{"Retry-After", std::to_string(wait->count())}});
}

http::Response review_page(Visit& visit) {
    count_plan(visit);
    const Wanted wanted = read_wanted(visit, visit.request.query);
    return show(visit, wanted, plan_sites(visit, wanted.sites), "", "", 200);
}

http::Response deploy(Visit& visit) {
    count_plan(visit);
    const Wanted wanted = read_wanted(visit, visit.request.form);
    http::Form form(visit.request);
    const std::string reason = form.text("reason", {.max = 200});
    const SitesPlan plan = plan_sites(visit, wanted.sites);
    if (form.text("plan") != plan.fingerprint || wanted.sites.empty())
        return show(visit, wanted, plan, moved_words(plan, visit.request.form), reason, 409);
    if (!plan.feasible() || !form.problems().empty()) return show(visit, wanted, plan, "", reason, 422);
    rpm::ops::Reviewed reviewed{.plan_digest = plan.fingerprint};
    for (const store::Site& site : plan.sites) reviewed.versions[site.id] = site.head_number;
    const DeploymentId id = rpm::ops::deploy_sites(visit.ops, visit.viewer, wanted.sites, reason, reviewed);
    return redirect("/deployments/" + id.text());
}

}  // namespace rpm::web
