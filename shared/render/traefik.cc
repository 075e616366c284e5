// SPDX-License-Identifier: MIT
#include "shared/render/traefik.h"

#include <cstdint>

#include "shared/base/text.h"
#include "shared/render/cache.h"
#include "shared/render/release_files.h"
#include "shared/render/traefik_middlewares.h"
#include "shared/render/traefik_rules.h"
#include "shared/render/yaml.h"

namespace rpm::render {
namespace traefik {
namespace {

constexpr const char* kHeader =
    "# Written by Reverse Proxy Manager; changes here are overwritten by the next release.\n";

// What a visitor sends here never reaches a server as if it came from the proxy. Traefik itself takes away
// X-Forwarded-* of whoever is not trusted and sets -For, -Host and X-Real-Ip.
Json forwarded_headers(std::string_view scheme, Port port) {
    Json set = Json::object({{"X-Forwarded-Proto", scheme}, {"X-Forwarded-Port", port.text()}});
    for (const char* name : {"X-Forwarded-Server", "X-Forwarded-Uri", "X-Forwarded-Method",
                             "X-Forwarded-Prefix", "X-Forwarded-Tls-Client-Cert",
                             "X-Forwarded-Tls-Client-Cert-Info", "X-Replaced-Path", "Forwarded", "Proxy"})
        set[name] = "";
    Json out;
    out["headers"]["customRequestHeaders"] = std::move(set);
    return out;
}

Json answer_all(unsigned status) {
    Json out;
    out["ipAllowList"]["sourceRange"] = Json::array({kNobody});
    out["ipAllowList"]["rejectStatusCode"] = status;
    return out;
}

Json to_https(Port port) {
    Json out;
    out["redirectScheme"] = Json::object({{"scheme", "https"}, {"permanent", true}});
    if (port.value() != 443) out["redirectScheme"]["port"] = port.text();
    return out;
}

Json compress() {
    Json types = Json::array();
    for (const char* type :
         {"text/html", "text/plain", "text/css", "text/xml", "application/javascript", "text/javascript",
          "application/json", "application/xml", "application/rss+xml", "image/svg+xml", "application/wasm"})
        types.push(type);
    Json out;
    out["compress"] =
        Json::object({{"includedContentTypes", std::move(types)}, {"minResponseBodyBytes", 1024}});
    return out;
}

// Below every site's routers. Without it, Traefik itself answers with 404.
void add_default(Json& root, const NodeProfile& node) {
    if (node.default_site.answer != DefaultAnswer::redirect) return;
    Sections sections;
    const auto chain = Middlewares(sections, "rpm-default-", node)
                           .redirect(node.default_site.redirect, "", "", "default_site.redirect.");
    Json names = Json::array();
    for (const std::string& each : chain) names.push(each);
    for (const char* entry : {"web", "websecure"}) {
        Json router = Json::object({{"entryPoints", Json::array({entry})},
                                    {"rule", "PathPrefix(`/`)"},
                                    {"priority", -1},
                                    {"middlewares", names},
                                    {"service", "noop@internal"}});
        if (std::string_view(entry) == "websecure") router["tls"] = Json::object();
        root["http"]["routers"][std::string("rpm-default-") + entry] = std::move(router);
    }
    for (auto& [name, middleware] : sections.middlewares.members())
        root["http"]["middlewares"][name] = std::move(middleware);
}

std::string base_text(const NodeProfile& node) {
    Json root;
    Json& middlewares = root["http"]["middlewares"];
    middlewares[kWeb] = forwarded_headers("http", node.listen.http);
    middlewares[kWebSecure] = forwarded_headers("https", node.listen.https);
    middlewares[kToHttps] = to_https(node.listen.https);
    Json& rewritten = middlewares[kRewritten]["headers"]["customRequestHeaders"];
    for (const char* name : {"X-Forwarded-Prefix", "X-Replaced-Path"}) rewritten[name] = "";
    middlewares[kCompress] = compress();
    for (const unsigned status : {301U, 302U, 307U, 308U, 403U, 451U, 503U})
        middlewares[answer(status)] = answer_all(status);
    add_default(root, node);
    root["http"]["serversTransports"][kTransport] = transport(Upstream{});
    root["tls"]["options"]["default"] = tls_options(TlsVersion::v1_2);
    return kHeader + yaml(root);
}

}  // namespace

std::string answer(unsigned status) {
    return "rpm-answer-" + std::to_string(status);
}

Json tls_options(TlsVersion minimum) {
    Json suites = Json::array();
    for (const char* cipher : {"AES_128_GCM_SHA256", "AES_256_GCM_SHA384", "CHACHA20_POLY1305_SHA256"})
        for (const char* key : {"ECDSA", "RSA"})
            suites.push("TLS_ECDHE_" + std::string(key) + "_WITH_" + cipher);
    return Json::object({{"sniStrict", true},
                         {"minVersion", minimum == TlsVersion::v1_2 ? "VersionTLS12" : "VersionTLS13"},
                         {"cipherSuites", std::move(suites)}});
}

}  // namespace traefik

Bundle TraefikRenderer::render(const TemplateSet&, const NodeProfile& node,
                               std::span<const DeployableSite> sites, Cache* cache) const {
    Bundle bundle;
    const SiteTexts texts(cache, facts_key("traefik", node) + "|" + words_of(node.trusted_proxies));
    for (const DeployableSite& site : sites) {
        const auto make = [&] {
            refuse_limitations(site, Engine::traefik, node.facts);
            return traefik::site_text(node, site);
        };
        bundle.files[site_path(site, ".yml")] = BundleFile{texts.of(site, make), {}, site.id};
        if (site.definition->tls.mode != TlsMode::none) add_certificate(bundle, *site.certificate);
        add_upstream_certificates(bundle, site);
    }
    bundle.files["base.yml"] =
        BundleFile{std::make_shared<const std::string>(traefik::base_text(node)), {}, {}};
    if (std::string ports = traefik::entry_points(node, sites); !ports.empty())
        bundle.files[traefik::kEntryPoints] =
            BundleFile{std::make_shared<const std::string>(std::move(ports)), {}, {}};
    if (cache != nullptr) cache->end_render();
    return bundle;
}

// Never empty: Traefik ignores a configuration without routers, so the last site would stay.
std::pair<std::string, std::string> TraefikRenderer::marker(const TemplateSet&, const NodeProfile&,
                                                            std::string_view release_id) const {
    Json root;
    Json& routers = root["http"]["routers"];
    routers["rpm-release"] = Json::object({{"entryPoints", Json::array({"proof"})},
                                           {"rule", "Path(`/release`)"},
                                           {"middlewares", Json::array({"rpm-release"})},
                                           {"service", "ping@internal"}});
    routers["rpm-api"] = Json::object({{"entryPoints", Json::array({"proof"})},
                                       {"rule", "PathPrefix(`/api`)"},
                                       {"service", "api@internal"}});
    root["http"]["middlewares"]["rpm-release"]["headers"]["customResponseHeaders"]["Release"] = release_id;
    return {"release.yml",
            "# Tells which release is live; not part of the manifest, because it holds its digest.\n" +
                yaml(root)};
}

}  // namespace rpm::render
