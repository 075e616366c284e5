// SPDX-License-Identifier: MIT
// The text of one site.
#include <algorithm>

#include "shared/render/nginx.h"

namespace rpm::render {
namespace {

// The values that proxy_templates/nginx/nginx.conf sets for all sites; only others are said in the site.
constexpr std::chrono::seconds kConnectTimeout{5};
constexpr std::chrono::seconds kReadTimeout{60};
constexpr std::chrono::seconds kSendTimeout{60};
constexpr unsigned kMaxBodyMib = 16;

// "localhost" means the machine itself (RFC 6761 section 6.3) and is not asked of a resolver.
std::string address_of(const UpstreamServer& server) {
    if (server.host.text() == "localhost") return "127.0.0.1:" + server.port.text();
    return server.host.bracketed() + ":" + server.port.text();
}

bool is_fixed(const UpstreamServer& server) {
    return server.host.is_ip() || server.host.text() == "localhost";
}

std::vector<UpstreamServer> select(const std::vector<UpstreamServer>& servers, bool backup) {
    std::vector<UpstreamServer> out;
    std::ranges::copy_if(servers, std::back_inserter(out), [&](const auto& s) { return s.backup == backup; });
    return out;
}

void add_pool(Fields& site, const Upstream& upstream) {
    Fields& pool = site.row("POOL");
    pool.show("IP_HASH", upstream.balancing == Balancing::ip_hash);
    pool.show("LEAST_CONNECTIONS", upstream.balancing == Balancing::least_connections);
    for (const UpstreamServer& server : upstream.servers) {
        Fields& member = pool.row("MEMBER");
        member.set("ADDRESS", address_of(server)).show("BACKUP", server.backup);
        member.show("SEVERAL", upstream.servers.size() > 1);
        if (server.weight != 1) member.row("WEIGHTED").set("WEIGHT", std::to_string(server.weight));
    }
}

// Hundredths of a per cent, at least one each; the heaviest server takes what the others leave.
void add_split(Fields& site, const Upstream& upstream, std::vector<UpstreamServer> servers,
               const char* role) {
    std::ranges::stable_sort(servers, {}, &UpstreamServer::weight);
    unsigned total = 0;
    for (const UpstreamServer& server : servers) total += server.weight;
    Fields& split = site.row("SPLIT");
    const bool by_address = upstream.balancing == Balancing::ip_hash;
    split.set("ROLE", role).show("BY_ADDRESS", by_address).show("BY_REQUEST", !by_address);
    for (const UpstreamServer& server : servers) {
        const unsigned share = std::max(1U, server.weight * 10000 / total);
        const std::string cents = std::to_string(100 + share % 100).substr(1);
        split.row("SHARE")
            .set("PERCENT",
                 &server == &servers.back() ? "*" : std::to_string(share / 100) + "." + cents + "%")
            .set("ADDRESS", address_of(server));
    }
}

void add_ring(Fields& site, const std::vector<UpstreamServer>& servers) {
    Fields& ring = site.row("RING");
    for (std::size_t i = 0; i < servers.size(); ++i)
        ring.row("PAIR")
            .set("ADDRESS", address_of(servers[i]))
            .set("NEXT", address_of(servers[(i + 1) % servers.size()]));
}

// What stands beside the server block when a pool holds names.
void add_choice(Fields& site, const Upstream& upstream) {
    if (upstream.balancing == Balancing::least_connections && upstream.servers.size() > 1)
        throw Invalid("upstream.balancing",
                      "nginx counts connections only of servers given by IP address; use another balancing "
                      "or addresses");
    const auto servers = select(upstream.servers, false);
    const auto backups = select(upstream.servers, true);
    if (servers.size() > 1) add_split(site, upstream, servers, "backend");
    if (backups.size() > 1) add_split(site, upstream, backups, "next");
    if (backups.empty() && servers.size() > 1) add_ring(site, servers);
}

// What stands inside the server block for the same.
void add_choice_to_server(Fields& proxy, const Upstream& upstream) {
    const auto servers = select(upstream.servers, false);
    const auto backups = select(upstream.servers, true);
    Fields& by_name = proxy.row("BY_NAME");
    by_name.show("RETRY", upstream.servers.size() > 1);
    if (servers.size() == 1) by_name.row("SINGLE").set("ADDRESS", address_of(servers.front()));
    if (backups.size() == 1) by_name.row("SINGLE_BACKUP").set("ADDRESS", address_of(backups.front()));
}

void add_seconds(Fields& proxy, FieldName section, std::chrono::seconds value, std::chrono::seconds shared) {
    if (value != shared) proxy.row(section).set("SECONDS", std::to_string(value.count()));
}

void add_proxy(Fields& server, const SiteDefinition& site) {
    const Upstream& upstream = site.upstream;
    Fields& proxy = server.row("PROXY");
    proxy.set("SCHEME", std::string(to_word(upstream.scheme)));
    if (site.limits.max_body_mib != kMaxBodyMib)
        proxy.row("BODY").set("MIB", std::to_string(site.limits.max_body_mib));
    add_seconds(proxy, "CONNECT_TIMEOUT", upstream.connect_timeout, kConnectTimeout);
    add_seconds(proxy, "READ_TIMEOUT", upstream.read_timeout, kReadTimeout);
    add_seconds(proxy, "SEND_TIMEOUT", upstream.send_timeout, kSendTimeout);
    const bool fixed = std::ranges::all_of(upstream.servers, is_fixed);
    if (is_encrypted(upstream.scheme)) {
        // The pool's name means nothing to an upstream, and nginx cannot match an IP address in a
        // certificate.
        proxy.show("SSL_NAME", fixed);
        proxy.show("SSL_VERIFY", upstream.tls.verify);
    }
    // One proxy_set_header in a block takes away all that it would inherit.
    if (site.raw.nginx.find("proxy_set_header") != std::string::npos)
        proxy.row("OWN_HEADERS").include("HEADERS", "nginx/headers.conf");
    if (fixed)
        proxy.show("FIXED");
    else
        add_choice_to_server(proxy, upstream);
    // The template ends the line, so that a comment on the last one does not take the closing brace with it.
    std::string_view raw = site.raw.nginx;
    while (raw.ends_with('\n')) raw.remove_suffix(1);
    if (!raw.empty()) proxy.row("RAW").set("TEXT", std::string(raw));
}

}  // namespace

bool nginx_retries_by_name(const DeployableSite& site) {
    const auto& servers = site.definition->upstream.servers;
    return site.state == SiteState::active && servers.size() > 1 && !std::ranges::all_of(servers, is_fixed);
}

namespace {

class ServerBlocks {
  public:
    ServerBlocks(Fields& out, const ListenOn& listen, const DeployableSite& site)
        : out_(out), listen_(listen), site_(site), definition_(*site.definition) {}

    void add() {
        const Tls& tls = definition_.tls;
        if (tls.mode == TlsMode::none) return add_content(server({false}));
        const bool active = site_.state == SiteState::active;
        if (active && tls.redirect_http) {
            add_redirect(server({false}));
        } else if (!active || tls.hsts_seconds.count() == 0) {
            return add_content(server({false, true}));
        } else {
            add_content(server({false}));  // plain HTTP must not carry HSTS (RFC 6797 section 7.2)
        }
        Fields& encrypted = server({true});
        if (active && tls.hsts_seconds.count() > 0)
            encrypted.row("HSTS").set("SECONDS", std::to_string(tls.hsts_seconds.count()));
        add_content(encrypted);
    }

  private:
    Fields& server(std::initializer_list<bool> kinds) {
        Fields& block = out_.row("SERVER");
        for (const bool encrypted : kinds) {
            for (const std::string& address : nginx_listen(listen_, encrypted ? listen_.https : listen_.http))
                block.row("LISTEN").set("ADDRESS", address).show("ENCRYPTED", encrypted);
            if (encrypted) block.row("CERTIFICATE").set("FILE", nginx_certificate_name(*site_.certificate));
        }
        for (const DomainName& domain : definition_.domains) block.row("NAME").set("DOMAIN", domain.text());
        return block;
    }
    void add_redirect(Fields& block) const {
        Fields& redirect = block.row("REDIRECT");
        if (listen_.https.value() != 443) redirect.row("ELSEWHERE").set("PORT", listen_.https.text());
    }
    void add_content(Fields& block) const {
        if (site_.state == SiteState::paused)
            block.show("PAUSED");
        else if (site_.state == SiteState::blocked)
            block.row("BLOCKED").set("STATUS", std::to_string(site_.block_status));
        else
            add_proxy(block, definition_);
    }

    Fields& out_;
    const ListenOn& listen_;
    const DeployableSite& site_;
    const SiteDefinition& definition_;
};

void check(const DeployableSite& site) {
    if (site.state == SiteState::blocked && site.block_status != 403 && site.block_status != 451 &&
        site.block_status != 503)
        throw Invalid("block_status", "must be 403, 451 or 503");
    if (site.definition->tls.mode == TlsMode::none) return;
    if (!site.certificate || !site.certificate->chain_pem || site.certificate->fingerprint.size() != 64)
        throw Invalid("tls.mode", "has no certificate yet");
}

}  // namespace

std::string nginx_site(const TemplateSet& templates, const ListenOn& listen, const DeployableSite& site) {
    try {
        check(site);
        Fields fields;
        fields.set("ID", site.id.text()).set("PRIMARY", site.definition->primary().text());
        fields.set("OWNER", site.owner).set("REVISION", std::to_string(site.revision_number));
        const Upstream& upstream = site.definition->upstream;
        if (site.state == SiteState::active && std::ranges::all_of(upstream.servers, is_fixed))
            add_pool(fields, upstream);
        else if (site.state == SiteState::active)
            add_choice(fields, upstream);
        ServerBlocks(fields, listen, site).add();
        return templates.expand("nginx/site.conf", fields);
    } catch (const Invalid& error) {
        throw InvalidSite(site.id, error.problems);
    }
}

}  // namespace rpm::render
