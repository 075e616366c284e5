// SPDX-License-Identifier: MIT
// What the manager knows of a node before it talks to it.
#pragma once

#include <array>
#include <compare>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/id.h"
#include "shared/model/network.h"
#include "shared/model/node_settings.h"
#include "shared/model/values.h"

namespace rpm {

enum class Engine { nginx, caddy, traefik };
std::string_view to_word(Engine);
std::optional<Engine> engine(std::string_view word);
std::string_view name_of(Engine);  ///< "nginx", "Caddy", "Traefik"

/// "1.22.1", "v2.8.4", "3.5.3-rc1" -> the three numbers; zeros when not known.
struct EngineVersion {
    unsigned major = 0, minor = 0, patch = 0;
    static EngineVersion parse(std::string_view text);
    std::string text() const;
    auto operator<=>(const EngineVersion&) const = default;
};

/// What a node said about its engine; empty until it was asked.
struct EngineFacts {
    EngineVersion version;
    std::set<std::string, std::less<>> modules;  ///< as the engine names them
    bool known() const { return version != EngineVersion{}; }
    auto operator<=>(const EngineFacts&) const = default;
};

/// Where the engine on a node listens. Equal profiles share rendered text.
struct ListenOn {
    std::optional<IpAddress> address;  ///< none = all addresses, IPv4 and IPv6
    Port http = *Port::from(80);
    Port https = *Port::from(443);
    Port proof = *Port::from(8081);  ///< the release marker, on `address`, else 127.0.0.1
    auto operator<=>(const ListenOn&) const = default;
};

/// A node as far as rendering needs it.
struct NodeProfile {
    NodeId id;
    Name name;
    Engine engine = Engine::nginx;
    ListenOn listen;
    /// DNS servers that the engine asks for upstreams given by name; none = 127.0.0.53, where
    /// systemd-resolved listens.
    std::vector<IpAddress> resolvers = {};
    EngineFacts facts = {};
    /// Proxies and CDNs in front of the node, whose X-Forwarded-For tells the visitor's address; none: the
    /// connection's own.
    std::vector<IpNetwork> trusted_proxies = {};
    /// Balancers in front of the node whose connections to its HTTP ports begin with the PROXY protocol;
    /// none: visitors come by themselves. nginx then takes no connection that does not begin with it; Caddy
    /// and Traefik serve those from elsewhere as they come. Nobody else's header is believed.
    std::vector<IpNetwork> proxy_protocol = {};
    DefaultSite default_site = {};  ///< what answers for names that no site has
};

}  // namespace rpm
