// SPDX-License-Identifier: MIT
// How an nginx site's servers are chosen and spoken to.
#include <algorithm>

#include "shared/render/nginx_parts.h"
#include "shared/render/release_files.h"

namespace rpm::render::nginx {
namespace {

// The values that proxy_templates/nginx/nginx.conf sets for all sites; only others are said in the site.
constexpr std::chrono::seconds kConnectTimeout{5};
constexpr std::chrono::seconds kReadTimeout{60};
constexpr std::chrono::seconds kSendTimeout{60};
// nginx's own.
constexpr std::chrono::seconds kFailTimeout{10};

bool is_fixed(const UpstreamServer& server) {
    return server.host.is_ip() || server.host.text() == "localhost";
}

std::vector<UpstreamServer> select(const std::vector<UpstreamServer>& servers, bool backup) {
    std::vector<UpstreamServer> out;
    std::ranges::copy_if(servers, std::back_inserter(out), [&](const auto& s) { return s.backup == backup; });
    return out;
}

void add_fixed_pool(Fields& site, const std::string& name, const std::string& key, const Upstream& upstream) {
    Fields& pool = site.row("POOL");
    pool.set("POOL_NAME", name);
    pool.show("IP_HASH", upstream.balancing == Balancing::ip_hash);
    pool.show("LEAST_CONNECTIONS", upstream.balancing == Balancing::least_connections);
    if (is_sticky(upstream)) pool.row("BY_COOKIE").set("KEY", key);
    const bool several = upstream.servers.size() > 1;
    for (const UpstreamServer& server : upstream.servers) {
        Fields& member = pool.row("MEMBER");
        member.set("ADDRESS", address_of(server)).show("BACKUP", server.backup);
        if (several) member.row("FAILS").set("FAILS_MOST", std::to_string(upstream.max_fails));
        if (several && upstream.fail_timeout != kFailTimeout)
            member.row("OUT").set("SECONDS", std::to_string(upstream.fail_timeout.count()));
        if (server.weight != 1) member.row("WEIGHTED").set("WEIGHT", std::to_string(server.weight));
    }
    if (upstream.keepalive != 0) pool.row("KEPT").set("CONNECTIONS", std::to_string(upstream.keepalive));
}

// Hundredths of a per cent, at least one each; the heaviest server takes what the others leave.
void add_split(Fields& site, const std::string& key, const Upstream& upstream,
               std::vector<UpstreamServer> servers, const char* role) {
    std::ranges::stable_sort(servers, {}, &UpstreamServer::weight);
    unsigned total = 0;
    for (const UpstreamServer& server : servers) total += server.weight;
    Fields& split = site.row("SPLIT");
    split.set("KEY", key).set("ROLE", role);
    split.show("BY_ADDRESS", upstream.balancing == Balancing::ip_hash);
    split.show("BY_COOKIE", is_sticky(upstream));
    split.show("BY_REQUEST", upstream.balancing != Balancing::ip_hash && !is_sticky(upstream));
    for (const UpstreamServer& server : servers) {
        const unsigned share = std::max(1U, server.weight * 10000 / total);
        const std::string cents = std::to_string(100 + share % 100).substr(1);
        split.row("SHARE")
            .set("PERCENT",
                 &server == &servers.back() ? "*" : std::to_string(share / 100) + "." + cents + "%")
            .set("ADDRESS", address_of(server));
    }
}

void add_ring(Fields& site, const std::string& key, const std::vector<UpstreamServer>& servers) {
    Fields& ring = site.row("RING");
    ring.set("KEY", key);
    for (std::size_t i = 0; i < servers.size(); ++i)
        ring.row("PAIR")
            .set("ADDRESS", address_of(servers[i]))
            .set("NEXT", address_of(servers[(i + 1) % servers.size()]));
}

// What stands beside the server block when a pool holds names.
void add_choice(Fields& site, const std::string& key, const Upstream& upstream) {
    const auto servers = select(upstream.servers, false);
    const auto backups = select(upstream.servers, true);
    if (servers.size() > 1) add_split(site, key, upstream, servers, "backend");
    if (backups.size() > 1) add_split(site, key, upstream, backups, "next");
    if (backups.empty() && servers.size() > 1) add_ring(site, key, servers);
}

void add_seconds(Fields& pass, FieldName section, std::chrono::seconds value, std::chrono::seconds shared) {
    if (value != shared) pass.row(section).set("SECONDS", std::to_string(value.count()));
}

// grpc_* directives inherit nothing from the proxy_* ones that stand in nginx.conf.
bool says_anything(const Upstream& upstream) {
    return upstream.connect_timeout != kConnectTimeout || upstream.read_timeout != kReadTimeout ||
           upstream.send_timeout != kSendTimeout || is_encrypted(upstream.scheme);
}

}  // namespace

// "localhost" means the machine itself (RFC 6761 section 6.3) and is not asked of a resolver.
std::string address_of(const UpstreamServer& server) {
    if (server.host.text() == "localhost") return "127.0.0.1:" + server.port.text();
    return server.host.bracketed() + ":" + server.port.text();
}

bool is_by_name(const Upstream& upstream) {
    return !std::ranges::all_of(upstream.servers, is_fixed);
}

bool is_sticky(const Upstream& upstream) {
    return upstream.balancing == Balancing::sticky_cookie && upstream.servers.size() > 1;
}

bool has_next(const Upstream& upstream) {
    return is_by_name(upstream) && upstream.servers.size() > 1;
}

std::string protocol_of(UpstreamScheme scheme) {
    return scheme == UpstreamScheme::grpc || scheme == UpstreamScheme::grpcs ? "grpc" : "proxy";
}

std::string pool_name(SiteId id, const std::string& suffix) {
    return id.text() + "." + suffix;
}

void add_pool(Fields& site, SiteId id, const std::string& suffix, const std::string& key,
              const Upstream& upstream) {
    if (is_sticky(upstream)) site.row("STICKY").set("KEY", key).set("COOKIE", upstream.cookie);
    if (is_by_name(upstream))
        add_choice(site, key, upstream);
    else
        add_fixed_pool(site, pool_name(id, suffix), key, upstream);
}

void add_pass(Fields& where, const Place& place, SiteId id, const std::string& suffix,
              const Upstream& upstream, const CertificateFiles* shown, bool hides) {
    if (!says_anything(upstream)) return;
    Fields& pass = where.row(place.pass).include("RULES", "nginx/pass.conf");
    pass.set("INDENT", place.indent).set("PROTOCOL", protocol_of(upstream.scheme));
    add_seconds(pass, "CONNECT_TIMEOUT", upstream.connect_timeout, kConnectTimeout);
    add_seconds(pass, "READ_TIMEOUT", upstream.read_timeout, kReadTimeout);
    add_seconds(pass, "SEND_TIMEOUT", upstream.send_timeout, kSendTimeout);
    if (!is_encrypted(upstream.scheme)) return;
    pass.show("SSL_SEND_NAME", protocol_of(upstream.scheme) == "grpc");
    // The pool's name means nothing to an upstream, and nginx cannot match an IP address in a certificate.
    if (!upstream.tls.server_name.empty())
        pass.row("SSL_NAME").set("NAME", upstream.tls.server_name);
    else
        pass.show("SSL_NAME_ASKED", !is_by_name(upstream));
    if (shown != nullptr)
        pass.row("SSL_CERTIFICATE").set("FILE", certificate_name(*shown));
    else if (hides)
        pass.row("SSL_NO_CERTIFICATE").set("KEY", site_key(id));
    if (!upstream.tls.verify) return;
    Fields& verify = pass.row("SSL_VERIFY");
    if (upstream.tls.ca.empty())
        verify.show("SYSTEM");
    else
        verify.row("OWN").set("FILE", file_of(id, suffix + "-ca.pem"));
}

void add_target(Fields& location, SiteId id, const std::string& suffix, const std::string& key,
                const Upstream& upstream, const std::string& dense) {
    location.set("PROTOCOL", protocol_of(upstream.scheme));
    location.set("SCHEME", std::string(to_word(upstream.scheme)));
    if (!dense.empty())
        location.row("CHOSEN").set("KEY", "dense_" + dense);
    else if (is_by_name(upstream))
        location.row("CHOSEN").set("KEY", key);
    else
        location.row("FIXED").set("POOL_NAME", pool_name(id, suffix));
}

void add_choice_to_server(Fields& server, const std::string& key, const Upstream& upstream) {
    const auto servers = select(upstream.servers, false);
    const auto backups = select(upstream.servers, true);
    if (servers.size() == 1) server.row("SINGLE").set("KEY", key).set("ADDRESS", address_of(servers.front()));
    if (backups.size() == 1)
        server.row("SINGLE_BACKUP").set("KEY", key).set("ADDRESS", address_of(backups.front()));
}

}  // namespace rpm::render::nginx
