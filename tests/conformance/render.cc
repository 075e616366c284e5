// SPDX-License-Identifier: MIT
// Writes a release as the deploy worker packs it, from definitions on standard input; for the conformance
// suite.
//
//     {"engine":"nginx", "version":"1.22.1", "modules":[…], "address":"127.1.0.1", "http":8080, "https":8443,
//      "proof":8081, "trusted_proxies":["127.9.0.0/24"], "certificate":"…pem", "key":"…pem", "out":"/folder",
//      "settings":{…}, "sites":[{"id":1, "state":"active", "definition":{…}}]}
//
// Prints {"release":"<id>", "refused":[{"id":1, "field":"…", "message":"…"}]}: sites that the engine cannot
// say are left out. Where it cannot say the node's settings (id 0), nothing is written.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "shared/base/error.h"
#include "shared/base/json.h"
#include "shared/crypto/digest.h"
#include "shared/model/capabilities.h"
#include "shared/plan/release.h"
#include "shared/render/renderer.h"

using namespace rpm;

namespace {

void write(const std::filesystem::path& path, std::string_view content) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream out(path, std::ios::binary);
    out << content;
    if (!out.flush()) throw Error("cannot write " + path.string());
}

NodeProfile node_of(const Json& input) {
    NodeProfile node{NodeId(1), *Name::parse("node"), *engine(input.at("engine").text()), {}, {}, {}, {}};
    if (const Json* address = input.find("address")) node.listen.address = IpAddress::parse(address->text());
    node.listen.http = *Port::from(input.at("http").integer());
    node.listen.https = *Port::from(input.at("https").integer());
    node.listen.proof = *Port::from(input.at("proof").integer());
    node.facts.version = EngineVersion::parse(input.at("version").text());
    for (const Json& module : input.at("modules").items()) node.facts.modules.insert(module.text());
    for (const Json& resolver : input.at("resolvers").items())
        node.resolvers.push_back(*IpAddress::parse(resolver.text()));
    for (const Json& network : input.at("trusted_proxies").items())
        node.trusted_proxies.push_back(*IpNetwork::parse(network.text()));
    return node;
}

DeployableSite site_of(const Json& input, const std::string& chain, const std::string& key) {
    DeployableSite site;
    site.id = SiteId(static_cast<std::uint64_t>(input.at("id").integer()));
    site.revision_number = 1;
    site.owner = "conformance";
    site.state = site_state(input.at("state").text());
    site.definition = std::make_shared<const SiteDefinition>(SiteDefinition::parse(input.at("definition")));
    if (site.definition->tls.mode != TlsMode::none)
        site.certificate =
            CertificateFiles{CertificateId(1), crypto::sha256_hex(chain), crypto::sha256_hex(key),
                             std::make_shared<const std::string>(chain)};
    return site;
}

Json run(const Json& input) {
    const auto templates = render::load_templates("proxy_templates");
    NodeProfile node = node_of(input);
    const render::Renderer& renderer = render::renderer(node.engine);
    const NodeSettings settings = NodeSettings::parse(input.at("settings"));
    node.default_site = settings.default_site;
    const std::string chain = input.at("certificate").text();
    const std::string key = input.at("key").text();
    std::vector<DeployableSite> sites;
    Json refused = Json::array();
    for (const Limitation& each : limitations(settings, node.engine, node.facts))
        refused.push(Json::object({{"id", 0}, {"field", each.field}, {"message", each.message}}));
    if (!refused.items().empty()) return Json::object({{"refused", std::move(refused)}});
    for (const Json& each : input.at("sites").items()) {
        const auto refuse = [&](const Problems& problems) {
            for (const auto& [field, message] : problems.entries())
                refused.push(Json::object({{"id", each.at("id")}, {"field", field}, {"message", message}}));
        };
        try {
            sites.push_back(site_of(each, chain, key));
            renderer.render(*templates, node, std::span(&sites.back(), 1));
        } catch (const render::InvalidSite& error) {
            sites.pop_back();
            refuse(error.problems);
        } catch (const Invalid& error) {
            throw Error("site " + each.at("id").dump() + ": " + error.what());
        }
    }
    const Bundle bundle = renderer.render(*templates, node, sites);
    const plan::Release release = plan::seal(bundle);
    const std::filesystem::path out = input.at("out").text();
    for (const auto& [path, file] : bundle.files) write(out / path, file.content ? *file.content : key);
    // Keys are told by their content here, as the packer does it.
    std::string manifest;
    for (const auto& [path, digest] : release.manifest)
        manifest += (digest == "key" ? crypto::sha256_hex(key) : digest) + "  " + path + "\n";
    write(out / "MANIFEST", manifest);
    const auto [marker_path, marker] = renderer.marker(*templates, node, release.id);
    write(out / marker_path, marker);
    write(out / "REMOVED", "");
    return Json::object({{"release", release.id}, {"refused", std::move(refused)}});
}

}  // namespace

int main() {
    try {
        const std::string text{std::istreambuf_iterator<char>(std::cin), {}};
        std::cout << run(Json::parse(text)).dump() << '\n';
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "render: " << error.what() << '\n';
        return 1;
    }
}
