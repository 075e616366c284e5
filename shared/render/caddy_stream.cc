// SPDX-License-Identifier: MIT
// The text of one stream: a server of the app layer4 (module caddy-l4) for each of its ports.
#include <algorithm>

#include "shared/render/caddy_parts.h"
#include "shared/render/release_files.h"

namespace rpm::render::caddy {
namespace {

constexpr std::string_view kRetryAfter = "100ms";
constexpr std::string_view kHeaderMayTake = "5s";  // the PROXY protocol's, at the start of a connection

Json networks(const std::vector<IpNetwork>& all) {
    Json out = Json::array();
    for (const IpNetwork& network : all) out.push(network.text());
    return out;
}
Json address_in(const std::vector<IpNetwork>& all) {
    return Json::object({{"remote_ip", Json::object({{"ranges", networks(all)}})}});
}

class StreamPart {
  public:
    explicit StreamPart(const Context& context)
        : context_(context), stream_(context.site.stream), upstream_(context.site.upstream) {}

    std::string text() const {
        Part part;
        if (context_.deployable.state == SiteState::active) {
            Json servers = Json::object();
            for (const Stream::Listen& each : stream_.listens())
                servers["site" + context_.deployable.id.text() + "_p" + each.port.text()] = server(each);
            part.add_members("streams", servers);
        }
        if (encrypted())
            part.add("certificates", Json::array({certificate(*context_.deployable.certificate)}));
        return part.take();
    }

  private:
    bool encrypted() const { return context_.site.tls.mode != TlsMode::none; }
    bool datagrams() const { return stream_.protocol == StreamProtocol::udp; }
    std::string network() const { return datagrams() ? "udp/" : ""; }

    Json server(const Stream::Listen& each) const {
        const auto& address = context_.node.listen.address;
        const std::string listen = network() + (address ? address->bracketed() : "") + ":" + each.port.text();
        Json out = Json::object({{"@id", id_of(context_.deployable) + " port-" + each.port.text()},
                                 {"listen", Json::array({listen})}});
        if (datagrams()) out["idle_timeout"] = duration(stream_.idle_timeout);
        out["routes"] = routes(each.offset);
        return out;
    }

    // What no route takes is closed.
    Json routes(unsigned offset) const {
        Json out = Json::array();
        // The handler itself believes everybody whom it does not reject.
        if (!stream_.proxy_protocol_from.empty())
            out.push(route({address_in(stream_.proxy_protocol_from).members().front()},
                           {handler("proxy_protocol", {{"timeout", kHeaderMayTake},
                                                       {"allow", networks(stream_.proxy_protocol_from)}})}));
        Json::Object match;
        const Access& access = context_.site.access;
        if (!access.allow.empty()) match.push_back(address_in(access.allow).members().front());
        if (!access.deny.empty()) match.emplace_back("not", Json::array({address_in(access.deny)}));
        Json::Array handlers;
        if (encrypted()) handlers.push_back(ends_tls());
        handlers.push_back(pool(offset));
        out.push(match.empty() ? route(std::move(handlers)) : route(std::move(match), std::move(handlers)));
        return out;
    }

    // The one certificate, whichever name is asked for.
    Json ends_tls() const {
        Json::Object policy = tls_terms(context_);
        const std::string& name = context_.site.primary().text();
        policy.emplace_back("default_sni", name);
        policy.emplace_back("fallback_sni", name);
        return handler("tls", {{"connection_policies", Json::array({Json::object(std::move(policy))})}});
    }

    Json dial(const UpstreamServer& server, unsigned offset) const {
        Json out = Json::object({{"dial", Json::array({network() + stream_address(server, offset)})}});
        if (server.weight != 1) out["weight"] = server.weight;
        if (!stream_.tls_to_servers) return out;
        Json& tls = out["tls"] = Json::object({{"server_name", name_of_servers(upstream_)}});
        if (!upstream_.tls.verify) tls["insecure_skip_verify"] = true;
        if (!upstream_.tls.ca.empty()) tls["root_ca_pool"] = certificates(upstream_.tls.ca);
        if (const CertificateFiles* shown = shown_certificate(context_.deployable, upstream_)) {
            tls["client_certificate_file"] = certificate_path(*shown) + ".crt";
            tls["client_certificate_key_file"] = certificate_path(*shown) + ".key";
        }
        return out;
    }

    std::string_view policy() const {
        if (upstream_.balancing == Balancing::least_connections) return "least_conn";
        if (upstream_.balancing == Balancing::ip_hash) return "ip_hash";
        const auto weighs = [](const UpstreamServer& server) { return server.weight != 1; };
        return std::ranges::any_of(upstream_.servers, weighs) ? "weighted_round_robin" : "round_robin";
    }

    Json pool(unsigned offset) const {
        Json dials = Json::array();
        for (const UpstreamServer& server : upstream_.servers) dials.push(dial(server, offset));
        Json out = handler("proxy", {{"upstreams", std::move(dials)}});
        if (upstream_.servers.size() > 1) {
            out["load_balancing"] = Json::object({{"selection", Json::object({{"policy", policy()}})},
                                                  {"try_duration", duration(upstream_.connect_timeout)},
                                                  {"try_interval", kRetryAfter}});
            if (upstream_.max_fails > 0)
                out["health_checks"]["passive"] =
                    Json::object({{"max_fails", upstream_.max_fails},
                                  {"fail_duration", duration(upstream_.fail_timeout)}});
        }
        if (upstream_.proxy_protocol != ProxyProtocol::off)
            out["proxy_protocol"] = to_word(upstream_.proxy_protocol);
        return out;
    }

    const Context& context_;
    const Stream& stream_;
    const Upstream& upstream_;
};

}  // namespace

std::string stream_part(const Context& context) {
    return StreamPart(context).text();
}

}  // namespace rpm::render::caddy
