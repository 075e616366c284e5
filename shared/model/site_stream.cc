// SPDX-License-Identifier: MIT
// What must hold of a stream, and between streams and the members that are about requests.
#include <algorithm>
#include <array>

#include "shared/model/site_checks.h"
#include "shared/model/site_writer.h"

namespace rpm {

std::vector<Stream::Listen> Stream::listens() const {
    std::vector<Listen> out;
    for (const PortRange& range : ports)
        for (unsigned i = 0; i < range.count(); ++i) {
            const unsigned port = range.first().value() + i;
            out.push_back({*Port::from(port), port - ports.front().first().value()});
        }
    return out;
}

namespace members {
namespace {

constexpr unsigned kMostPorts = 100;

// What a stream may have, by path; all else is about requests.
constexpr std::array<std::string_view, 18> kOfStreams = {"kind",
                                                         "domains",
                                                         "stream",
                                                         "note",
                                                         "upstream.servers",
                                                         "upstream.balancing",
                                                         "upstream.connect_timeout",
                                                         "upstream.max_fails",
                                                         "upstream.fail_timeout",
                                                         "upstream.proxy_protocol",
                                                         "upstream.tls",
                                                         "tls.mode",
                                                         "tls.minimum",
                                                         "tls.clients",
                                                         "access.allow",
                                                         "access.deny",
                                                         "limits.connections",
                                                         "compression"};

bool is_prefix_of_known(const std::string& path) {
    return std::ranges::any_of(kOfStreams,
                               [&](std::string_view each) { return each.starts_with(path + "."); });
}

void refuse_others(const At& at, const Json& given, const std::string& above) {
    for (const auto& [name, value] : given.members()) {
        const std::string path = above.empty() ? name : above + "." + name;
        if (std::ranges::find(kOfStreams, path) != kOfStreams.end()) continue;
        if (value.is_object() && is_prefix_of_known(path))
            refuse_others(at, value, path);
        else
            at.problem(path, "does not apply to a stream");
    }
}

void check_ports(const At& at, const SiteDefinition& site) {
    const Stream& stream = site.stream;
    if (stream.ports.empty()) return at.problem("stream.ports", "needs at least one port");
    unsigned count = 0;
    for (std::size_t i = 0; i < stream.ports.size(); ++i) {
        if (i > 0 && stream.ports[i].first() <= stream.ports[i - 1].last())
            return at.problem("stream.ports." + std::to_string(i), "must be above the ones before");
        count += stream.ports[i].count();
    }
    if (count > kMostPorts)
        return at.problem("stream.ports", "has " + std::to_string(count) + " ports; " +
                                              std::to_string(kMostPorts) + " are the most");
    const unsigned span = stream.ports.back().last().value() - stream.ports.front().first().value();
    for (std::size_t i = 0; i < site.upstream.servers.size(); ++i)
        if (site.upstream.servers[i].port.value() + span > 65535)
            at.problem("upstream.servers." + std::to_string(i) + ".port",
                       "is too high for the last port of the stream to lead anywhere");
}

// Engines verify names; nginx cannot find an address in a certificate, and a pool has no name of its own.
void check_tls_to_servers(const At& at, const SiteDefinition& site) {
    const Upstream& upstream = site.upstream;
    if (!site.stream.tls_to_servers) {
        if (upstream.tls != UpstreamTls{})
            at.problem("stream.tls_to_servers", "is off, but upstream.tls is set");
        return;
    }
    if (!upstream.tls.verify || !upstream.tls.server_name.empty() || upstream.servers.empty()) return;
    const HostAddress& host = upstream.servers.front().host;
    const bool one = std::ranges::all_of(upstream.servers,
                                         [&](const UpstreamServer& server) { return server.host == host; });
    if (!one || host.is_ip())
        at.problem("upstream.tls.server_name", "is missing: which name must the servers' certificate have?");
}

void check_udp(const At& at, const SiteDefinition& site) {
    if (site.stream.protocol != StreamProtocol::udp) return;
    if (site.tls.mode != TlsMode::none) at.problem("tls.mode", "needs TCP");
    if (site.stream.tls_to_servers) at.problem("stream.tls_to_servers", "needs TCP");
    if (!site.stream.proxy_protocol_from.empty()) at.problem("stream.proxy_protocol_from", "needs TCP");
    if (site.upstream.proxy_protocol != ProxyProtocol::off)
        at.problem("upstream.proxy_protocol", "needs TCP");
}

}  // namespace

void check_stream(const At& at, const SiteDefinition& site) {
    if (site.kind != SiteKind::stream) {
        const Json given = pruned(site.stream);
        for (const auto& [name, value] : given.members())
            at.problem("stream." + name, "is used only by a site of kind stream");
        return;
    }
    refuse_others(at, pruned(site), "");
    if (!site.compression) at.problem("compression", "does not apply to a stream");
    if (site.upstream.balancing == Balancing::sticky_cookie)
        at.problem("upstream.balancing", "by cookie does not apply to a stream");
    check_ports(at, site);
    check_tls_to_servers(at, site);
    check_udp(at, site);
}

}  // namespace members
}  // namespace rpm
