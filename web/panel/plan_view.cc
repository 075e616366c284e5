// SPDX-License-Identifier: MIT
#include "web/panel/plan_view.h"

#include "web/view/format.h"
#include "web/view/page.h"
#include "web/view/states.h"

namespace rpm::web {
namespace {

void add_site(Fields& plan, const store::Site& site, Visit& visit) {
    Fields& row = plan.row("SITE");
    row.set("KIND", site.released_number == 0 ? "ok" : "draft");
    row.set("ID", site.id.text()).set("DOMAIN", site.domain);
    const auto head = store::get_revision(visit.db(), site.id, site.head);
    row.set("WHO", head.created_by);
    const std::string next = "version " + std::to_string(site.head_number);
    if (site.released_number == 0) {
        row.set("VERSIONS", next + ", new");
        row.row("CHANGE").set("TEXT", "goes live for the first time");
        return;
    }
    row.set("VERSIONS", site.has_undeployed_changes() ? "version " + std::to_string(site.released_number) +
                                                            " → " + std::to_string(site.head_number)
                                                      : next + ", again");
    const auto live = store::get_revision(visit.db(), site.id, site.released);
    for (const std::string& line : describe_changes(live.composition(), head.composition()))
        row.row("CHANGE").set("TEXT", line);
}

std::string names_of(const NodeGroup& group, bool admin) {
    if (!admin) return count_words(group.nodes.size(), "location", "locations");
    std::string names;
    for (const NodePlan* node : group.nodes) names += (names.empty() ? "" : ", ") + node->node.name;
    return names;
}

struct Totals {
    unsigned plus = 0;
    unsigned minus = 0;
    std::size_t files = 0;
    std::size_t unchanged = 0;
};

Totals add_groups(Fields& fields, const SitesPlan& plan, bool admin) {
    Totals totals;
    std::size_t number = 0;
    for (const NodeGroup& group : group_nodes(plan)) {
        const NodePlan& first = *group.nodes.front();
        if (first.files.empty()) {
            totals.unchanged += group.nodes.size();
            continue;
        }
        Fields& row = fields.row("GROUP");
        row.set("TITLE", group.nodes.size() == 1
                             ? "On one node, " + std::string(engine_name(to_word(first.node.engine)))
                             : "Same on " + std::to_string(group.nodes.size()) + " nodes, " +
                                   std::string(engine_name(to_word(first.node.engine))));
        row.set("NODES", names_of(group, admin));
        if (first.first && admin)
            row.row("FIRST").set("TEXT", "The first release on these nodes: every file is new.");
        set_diff(row, first.files, "g" + std::to_string(++number));
        for (const FileDiff& file : first.files) {
            totals.plus += file.plus;
            totals.minus += file.minus;
        }
        totals.files += first.files.size();
    }
    if (totals.unchanged)
        fields.row("UNCHANGED")
            .set("TEXT", count_words(totals.unchanged, "node carries", "nodes carry") + " this already.");
    return totals;
}

Fields& add_check(Fields& fields, const char* kind, const std::string& text, const std::string& detail = {}) {
    Fields& row = fields.row("CHECK");
    row.set("KIND", kind).set("TEXT", text);
    if (!detail.empty()) row.row("DETAIL").set("TEXT", detail);
    return row;
}

void add_checks(Fields& fields, const SitesPlan& plan, bool admin) {
    std::size_t good = 0;
    for (const NodePlan& node : plan.nodes) {
        const std::string name = admin ? node.node.name : "One location";
        const std::string url = admin ? "/nodes/" + node.node.id.text() : "";
        if (!node.problem.empty()) {
            Fields& row = add_check(fields, "bad", name + " cannot serve this", sentence(node.problem));
            if (node.problem_site)
                row.row("ACTION")
                    .set("URL", "/sites/" + node.problem_site.text() + "/edit")
                    .set("NAME", "Configure");
        } else if (node.node.state == "ok" || node.node.state == "unknown") {
            ++good;
        } else {
            Fields& row = add_check(fields, "warn", name + ": " + node_sign(node.node).word,
                                    "It keeps what it serves; the others do not wait for it.");
            if (!url.empty()) row.row("ACTION").set("URL", url).set("NAME", "Look");
        }
    }
    for (const NodePlan& node : plan.nodes)
        if (node.restarts)
            add_check(
                fields, "warn", (admin ? node.node.name : "One location") + " starts its engine anew",
                "Traefik opens other ports only then: connections are cut, and for a few seconds nothing "
                "answers there.");
    if (good == plan.nodes.size() && good != 0)
        add_check(fields, "ok",
                  good == 1 ? "No problem is known of the node" : "No problem is known of the nodes");
    for (const UnprovenName& each : plan.unproven)
        add_check(fields, "bad", each.name + " is not proven yet",
                  "Its owner has to show that it holds the name; the page of the site says how.")
            .row("ACTION")
            .set("URL", "/sites/" + each.site.text())
            .set("NAME", "Look");
    for (const store::Node& node : plan.inactive)
        add_check(fields, "idle pause", (admin ? node.name : "One location") + " is switched off",
                  "It gets nothing until it is enabled.");
    for (const store::Site& site : plan.sites)
        if (site.state != SiteState::active)
            add_check(fields, "warn", site.domain + " is " + std::string(to_word(site.state)),
                      "The new version is deployed, but visitors do not reach it.");
}

}  // namespace

void add_plan_view(Fields& fields, const SitesPlan& plan, Visit& visit) {
    const bool admin = visit.viewer.is_staff();
    const Totals totals = add_groups(fields, plan, admin);
    fields.set("PLUS", number_words(totals.plus)).set("MINUS", number_words(totals.minus));
    fields.set("SITES", number_words(plan.sites.size())).set("FILES", number_words(totals.files));
    fields.set("NODES", number_words(plan.nodes.size())).set("FINGERPRINT", plan.fingerprint);
    for (const store::Site& site : plan.sites) add_site(fields, site, visit);
    add_checks(fields, plan, admin);
}

}  // namespace rpm::web
