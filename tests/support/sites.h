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

inline DeployableSite with_certificate(DeployableSite site, std::string chain_pem = "chain\n") {
    site.certificate = CertificateFiles{CertificateId(5), std::string(60, 'a') + "0123", std::string(64, 'b'),
                                        std::make_shared<const std::string>(std::move(chain_pem))};
    return site;
}

inline NodeProfile a_node(ListenOn listen = {}) {
    return {NodeId(1), *Name::parse("edge-1"), Engine::nginx, std::move(listen), {}};
}

}  // namespace rpm::test
