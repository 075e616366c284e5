// SPDX-License-Identifier: MIT
// The rows about streams.
#include <algorithm>

#include "shared/model/capabilities.h"

namespace rpm {
namespace {

using Site = const SiteDefinition&;

bool is_name(const UpstreamServer& server) {
    return !server.host.is_ip() && server.host.text() != "localhost";
}
bool has_weights(const Upstream& upstream) {
    return std::ranges::any_of(upstream.servers, [&](const UpstreamServer& each) {
        return each.weight != upstream.servers.front().weight;
    });
}
bool has_backup(const Upstream& upstream) {
    return std::ranges::any_of(upstream.servers, &UpstreamServer::backup);
}

bool is_stream(Site site, StreamProtocol protocol) {
    return site.kind == SiteKind::stream && site.stream.protocol == protocol;
}
template <class F>
std::string in_stream(Site site, std::string_view member, F wanted) {
    return site.kind == SiteKind::stream && wanted(site.upstream) ? std::string(member) : std::string();
}
std::string access_of_datagrams(Site site) {
    if (!is_stream(site, StreamProtocol::udp) || !site.access.by_address()) return "";
    return site.access.allow.empty() ? "access.deny" : "access.allow";
}

constexpr EngineSupport kYes{};
constexpr EngineSupport no(std::string_view why, std::string_view nearest = "") {
    return {.ever = false, .why = why, .nearest = nearest};
}

const Capability kRows[] = {
    {"stream",
     "Streams (TCP, UDP)",
     [](Site s) { return s.kind == SiteKind::stream ? std::string("kind") : std::string(); },
     {.module = "stream",
      .why = "nginx has them in its stream module, which the node lacks",
      .nearest = "install it (Debian: libnginx-mod-stream)"},
     {.module = "layer4",
      .why = "Caddy has them in the module caddy-l4, which the node lacks",
      .nearest = "use a Caddy that was built with it"},
     {.module = "restart",
      .why = "Traefik opens ports only when it starts, and nothing starts it again on this node",
      .nearest = "let a supervisor do it and write supervised=yes into the node's node.conf"}},
    {"stream.access.udp", "Lists of addresses for UDP", access_of_datagrams, kYes, kYes,
     no("Traefik has none there", "let a firewall on the node do it")},
    {"stream.connections.udp", "Connections at a time per visitor for UDP",
     [](Site s) {
         return is_stream(s, StreamProtocol::udp) && s.limits.connections != 0
                    ? std::string("limits.connections")
                    : std::string();
     },
     kYes, kYes, no("Traefik has none there", "set it to 0")},
    {"stream.balancing", "Streams balanced by other than turns",
     [](Site s) {
         return in_stream(s, "upstream.balancing",
                          [](const Upstream& u) { return u.balancing != Balancing::round_robin; });
     },
     kYes, kYes, no("Traefik knows only turns for streams", "use round robin")},
    {"stream.least_connections_by_name", "Streams to the least busy of servers given by name",
     [](Site s) {
         return in_stream(s, "upstream.balancing", [](const Upstream& u) {
             return u.balancing == Balancing::least_connections && u.servers.size() > 1 &&
                    std::ranges::any_of(u.servers, is_name);
         });
     },
     no("nginx counts connections only of servers given by IP address", "use another balancing or addresses"),
     kYes, kYes},
    {"stream.weights",
     "Weights of a stream's servers",
     [](Site s) { return in_stream(s, "upstream.servers", has_weights); },
     kYes,
     {.module = "layer4.proxy.selection_policies.weighted_round_robin",
      .why = "this caddy-l4 knows no weights",
      .nearest = "give every server the same weight"},
     kYes},
    {"stream.weights_otherwise", "Weights of a stream's servers that are not taken in turn",
     [](Site s) {
         return in_stream(s, "upstream.servers", [](const Upstream& u) {
             return u.balancing != Balancing::round_robin && has_weights(u);
         });
     },
     kYes,
     no("Caddy weighs only servers that are taken in turn",
        "use round robin, or the same weight for every server"),
     kYes},
    {"stream.backup", "Backup servers of a stream",
     [](Site s) { return in_stream(s, "upstream.servers", has_backup); }, kYes,
     no("Caddy has none for streams", "use servers of equal rank: those that fail are left out"),
     no("Traefik has none for streams", "use servers of equal rank")},
    {"stream.backup_by_name", "Backup servers of a stream with servers given by name",
     [](Site s) {
         return in_stream(s, "upstream.servers", [](const Upstream& u) {
             return has_backup(u) && std::ranges::any_of(u.servers, is_name);
         });
     },
     no("nginx knows backups only among servers given by IP address", "use addresses"), kYes, kYes},
    {"stream.connect_timeout", "A limit of the time to connect for streams",
     [](Site s) {
         return in_stream(s, "upstream.connect_timeout",
                          [](const Upstream& u) { return u.connect_timeout != Upstream{}.connect_timeout; });
     },
     kYes, no("Caddy waits as long as the system does", "leave it at 5 s"), kYes},
    {"stream.idle_timeout", "A limit of the time that a TCP connection may be idle",
     [](Site s) {
         return is_stream(s, StreamProtocol::tcp) && s.stream.idle_timeout != Stream{}.idle_timeout
                    ? std::string("stream.idle_timeout")
                    : std::string();
     },
     kYes, no("Caddy has none for TCP", "leave it at 600 s; nothing is closed then"),
     no("Traefik has none for TCP", "leave it at 600 s; nothing is closed then")},
    {"stream.tls.names", "TLS for visitors who do not say which name they want",
     [](Site) { return std::string(); },  // who says one of the site's names is served by all
     kYes, kYes, no("Traefik takes a stream's certificate by name", "visitors ask for a name of the site")},
    {"stream.next_server",
     "Another server when one cannot be reached",
     [](Site) { return std::string(); },
     {.nearest = "not for servers given by name, of which one is chosen per connection"},
     kYes,
     no("Traefik tries one server of a stream per connection", "the next connection goes to the next one")},
    {"stream.proxy_protocol.v2", "Version 2 of the PROXY protocol to the servers of a stream",
     [](Site s) {
         return in_stream(s, "upstream.proxy_protocol",
                          [](const Upstream& u) { return u.proxy_protocol == ProxyProtocol::v2; });
     },
     no("nginx sends version 1 only", "use version 1"), kYes, kYes},
};

}  // namespace

std::span<const Capability> stream_capabilities() {
    return kRows;
}

}  // namespace rpm
