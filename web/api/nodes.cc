// SPDX-License-Identifier: MIT
#include "shared/store/nodes.h"

#include <algorithm>

#include "shared/ops/node_settings.h"
#include "shared/ops/nodes.h"
#include "shared/store/address_lists.h"
#include "web/api/handlers.h"
#include "web/api/input.h"
#include "web/api/output.h"

namespace rpm::api {
namespace {

Json node_json(const store::Node& node) {
    return Json::object({{"id", node.id.value()},
                         {"name", node.name},
                         {"address", node.ip_address},
                         {"ssh_port", node.ssh_port},
                         {"ssh_user", node.ssh_user},
                         {"engine", to_word(node.engine)},
                         {"listen_address", node.listen_address ? Json(*node.listen_address) : Json()},
                         {"http_port", node.http_port},
                         {"https_port", node.https_port},
                         {"proof_port", node.proof_port},
                         {"active", node.active},
                         {"discovered", node.discovered},
                         {"state", node.state},
                         {"state_reason", text_or_null(node.state_reason)},
                         {"state_since", time_json(node.state_since)},
                         {"release", text_or_null(node.current_release)},
                         {"last_contact_at", time_json(node.last_contact_at)},
                         {"site_count", node.sites},
                         {"refused_count", node.quarantined}});
}

Json key_json(const store::HostKey& key) {
    return Json::object({{"fingerprint", key.fingerprint},
                         {"type", key.type},
                         {"state", key.state},
                         {"first_seen_at", time_json(key.first_seen_at)}});
}

std::string settings_tag(const store::Node& node) {
    return "\"" + rpm::ops::settings_version(node) + "\"";
}

// The lists with what became of them, so that a script can watch them.
http::Response settings_response(Call& call, NodeId id, std::optional<DeploymentId> deployment) {
    const auto node = store::get_node(call.db(), id);
    const NodeSettings settings = node.node_settings();
    const auto urls = settings.trusted_lists.all_urls();
    Json lists = Json::array();
    for (const auto& list : store::list_address_lists(call.db()))
        if (std::ranges::find(urls, list.url) != urls.end())
            lists.push(Json::object({{"url", list.url},
                                     {"entries", list.entries},
                                     {"digest", text_or_null(list.digest)},
                                     {"fetched_at", time_json(list.fetched_at)},
                                     {"changed_at", time_json(list.changed_at)},
                                     {"error", text_or_null(list.error)}}));
    return http::json(Json::object({{"settings", settings.to_json()},
                                    {"by_file", node.settings_by_file},
                                    {"lists", std::move(lists)},
                                    {"deployment", deployment ? Json(deployment->value()) : Json()}}))
        .set("ETag", settings_tag(node));
}

}  // namespace

// Nodes are few and their list is one query: no cursor.
http::Response list_nodes(Call& call) {
    check(http::Form(call.request.query));
    Json items = Json::array();
    for (const auto& node : store::list_nodes(call.db())) items.push(node_json(node));
    return list_response(std::move(items), "");
}

http::Response get_node(Call& call) {
    const auto node = store::get_node(call.db(), call.captures.id<NodeId>("id"));
    Json out = node_json(node);
    out["host_keys"] = Json::array();
    for (const auto& key : store::list_host_keys(call.db(), node.id)) out["host_keys"].push(key_json(key));
    return http::json(out);
}

http::Response get_node_settings(Call& call) {
    check(http::Form(call.request.query));
    return settings_response(call, call.captures.id<NodeId>("id"), {});
}

http::Response put_node_settings(Call& call) {
    const auto id = call.captures.id<NodeId>("id");
    const auto node = store::get_node(call.db(), id);
    demand_tag(call.request, settings_tag(node), "somebody else has changed these settings meanwhile");
    const auto deployment =
        rpm::ops::set_node_settings(call.ops, call.viewer, id, NodeSettings::parse(read_body(call.request)),
                                    rpm::ops::settings_version(node));
    return settings_response(call, id, deployment);
}

http::Response deploy_node(Call& call) {
    const Json body = read_body(call.request);
    Members members(body);
    const std::string reason = members.text("reason", 200);
    members.check();
    return deployment_response(
        rpm::ops::deploy_node(call.ops, call.viewer, call.captures.id<NodeId>("id"), reason));
}

}  // namespace rpm::api
