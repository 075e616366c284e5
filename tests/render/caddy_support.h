// SPDX-License-Identifier: MIT
#pragma once

#include "tests/render/support.h"

namespace rpm::test {

inline NodeProfile a_caddy(ListenOn listen = {}, EngineFacts facts = {}) {
    NodeProfile node = a_node(std::move(listen));
    node.engine = Engine::caddy;
    node.facts = std::move(facts);
    return node;
}

inline Bundle by_caddy(const NodeProfile& node, std::span<const DeployableSite> sites,
                       render::Cache* cache = nullptr) {
    return render::renderer(Engine::caddy).render(templates(), node, sites, cache);
}

inline std::pair<std::string, std::string> caddy_marker(const NodeProfile& node,
                                                        std::string_view id = "0123456789abcdef") {
    return render::renderer(Engine::caddy).marker(templates(), node, id);
}

/// Every member that Caddy 2.6 without modules has, as far as they go together.
inline Json all_of_caddy(std::string_view domain) {
    const std::string ca = a_certificate({"authority.example.com"}).first;
    Json json = a_definition(domain);
    json["version"] = 2;
    json["domains"].push("*.wild.example.com");
    Json& upstream = json["upstream"];
    upstream["scheme"] = "https";
    upstream["balancing"] = "least_connections";
    upstream["servers"].push(a_server("2001:db8::1", 8443));
    upstream["servers"].push(a_server("localhost", 8081, 1, true));
    upstream["servers"].push(a_server("spare.internal", 8082, 1, true));
    upstream["connect_timeout"] = 7;
    upstream["read_timeout"] = 7200;
    upstream["send_timeout"] = 30;
    upstream["keepalive"] = 0;
    upstream["max_fails"] = 3;
    upstream["fail_timeout"] = 20;
    upstream["host_header"] = "inner.example.com:8443";
    upstream["tls"] =
        Json::object({{"verify", false}, {"server_name", "inner.example.com:8443"}, {"ca", ca}});
    upstream["health"] =
        Json::object({{"path", "/he{a}lth %"}, {"interval", 5}, {"timeout", 2}, {"status", 204}});
    upstream["health"]["path"] = "/he{a}lth-%-é";
    json["tls"] = Json::object({{"mode", "self_signed"},
                                {"redirect_http", true},
                                {"hsts_seconds", 31536000},
                                {"hsts_subdomains", true},
                                {"hsts_preload", true},
                                {"minimum", "1.3"}});
    json["tls"]["clients"] = Json::object({{"mode", "optional"}, {"ca", ca}});
    json["limits"] = Json::object({{"max_body_mib", 0}, {"buffer_responses", false}});
    Json& headers = json["headers"];
    headers["request"].push(Json::object({{"action", "remove"}, {"name", "Cookie"}}));
    headers["response"].push(Json::object({{"action", "set"}, {"name", "X-A"}, {"value", "a{b}"}}));
    headers["response"].push(Json::object({{"action", "add"}, {"name", "X-A"}, {"value", "c"}}));
    headers["response"].push(Json::object({{"action", "add"}, {"name", "X-B"}, {"value", "d"}}));
    headers["security"] = Json::object({{"no_sniff", true},
                                        {"frame", "same_origin"},
                                        {"referrer_policy", "no-referrer"},
                                        {"permissions_policy", "camera=()"},
                                        {"content_policy", "default-src 'self'"}});
    headers["cors"] = Json::object({{"origins", Json::array({"*"})}, {"expose", Json::array({"X-A"})}});
    json["access"] = Json::object({{"allow", Json::array({"192.0.2.0/24", "2001:db8::/32"})},
                                   {"deny", Json::array({"192.0.2.7"})},
                                   {"satisfy", "any"},
                                   {"no_sign_in_from", Json::array({"198.51.100.0/24"})}});
    json["access"]["forward"] = Json::object({{"url", "https://auth.internal:9443/verify%20it"},
                                              {"mode", "api"},
                                              {"copy_headers", Json::array({"remote-user", "X-Groups"})}});
    json["pages"]["errors"].push(
        Json::object({{"statuses", Json::array({404, 503})}, {"html", "<p>{no}</p>"}}));
    json["pages"]["maintenance"] = Json::object({{"on", true}, {"bypass", Json::array({"192.0.2.9"})}});
    json["pages"]["robots_txt"] = "User-agent: *\n";
    json["pages"]["security_txt"] = "Contact: mailto:a@example.com\n";
    Json route = Json::object({{"path", "/own(%)/"}, {"strip_prefix", true}});
    route["upstream"] = Json::object({{"scheme", "grpc"}});
    route["upstream"]["servers"].push(a_server("10.0.0.9", 50051));
    Json moved = Json::object({{"match", "regex"}, {"path", "^/a{2}/(.*)$"}, {"action", "redirect"}});
    moved["redirect"] = Json::object({{"to", "https://new.example.com/$12"}, {"status", 307}});
    json["routes"] =
        Json::array({route, moved, Json::object({{"match", "exact"}, {"path", "/x"}, {"rewrite", "/y"}})});
    return json;
}

}  // namespace rpm::test
