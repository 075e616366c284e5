// SPDX-License-Identifier: MIT
#include "shared/ops/sites.h"

#include <iostream>
#include <iterator>

#include "shared/base/config.h"
#include "shared/base/error.h"
#include "shared/base/text.h"
#include "workers/ctl/commands.h"
#include "workers/ctl/describe.h"
#include "workers/ctl/follow.h"
#include "workers/ctl/lookup.h"

namespace rpm::ctl {
namespace {

constexpr unsigned kPage = 500;

ops::SiteInput read_site(Environment& environment, const Arguments& arguments) {
    const auto file = arguments.option("file");
    if (!file) throw Invalid("--file", "is missing; give a file with the site's JSON, or -");
    ops::SiteInput input{.definition = SiteDefinition::parse(Json::parse(read_input(*file))),
                         .owner = {},
                         .targets = std::nullopt,
                         .reason = arguments.option("reason", "")};
    if (const auto owner = arguments.option("owner")) input.owner = get_user(environment.db(), *owner).id;
    if (const auto nodes = arguments.option("nodes")) input.targets = get_nodes(environment.db(), *nodes);
    return input;
}

// Page by page: a fleet may have more sites than one answer should hold.
template <class F>
void each_site(Environment& environment, Scope scope, store::SiteFilter filter, F&& f) {
    filter.limit = kPage;
    while (true) {
        const auto page = store::list_sites(environment.db(), scope, filter);
        for (const store::Site& site : page) f(site);
        if (page.size() < kPage) return;
        filter.after_domain = page.back().domain;
        filter.after_id = page.back().id;
    }
}

std::string version(const store::Site& site) {
    if (!site.has_undeployed_changes()) return std::to_string(site.head_number);
    return std::to_string(site.head_number) + " (" +
           (site.released_number == 0 ? "none" : std::to_string(site.released_number)) + " deployed)";
}

Json describe(const store::SiteOnNode& place) {
    return Json::object({{"node", place.node_name},
                         {"engine", place.engine},
                         {"state", place.node_state},
                         {"target", place.target},
                         {"served_version", place.served_number},
                         {"refused_version", place.quarantined_number},
                         {"refused_because", place.quarantine_message}});
}

Json describe(const store::Revision& revision) {
    return Json::object({{"version", revision.number},
                         {"created_at", to_rfc3339(revision.created_at)},
                         {"created_by", revision.created_by},
                         {"reason", revision.reason}});
}

void show_places(Environment& environment, const std::vector<store::SiteOnNode>& places) {
    Table table({"NODE", "ENGINE", "STATE", {"SERVES", Table::right}, "REMARK"});
    for (const store::SiteOnNode& place : places) {
        std::string remark = place.target ? "" : "to be removed";
        if (!place.quarantine_message.empty())
            remark = "refused version " + std::to_string(place.quarantined_number) + ": " +
                     place.quarantine_message;
        table.add({place.node_name, place.engine, place.node_state,
                   place.served_number == 0 ? "-" : std::to_string(place.served_number), remark});
    }
    environment.print(table);
}

std::string name_of(const store::Site& site) {
    return "site " + site.domain;
}

}  // namespace

Json describe(const store::Site& site) {
    return Json::object({{"id", site.id.value()},
                         {"domain", site.domain},
                         {"owner", site.owner_name},
                         {"upstream", site.upstream_summary},
                         {"tls_mode", site.tls_mode},
                         {"state", to_word(site.state)},
                         {"blocked_reason", site.blocked_reason},
                         {"version", site.head_number},
                         {"deployed_version", site.released_number},
                         {"deploy_state", site.deploy_state},
                         {"nodes", site.node_count},
                         {"created_at", to_rfc3339(site.created_at)},
                         {"updated_at", to_rfc3339(site.updated_at)}});
}

int list_sites(Environment& environment, const Arguments& arguments) {
    Scope scope = Scope::everything();
    if (const auto owner = arguments.option("owner")) {
        Viewer as_owner;  // sees what that user sees
        as_owner.id = get_user(environment.db(), *owner).id;
        scope = Scope::of(as_owner);
    }
    Json all = Json::array();
    Table table(
        {"DOMAIN", "OWNER", "UPSTREAM", "TLS", "STATE", "DEPLOYED", "VERSION", {"NODES", Table::right}});
    store::SiteFilter filter;
    filter.text = arguments.option("match", "");
    each_site(environment, scope, filter, [&](const store::Site& site) {
        if (environment.json())
            all.push(describe(site));
        else
            table.add({site.domain, site.owner_name, site.upstream_summary, site.tls_mode,
                       std::string(to_word(site.state)), site.deploy_state, version(site),
                       std::to_string(site.node_count)});
    });
    if (environment.json())
        environment.print(all);
    else
        environment.print(table);
    return 0;
}

int show_site(Environment& environment, const Arguments& arguments) {
    auto& db = environment.db();
    const auto site = get_site(db, arguments.word());
    const auto revision = store::get_revision(db, site.id, site.head);
    const auto places = store::list_site_nodes(db, site.id);
    const auto history = store::list_revisions(db, site.id, 20);
    if (environment.json()) {
        Json out = describe(site);
        out["definition"] = revision.definition.to_json();
        out["on"] = Json::array();
        for (const auto& place : places) out["on"].push(describe(place));
        out["history"] = Json::array();
        for (const auto& entry : history) out["history"].push(describe(entry));
        environment.print(out);
        return 0;
    }
    environment.print(site.domain + " (id " + site.id.text() + ") of " + site.owner_name + ": " +
                      std::string(to_word(site.state)) + ", " + site.deploy_state + ", version " +
                      version(site));
    if (!site.blocked_reason.empty()) environment.print("blocked: " + printable(site.blocked_reason));
    environment.print("");
    show_places(environment, places);
    environment.print("");
    Table table({{"VERSION", Table::right}, "SAVED", "BY", "REASON"});
    for (const auto& entry : history)
        table.add({std::to_string(entry.number), show(entry.created_at), entry.created_by, entry.reason});
    environment.print(table);
    environment.print("");
    environment.print(revision.definition.to_json().dump(2));
    return 0;
}

int add_site(Environment& environment, const Arguments& arguments) {
    if (!arguments.option("owner")) throw Invalid("--owner", "is missing; whose site is it?");
    const auto input = read_site(environment, arguments);
    const SiteId id = ops::create_site(environment.context(), environment.viewer(), input);
    environment.print(
        id.text(),
        Json::object({{"id", id.value()}, {"domain", input.definition.primary().text()}, {"version", 1}}));
    return 0;
}

int update_site(Environment& environment, const Arguments& arguments) {
    const auto site = get_site(environment.db(), arguments.word());
    const auto input = read_site(environment, arguments);
    const unsigned number =
        ops::update_site(environment.context(), environment.viewer(), site.id, site.head_number, input);
    environment.print(
        number == site.head_number ? "version " + std::to_string(number) + ", unchanged"
                                   : "version " + std::to_string(number) + " saved",
        Json::object(
            {{"id", site.id.value()}, {"version", number}, {"changed", number != site.head_number}}));
    return 0;
}

int block_site(Environment& environment, const Arguments& arguments) {
    const auto site = get_site(environment.db(), arguments.word());
    const unsigned status = arguments.number("status", 403, 100, 599);
    const auto deployment = ops::block_site(environment.context(), environment.viewer(), site.id, status,
                                            arguments.option("reason", ""));
    return report_change(environment, name_of(site) + " is blocked", deployment);
}

int pause_site(Environment& environment, const Arguments& arguments) {
    const auto site = get_site(environment.db(), arguments.word());
    return report_change(environment, name_of(site) + " is paused",
                         ops::pause_site(environment.context(), environment.viewer(), site.id));
}

int resume_site(Environment& environment, const Arguments& arguments) {
    const auto site = get_site(environment.db(), arguments.word());
    return report_change(environment, name_of(site) + " is active",
                         ops::resume_site(environment.context(), environment.viewer(), site.id));
}

int remove_site(Environment& environment, const Arguments& arguments) {
    const auto site = get_site(environment.db(), arguments.word());
    return report_change(environment, name_of(site) + " is removed",
                         ops::remove_site(environment.context(), environment.viewer(), site.id));
}

}  // namespace rpm::ctl
