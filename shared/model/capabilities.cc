// SPDX-License-Identifier: MIT
#include "shared/model/capabilities.h"

#include <algorithm>

#include "shared/model/double_line.h"

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

bool is_grpc(const Upstream& upstream) {
    return upstream.scheme == UpstreamScheme::grpc || upstream.scheme == UpstreamScheme::grpcs;
}
bool has_backup(const Upstream& upstream) {
    return std::ranges::any_of(upstream.servers, &UpstreamServer::backup);
}
bool is_pool(const Upstream& upstream) {
    return upstream.servers.size() > 1;
}
std::string in_headers(Site site, HeaderAction action) {
    for (std::size_t i = 0; i < site.headers.request.size(); ++i)
        if (site.headers.request[i].action == action) return item("headers.request", i, "action");
    for (std::size_t i = 0; i < site.headers.response.size(); ++i)
        if (site.headers.response[i].action == action) return item("headers.response", i, "action");
    return "";
}
// To what the request says, with a status of which there is one for GET and one for the others.
bool is_dynamic(const Redirect& redirect) {
    return (redirect.keep_path || redirect.to.find('$') != std::string::npos) && redirect.status > 302;
}
std::string dynamic_redirect(Site site) {
    if (site.kind == SiteKind::redirect && is_dynamic(site.redirect)) return "redirect.status";
    return in_routes(site, "redirect.status", [](const Route& route) {
        return route.action == RouteAction::redirect && is_dynamic(route.redirect);
    });
}
bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

constexpr EngineSupport kYes{};
constexpr EngineSupport no(std::string_view why, std::string_view nearest = "") {
    return {.ever = false, .why = why, .nearest = nearest};
}

// Has it, but visitors see this; before `until`, where that is given.
constexpr EngineSupport in_its_way(std::string_view why, EngineVersion until = {}) {
    return {.differs = true, .until = until, .why = why};
}

constexpr EngineSupport since(EngineVersion version) {
    return {.since = version};
}

const Capability kAll[] = {
    {"domains", "Sites at all", [](Site) { return std::string("domains"); }, kYes, kYes, since({3, 7, 0})},
    {"texts.double_line", "The letter U+2551 in texts", find_double_line, kYes, kYes,
     no("Traefik cannot read the letter U+2551", "leave it out")},
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
    {"upstream.least_connections.weights", "Least connections with unequal weights",
     [](Site s) {
         return in_upstreams(s, "balancing", [](const Upstream& u) {
             return u.balancing == Balancing::least_connections && has_weights(u);
         });
     },
     kYes, kYes, no("Traefik ignores weights there", "give all servers one weight or use round robin")},
    {"upstream.backup", "Backup servers without active health checks",
     [](Site s) {
         return in_upstreams(s, "health.path",
                             [](const Upstream& u) { return has_backup(u) && u.health.path.empty(); });
     },
     kYes, kYes,
     no("Traefik turns to backups only when health checks tell so", "give a path for health checks")},
    {"upstream.send_timeout", "A limit of the time to send a request",
     [](Site s) {
         return in_upstreams(s, "send_timeout",
                             [](const Upstream& u) { return u.send_timeout != Upstream{}.send_timeout; });
     },
     kYes, kYes, no("Traefik has none", "leave it at 60 s")},
    {"upstream.read_timeout", "A limit of the time between two pieces of an answer",
     [](Site s) {
         return in_upstreams(s, "read_timeout",
                             [](const Upstream& u) { return u.read_timeout != Upstream{}.read_timeout; });
     },
     kYes, in_its_way("Caddy waits so long for the beginning of an answer; later pieces may take an hour"),
     in_its_way("Traefik waits so long for the beginning of an answer; nothing limits the rest")},
    {"upstream.max_fails", "Servers judged by whether they answer",
     [](Site s) {
         return in_upstreams(s, "max_fails", [](const Upstream& u) {
             return is_pool(u) && u.max_fails != 0 && u.max_fails != Upstream{}.max_fails;
         });
     },
     kYes, kYes,
     in_its_way("Traefik counts answers of 500 and above as failures, too; with the default, servers stay in "
                "and connections that fail are tried at the next one")},
    {"upstream.retry", "Requests with a body go to another server when one cannot be connected",
     [](Site s) { return in_upstreams(s, "servers", is_pool); }, kYes,
     in_its_way("Caddy before 2.8 answers 502 to a request with a body whose server cannot be connected",
                {2, 8, 0}),
     kYes},
    {"upstream.cookie", "The cookie of balancing by cookie is hidden from scripts",
     [](Site s) {
         return in_upstreams(s, "balancing",
                             [](const Upstream& u) { return u.balancing == Balancing::sticky_cookie; });
     },
     kYes, in_its_way("Caddy before 2.8 does not mark its cookie HttpOnly", {2, 8, 0}), kYes},
    {"upstream.health", "Active health checks",
     [](Site s) {
         return in_upstreams(s, "health.path", [](const Upstream& u) { return !u.health.path.empty(); });
     },
     in_its_way("only nginx Plus has them; here ordinary requests tell whether a server answers"), kYes,
     kYes},
    {"tls.clients.crl", "Revocation lists for client certificates",
     [](Site s) {
         return s.tls.clients.mode != ClientCertificate::off && !s.tls.clients.crl.empty()
                    ? std::string("tls.clients.crl")
                    : std::string();
     },
     kYes, no("Caddy reads no revocation lists", "issue short-lived client certificates"),
     no("Traefik reads no revocation lists", "issue short-lived client certificates")},
    {"tls.http3",
     "HTTP/3",
     [](Site s) { return s.tls.http3 ? std::string("tls.http3") : std::string(); },
     {.since = {1, 25, 0},
      .module = "http_v3_module",
      .why = "nginx has it from 1.25 on when it is built with it"},
     kYes,
     no("Traefik has it for an entry point, not for a site", "leave it off: browsers use HTTP/2")},
    {"compression.brotli",
     "Compression with Brotli",
     [](Site) { return std::string(); },  // a visitor who takes it takes gzip as well
     {.module = "ngx_http_brotli_filter_module.so", .why = "without it, answers are compressed with gzip"},
     no("Caddy compresses with gzip and Zstandard", "browsers take those, too"),
     kYes},
    {"compression.zstd", "Compression with Zstandard", [](Site) { return std::string(); },
     no("nginx compresses with gzip, and with Brotli where it has it", "browsers take those, too"), kYes,
     kYes},
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
     [](Site) { return std::string(); },  // the default, which nobody has asked for by name
     kYes, in_its_way("Caddy passes uploads on while they are sent: servers see them as they come"), kYes},
    {"limits.rates",
     "Rate limits",
     [](Site s) { return in_rates(s, "requests", [](const RateLimit&) { return true; }); },
     kYes,
     {.module = "http.handlers.rate_limit", .why = "Caddy has them in the module caddy-ratelimit only"},
     kYes},
    {"limits.rates.status", "Rate limits that answer 503",
     [](Site s) { return in_rates(s, "status", [](const RateLimit& r) { return r.status != 429; }); }, kYes,
     kYes, no("Traefik always answers 429", "use 429")},
    {"limits.rates.path", "Rate limits by path",
     [](Site s) { return in_rates(s, "key", [](const RateLimit& r) { return r.key == RateKey::path; }); },
     kYes, kYes,
     no("Traefik counts by addresses and headers only", "count by address, in routes of their own")},
    {"limits.max_body", "Limited uploads that are not buffered",
     [](Site s) {
         const bool streams = !s.limits.buffer_requests || !s.limits.buffer_responses ||
                              !in_upstreams(s, "scheme", is_grpc).empty();
         return streams && s.limits.max_body_mib > 0 ? std::string("limits.max_body_mib") : std::string();
     },
     kYes, kYes,
     no("Traefik limits uploads only by buffering them and their answers, which gRPC does not bear",
        "set the largest upload to 0, or turn both buffers on")},
    {"limits.buffers", "Buffering of only uploads or only answers",
     [](Site s) {
         if (s.limits.buffer_requests == s.limits.buffer_responses) return std::string();
         return std::string(s.limits.buffer_requests ? "limits.buffer_requests" : "limits.buffer_responses");
     },
     kYes, kYes, in_its_way("Traefik buffers both or neither: with one of them off, nothing is buffered")},
    {"limits.max_body.late", "413 for an upload that turns out to be too large",
     [](Site s) {
         return s.limits.max_body_mib != 0 && s.limits.max_body_mib != Limits{}.max_body_mib
                    ? std::string("limits.max_body_mib")
                    : std::string();
     },
     kYes, kYes, in_its_way("whoever is still sending may see the connection end instead of the answer 413")},
    {"limits.rates.window", "Rate limits that count evenly",
     [](Site s) { return in_rates(s, "burst", [](const RateLimit&) { return true; }); }, kYes,
     in_its_way("Caddy counts in a window that slides: burst + 1 requests in the time that they may take"),
     kYes},
    {"limits.rates.header", "Requests without the header that a rate limit counts by",
     [](Site s) { return in_rates(s, "key", [](const RateLimit& r) { return r.key == RateKey::header; }); },
     kYes, kYes, in_its_way("Traefik counts requests without it together; elsewhere they are not counted")},
    {"routes.groups.encoded", "Paths with encoded signs and the groups of an expression",
     [](Site s) {
         return in_routes(s, "path", [](const Route& r) {
             return (r.action == RouteAction::redirect ? r.redirect.to : r.rewrite).find('$') !=
                    std::string::npos;
         });
     },
     kYes, in_its_way("Caddy answers 400 there to paths with encoded %, ?, # and control characters"), kYes},
    {"tls.redirect_http", "Plain HTTP is sent to HTTPS with 308",
     [](Site s) { return s.tls.redirect_http ? std::string("tls.redirect_http") : std::string(); }, kYes,
     kYes, in_its_way("Traefik answers GET with 301 there and other methods with 308")},
    {"redirect.status", "Redirects to a changed path with 307 or 308", dynamic_redirect, kYes, kYes,
     no("Traefik answers GET with 301 or 302 there", "use 301 or 302, or a fixed target")},
    {"routes.rewrite.unicode", "Expressions with letters outside of ASCII that change the path",
     [](Site s) {
         return in_routes(s, "path", [](const Route& r) {
             const bool changes =
                 !r.rewrite.empty() || r.redirect.keep_path || r.redirect.to.find('$') != std::string::npos;
             return r.match == PathMatch::regex && changes && !is_ascii(r.path);
         });
     },
     kYes, kYes, no("Traefik changes the path as it was sent, with such letters encoded", "use . for them")},
    {"headers.add", "Headers beside others of the same name",
     [](Site s) { return in_headers(s, HeaderAction::add); }, kYes, kYes,
     no("Traefik can only set a header", "use set")},
    {"access.forward.sign_in", "A sign-in page that is told where to return to",
     [](Site s) {
         return in_access(s, "forward.sign_in", [](const Access& a) { return !a.forward.sign_in.empty(); });
     },
     kYes, kYes,
     no("Traefik cannot tell the page where the visitor wanted to go",
        "leave it empty: the asked URL answers with the redirect itself")},
    {"access.basic.users", "User names with blanks around them",
     [](Site s) {
         return in_access(s, "basic.users", [](const Access& a) {
             return std::ranges::any_of(a.basic.users, [](const BasicUser& user) {
                 return user.name.starts_with(' ') || user.name.ends_with(' ');
             });
         });
     },
     kYes, kYes, no("Traefik cuts them off", "choose another name")},
    {"headers.cors.preflight", "Preflight requests answered with 204",
     [](Site s) {
         return s.headers.cors.origins.empty() ? std::string() : std::string("headers.cors.origins");
     },
     kYes, kYes, in_its_way("Traefik answers them with 200, which browsers take for the same")},
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
    {"upstream.proxy_protocol",
     "The PROXY protocol to HTTP servers",
     [](Site s) {
         return in_upstreams(s, "proxy_protocol",
                             [](const Upstream& u) { return u.proxy_protocol != ProxyProtocol::off; });
     },
     no("nginx sends it for streams only", "the servers find the visitor's address in X-Forwarded-For"),
     {.since = {2, 7, 0}, .nearest = "the servers find the visitor's address in X-Forwarded-For"},
     no("Traefik sends it for streams only", "the servers find the visitor's address in X-Forwarded-For")},
    {"raw.nginx", "nginx directives",
     [](Site s) { return s.raw.nginx.empty() ? std::string() : std::string("raw.nginx"); }, kYes,
     no("these are nginx's own words", "say it in the other settings"),
     no("these are nginx's own words", "say it in the other settings")},
    {"raw.caddy", "Caddy handlers",
     [](Site s) { return s.raw.caddy.empty() ? std::string() : std::string("raw.caddy"); },
     no("these are Caddy's own words", "say it in the other settings"), kYes,
     no("these are Caddy's own words", "say it in the other settings")},
    {"raw.traefik", "Traefik middlewares",
     [](Site s) { return s.raw.traefik.empty() ? std::string() : std::string("raw.traefik"); },
     no("these are Traefik's own words", "say it in the other settings"),
     no("these are Traefik's own words", "say it in the other settings"), kYes},
};

using Settings = const NodeSettings&;

std::string answers(Settings node, DefaultAnswer answer, const char* field) {
    return node.default_site.answer == answer ? field : "";
}

const NodeCapability kOfNodes[] = {
    {"default_site.drop", "Unknown names: connections that are closed",
     [](Settings n) { return answers(n, DefaultAnswer::drop, "default_site.answer"); }, kYes, kYes,
     no("Traefik always answers", "answer with 404")},
    {"default_site.page", "Unknown names: an own page",
     [](Settings n) { return answers(n, DefaultAnswer::page, "default_site.html"); }, kYes, kYes,
     no("Traefik serves no texts of its own", "redirect to a page elsewhere")},
    {"default_site.redirect.status", "Unknown names: redirects with the path kept and 307 or 308",
     [](Settings n) {
         return is_dynamic(n.default_site.redirect)
                    ? answers(n, DefaultAnswer::redirect, "default_site.redirect.status")
                    : std::string();
     },
     kYes, kYes, no("Traefik answers GET with 301 or 302 there", "use 301 or 302, or a fixed target")},
    {"default_site.double_line", "Unknown names: the letter U+2551 in a redirect",
     [](Settings n) {
         return has_double_line(n.default_site.redirect.to)
                    ? answers(n, DefaultAnswer::redirect, "default_site.redirect.to")
                    : std::string();
     },
     kYes, kYes, no("Traefik cannot read the letter U+2551", "leave it out")},
    {"trusted_lists", "Proxies that are believed, from lists",
     [](Settings n) {
         return n.trusted_lists.all_urls().empty() ? std::string() : std::string("trusted_lists");
     },
     kYes, since({2, 8, 0}),
     no("Traefik reads at its start only whom it believes",
        "give trusted_proxies, and the same in node.conf")},
};

}  // namespace

std::span<const Capability> capabilities() {
    static const std::vector<Capability> all = [] {
        std::vector<Capability> rows(std::begin(kAll), std::end(kAll));
        rows.insert(rows.end(), stream_capabilities().begin(), stream_capabilities().end());
        return rows;
    }();
    return all;
}

std::span<const NodeCapability> node_capabilities() {
    return kOfNodes;
}

}  // namespace rpm
