// SPDX-License-Identifier: MIT
// Sites for tests: only what a case is about has to be said.
//
//     Json definition = a_definition("shop.example.com");
//     definition["tls"]["mode"] = "self_signed";
//     DeployableSite site = a_site(7, definition);
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "shared/base/json.h"
#include "shared/model/site.h"
#include "shared/render/renderer.h"

namespace rpm::test {

inline Json a_server(std::string_view host, int port, int weight = 1, bool backup = false) {
    return Json::object({{"host", host}, {"port", port}, {"weight", weight}, {"backup", backup}});
}

inline Json a_definition(std::string_view domain, std::string_view host = "10.0.0.1", int port = 8080) {
    Json json = Json::object({{"version", 1}});
    json["domains"].push(domain);
    json["upstream"]["servers"].push(a_server(host, port));
    return json;
}

inline DeployableSite a_site(std::uint64_t id, const Json& definition) {
    DeployableSite site;
    site.id = SiteId(id);
    site.revision = RevisionId(1000 + id);
    site.revision_number = 3;
    site.owner = "alice";
    site.definition = std::make_shared<const SiteDefinition>(SiteDefinition::parse(definition));
    return site;
}

/// Every member but references to shared pieces, none with its default.
inline constexpr char kFullSite[] =
    R"j({"version":2,"domains":["shop.example.com"],"upstream":{"scheme":"grpcs","servers":[)j"
    R"j({"host":"app.internal","port":8443,"weight":2},{"host":"10.0.0.2","port":8443}],)j"
    R"j("balancing":"sticky_cookie","cookie":"node","connect_timeout":6,"read_timeout":61,"send_timeout":62,)j"
    R"j("keepalive":0,"max_fails":0,"fail_timeout":11,"host_header":"app.internal:8443","proxy_protocol":"v1",)j"
    R"j("tls":{"verify":false,"server_name":"app.internal","ca":"-----BEGIN CERTIFICATE-----\nTUlJ\n-----END CERTIFICATE-----\n"},)j"
    R"j("health":{"path":"/up","interval":5,"timeout":2,"status":204}},)j"
    R"j("routes":[{"path":"/api","upstream":{"servers":[{"host":"10.0.0.3","port":80}]},"strip_prefix":true,)j"
    R"j("access":{},"rates":[{"key":"header","header":"X-Key","requests":5,"per":"minute","burst":0,"status":503}],"client_certificate":"required"},)j"
    R"j({"match":"regex","path":"^/u/(\\d+)$","rewrite":"/user/$1"},)j"
    R"j({"match":"exact","path":"/old","action":"redirect","redirect":{"to":"https://new.example.com/x","status":301,)j"
    R"j("keep_path":true}}],)j"
    R"j("tls":{"mode":"self_signed","redirect_http":true,"hsts_seconds":31536000,"hsts_subdomains":true,)j"
    R"j("hsts_preload":true,"minimum":"1.3","http3":true,"clients":{"mode":"required",)j"
    R"j("ca":"-----BEGIN CERTIFICATE-----\nTUlJ\n-----END CERTIFICATE-----\n",)j"
    R"j("crl":"-----BEGIN X509 CRL-----\nTUlJ\n-----END X509 CRL-----\n"}},)j"
    R"j("limits":{"max_body_mib":0,"connections":20,"buffer_requests":false,"buffer_responses":false,)j"
    R"j("rates":[{"key":"path"}]},)j"
    R"j("headers":{"request":[{"name":"X-Team","value":"a {b} $c"}],)j"
    R"j("response":[{"action":"add","name":"Link","value":"</a>; rel=next"},{"action":"remove","name":"X-Powered-By"}],)j"
    R"j("security":{"no_sniff":true,"frame":"deny","referrer_policy":"no-referrer","permissions_policy":"camera=()",)j"
    R"j("content_policy":"default-src 'self'"},)j"
    R"j("cors":{"origins":["https://app.example.com"],"methods":["PUT"],"headers":["X-A"],"expose":["X-B"],)j"
    R"j("credentials":true,"max_age":5}},)j"
    R"j("access":{"allow":["10.0.0.0/8"],"deny":["10.1.0.0/16"],"satisfy":"any","basic":{"realm":"Shop","users":[)j"
    R"j({"name":"anna","hash":"$2y$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234"}]},)j"
    R"j("no_sign_in_from":["192.0.2.1/32"]},)j"
    R"j("pages":{"errors":[{"statuses":[404,502],"html":"<p>gone</p>"}],)j"
    R"j("maintenance":{"on":true,"bypass":["2001:db8::/32"],"html":"<p>soon</p>","retry_after":60},)j"
    R"j("robots_txt":"User-agent: *\nDisallow:\n","security_txt":"Contact: mailto:a@example.com\n"},)j"
    R"j("compression":false,"raw":{"nginx":"gzip off;\n"},"note":"für Anna"})j";

/// Every member that a stream may have, none with its default.
inline constexpr char kFullStream[] =
    R"j({"version":2,"kind":"stream","domains":["db.example.com"],"upstream":{"servers":[)j"
    R"j({"host":"10.0.0.1","port":5432,"weight":3},{"host":"10.0.0.2","port":5432},)j"
    R"j({"host":"10.0.0.3","port":5432,"backup":true}],)j"
    R"j("balancing":"least_connections","connect_timeout":6,"max_fails":3,"fail_timeout":20,)j"
    R"j("proxy_protocol":"v1","tls":{"server_name":"db.internal",)j"
    R"j("ca":"-----BEGIN CERTIFICATE-----\nTUlJ\n-----END CERTIFICATE-----\n"}},)j"
    R"j("stream":{"ports":["5432","6000-6001"],"tls_to_servers":true,"idle_timeout":3600,)j"
    R"j("proxy_protocol_from":["192.0.2.0/24","2001:db8::/32"]},)j"
    R"j("tls":{"mode":"self_signed","minimum":"1.3","clients":{"mode":"required",)j"
    R"j("ca":"-----BEGIN CERTIFICATE-----\nTUlJ\n-----END CERTIFICATE-----\n"}},)j"
    R"j("limits":{"connections":20},"access":{"allow":["10.0.0.0/8"],"deny":["10.1.0.0/16"]},"note":"database"})j";

/// A plain TCP stream from port 5432 to 10.0.0.1:5432.
inline Json a_stream(std::string_view domain, std::string_view ports = "5432") {
    Json json = a_definition(domain, "10.0.0.1", 5432);
    json["version"] = 2;
    json["kind"] = "stream";
    json["stream"]["ports"].push(ports);
    return json;
}

inline DeployableSite with_certificate(DeployableSite site, std::string chain_pem = "chain\n") {
    site.certificate = CertificateFiles{CertificateId(5), std::string(60, 'a') + "0123", std::string(64, 'b'),
                                        std::make_shared<const std::string>(std::move(chain_pem))};
    return site;
}

inline NodeProfile a_node(ListenOn listen = {}) {
    return {NodeId(1), *Name::parse("edge-1"), Engine::nginx, std::move(listen), {}};
}

}  // namespace rpm::test
