// SPDX-License-Identifier: MIT
// What the manager knows of a node before it talks to it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/id.h"
#include "shared/model/values.h"

namespace rpm {

enum class Engine { nginx, caddy, traefik };
std::string_view to_word(Engine);
std::optional<Engine> engine(std::string_view word);

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
};

}  // namespace rpm
