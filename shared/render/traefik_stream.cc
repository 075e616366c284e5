// SPDX-License-Identifier: MIT
// The text of one stream: a router and a service for each of its ports, and the entry points that they need.
#include <algorithm>

#include "shared/render/quoting.h"
#include "shared/render/release_files.h"
#include "shared/render/traefik.h"
#include "shared/render/traefik_rules.h"
#include "shared/render/yaml.h"

namespace rpm::render::traefik {
namespace {

std::string seconds(std::chrono::seconds value) {
    return std::to_string(value.count()) + "s";
}

std::string words(const std::vector<IpNetwork>& networks) {
    std::string out;
    for (const IpNetwork& network : networks) out.append(out.empty() ? "" : ",").append(network.text());
    return out;
}

std::string entry_name(SiteId site, Port port) {
    return "site" + site.text() + "-p" + port.text();
}

// HostSNI knows no wildcards.
std::string name_rule(const std::vector<DomainName>& domains) {
    std::string out;
    for (const DomainName& domain : domains) {
        out += out.empty() ? "" : " || ";
        out += domain.is_wildcard() ? "HostSNIRegexp(`^[^.]+" + quoted_regex(domain.text().substr(1)) + "$`)"
                                    : "HostSNI(`" + domain.text() + "`)";
    }
    return out;
}

class StreamFile {
  public:
    explicit StreamFile(const DeployableSite& site)
        : site_(site),
          definition_(*site.definition),
          stream_(definition_.stream),
          upstream_(definition_.upstream),
          prefix_("site" + site.id.text() + "-"),
          datagrams_(stream_.protocol == StreamProtocol::udp) {}

    // A port without a router would answer HTTP with 404, so one that is closed has one for nobody.
    Json root() {
        const bool active = site_.state == SiteState::active;
        Json out = Json::object();
        if (datagrams_ && !active) return out;
        Json& section = out[datagrams_ ? "udp" : "tcp"];
        for (const Stream::Listen& each : stream_.listens()) {
            const std::string name = entry_name(site_.id, each.port);
            section["routers"][name] = router(name);
            add_service(section["services"], name, each.offset);
        }
        if (datagrams_) return out;
        if (const auto chain = middlewares(); !chain.empty())
            for (const auto& [name, middleware] : chain) section["middlewares"][prefix_ + name] = middleware;
        section["serversTransports"][prefix_ + "transport"] = transport();
        if (encrypted()) out["tls"] = tls();
        return out;
    }

  private:
    bool encrypted() const { return definition_.tls.mode != TlsMode::none; }

    std::vector<std::pair<std::string, Json>> middlewares() const {
        std::vector<std::pair<std::string, Json>> out;
        const Access& access = definition_.access;
        Json sources = Json::array();
        if (site_.state != SiteState::active)
            sources.push(kNobody);
        else if (access.by_address())
            for (const std::string& network : allowed_networks(access.allow, access.deny))
                sources.push(network);
        if (!sources.items().empty()) {
            Json list;
            list["ipAllowList"]["sourceRange"] = std::move(sources);
            out.emplace_back("addresses", std::move(list));
        }
        if (definition_.limits.connections != 0) {
            Json most;
            most["inFlightConn"]["amount"] = definition_.limits.connections;
            out.emplace_back("connections", std::move(most));
        }
        return out;
    }

    Json router(const std::string& name) const {
        Json out = Json::object({{"entryPoints", Json::array({name})}});
        if (!datagrams_) {
            out["rule"] = encrypted() ? name_rule(definition_.domains) : "HostSNI(`*`)";
            Json chain = Json::array();
            for (const auto& [middleware, unused] : middlewares()) chain.push(prefix_ + middleware);
            if (!chain.items().empty()) out["middlewares"] = std::move(chain);
            if (encrypted())
                out["tls"] = own_tls() ? Json::object({{"options", prefix_ + "tls"}}) : Json::object();
        }
        out["service"] = name;
        return out;
    }

    Json load_balancer(const std::vector<UpstreamServer>& servers, unsigned offset) const {
        Json out = Json::object();
        for (const UpstreamServer& server : servers) {
            Json entry = Json::object({{"address", stream_address(server, offset)}});
            if (stream_.tls_to_servers) entry["tls"] = true;
            out["loadBalancer"]["servers"].push(std::move(entry));
        }
        if (!datagrams_) out["loadBalancer"]["serversTransport"] = prefix_ + "transport";
        return out;
    }

    // Only services have weights.
    void add_service(Json& services, const std::string& name, unsigned offset) const {
        const auto same = [&](const UpstreamServer& server) {
            return server.weight == upstream_.servers.front().weight;
        };
        if (std::ranges::all_of(upstream_.servers, same)) {
            services[name] = load_balancer(upstream_.servers, offset);
            return;
        }
        for (std::size_t i = 0; i < upstream_.servers.size(); ++i) {
            const std::string part = name + "-" + std::to_string(i);
            services[name]["weighted"]["services"].push(
                Json::object({{"name", part}, {"weight", upstream_.servers[i].weight}}));
            services[part] = load_balancer({upstream_.servers[i]}, offset);
        }
    }

    // A side that has said all may go on listening, as with the other engines.
    Json transport() const {
        Json out = Json::object({{"dialTimeout", seconds(upstream_.connect_timeout)},
                                 {"terminationDelay", seconds(stream_.idle_timeout)}});
        if (upstream_.proxy_protocol != ProxyProtocol::off)
            out["proxyProtocol"]["version"] = upstream_.proxy_protocol == ProxyProtocol::v1 ? 1 : 2;
        if (!stream_.tls_to_servers) return out;
        Json& tls = out["tls"] = Json::object({{"serverName", name_of_servers(upstream_)}});
        if (!upstream_.tls.verify) tls["insecureSkipVerify"] = true;
        if (!upstream_.tls.ca.empty()) tls["rootCAs"] = Json::array({upstream_.tls.ca});
        if (const CertificateFiles* shown = shown_certificate(site_, upstream_))
            tls["certificates"].push(certificate_files(*shown));
        return out;
    }

    bool own_tls() const {
        return definition_.tls.minimum != TlsVersion::v1_2 ||
               definition_.tls.clients.mode != ClientCertificate::off;
    }
    Json tls() const {
        Json out;
        out["certificates"].push(certificate_files(*site_.certificate));
        if (own_tls()) out["options"][prefix_ + "tls"] = own_tls_options(definition_.tls);
        return out;
    }

    const DeployableSite& site_;
    const SiteDefinition& definition_;
    const Stream& stream_;
    const Upstream& upstream_;
    std::string prefix_;
    bool datagrams_;
};

}  // namespace

Json stream_root(const DeployableSite& site) {
    return StreamFile(site).root();
}

std::string entry_points(const NodeProfile& node, std::span<const DeployableSite> sites) {
    std::string out;
    if (!node.proxy_protocol.empty()) out += "proxy " + words(node.proxy_protocol) + "\n";
    std::vector<const DeployableSite*> streams;
    for (const DeployableSite& site : sites)
        if (is_stream(site)) streams.push_back(&site);
    std::ranges::sort(streams, {}, &DeployableSite::id);
    for (const DeployableSite* site : streams) {
        const Stream& stream = site->definition->stream;
        const bool datagrams = stream.protocol == StreamProtocol::udp;
        for (const Stream::Listen& each : stream.listens()) {
            out += "entry " + entry_name(site->id, each.port) + " " +
                   (node.listen.address ? node.listen.address->bracketed() : "") + ":" + each.port.text() +
                   (datagrams ? "/udp" : "/tcp");
            if (datagrams) out += " idle=" + std::to_string(stream.idle_timeout.count());
            if (!stream.proxy_protocol_from.empty()) out += " from=" + words(stream.proxy_protocol_from);
            out += "\n";
        }
    }
    return out;
}

}  // namespace rpm::render::traefik
