// SPDX-License-Identifier: MIT
#include "shared/ops/nodes.h"

#include <iostream>

#include "shared/base/error.h"
#include "shared/ops/node_settings.h"
#include "shared/store/address_lists.h"
#include "workers/ctl/commands.h"
#include "workers/ctl/describe.h"
#include "workers/ctl/follow.h"
#include "workers/ctl/lookup.h"
#include "workers/discover/nodes_file.h"
#include "workers/discover/report.h"

namespace rpm::ctl {
namespace {

int set_active(Environment& environment, const Arguments& arguments, bool active) {
    const auto node = get_node(environment.db(), arguments.word());
    ops::set_node_active(environment.context(), environment.viewer(), node.id, active);
    environment.print(node.name + (active ? " is enabled" : " is disabled; its sites stay on it as they are"),
                      Json::object({{"name", node.name}, {"active", active}}));
    return 0;
}

int show_host_keys(Environment& environment, const store::Node& node) {
    const auto keys = store::list_host_keys(environment.db(), node.id);
    Json all = Json::array();
    Table table({"STATE", "TYPE", "FINGERPRINT", "FIRST SEEN"});
    for (const store::HostKey& key : keys) {
        all.push(Json::object({{"state", key.state},
                               {"type", key.type},
                               {"fingerprint", key.fingerprint},
                               {"first_seen_at", to_rfc3339(key.first_seen_at)}}));
        table.add({key.state, key.type, key.fingerprint, show(key.first_seen_at)});
    }
    if (environment.json())
        environment.print(all);
    else if (keys.empty())
        environment.print(node.name + " has not shown a host key yet: it does at the first deployment to it");
    else
        environment.print(table);
    return 0;
}

}  // namespace

Json describe(const store::Node& node) {
    return Json::object({{"id", node.id.value()},
                         {"name", node.name},
                         {"ip_address", node.ip_address},
                         {"ssh_port", node.ssh_port},
                         {"ssh_user", node.ssh_user},
                         {"proxy_type", to_word(node.engine)},
                         {"listen_address", node.listen_address ? Json(*node.listen_address) : Json()},
                         {"http_port", node.http_port},
                         {"https_port", node.https_port},
                         {"proof_port", node.proof_port},
                         {"active", node.active},
                         {"discovered", node.discovered},
                         {"state", node.state},
                         {"state_reason", node.state_reason},
                         {"state_since", to_rfc3339(node.state_since)},
                         {"release", node.current_release},
                         {"sites", node.sites},
                         {"quarantined", node.quarantined},
                         {"last_contact_at", to_json(node.last_contact_at)}});
}

Table node_table(const std::vector<store::Node>& nodes) {
    Table table(
        {"NAME", "ENGINE", "ADDRESS", "STATE", {"SITES", Table::right}, "RELEASE", "LAST CONTACT", "REASON"});
    for (const store::Node& node : nodes)
        table.add({node.name, std::string(to_word(node.engine)),
                   node.ip_address + ":" + std::to_string(node.ssh_port),
                   node.active ? node.state : "disabled", std::to_string(node.sites),
                   node.current_release.substr(0, 8), show(node.last_contact_at),
                   node.state == "ok" ? "" : node.state_reason});
    return table;
}

int list_nodes(Environment& environment, const Arguments&) {
    const auto nodes = store::list_nodes(environment.db());
    if (!environment.json()) {
        environment.print(node_table(nodes));
        return 0;
    }
    Json all = Json::array();
    for (const store::Node& node : nodes) all.push(describe(node));
    environment.print(all);
    return 0;
}

int discover_nodes(Environment& environment, const Arguments& arguments) {
    const std::filesystem::path file =
        arguments.words().empty() ? environment.settings().nodes : std::filesystem::path(arguments.word());
    const auto content = discover::read_nodes_file(file);
    for (const discover::FileProblem& problem : content.problems) std::cerr << problem.text(file) << '\n';
    discover::demand_no_problems(content, file);
    const bool dry_run = arguments.has("dry-run");
    const auto report =
        ops::apply_discovered(environment.context(), environment.viewer(), content.nodes, dry_run);
    if (environment.json()) {
        environment.print(discover::to_json(report, dry_run));
        return 0;
    }
    for (const std::string& line : discover::lines(report)) environment.print(line);
    environment.print(discover::summary(report, dry_run));
    return 0;
}

int trust_node(Environment& environment, const Arguments& arguments) {
    const auto node = get_node(environment.db(), arguments.word(0));
    const std::string fingerprint = arguments.word(1);
    if (fingerprint.empty()) return show_host_keys(environment, node);
    ops::trust_host_key(environment.context(), environment.viewer(), node.id, fingerprint);
    environment.print(node.name + " is trusted with " + fingerprint,
                      Json::object({{"name", node.name}, {"fingerprint", fingerprint}}));
    return 0;
}

int enable_node(Environment& environment, const Arguments& arguments) {
    return set_active(environment, arguments, true);
}

int disable_node(Environment& environment, const Arguments& arguments) {
    return set_active(environment, arguments, false);
}

int node_settings(Environment& environment, const Arguments& arguments) {
    const auto wait = wait_option(arguments);
    const auto node = get_node(environment.db(), arguments.word());
    const auto file = arguments.option("file");
    if (!file) {
        environment.print(node.node_settings().to_json());
        return 0;
    }
    const auto wanted = NodeSettings::parse(Json::parse(read_input(*file)));
    const auto id = ops::set_node_settings(environment.context(), environment.viewer(), node.id, wanted);
    if (id) return report_queued(environment, *id, wait);
    environment.print("nothing had to be deployed to " + node.name,
                      Json::object({{"name", node.name}, {"deployment", Json()}}));
    return 0;
}

int list_node_lists(Environment& environment, const Arguments&) {
    Json all = Json::array();
    Table table({"LIST", {"NETWORKS", Table::right}, "READ", "REASON"});
    for (const auto& list : store::list_address_lists(environment.db())) {
        all.push(Json::object({{"url", list.url},
                               {"entries", list.entries},
                               {"digest", list.digest},
                               {"fetched_at", to_json(list.fetched_at)},
                               {"changed_at", to_json(list.changed_at)},
                               {"error", list.error}}));
        table.add({list.url, std::to_string(list.entries), show(list.fetched_at), list.error});
    }
    if (environment.json())
        environment.print(all);
    else
        environment.print(table);
    return 0;
}

int deploy_node(Environment& environment, const Arguments& arguments) {
    const auto wait = wait_option(arguments);
    const auto node = get_node(environment.db(), arguments.word());
    const DeploymentId id = ops::deploy_node(environment.context(), environment.viewer(), node.id,
                                             arguments.option("reason", ""));
    return report_queued(environment, id, wait);
}

}  // namespace rpm::ctl
