// SPDX-License-Identifier: MIT
// Pools of servers.
#include <algorithm>

#include "shared/render/release_files.h"
#include "shared/render/traefik.h"
#include "shared/render/traefik_rules.h"

namespace rpm::render::traefik {
namespace {

std::string seconds(std::chrono::seconds value) {
    return std::to_string(value.count()) + "s";
}

// gRPC is HTTP/2 (without TLS: with prior knowledge); over TLS it is agreed on in the handshake.
std::string_view scheme_of(UpstreamScheme scheme) {
    if (scheme == UpstreamScheme::grpc || scheme == UpstreamScheme::h2c) return "h2c";
    return is_encrypted(scheme) ? "https" : "http";
}

Json servers_of(const Upstream& upstream, bool backup) {
    Json out = Json::array();
    for (const UpstreamServer& server : upstream.servers) {
        if (server.backup != backup) continue;
        Json entry = Json::object({{"url", std::string(scheme_of(upstream.scheme)) + "://" +
                                               server.host.bracketed() + ":" + server.port.text()}});
        if (server.weight != 1) entry["weight"] = server.weight;
        out.push(std::move(entry));
    }
    return out;
}

Json health_check(const HealthCheck& health, const std::string& host) {
    Json out = Json::object({{"path", url_path(health.path)},
                             {"interval", seconds(health.interval)},
                             {"timeout", seconds(health.timeout)},
                             {"followRedirects", false}});
    if (health.status != 0) out["status"] = health.status;
    if (!host.empty()) out["hostname"] = host;
    return out;
}

Json load_balancer(const Upstream& upstream, bool backup, const std::string& transport_name,
                   const ServiceOptions& options) {
    Json out = Json::object();
    if (upstream.balancing == Balancing::least_connections) out["strategy"] = "p2c";
    if (upstream.balancing == Balancing::ip_hash) out["strategy"] = "hrw";
    out["servers"] = servers_of(upstream, backup);
    if (upstream.balancing == Balancing::sticky_cookie)
        out["sticky"]["cookie"] = Json::object(
            {{"name", upstream.cookie}, {"httpOnly", true}, {"secure", options.secure}, {"sameSite", "lax"}});
    if (!upstream.health.path.empty())
        out["healthCheck"] =
            health_check(upstream.health, upstream.host_header.empty() ? options.host : upstream.host_header);
    // It counts answers of 500 and above, too: one failing page could take all servers out. So only who asks
    // for it has it; connections that fail are tried at the next server anyway.
    if (upstream.max_fails > 0 && upstream.max_fails != Upstream{}.max_fails &&
        out["servers"].items().size() > 1)
        out["passiveHealthCheck"] = Json::object(
            {{"maxFailedAttempts", upstream.max_fails}, {"failureWindow", seconds(upstream.fail_timeout)}});
    if (!options.buffered) out["responseForwarding"]["flushInterval"] = "-1ms";
    out["serversTransport"] = transport_name;
    return Json::object({{"loadBalancer", std::move(out)}});
}

}  // namespace

Json transport(const Upstream& upstream, const CertificateFiles* shown) {
    Json out = Json::object();
    if (is_encrypted(upstream.scheme)) {
        if (!upstream.tls.server_name.empty()) out["serverName"] = upstream.tls.server_name;
        if (!upstream.tls.verify) out["insecureSkipVerify"] = true;
        if (!upstream.tls.ca.empty()) out["rootCAs"] = Json::array({upstream.tls.ca});
        if (shown != nullptr) out["certificates"].push(certificate_files(*shown));
    }
    // Negative: none is kept; zero would be two.
    out["maxIdleConnsPerHost"] = upstream.keepalive == 0 ? -1 : static_cast<int>(upstream.keepalive);
    out["forwardingTimeouts"] = Json::object({{"dialTimeout", seconds(upstream.connect_timeout)},
                                              {"responseHeaderTimeout", seconds(upstream.read_timeout)}});
    return out;
}

std::string add_service(Sections& out, const Upstream& upstream, const ServiceOptions& options) {
    std::string transport_name = kTransport;
    if (Json own = transport(upstream, options.shown); own != transport(Upstream{})) {
        transport_name = options.prefix + "transport";
        out.transports[transport_name] = std::move(own);
    }
    const std::string name = options.prefix + "servers";
    if (std::ranges::none_of(upstream.servers, &UpstreamServer::backup)) {
        out.services[name] = load_balancer(upstream, false, transport_name, options);
        return name;
    }
    const std::string primary = options.prefix + "primary";
    const std::string backups = options.prefix + "backups";
    out.services[name]["failover"] = Json::object({{"service", primary}, {"fallback", backups}});
    out.services[primary] = load_balancer(upstream, false, transport_name, options);
    out.services[backups] = load_balancer(upstream, true, transport_name, options);
    return name;
}

}  // namespace rpm::render::traefik
