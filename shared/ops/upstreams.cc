// SPDX-License-Identifier: MIT
#include "shared/ops/upstreams.h"

#include <algorithm>
#include <array>

#include "shared/base/text.h"
#include "shared/model/network.h"
#include "shared/store/nodes.h"
#include "shared/store/settings.h"

namespace rpm::ops {
namespace {

// The node itself (RFC 6761 section 6.3, and what Debian's /etc/hosts says), and the metadata service of a
// cloud.
constexpr std::array kNames =
    std::to_array<std::string_view>({"localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback",
                                     "metadata.google.internal", "metadata.goog", "instance-data"});

bool means_the_node(std::string_view name) {
    return std::ranges::find(kNames, name) != kNames.end() || name.ends_with(".localhost");
}

std::string why_not(const HostAddress& host, const std::vector<IpNetwork>& denied,
                    const std::vector<store::Node>& nodes) {
    const auto is_node = [&](const store::Node& node) {
        const auto address = HostAddress::parse(node.ip_address);
        return address && *address == host;
    };
    if (std::ranges::any_of(nodes, is_node)) return "is a proxy node";
    if (!host.is_ip()) return means_the_node(host.text()) ? "means the proxy node itself" : "";
    const auto address = IpAddress::parse(host.text());
    const IpNetwork* network = address ? find_network(denied, *address) : nullptr;
    return network != nullptr
               ? "is in the network " + network->text() + ", which is closed to sites of clients"
               : "";
}

// With the port: what staff opened is one service, not a machine.
bool had(const Upstream* before, const UpstreamServer& wanted) {
    return before != nullptr && std::ranges::any_of(before->servers, [&](const UpstreamServer& server) {
               return server.host == wanted.host && server.port == wanted.port;
           });
}

}  // namespace

void check_upstreams(db::Connection& db, const Viewer& viewer, const Upstream& wanted,
                     const Upstream* before) {
    if (viewer.is_staff()) return;
    const std::string listed =
        text::join(store::load_settings(db).list(Setting::clients_denied_networks), " ");
    const auto denied = parse_networks("clients.denied_networks", listed);
    const auto nodes = store::list_nodes(db);
    Problems problems;
    for (std::size_t i = 0; i < wanted.servers.size(); ++i) {
        const HostAddress& host = wanted.servers[i].host;
        if (had(before, wanted.servers[i])) continue;
        const std::string why = why_not(host, denied, nodes);
        if (!why.empty())
            problems.add("upstream.servers." + std::to_string(i) + ".host", "'" + host.text() + "' " + why);
    }
    if (!problems.empty()) throw Invalid(std::move(problems));
}

}  // namespace rpm::ops
