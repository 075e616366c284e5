// SPDX-License-Identifier: MIT
// One deployment, live: what each node does, in the engine's own words where it failed.
#include "shared/store/deployments.h"

#include <algorithm>
#include <array>

#include "shared/base/text.h"
#include "shared/crypto/digest.h"
#include "shared/ops/nodes.h"
#include "shared/ops/sites.h"
#include "shared/store/jobs.h"
#include "shared/store/sites.h"
#include "web/panel/pages.h"
#include "web/panel/refused_line.h"
#include "web/view/engine_words.h"
#include "web/view/format.h"
#include "web/view/page.h"
#include "web/view/states.h"

namespace rpm::web {
namespace {

struct Everything {
    store::Deployment deployment;
    std::vector<store::DeploymentNode> nodes;
    std::vector<store::DeploymentSite> sites;
    bool waits() const { return deployment.state == "awaiting_approval"; }
    bool open() const { return deployment.state == "queued" || deployment.state == "running" || waits(); }
};

Everything load(const Visit& visit) {
    Everything all;
    all.deployment = store::get_deployment(visit.db(), visit.scope(), visit.captures.id<DeploymentId>("id"));
    all.nodes = store::list_deployment_nodes(visit.db(), all.deployment.id);
    all.sites = store::list_deployment_sites(visit.db(), all.deployment.id);
    return all;
}

// Changes whenever the page would look different, running times aside.
std::string version_of(const Everything& all) {
    crypto::Sha256 hash;
    hash.update(all.deployment.state).update(all.deployment.decision);
    for (const store::DeploymentNode& node : all.nodes)
        hash.update(node.state).update(node.steps).update(node.error).update("\n");
    return text::hex(hash.finish().substr(0, 8));
}

// ---- Steps ----------------------------------------------------------------------------------------------

struct StepName {
    std::string_view name;
    const char* label;
};
constexpr std::array kSteps = std::to_array<StepName>({
    {"upload", "Upload"},
    {"test", "Test"},
    {"switch", "Switch"},
    {"reload", "Reload"},
    {"verify", "Verify"},
});

std::string text_in(const Json& step, std::string_view name) {
    const Json* value = step.find(name);
    return value != nullptr && value->is_text() ? value->text() : "";
}

const Json* find_step(const Json& steps, std::string_view name) {
    const Json* found = nullptr;
    if (steps.is_array())
        for (const Json& step : steps.items())
            if (text_in(step, "name") == name) found = &step;
    return found;
}

Json parse_steps(const std::string& text) {
    return text.empty() ? Json::array() : Json::parse(text);
}

void add_step(Fields& fields, const char* label, const Json* step) {
    Fields& row = fields.row("STEP");
    const std::string state = step != nullptr ? text_in(*step, "state") : "";
    const char* mark = "wait";
    const char* word = "not started";
    if (state == "ok") mark = "done", word = "done";
    if (state == "running") mark = "now", word = "running";
    if (state == "failed") mark = "fail", word = "failed";
    if (state == "skipped") mark = "done", word = "not needed";
    row.set("STATE", mark).set("NAME", label).set("WORD", word);
    const Json* ms = step != nullptr ? step->find("ms") : nullptr;
    const bool timed = ms != nullptr && ms->is_integer() && (state == "ok" || state == "failed");
    row.set("TOOK", timed ? duration_words(std::chrono::milliseconds(ms->integer())) : "");
}

void add_steps(Fields& row, const store::DeploymentNode& node) {
    const Json steps = parse_steps(node.steps);
    Fields& fields = row.include("STEPS", "components/steps.html");
    // A node that has it all already skips what it need not do.
    static const Json skipped = Json::object({{"name", "skipped"}, {"state", "skipped"}});
    // Connecting is on the way to the first step, and has no mark of its own.
    static const Json begun = Json::object({{"name", "begun"}, {"state", "running"}});
    const bool connecting = node.state == "running" && std::ranges::none_of(kSteps, [&](const auto& s) {
                                return find_step(steps, s.name);
                            });
    for (const StepName& step : kSteps) {
        const Json* found = find_step(steps, step.name);
        if (found == nullptr && node.state == "unchanged") found = &skipped;
        if (connecting && &step == kSteps.data()) found = &begun;
        add_step(fields, step.label, found);
    }
}

// ---- Nodes ----------------------------------------------------------------------------------------------

const char* output_kind(std::string_view line) {
    if (line.find("[emerg]") != std::string_view::npos || line.find("[crit]") != std::string_view::npos)
        return "e hl";
    if (line.find("error") != std::string_view::npos) return "e";
    if (line.find("[warn]") != std::string_view::npos) return "w";
    if (line.find("successful") != std::string_view::npos) return "g";
    return "";
}

// To the field that the engine's words are about, where they name a line.
void add_fix(Fields& output, const store::DeploymentNode& node, const store::DeploymentSite& which,
             const Visit& visit) {
    std::string url = "/sites/" + which.site.text() + "/edit";
    std::string name = "Configure " + which.domain;
    const auto site = store::find_site(visit.db(), visit.scope(), which.domain);
    if (site && site->id == which.site && which.number != 0) {
        if (const auto link =
                link_of_engine_words(visit, node.node, *site, which.number, node.engine_output)) {
            url += "#" + link->anchor;
            name = "Go to " + link->label;
        }
    }
    output.row("FIX").set("URL", url).set("NAME", name);
}

void add_output(Fields& row, const store::DeploymentNode& node, const Everything& all, const Visit& visit) {
    const auto lines = readable_lines(node.engine_output, all.sites, visit.viewer);
    if (lines.empty()) {
        row.row("QUIET").set("TEXT", node.state == "queued"    ? "Waits for a worker or for the node."
                                     : node.state == "running" ? "Nothing was said yet."
                                                               : "The engine said nothing.");
        return;
    }
    Fields& output = row.row("OUTPUT");
    for (const std::string& line : lines)
        output.row("LINE").set("KIND", output_kind(line)).set("TIME", "").set("TEXT", line);
    if (node.state == "failed" && all.sites.size() == 1) add_fix(output, node, all.sites.front(), visit);
}

void add_node(Fields& fields, const store::DeploymentNode& node, std::size_t number, const Everything& all,
              const Visit& visit) {
    Fields& row = fields.row("NODE");
    row.set("ID", std::to_string(number));
    // Clients do not learn how the operator's machines are called.
    row.set("NAME", visit.viewer.is_staff() ? node.node_name : "Location " + std::to_string(number));
    row.set("DETAIL", node.release.empty()
                          ? std::string(engine_name(node.engine))
                          : std::string(engine_name(node.engine)) + ", release " + node.release.substr(0, 8));
    set_sign(row, deployment_node_sign(node.state));
    row.set("TOOK", node.finished_at ? took_words(node.started_at, node.finished_at) : "");
    row.show("OPEN", node.state == "failed");
    add_steps(row, node);
    if (!node.error.empty())
        row.row("ERROR")
            .set("TITLE", node.state == "queued" ? "Tried, and waits to try again." : "Not done.")
            .set("TEXT", sentence(readable_error(node, all.sites, visit.viewer)));
    add_output(row, node, all, visit);
}

void add_sites(Fields& fields, const Everything& all) {
    for (const store::DeploymentSite& site : all.sites) {
        Fields& row = fields.row("SITE");
        row.set("ID", site.site.text()).set("DOMAIN", site.domain);
        row.set("TEXT", site.number ? "version " + std::to_string(site.number) : "taken offline");
    }
}

// ---- The page -------------------------------------------------------------------------------------------

std::string progress_words(const Everything& all) {
    const auto& d = all.deployment;
    std::string words = std::to_string(d.nodes_done) + " of " + count_words(d.nodes, "node", "nodes");
    if (d.nodes_failed) words += ", " + std::to_string(d.nodes_failed) + " failed";
    return words;
}

std::string running_words(const store::Deployment& deployment, Time now) {
    using std::chrono::duration_cast;
    using std::chrono::seconds;
    if (deployment.finished_at) return took_words(deployment.started_at, deployment.finished_at);
    if (deployment.state == "awaiting_approval") return "waiting for approval";
    if (!deployment.started_at) return "waiting for a worker";
    return "running " + duration_words(duration_cast<seconds>(now - *deployment.started_at));
}

// Why the first node that failed did: the engine's own words, without opening anything.
std::string first_reason(const Everything& all, const Visit& visit) {
    const auto failed = std::ranges::find(all.nodes, "failed", &store::DeploymentNode::state);
    if (failed == all.nodes.end() || failed->error.empty()) return {};
    const std::string who = visit.viewer.is_staff() ? failed->node_name : "It";
    return " " + who + " said: " + sentence(readable_error(*failed, all.sites, visit.viewer));
}

void add_stopped(Fields& fields, const Everything& all, const Visit& visit) {
    const auto& d = all.deployment;
    if (d.state != "failed" && d.state != "partial") return;
    const bool some = d.nodes_done > 0;
    Fields& row = fields.row("STOPPED");
    row.set("TITLE", some ? "Some nodes did not take it" : "No node took it");
    row.set("TEXT",
            (some ? count_words(d.nodes_done, "node serves", "nodes serve") + " it. " : std::string()) +
                count_words(d.nodes_failed, "node keeps what it served", "nodes keep what they served") +
                " before." + first_reason(all, visit));
    if (all.sites.size() == 1)
        row.row("ACTION")
            .set("URL", "/sites/" + all.sites.front().site.text() + "/edit")
            .set("NAME", "Configure the site");
}

bool may_retry(const std::string& state) {
    constexpr std::array kOver{"failed", "partial", "cancelled", "voided", "rejected"};
    return std::ranges::find(kOver, state) != kOver.end();
}

void add_approval(Fields& fields, const Everything& all, const Visit& visit) {
    const auto& d = all.deployment;
    if (all.waits()) {
        Fields& row = fields.row("APPROVAL");
        row.set("APPROVAL_KIND", "warn").set("TITLE", "This waits for approval");
        row.set("TEXT",
                "Nothing is released and no node is touched until somebody else has approved exactly this.");
        row.show("PLAN_LINK");
        row.show("WITHDRAW", visit.viewer.may(Permission::sites_deploy) &&
                                 (!visit.viewer.is_staff() || d.requester == visit.viewer.id ||
                                  visit.viewer.may(Permission::jobs_manage)));
        return;
    }
    if (!d.decided_at || d.state == "cancelled") return;
    const std::string who = d.decided_by.empty() ? "" : " by " + d.decided_by;
    const std::string why = d.decision.empty() ? "" : sentence(d.decision);
    Fields& row = fields.row("APPROVAL");
    if (d.state == "voided")
        row.set("APPROVAL_KIND", "warn")
            .set("TITLE", "The plan changed before it was approved")
            .set("TEXT", why + " Nothing was deployed; ask for it again.");
    else if (d.state == "rejected")
        row.set("APPROVAL_KIND", "bad")
            .set("TITLE", "Rejected" + who)
            .set("TEXT", why + " Nothing was deployed.");
    else
        row.set("APPROVAL_KIND", "ok").set("TITLE", "Approved" + who).set("TEXT", why);
}

void fill(Fields& fields, const Everything& all, const Visit& visit) {
    const auto& d = all.deployment;
    const Sign sign = deployment_sign(d.state);
    if (all.open())
        fields.include("LIVE", "components/live.html")
            .set("URL", "/deployments/" + d.id.text() + "/live")
            .set("SECONDS", "1")
            .set("TAG", version_of(all));
    fields.set("TAB_TITLE", "Deployment " + d.id.text() + ": " + sign.word);
    fields.set("NUMBER", d.id.text()).set("WHO", d.requested_by);
    set_sign(fields, sign);
    set_time(fields, "TIME", "TIME_ISO", d.created_at, visit.now());
    fields.set("TOOK", running_words(d, visit.now()));
    if (all.open()) fields.row("RUNNING").set("SINCE", "0");
    fields.show("CANCEL", all.open() && !all.waits());
    fields.show("RETRY", may_retry(d.state) && !all.sites.empty());
    add_stopped(fields, all, visit);
    add_approval(fields, all, visit);
    fields.set("PROGRESS", progress_words(all)).set("NODES_TOTAL", std::to_string(d.nodes));
    fields.set("NODES_DONE", std::to_string(d.nodes_done + d.nodes_failed));
    fields.show("NO_NODES", all.nodes.empty() && !all.waits() && !all.deployment.decided_at);
    std::size_t number = 0;
    for (const store::DeploymentNode& node : all.nodes) add_node(fields, node, ++number, all, visit);
    if (!d.reason.empty()) fields.row("REASON").set("TEXT", d.reason);
    if (!d.plan_digest.empty()) fields.row("FINGERPRINT").set("TEXT", d.plan_digest.substr(0, 16));
    add_sites(fields, all);
}

}  // namespace

http::Response deployment_page(Visit& visit) {
    const Everything all = load(visit);
    Page page(visit, "Deployment " + all.deployment.id.text(), At::deployments);
    page.crumb("Deployments", "/deployments");
    if (all.open()) page.refresh();
    fill(page.content("deployment.html").include("LIVE_PART", "deployment_live.html"), all, visit);
    return page.response();
}

http::Response deployment_live(Visit& visit) {
    const Everything all = load(visit);
    const std::string version = version_of(all);
    if (all.open() && visit.request.header("hx-ptag") == version) {
        http::Response same;
        same.status = 304;
        return same;
    }
    Fields fields;
    fill(fields, all, visit);
    return fragment(visit, "deployment_live.html", std::move(fields)).set("HX-PTag", version);
}

http::Response cancel_deployment(Visit& visit) {
    const Everything all = load(visit);
    unsigned cancelled = 0;
    for (const store::DeploymentNode& node : all.nodes) {
        if (node.state != "queued" || !node.job) continue;
        try {
            rpm::ops::cancel_job(visit.ops, visit.viewer, node.job);
            ++cancelled;
        } catch (const Conflict&) {  // a worker took it meanwhile: it will finish
            continue;
        }
    }
    const std::string page = "/deployments/" + all.deployment.id.text();
    if (cancelled == 0) return redirect(page, Flash{"warn", "Nothing was waiting any more."});
    return redirect(page, Flash{"ok", "Cancelled on " + count_words(cancelled, "node", "nodes") + "."});
}

http::Response retry_deployment(Visit& visit) {
    const Everything all = load(visit);
    std::vector<SiteId> sites;
    rpm::ops::Reviewed reviewed;
    bool moved = false;
    std::string review = "/review";
    for (const store::DeploymentSite& site : all.sites) {
        if (!site.revision) continue;
        sites.push_back(site.site);
        reviewed.versions[site.site] = site.number;
        moved = moved || store::get_site(visit.db(), visit.scope(), site.site).head != site.revision;
        review += (review.ends_with("review") ? "?site=" : "&site=") + site.site.text();
    }
    if (sites.empty()) throw Conflict("there is nothing to try again: these sites were taken offline");
    // What was saved since then was not part of that plan.
    if (moved)
        return redirect(review, Flash{"warn", "The site was saved since then. Review what would go out."});
    const DeploymentId next = rpm::ops::deploy_sites(
        visit.ops, visit.viewer, sites, "tries deployment " + all.deployment.id.text() + " again", reviewed);
    return redirect("/deployments/" + next.text());
}

}  // namespace rpm::web
