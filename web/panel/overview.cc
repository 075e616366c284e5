// SPDX-License-Identifier: MIT
// What needs somebody now: nodes, sites and jobs for administrators; one's own sites for clients.
#include <algorithm>
#include <map>

#include "shared/base/text.h"
#include "shared/crypto/digest.h"
#include "shared/store/audit.h"
#include "shared/store/deployments.h"
#include "shared/store/jobs.h"
#include "shared/store/nodes.h"
#include "shared/store/sites.h"
#include "web/panel/pages.h"
#include "web/view/format.h"
#include "web/view/page.h"
#include "web/view/pager.h"
#include "web/view/states.h"

namespace rpm::web {
namespace {

constexpr unsigned kChanges = 8;
constexpr std::size_t kAttention = 7;
constexpr std::size_t kStops = 60;     // of one line of the map; more are counted
constexpr unsigned kClientSites = 12;  // the rest is one click away

struct Tally {
    std::size_t active = 0;
    std::size_t serving = 0;
};

Tally tally_of(const std::vector<store::Node>& nodes) {
    Tally tally;
    for (const store::Node& node : nodes) {
        tally.active += node.active;
        tally.serving += node.active && node.state == "ok";
    }
    return tally;
}

void add_nodes_figure(Fields& fields, const Tally& tally) {
    fields.set("NODES_SERVING", number_words(tally.serving)).set("NODES_TOTAL", number_words(tally.active));
    const std::size_t rest = tally.active - tally.serving;
    fields.set("NODES_KIND", tally.active == 0 ? "idle" : rest == 0 ? "ok" : "warn");
    fields.set("NODES_NOTE", tally.active == 0 ? "no node yet"
                             : rest == 0       ? "all answer"
                                               : number_words(rest) + " not confirmed");
}

void add_sites_figure(Fields& fields, const store::SiteCounts& sites) {
    fields.set("SITES_LIVE", number_words(sites.live)).set("SITES_TOTAL", number_words(sites.all));
    fields.set("SITES_KIND", sites.failed ? "bad" : sites.all ? "ok" : "idle");
    fields.set("SITES_NOTE", sites.failed ? number_words(sites.failed) + " failed" : "none failed");
    fields.set("CHANGES", number_words(sites.undeployed));
    fields.set("CHANGES_KIND", sites.undeployed ? "draft" : "ok");
    fields.set("CHANGES_NOTE", sites.undeployed ? "wait for review" : "everything is deployed");
}

void add_jobs_figure(Fields& fields, const store::JobCounts& jobs) {
    fields.set("JOBS", number_words(jobs.queued));
    fields.set("JOBS_KIND", jobs.failed ? "bad" : jobs.running ? "run" : "ok");
    fields.set("JOBS_NOTE", jobs.failed    ? number_words(jobs.failed) + " failed today"
                            : jobs.running ? number_words(jobs.running) + " running"
                                           : "none is late");
}

// ---- Needs attention ------------------------------------------------------------------------------------

struct Concern {
    std::string kind, title, url, detail, age, action;
};

// For whoever may decide; what one asked for oneself waits for others.
std::vector<Concern> approvals_of(Visit& visit) {
    std::vector<Concern> concerns;
    if (!visit.viewer.may(Permission::deployments_approve)) return concerns;
    store::DeploymentFilter filter;
    filter.state = "awaiting_approval";
    filter.limit = kAttention;
    for (const store::Deployment& deployment : store::list_deployments(visit.db(), visit.scope(), filter))
        if (deployment.requester != visit.viewer.id)
            concerns.push_back({"warn", "Deployment " + deployment.id.text() + " waits for approval",
                                "/deployments/" + deployment.id.text() + "/plan",
                                deployment.requested_by + ": " + text::ellipsis(deployment.sites, 200),
                                age_words(deployment.created_at, visit.now()), "Decide"});
    return concerns;
}

std::vector<Concern> concerns_of(Visit& visit, const std::vector<store::Node>& nodes,
                                 const store::SiteCounts& sites) {
    std::vector<Concern> concerns = approvals_of(visit);
    for (const store::Node& node : nodes)
        if (node.active && node.state != "ok" && node.state != "unknown")
            concerns.push_back(
                {node_sign(node).kind, node.name + ": " + node_sign(node).word, "/nodes/" + node.id.text(),
                 node.state_reason.empty() ? "It keeps serving what it had." : sentence(node.state_reason),
                 age_words(node.state_since, visit.now()), "Look"});
    if (sites.failed == 0) return concerns;
    store::SiteFilter failed;
    failed.deploy_state = "failed";
    failed.limit = kAttention;
    for (const auto& site :
         store::list_site_summaries(visit.db(), visit.scope(), failed, visit.context.known_sites))
        concerns.push_back({"bad", site->domain + " was refused", "/sites/" + site->id.text(),
                            "Version " + std::to_string(site->released_number) +
                                " did not go live everywhere; nodes keep the last good one.",
                            age_words(site->updated_at, visit.now()), "Fix"});
    return concerns;
}

void add_attention(Fields& fields, const std::vector<Concern>& concerns) {
    Fields& attention = fields.row("ATTENTION");
    if (concerns.empty()) {
        attention.row("CALM").set("TEXT", "Nothing needs you: all nodes serve what was deployed.");
        return;
    }
    attention.row("COUNT").set("N", number_words(concerns.size()));
    for (std::size_t i = 0; i < concerns.size() && i < kAttention; ++i) {
        const Concern& concern = concerns[i];
        attention.row("ROW")
            .set("KIND", concern.kind)
            .set("TITLE", concern.title)
            .set("URL", concern.url)
            .set("DETAIL", concern.detail)
            .set("AGE", concern.age)
            .set("ACTION", concern.action);
    }
}

// ---- Fleet ----------------------------------------------------------------------------------------------

void add_fleet(Fields& fields, const std::vector<store::Node>& nodes) {
    if (nodes.empty()) return;
    Fields& fleet = fields.row("FLEET");
    fleet.set("SUMMARY", count_words(nodes.size(), "node", "nodes"));
    std::map<Engine, std::vector<const store::Node*>> lines;
    for (const store::Node& node : nodes) lines[node.engine].push_back(&node);
    for (const auto& [engine, stops] : lines) {
        Fields& line = fleet.row("LINE");
        line.set("NAME", std::string(engine_name(to_word(engine)))).set("URL", "/nodes");
        line.set("NOTE", count_words(stops.size(), "node", "nodes"));
        std::string healthy;
        std::size_t count = 0;
        for (std::size_t i = 0; i < stops.size(); ++i) {
            const Sign sign = node_sign(*stops[i]);
            if (sign.kind == "ok") healthy += (count++ ? ", " : "") + stops[i]->name;
            if (i >= kStops && sign.kind == "ok") continue;
            Fields& stop = line.row("NODE");
            stop.set("ID", stops[i]->id.text()).set("NAME", stops[i]->name);
            set_sign(stop, sign);
        }
        if (count)
            line.row("FOLD").set("TEXT", number_words(count) + " healthy: " + text::ellipsis(healthy, 300));
    }
}

// ---- Recent changes -------------------------------------------------------------------------------------

// Signing in changes nothing; the audit log has it.
std::vector<store::AuditEntry> recent_changes(Visit& visit) {
    store::AuditFilter filter;
    filter.limit = kChanges * 4;
    auto entries = store::list_audit(visit.db(), visit.scope(), filter);
    std::erase_if(entries, [](const store::AuditEntry& entry) {
        return entry.action == "user.sign_in" || entry.action == "user.sign_out";
    });
    if (entries.size() > kChanges) entries.resize(kChanges);
    return entries;
}

std::string object_url(const store::AuditEntry& entry, bool admin) {
    if (entry.action.ends_with(".remove")) return {};
    const std::string id = std::to_string(entry.object_id);
    if (entry.object_type == "site") return "/sites/" + id;
    if (entry.object_type == "node" && admin) return "/nodes/" + id;
    return {};
}

void add_changes(Fields& fields, const std::vector<store::AuditEntry>& entries, bool admin, Time now) {
    Fields& changes = fields.row("CHANGES_LIST");
    changes.show("AUDIT", admin);
    changes.show("EMPTY", entries.empty());
    for (const store::AuditEntry& entry : entries) {
        Fields& row = changes.row("ROW");
        set_time(row, "TIME", "TIME_ISO", entry.at, now);
        row.set("WHO", entry.username);
        const std::string url = object_url(entry, admin);
        row.set("WHAT", action_words(entry.action) + (url.empty() ? ' ' + entry.object_name : ""));
        if (!url.empty()) row.row("OBJECT").set("URL", url).set("NAME", entry.object_name);
    }
}

// ---- Three steps to the first site ----------------------------------------------------------------------

void add_start(Fields& fields, bool nodes, const store::SiteCounts& sites, bool admin) {
    if (nodes && sites.undeployed < sites.all) return;  // something was deployed before
    Fields& start = fields.row("START");
    start.set("NODE_KIND", nodes ? "ok" : "idle");
    start.set("SITE_KIND", sites.all ? "ok" : "idle");
    start.set("DEPLOY_KIND", "idle");
    start.show("ADD_NODE", admin && !nodes);
    start.show("ADD_SITE", nodes && !sites.all);
    start.show("DEPLOY", nodes && sites.undeployed != 0);
}

// ---- The two pages --------------------------------------------------------------------------------------

void fill_admin(Fields& fields, Visit& visit, const store::SiteCounts& sites,
                const std::vector<store::Node>& nodes, const store::JobCounts& jobs) {
    fields.show("ADMIN");
    add_nodes_figure(fields, tally_of(nodes));
    add_sites_figure(fields, sites);
    add_jobs_figure(fields, jobs);
    add_start(fields, !nodes.empty(), sites, true);
    if (!nodes.empty()) add_attention(fields, concerns_of(visit, nodes, sites));
    add_fleet(fields, nodes);
}

void fill_client(Fields& fields, Visit& visit, const store::SiteCounts& sites) {
    fields.show("CLIENT");
    store::SiteFilter filter;
    filter.limit = kClientSites;
    Fields& list = fields.row("SITES");
    list.show("EMPTY", sites.all == 0);
    for (const auto& site :
         store::list_site_summaries(visit.db(), visit.scope(), filter, visit.context.known_sites)) {
        Fields& row = list.row("ROW");
        row.set("ID", site->id.text()).set("DOMAIN", site->domain);
        row.set("DETAIL", site->upstream_summary + ", changed " + age_words(site->updated_at, visit.now()));
        set_sign(row, site_sign(*site));
    }
}

std::string client_sentence(const store::SiteCounts& sites) {
    if (sites.all == 0) return "Add your first site";
    std::string words =
        sites.live == sites.all
            ? (sites.all == 1 ? "Your site is live." : "All " + number_words(sites.all) + " sites are live.")
            : number_words(sites.live) + " of " + count_words(sites.all, "site", "sites") +
                  (sites.live == 1 ? " is live." : " are live.");
    if (sites.failed) words += ' ' + number_words(sites.failed) + " failed.";
    return words;
}

// What the live part was made of: equal texts look equal.
std::string version_of(const store::SiteCounts& sites, const std::vector<store::AuditEntry>& entries,
                       const std::vector<store::Node>& nodes, const store::JobCounts& jobs, Time now) {
    std::string all = std::to_string(sites.all) + ' ' + std::to_string(sites.live) + ' ' +
                      std::to_string(sites.failed) + ' ' + std::to_string(sites.undeployed) + ' ' +
                      std::to_string(jobs.queued) + ' ' + std::to_string(jobs.running) + ' ' +
                      std::to_string(jobs.failed);
    for (const store::Node& node : nodes) all += ' ' + node.state + node.current_release;
    if (!entries.empty()) all += ' ' + entries.front().id.text();
    all += ' ' + std::to_string(std::chrono::floor<std::chrono::minutes>(now).time_since_epoch().count());
    return text::hex(crypto::sha256(all).substr(0, 8));
}

}  // namespace

http::Response overview_page(Visit& visit) {
    const bool admin = visit.context.panel == PanelKind::admin;
    const Counts counts = visit.context.badges.of(visit.db(), visit.viewer, visit.now());
    const auto entries = recent_changes(visit);
    const auto nodes = admin ? store::list_nodes(visit.db()) : std::vector<store::Node>();
    const auto jobs = admin ? store::count_jobs(visit.db(), visit.now()) : store::JobCounts();
    const std::string version = version_of(counts.sites, entries, nodes, jobs, visit.now());
    if (visit.wants_fragment() && visit.request.header("hx-ptag") == version) {
        http::Response same;
        same.status = 304;
        return same;
    }
    const auto fill = [&](Fields& live) {
        live.include("LIVE", "components/live.html").set("URL", "/").set("SECONDS", "10").set("TAG", version);
        if (admin)
            fill_admin(live, visit, counts.sites, nodes, jobs);
        else
            fill_client(live, visit, counts.sites);
        add_changes(live, entries, admin, visit.now());
    };
    if (visit.wants_fragment()) {
        Fields live;
        fill(live);
        return fragment(visit, "overview_live.html", std::move(live)).set("HX-PTag", version);
    }
    Page page(visit, "Overview", At::overview);
    Fields& fields = page.content("overview.html");
    fields.show(admin ? FieldName("ADMIN") : FieldName("CLIENT"));
    if (!admin) fields.set("SENTENCE", client_sentence(counts.sites));
    fields.row("LIVE_NOTE").set("SINCE", "0");
    if (counts.sites.undeployed)
        fields.row("REVIEW").set("TEXT",
                                 "Review " + count_words(counts.sites.undeployed, "change", "changes"));
    fill(fields.include("LIVE_PART", "overview_live.html"));
    return page.response();
}

}  // namespace rpm::web
