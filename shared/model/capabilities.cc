// SPDX-License-Identifier: MIT
#include "shared/model/capabilities.h"

#include <algorithm>

namespace rpm {
namespace {

using Site = const SiteDefinition&;

std::string item(std::string_view list, std::size_t index, std::string_view member = "") {
    return std::string(list) + "." + std::to_string(index) + (member.empty() ? "" : ".") +
           std::string(member);
}

// The first upstream, the site's or a route's, for which `wanted` holds: its path and the member's.
template <class F>
std::string in_upstreams(Site site, std::string_view member, F wanted) {
    if (site.kind == SiteKind::proxy && wanted(site.upstream)) return "upstream." + std::string(member);
    for (std::size_t i = 0; i < site.routes.size(); ++i)
        if (site.routes[i].upstream && wanted(*site.routes[i].upstream))
            return item("routes", i, "upstream." + std::string(member));
    return "";
}
template <class F>
std::string in_routes(Site site, std::string_view member, F wanted) {
    for (std::size_t i = 0; i < site.routes.size(); ++i)
        if (wanted(site.routes[i])) return item("routes", i, member);
    return "";
}
template <class F>
std::string in_access(Site site, std::string_view member, F wanted) {
    if (wanted(site.access)) return "access." + std::string(member);
    return in_routes(site, "access." + std::string(member),
                     [&](const Route& route) { return route.access && wanted(*route.access); });
}
template <class F>
std::string in_rates(Site site, std::string_view member, F wanted) {
    for (std::size_t i = 0; i < site.limits.rates.size(); ++i)
        if (wanted(site.limits.rates[i])) return item("limits.rates", i, member);
    for (std::size_t r = 0; r < site.routes.size(); ++r)
        for (std::size_t i = 0; i < site.routes[r].rates.size(); ++i)
            if (wanted(site.routes[r].rates[i])) return item(item("routes", r, "rates"), i, member);
    return "";
}

// Servers are weighed among themselves, and backups are.
bool has_weights(const Upstream& upstream) {
    return std::ranges::any_of(upstream.servers, [&](const UpstreamServer& each) {
        return each.weight !=
               std::ranges::find(upstream.servers, each.backup, &UpstreamServer::backup)->weight;
    });
}

bool is_name(const UpstreamServer& server) {
    return !server.host.is_ip() && server.host.text() != "localhost";
}

constexpr EngineSupport kYes{};
constexpr EngineSupport no(std::string_view why, std::string_view nearest = "") {
    return {.ever = false, .why = why, .nearest = nearest};
}

const Capability kAll[] = {
    {"upstream.h2c", "HTTP/2 without TLS to the servers",
     [](Site s) {
         return in_upstreams(s, "scheme", [](const Upstream& u) { return u.scheme == UpstreamScheme::h2c; });
     },
     no("nginx speaks HTTP/2 to servers for gRPC only", "use gRPC, HTTP or HTTPS"), kYes, kYes},
    {"upstream.least_connections_by_name", "Least connections with servers given by name",
     [](Site s) {
         return in_upstreams(s, "balancing", [](const Upstream& u) {
             return u.balancing == Balancing::least_connections && u.servers.size() > 1 &&
                    std::ranges::any_of(u.servers, is_name);
         });
     },
     no("nginx counts connections only of servers given by IP address", "use another balancing or addresses"),
     kYes, kYes},
    {"upstream.weights",
     "Weights of servers in turn",
     [](Site s) {
         return in_upstreams(s, "servers", [](const Upstream& u) {
             return u.balancing == Balancing::round_robin && has_weights(u);
         });
     },
     kYes,
     {.since = {2, 7, 0}, .nearest = "give every server the same weight"},
     kYes},
    {"upstream.weights_otherwise", "Weights of servers that are not taken in turn",
     [](Site s) {
         return in_upstreams(s, "servers", [](const Upstream& u) {
             return u.balancing != Balancing::round_robin && has_weights(u);
         });
     },
     kYes,
     no("Caddy weighs only servers that are taken in turn",
        "use round robin, or the same weight for every server"),
     kYes},
    {"upstream.health", "Active health checks",
     [](Site) { return std::string(); },  // where there are none, ordinary requests tell (feature A3)
     no("only nginx Plus has them", "servers are judged by ordinary requests"), kYes, kYes},
    {"tls.clients.crl", "Revocation lists for client certificates",
     [](Site s) {
         return s.tls.clients.mode != ClientCertificate::off && !s.tls.clients.crl.empty()
                    ? std::string("tls.clients.crl")
                    : std::string();
     },
     kYes, no("Caddy reads no revocation lists", "issue short-lived client certificates"),
     no("Traefik reads no revocation lists", "issue short-lived client certificates")},
    {"routes.rewrite.encoded", "Groups of an expression in a path with percent-encoding",
     [](Site s) {
         return in_routes(s, "rewrite", [](const Route& route) {
             return route.rewrite.find('$') != std::string::npos &&
                    route.rewrite.find('%') != std::string::npos;
         });
     },
     kYes,
     no("Caddy's versions do not agree on what is encoded then", "write the path without percent-encoding"),
     kYes},
    {"limits.connections", "Connections at a time per visitor",
     [](Site s) { return s.limits.connections == 0 ? std::string() : std::string("limits.connections"); },
     kYes, no("Caddy does not count the connections of a visitor", "use a rate limit"), kYes},
    {"limits.buffer_requests", "Uploads that are stored before they are passed on",
     [](Site) { return std::string(); },  // the default; where it is not so, they are passed on at once
     kYes, no("Caddy passes uploads on while they are sent", "servers see them as they come"), kYes},
    {"limits.rates",
     "Rate limits",
     [](Site s) { return in_rates(s, "requests", [](const RateLimit&) { return true; }); },
     kYes,
     {.module = "http.handlers.rate_limit", .why = "Caddy has them in the module caddy-ratelimit only"},
     kYes},
    {"limits.rates.status", "Rate limits that answer 503",
     [](Site s) { return in_rates(s, "status", [](const RateLimit& r) { return r.status != 429; }); }, kYes,
     kYes, no("Traefik always answers 429", "use 429")},
    {"pages.errors", "Own error pages",
     [](Site s) { return s.pages.errors.empty() ? std::string() : item("pages.errors", 0, "html"); }, kYes,
     kYes, no("Traefik serves no texts of its own", "let the server show the page")},
    {"pages.maintenance.html", "An own maintenance page",
     [](Site s) {
         return s.pages.maintenance.on && !s.pages.maintenance.html.empty()
                    ? std::string("pages.maintenance.html")
                    : std::string();
     },
     kYes, kYes, no("Traefik serves no texts of its own", "leave the page empty: visitors see status 503")},
    {"pages.robots", "robots.txt",
     [](Site s) { return s.pages.robots_txt.empty() ? std::string() : std::string("pages.robots_txt"); },
     kYes, kYes, no("Traefik serves no texts of its own", "let the server serve it")},
    {"pages.security", "security.txt",
     [](Site s) { return s.pages.security_txt.empty() ? std::string() : std::string("pages.security_txt"); },
     kYes, kYes, no("Traefik serves no texts of its own", "let the server serve it")},
    {"raw.nginx", "nginx directives",
     [](Site s) { return s.raw.nginx.empty() ? std::string() : std::string("raw.nginx"); }, kYes,
     no("these are nginx's own words", "say it in the other settings"),
     no("these are nginx's own words", "say it in the other settings")},
};

}  // namespace

std::span<const Capability> capabilities() {
    return kAll;
}

bool has(const EngineSupport& support, const EngineFacts& facts) {
    if (!support.ever) return false;
    if (!facts.known()) return true;
    return facts.version >= support.since &&
           (support.module.empty() || facts.modules.contains(support.module));
}

std::vector<Limitation> limitations(const SiteDefinition& site, Engine engine, const EngineFacts& facts) {
    std::vector<Limitation> out;
    for (const Capability& each : capabilities()) {
        const EngineSupport& support = each.on(engine);
        if (has(support, facts)) continue;
        const std::string field = each.where(site);
        if (field.empty()) continue;
        std::string message(support.why);
        if (message.empty() && facts.version < support.since)
            message = std::string(name_of(engine)) + " has this from version " + support.since.text() +
                      " on, the node has " + facts.version.text();
        if (!support.nearest.empty()) message += "; " + std::string(support.nearest);
        out.push_back({std::string(each.id), field, std::move(message)});
    }
    return out;
}

}  // namespace rpm
