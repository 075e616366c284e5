// SPDX-License-Identifier: MIT
#include "shared/ops/upstreams.h"

#include <algorithm>
#include <array>
#include <iterator>

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

// What a node connects to for a site, and the field that says so.
struct Reached {
    std::string field;
    HostAddress host;
    Port port;
};

// Every port of a stream reaches another one.
void add_ports(std::vector<Reached>& out, const SiteDefinition& site) {
    for (const Stream::Listen& each : site.stream.listens())
        for (std::size_t i = 0; i < site.upstream.servers.size(); ++i) {
            const UpstreamServer& server = site.upstream.servers[i];
            const auto port = Port::from(server.port.value() + each.offset);
            if (port) out.push_back({"upstream.servers." + std::to_string(i) + ".host", server.host, *port});
        }
}

void add_servers(std::vector<Reached>& out, const std::string& path, const Upstream& upstream) {
    for (std::size_t i = 0; i < upstream.servers.size(); ++i)
        out.push_back({path + "upstream.servers." + std::to_string(i) + ".host", upstream.servers[i].host,
                       upstream.servers[i].port});
}

void add_sign_in(std::vector<Reached>& out, const std::string& path, const Access& access) {
    if (access.forward.url)
        out.push_back({path + "access.forward.url", access.forward.url->host(), access.forward.url->port()});
}

std::vector<Reached> reached_by(const SiteDefinition& site) {
    std::vector<Reached> out;
    if (site.kind == SiteKind::stream)
        add_ports(out, site);
    else
        add_servers(out, "", site.upstream);
    add_sign_in(out, "", site.access);
    for (std::size_t i = 0; i < site.routes.size(); ++i) {
        const std::string path = "routes." + std::to_string(i) + ".";
        if (site.routes[i].upstream) add_servers(out, path, *site.routes[i].upstream);
        if (site.routes[i].access) add_sign_in(out, path, *site.routes[i].access);
    }
    return out;
}

void refuse_closed(db::Connection& db, const std::vector<Reached>& wanted,
                   const std::vector<Reached>& known) {
    const std::string listed =
        text::join(store::load_settings(db).list(Setting::clients_denied_networks), " ");
    const auto denied = parse_networks("clients.denied_networks", listed);
    const auto nodes = store::list_nodes(db);
    // With the port: what staff opened is one service, not a machine.
    Problems problems;
    for (const Reached& each : wanted) {
        const auto same = [&](const Reached& old) { return old.host == each.host && old.port == each.port; };
        if (std::ranges::any_of(known, same)) continue;
        const std::string why = why_not(each.host, denied, nodes);
        if (!why.empty()) problems.add(each.field, "'" + each.host.text() + "' " + why);
    }
    if (!problems.empty()) throw Invalid(std::move(problems));
}

}  // namespace

void check_upstreams(db::Connection& db, const Viewer& viewer, const SiteDefinition& wanted,
                     const SiteDefinition* before) {
    if (viewer.is_staff()) return;
    refuse_closed(db, reached_by(wanted), before != nullptr ? reached_by(*before) : std::vector<Reached>());
}

void check_composed_upstreams(db::Connection& db, const Viewer& viewer, const SiteDefinition& own,
                              const SiteDefinition& composed, const SiteDefinition* before) {
    if (viewer.is_staff() || composed.kind != SiteKind::stream || !own.has_pieces()) return;
    auto known = reached_by(own);
    add_servers(known, "", composed.upstream);
    if (before != nullptr) std::ranges::move(reached_by(*before), std::back_inserter(known));
    refuse_closed(db, reached_by(composed), known);
}

}  // namespace rpm::ops
