// SPDX-License-Identifier: MIT
// Writes a release as the deploy worker packs it, from definitions on standard input; for the conformance
// suite.
//
//     {"engine":"nginx", "dense":false, "version":"1.22.1", "modules":[…], "address":"127.1.0.1",
//      "http":8080, "https":8443, "proof":8081, "trusted_proxies":["127.9.0.0/24"], "proxy_protocol":[],
//      "certificate":"…pem", "key":"…pem", "out":"/folder", "settings":{…},
//      "sites":[{"id":1, "state":"active", "definition":{…}}]}
//
// "dense": nginx serves every site in a dense group that may be in one.
//
// Prints {"node_refused":"…"} when the engine cannot have such a node, else {"release":"<id>",
// "refused":[{"id":1, "field":"…", "message":"…"}], "dense":0}: sites that the engine cannot say are left
// out; so many are in dense groups.
//
// As `render explain` it writes nothing, and prints [{…}], what plan::explain() says of each of
//
//     "requests":[{"method":"GET", "url":"http://name/path", "from":"127.0.0.1", "headers":["Name: value"],
//                  "sni":"name", "body":12, "certificate":"none|good|bad", "oldest_tls_only":false}]
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>

#include "shared/base/error.h"
#include "shared/base/json.h"
#include "shared/crypto/digest.h"
#include "shared/crypto/x509.h"
#include "shared/model/capabilities.h"
#include "shared/plan/explain.h"
#include "shared/plan/release.h"
#include "shared/render/nginx.h"
#include "shared/render/renderer.h"

using namespace rpm;

namespace {

void write(const std::filesystem::path& path, std::string_view content) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream out(path, std::ios::binary);
    out << content;
    if (!out.flush()) throw Error("cannot write " + path.string());
}

using Keys = std::map<CertificateId, std::string>;  // by certificate; 1 is the sites' own

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
    for (const Json& network : input.at("proxy_protocol").items())
        node.proxy_protocol.push_back(*IpNetwork::parse(network.text()));
    return node;
}

// As ops::keep_upstream_keys() does: the definition says which key, the keys go out beside it.
void keep_key(UpstreamTls& tls, DeployableSite& site, Keys& keys) {
    if (tls.key.empty()) return;
    const auto facts = crypto::read_certificate(tls.certificate);
    const CertificateId id(100 + keys.size());
    keys[id] = tls.key;
    site.upstream_certificates[facts.fingerprint] =
        CertificateFiles{id, facts.fingerprint, crypto::sha256_hex(tls.key),
                         std::make_shared<const std::string>(tls.certificate)};
    tls.key = stored_key(facts.fingerprint);
}

DeployableSite site_of(const Json& input, const std::string& chain, const std::string& key, Keys& keys) {
    DeployableSite site;
    site.id = SiteId(static_cast<std::uint64_t>(input.at("id").integer()));
    site.revision_number = 1;
    site.owner = "conformance";
    site.state = site_state(input.at("state").text());
    SiteDefinition definition = SiteDefinition::parse(input.at("definition"));
    keep_key(definition.upstream.tls, site, keys);
    for (Route& route : definition.routes)
        if (route.upstream) keep_key(route.upstream->tls, site, keys);
    site.definition = std::make_shared<const SiteDefinition>(std::move(definition));
    if (site.definition->tls.mode != TlsMode::none)
        site.certificate =
            CertificateFiles{CertificateId(1), crypto::sha256_hex(chain), crypto::sha256_hex(key),
                             std::make_shared<const std::string>(chain)};
    return site;
}

Json run(const Json& input) {
    const auto templates = render::load_templates("proxy_templates");
    NodeProfile node = node_of(input);
    const render::NginxRenderer all_dense(1);
    const render::Renderer& renderer =
        input.at("dense").boolean() ? all_dense : render::renderer(node.engine);
    const NodeSettings settings = NodeSettings::parse(input.at("settings"));
    node.default_site = settings.default_site;
    for (const Limitation& each : limitations(settings, node.engine, node.facts))
        return Json::object({{"node_refused", each.field + ": " + each.message}, {"refused", Json::array()}});
    const std::string chain = input.at("certificate").text();
    const std::string key = input.at("key").text();
    try {
        renderer.render(*templates, node, {});
    } catch (const Invalid& error) {
        return Json::object({{"node_refused", error.what()}, {"refused", Json::array()}});
    }
    Keys keys{{CertificateId(1), key}};
    std::vector<DeployableSite> sites;
    Json refused = Json::array();
    for (const Json& each : input.at("sites").items()) {
        const auto refuse = [&](const Problems& problems) {
            for (const auto& [field, message] : problems.entries())
                refused.push(Json::object({{"id", each.at("id")}, {"field", field}, {"message", message}}));
        };
        try {
            sites.push_back(site_of(each, chain, key, keys));
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
    for (const auto& [path, file] : bundle.files)
        write(out / path, file.content ? *file.content : keys.at(file.private_key_of));
    // Keys are told by their content here, as the packer does it.
    std::string manifest;
    for (const auto& [path, digest] : release.manifest)
        manifest +=
            (digest == "key" ? crypto::sha256_hex(keys.at(bundle.files.at(path).private_key_of)) : digest) +
            "  " + path + "\n";
    write(out / "MANIFEST", manifest);
    const auto [marker_path, marker] = renderer.marker(*templates, node, release.id);
    write(out / marker_path, marker);
    write(out / "REMOVED", "");
    const auto in_groups =
        std::ranges::count_if(bundle.files, [](const auto& file) { return file.first.ends_with(".names"); });
    return Json::object({{"release", release.id},
                         {"refused", std::move(refused)},
                         {"dense", static_cast<std::int64_t>(in_groups)}});
}

plan::Request request_of(const Json& input) {
    std::vector<std::string> headers;
    for (const Json& line : input.at("headers").items()) headers.push_back(line.text());
    plan::Request request = plan::parse_request(input.at("method").text(), input.at("url").text(),
                                                input.at("from").text(), headers);
    request.handshake_name = input.at("sni").text();
    if (const Json& body = input.at("body"); body.is_integer())
        request.body = static_cast<std::uint64_t>(body.integer());
    request.oldest_tls_only = input.at("oldest_tls_only").boolean();
    const std::string& shown = input.at("certificate").text();
    request.certificate = shown == "good"   ? plan::Shown::good
                          : shown == "none" ? plan::Shown::none
                                            : plan::Shown::bad;
    return request;
}

Json explain(const Json& input) {
    NodeProfile node = node_of(input);
    node.default_site = NodeSettings::parse(input.at("settings")).default_site;
    std::vector<DeployableSite> sites;
    Keys keys;
    for (const Json& each : input.at("sites").items())
        sites.push_back(site_of(each, input.at("certificate").text(), input.at("key").text(), keys));
    Json out = Json::array();
    for (const Json& each : input.at("requests").items())
        out.push(plan::to_json(plan::explain(node, sites, request_of(each))));
    return out;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const std::string text{std::istreambuf_iterator<char>(std::cin), {}};
        const bool explains = argc == 2 && std::string_view(argv[1]) == "explain";
        const Json input = Json::parse(text);
        std::cout << (explains ? explain(input) : run(input)).dump() << '\n';
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "render: " << error.what() << '\n';
        return 1;
    }
}
