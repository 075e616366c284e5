// SPDX-License-Identifier: MIT
#include "shared/render/caddy_proxy.h"

#include <algorithm>

#include "shared/base/text.h"
#include "shared/render/release_files.h"

namespace rpm::render::caddy {
namespace {

// As nginx: a request is not passed on to other servers for longer (proxy_next_upstream_timeout).
constexpr std::chrono::seconds kRetryFor{60};
constexpr std::string_view kRetryAfter = "20ms";
constexpr std::chrono::seconds kAnswerMayTake{3600};  // its later parts, see caddy.h
constexpr unsigned kMostRetries = 100;

bool is_rpc(UpstreamScheme scheme) {
    return scheme == UpstreamScheme::grpc || scheme == UpstreamScheme::grpcs;
}

// "localhost" means the machine itself (RFC 6761 section 6.3) and is not asked of a resolver.
bool is_fixed(const HostAddress& host) {
    return host.is_ip() || host.text() == "localhost";
}
std::string address_of(const HostAddress& host, Port port) {
    return (host.text() == "localhost" ? "127.0.0.1" : host.bracketed()) + ":" + port.text();
}

// ---- How a server is spoken to -------------------------------------------------------------------

Json versions(UpstreamScheme scheme) {
    switch (scheme) {
        case UpstreamScheme::http:
        case UpstreamScheme::https:
            return array({"1.1"});  // WebSocket needs it (RFC 6455)
        case UpstreamScheme::h2c:
        case UpstreamScheme::grpc:
            return array({"h2c", "2"});
        case UpstreamScheme::grpcs:
            return array({"2"});
    }
    return {};
}

// "host", "host:port", "[address]:port": the name in a certificate has no port.
std::string without_port(std::string_view host) {
    if (host.starts_with('[')) return std::string(host.substr(1, host.find(']') - 1));
    return std::string(host.substr(0, host.find(':')));
}

Json tls_to(const Upstream& upstream, const CertificateFiles* shown) {
    Json::Object tls = {{"handshake_timeout", duration(upstream.connect_timeout)}};
    if (!upstream.tls.verify) tls.emplace_back("insecure_skip_verify", true);
    if (!upstream.tls.server_name.empty())
        tls.emplace_back("server_name", without_port(upstream.tls.server_name));
    if (!upstream.tls.ca.empty()) tls.emplace_back("root_ca_pool", certificates(upstream.tls.ca));
    if (shown != nullptr) {
        tls.emplace_back("client_certificate_file", certificate_path(*shown) + ".crt");
        tls.emplace_back("client_certificate_key_file", certificate_path(*shown) + ".key");
    }
    return Json::object(std::move(tls));
}

void add_resolvers(Json::Object& transport, const Context& context, bool needed) {
    if (!needed || context.node.resolvers.empty()) return;
    Json addresses = Json::array();
    for (const IpAddress& each : context.node.resolvers) addresses.push("udp/" + each.bracketed() + ":53");
    transport.emplace_back("resolver", object({{"addresses", std::move(addresses)}}));
}

Json transport(const Context& context, const Upstream& upstream) {
    Json::Object out = {{"protocol", "http"},
                        {"versions", versions(upstream.scheme)},
                        {"compression", false},
                        {"dial_timeout", duration(upstream.connect_timeout)},
                        {"response_header_timeout", duration(upstream.read_timeout)},
                        {"read_timeout", duration(std::max(upstream.read_timeout, kAnswerMayTake))},
                        {"write_timeout", duration(upstream.send_timeout)}};
    if (upstream.keepalive == 0)
        out.emplace_back("keep_alive", object({{"enabled", false}}));
    else
        out.emplace_back("keep_alive",
                         object({{"max_idle_conns_per_host", upstream.keepalive}, {"idle_timeout", "60s"}}));
    if (is_encrypted(upstream.scheme))
        out.emplace_back("tls", tls_to(upstream, shown_certificate(context.deployable, upstream)));
    if (upstream.proxy_protocol != ProxyProtocol::off)
        out.emplace_back("proxy_protocol", to_word(upstream.proxy_protocol));
    add_resolvers(out, context, !std::ranges::all_of(upstream.servers, [](const auto& server) {
                      return is_fixed(server.host);
                  }));
    return Json::object(std::move(out));
}

// What the upstream is told of the visitor: as proxy_templates/nginx/headers.conf.
HeaderOps proxy_headers(std::string host) {
    HeaderOps out;
    out.set("Host", std::move(host));
    out.set("X-Real-IP", "{http.vars.rpmgr_client}");
    out.set("X-Forwarded-For", "{http.vars.rpmgr_client}");
    out.set("X-Forwarded-Proto", "{http.request.scheme}");
    out.set("X-Forwarded-Host", "{http.request.host}");
    out.set("X-Forwarded-Port", "{http.vars.rpmgr_port}");
    out.remove("Forwarded");
    out.remove("Proxy");
    return out;
}

// ---- Which server ----------------------------------------------------------------------------------

Json selection(const Context& context, const Upstream& upstream, const std::vector<UpstreamServer>& servers) {
    switch (upstream.balancing) {
        case Balancing::least_connections:
            return object({{"policy", "least_conn"}});
        case Balancing::ip_hash:
            return object({{"policy", context.behind_proxies() ? "client_ip_hash" : "ip_hash"}});
        case Balancing::sticky_cookie:
            return object({{"policy", "cookie"}, {"name", upstream.cookie}});
        case Balancing::round_robin:
            break;
    }
    const auto weighs_the_same = [&](const auto& each) { return each.weight == servers.front().weight; };
    if (std::ranges::all_of(servers, weighs_the_same)) return object({{"policy", "round_robin"}});
    Json weights = Json::array();
    for (const UpstreamServer& server : servers) weights.push(server.weight);
    return object({{"policy", "weighted_round_robin"}, {"weights", std::move(weights)}});
}

// Every other server once. Whoever is chosen by something of the request is chosen again until its failures
// take it out.
unsigned retries(const Upstream& upstream, std::size_t servers) {
    const bool in_turn = upstream.balancing == Balancing::round_robin;
    const unsigned each = in_turn ? 1 : std::max(1U, upstream.max_fails);
    return std::min(static_cast<unsigned>(servers - 1) * each, kMostRetries);
}

Json balancing(const Context& context, const Upstream& upstream, const std::vector<UpstreamServer>& servers) {
    return object({{"selection_policy", selection(context, upstream, servers)},
                   {"retries", retries(upstream, servers.size())},
                   {"try_duration", duration(kRetryFor)},
                   {"try_interval", kRetryAfter}});
}

Json active_checks(const Context& context, const Upstream& upstream) {
    const HealthCheck& health = upstream.health;
    const std::string host =
        upstream.host_header.empty() ? context.site.primary().text() : upstream.host_header;
    Json::Object out = {{"uri", encoded_path(health.path)},
                        {"interval", duration(health.interval)},
                        {"timeout", duration(health.timeout)}};
    if (!context.site.primary().is_wildcard() || !upstream.host_header.empty())
        out.emplace_back("headers", object({{"Host", array({host})}}));
    if (health.status != 0) out.emplace_back("expect_status", health.status);
    return Json::object(std::move(out));
}

Json health(const Context& context, const Upstream& upstream) {
    Json::Object out;
    if (!upstream.health.path.empty()) out.emplace_back("active", active_checks(context, upstream));
    // A server that stands alone stays in, as with nginx: an answer that may come is better than none.
    if (upstream.servers.size() > 1 && upstream.max_fails > 0)
        out.emplace_back("passive", object({{"max_fails", upstream.max_fails},
                                            {"fail_duration", duration(upstream.fail_timeout)}}));
    return Json::object(std::move(out));
}

// Statuses of the upstream in whose place the site has a page of its own: they become errors.
Json pages(const Context& context) {
    Json out = Json::array();
    for (const ErrorPage& page : context.site.pages.errors)
        for (const unsigned status : page.statuses) {
            Json match = object({{"status_code", array({status})}});
            Json kept =
                handler("copy_response_headers", {{"include", array({"Www-Authenticate", "Retry-After"})}});
            out.push(object(
                {{"match", std::move(match)}, {"routes", array({route({std::move(kept), error(status)})})}}));
        }
    return out;
}

Json pool(const Context& context, const Upstream& upstream, bool backups) {
    std::vector<UpstreamServer> servers;
    std::ranges::copy_if(upstream.servers, std::back_inserter(servers),
                         [&](const auto& server) { return server.backup == backups; });
    Json dials = Json::array();
    for (const UpstreamServer& server : servers)
        dials.push(object({{"dial", address_of(server.host, server.port)}}));
    HeaderOps headers =
        proxy_headers(upstream.host_header.empty() ? "{http.request.host}" : literal(upstream.host_header));
    headers.apply(context.site.headers.request, "headers.request");

    Json::Object out = {{"upstreams", std::move(dials)}, {"transport", transport(context, upstream)}};
    Json unsaid = object({{"delete", array({"Server"})}});
    out.emplace_back("headers", object({{"request", headers.json()}, {"response", std::move(unsaid)}}));
    if (servers.size() > 1) out.emplace_back("load_balancing", balancing(context, upstream, servers));
    if (Json checks = health(context, upstream); !checks.members().empty())
        out.emplace_back("health_checks", std::move(checks));
    if (!context.site.limits.buffer_responses || is_rpc(upstream.scheme))
        out.emplace_back("flush_interval", -1);
    if (context.since_2_7()) out.emplace_back("stream_close_delay", "1h");
    if (Json own = pages(context); !own.items().empty()) out.emplace_back("handle_response", std::move(own));
    return handler("reverse_proxy", std::move(out));
}

// Whether no server has seen the request, or whether it may be sent twice: to the backups then, all else
// stays the error that it is.
Json to_backups(const Context& context, const Upstream& upstream) {
    Json unseen = object(
        {{"vars_regexp",
          object({{"{http.error.message}", object({{"pattern", "^(?:dial |no upstreams available)"}})}})}});
    Json harmless = object({{"method", array({"GET", "HEAD", "OPTIONS"})},
                            value_is("{http.error.status_code}", array({"502", "504"}))});
    Json backup = route({pool(context, upstream, true)});
    backup["match"] = array({std::move(unseen), std::move(harmless)});
    return array({std::move(backup), route({error("{http.error.status_code}")})});
}

}  // namespace

Json proxy(const Context& context, const Upstream& upstream) {
    Json first = pool(context, upstream, false);
    if (std::ranges::none_of(upstream.servers, &UpstreamServer::backup)) return first;
    Json both = subroute({route({std::move(first)})});
    both["errors"]["routes"] = to_backups(context, upstream);
    return both;
}

Json forward_auth(const Context& context, const ForwardAuth& auth) {
    const HttpUrl& url = *auth.url;
    const bool usual = url.port().value() == (url.encrypted() ? 443 : 80);
    HeaderOps headers = proxy_headers(url.host().bracketed() + (usual ? "" : ":" + url.port().text()));
    headers.set("X-Forwarded-Method", "{http.request.method}");
    headers.set("X-Forwarded-Uri", "{http.request.orig_uri}");
    headers.remove("Connection");
    headers.remove("Upgrade");

    Json::Array let_in;
    for (const std::string& name : auth.copy_headers) {
        const std::string value = "{http.reverse_proxy.header." + canonical_header(name) + "}";
        Json set = object({{"set", object({{name, array({value})}})}});
        // Caddy 2.6 calls what the answer has not "<nil>".
        let_in.push_back(route({none_of({object({value_is(value, array({"", "<nil>"}))})})},
                               {handler("headers", {{"request", std::move(set)}})}));
    }
    if (let_in.empty()) let_in.push_back(route(Json::Array{}));
    const auto answer = [](Json statuses, Json::Array routes) {
        return object({{"match", object({{"status_code", std::move(statuses)}})},
                       {"routes", Json::array(std::move(routes))}});
    };
    Json answers = array({answer(array({2}), std::move(let_in))});
    if (auth.mode == ForwardMode::api) {
        answers.push(answer(array({3}), {route({error(401)})}));
    } else if (!auth.sign_in.empty()) {
        const std::string back = auth.sign_in + (auth.sign_in.find('?') == std::string::npos ? "?" : "&") +
                                 "rd={http.request.scheme}://{http.request.hostport}{http.request.uri}";
        Json location = object({{"Location", array({back})}});
        answers.push(answer(
            array({401}),
            {route({handler("static_response", {{"status_code", 302}, {"headers", std::move(location)}})})}));
    }
    Json::Object transport = {{"protocol", "http"},
                              {"versions", array({"1.1"})},
                              {"dial_timeout", "5s"},
                              {"response_header_timeout", "30s"}};
    if (url.encrypted()) transport.emplace_back("tls", object({{"handshake_timeout", "5s"}}));
    add_resolvers(transport, context, !is_fixed(url.host()));
    Json dial = object({{"dial", address_of(url.host(), url.port())}});
    return handler(
        "reverse_proxy",
        {{"upstreams", array({std::move(dial)})},
         {"transport", Json::object(std::move(transport))},
         {"rewrite", object({{"method", "GET"}, {"uri", "?"}, {"path_regexp", whole_path(url.path())}})},
         {"headers", object({{"request", headers.json()}})},
         {"handle_response", std::move(answers)}});
}

}  // namespace rpm::render::caddy
