// SPDX-License-Identifier: MIT
// The text of one stream: pools and server blocks of stream {}, one of each for every port.
#include <algorithm>

#include "shared/render/nginx_parts.h"
#include "shared/render/release_files.h"

namespace rpm::render {
namespace {

using namespace nginx;

// nginx's own, and what nginx.conf says for all streams.
constexpr std::chrono::seconds kFailTimeout{10};
constexpr std::chrono::seconds kConnectTimeout{5};
constexpr std::chrono::seconds kIdleTimeout{600};

class StreamFile {
  public:
    StreamFile(const ListenOn& listen, const DeployableSite& site)
        : listen_(listen),
          site_(site),
          definition_(*site.definition),
          stream_(definition_.stream),
          upstream_(definition_.upstream) {}

    Fields fields() const {
        Fields out;
        out.set("ID", site_.id.text()).set("PRIMARY", definition_.primary().text());
        out.set("OWNER", site_.owner).set("REVISION", std::to_string(site_.revision_number));
        if (site_.state != SiteState::active) {
            out.show("CLOSED");
            return out;
        }
        if (definition_.limits.connections != 0) out.row("CONNECTION_ZONE").set("KEY", site_key(site_.id));
        for (const Stream::Listen& each : stream_.listens()) {
            if (!is_by_name(upstream_))
                add_pool(out, each);
            else if (upstream_.servers.size() > 1)
                add_split(out, each);
            add_server(out, each);
        }
        return out;
    }

  private:
    std::string pool(const Stream::Listen& each) const { return pool_name(site_.id, "p" + each.port.text()); }
    std::string key(const Stream::Listen& each) const { return site_key(site_.id) + "_p" + each.port.text(); }

    void add_pool(Fields& out, const Stream::Listen& each) const {
        Fields& pool_fields = out.row("POOL");
        pool_fields.set("POOL_NAME", pool(each));
        pool_fields.show("BY_ADDRESS", upstream_.balancing == Balancing::ip_hash);
        pool_fields.show("LEAST_CONNECTIONS", upstream_.balancing == Balancing::least_connections);
        const bool several = upstream_.servers.size() > 1;
        for (const UpstreamServer& server : upstream_.servers) {
            Fields& member = pool_fields.row("MEMBER");
            member.set("ADDRESS", stream_address(server, each.offset)).show("BACKUP", server.backup);
            if (server.weight != 1) member.row("WEIGHTED").set("WEIGHT", std::to_string(server.weight));
            if (several) member.row("FAILS").set("FAILS_MOST", std::to_string(upstream_.max_fails));
            if (several && upstream_.fail_timeout != kFailTimeout)
                member.row("OUT").set("SECONDS", std::to_string(upstream_.fail_timeout.count()));
        }
    }

    // Hundredths of a per cent, at least one each; the heaviest server takes what the others leave.
    void add_split(Fields& out, const Stream::Listen& each) const {
        auto servers = upstream_.servers;
        std::ranges::stable_sort(servers, {}, &UpstreamServer::weight);
        unsigned total = 0;
        for (const UpstreamServer& server : servers) total += server.weight;
        Fields& split = out.row("SPLIT");
        split.set("KEY", key(each));
        split.show("BY_ADDRESS", upstream_.balancing == Balancing::ip_hash);
        split.show("BY_CONNECTION", upstream_.balancing != Balancing::ip_hash);
        for (const UpstreamServer& server : servers) {
            const unsigned share = std::max(1U, server.weight * 10000 / total);
            const std::string cents = std::to_string(100 + share % 100).substr(1);
            split.row("SHARE")
                .set("PERCENT",
                     &server == &servers.back() ? "*" : std::to_string(share / 100) + "." + cents + "%")
                .set("ADDRESS", stream_address(server, each.offset));
        }
    }

    void add_server(Fields& out, const Stream::Listen& each) const {
        Fields& server = out.row("SERVER");
        for (const std::string& address : nginx_listen(listen_, each.port))
            server.row("LISTEN")
                .set("ADDRESS", address)
                .show("UDP", stream_.protocol == StreamProtocol::udp)
                .show("ENCRYPTED", definition_.tls.mode != TlsMode::none)
                .show("TOLD", !stream_.proxy_protocol_from.empty());
        for (const IpNetwork& network : stream_.proxy_protocol_from)
            server.row("TRUSTED").set("NETWORK", network.text());
        for (const IpNetwork& network : definition_.access.deny)
            server.row("DENY").set("NETWORK", network.text());
        for (const IpNetwork& network : definition_.access.allow)
            server.row("ALLOW").set("NETWORK", network.text());
        server.show("NOBODY_ELSE", !definition_.access.allow.empty());
        if (definition_.limits.connections != 0)
            server.row("CONNECTIONS")
                .set("KEY", site_key(site_.id))
                .set("MOST", std::to_string(definition_.limits.connections));
        if (definition_.tls.mode != TlsMode::none) add_tls(server);
        add_pass(server);
        if (!is_by_name(upstream_))
            server.row("FIXED").set("POOL_NAME", pool(each));
        else if (upstream_.servers.size() > 1)
            server.row("CHOSEN").set("KEY", key(each));
        else
            server.row("SINGLE")
                .set("KEY", key(each))
                .set("ADDRESS", stream_address(upstream_.servers.front(), each.offset));
    }

    void add_tls(Fields& server) const {
        server.row("CERTIFICATE").set("FILE", certificate_name(*site_.certificate));
        server.show("NEWEST_TLS_ONLY", definition_.tls.minimum == TlsVersion::v1_3);
        const ClientCertificates& clients = definition_.tls.clients;
        if (clients.mode == ClientCertificate::off) return;
        Fields& asked = server.row("CLIENTS");
        asked.set("MODE", clients.mode == ClientCertificate::required ? "on" : "optional");
        asked.set("FILE", file_of(site_.id, "clients.pem"));
        if (!clients.crl.empty()) asked.row("REVOKED").set("FILE", file_of(site_.id, "revoked.pem"));
    }

    void add_pass(Fields& server) const {
        if (upstream_.connect_timeout != kConnectTimeout)
            server.row("CONNECT_TIMEOUT").set("SECONDS", std::to_string(upstream_.connect_timeout.count()));
        if (stream_.idle_timeout != kIdleTimeout)
            server.row("IDLE_TIMEOUT").set("SECONDS", std::to_string(stream_.idle_timeout.count()));
        server.show("TELL", upstream_.proxy_protocol != ProxyProtocol::off);
        if (!stream_.tls_to_servers) return;
        Fields& tls = server.row("TLS");
        tls.set("NAME", name_of_servers(upstream_));
        if (const CertificateFiles* shown = shown_certificate(site_, upstream_))
            tls.row("SHOWN").set("FILE", certificate_name(*shown));
        if (!upstream_.tls.verify) return;
        Fields& verify = tls.row("VERIFY");
        if (upstream_.tls.ca.empty())
            verify.show("SYSTEM");
        else
            verify.row("OWN").set("FILE", file_of(site_.id, "site-ca.pem"));
    }

    const ListenOn& listen_;
    const DeployableSite& site_;
    const SiteDefinition& definition_;
    const Stream& stream_;
    const Upstream& upstream_;
};

}  // namespace

std::string nginx_stream(const TemplateSet& templates, const ListenOn& listen, const DeployableSite& site) {
    check_deployable(site);
    try {
        return templates.expand("nginx/stream.conf", StreamFile(listen, site).fields());
    } catch (const Invalid& error) {
        throw InvalidSite(site.id, error.problems);
    }
}

}  // namespace rpm::render
