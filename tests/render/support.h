// SPDX-License-Identifier: MIT
#pragma once

#include <span>

#include "shared/render/renderer.h"
#include "tests/support/engine.h"
#include "tests/support/sites.h"

namespace rpm::test {

/// The project's own templates; tests run from the top of the tree.
inline const TemplateSet& templates() {
    static const auto set = render::load_templates("proxy_templates");
    return *set;
}

inline Bundle rendered(const NodeProfile& node, std::span<const DeployableSite> sites,
                       render::Cache* cache = nullptr) {
    return render::renderer(Engine::nginx).render(templates(), node, sites, cache);
}

inline std::pair<std::string, std::string> a_marker(const NodeProfile& node,
                                                    std::string_view id = "0123456789abcdef") {
    return render::renderer(Engine::nginx).marker(templates(), node, id);
}

/// Ports of 127.0.0.1 that are free.
inline ListenOn private_ports() {
    return {IpAddress::parse("127.0.0.1"), free_port(), free_port(), free_port()};
}

/// A definition that uses everything nginx can say of it.
inline Json everything(std::string_view domain) {
    Json json = a_definition(domain);
    json["domains"].push("*.wild.example.com");
    json["upstream"]["scheme"] = "https";
    json["upstream"]["balancing"] = "least_connections";
    json["upstream"]["servers"].push(a_server("2001:db8::1", 8443, 3));
    json["upstream"]["servers"].push(a_server("localhost", 8081, 1, true));
    json["upstream"]["connect_timeout"] = 7;
    json["upstream"]["read_timeout"] = 3600;
    json["upstream"]["send_timeout"] = 30;
    json["tls"] =
        Json::object({{"mode", "self_signed"}, {"redirect_http", true}, {"hsts_seconds", 31536000}});
    json["limits"]["max_body_mib"] = 0;
    json["raw"]["nginx"] = "location /metrics { deny all; }\nproxy_set_header X-Extra \"yes\"; # last line";
    return json;
}

inline Json with_names(std::string_view domain) {
    Json json = a_definition(domain, "app-1.internal");
    json["upstream"]["servers"].items()[0]["weight"] = 2;
    json["upstream"]["servers"].push(a_server("app_2", 81));
    json["upstream"]["servers"].push(a_server("10.0.0.9", 82));
    return json;
}

}  // namespace rpm::test
