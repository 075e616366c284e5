// SPDX-License-Identifier: MIT
#include "shared/render/nginx.h"

#include <algorithm>
#include <bit>

#include "shared/render/cache.h"
#include "shared/render/nginx_parts.h"
#include "shared/render/release_files.h"

namespace rpm::render {
namespace {

// Everything that nginx_site() reads. Sets of templates live as long as the program that caches.
std::string cache_key(const TemplateSet& templates, const ListenOn& listen, const DeployableSite& site) {
    std::string key = "nginx";
    const auto add = [&key](std::string_view part) { key.append("|").append(part); };
    add(std::to_string(reinterpret_cast<std::uintptr_t>(&templates)));
    add(listen.address ? listen.address->text() : "");
    add(listen.http.text());
    add(listen.https.text());
    add(site.id.text());
    add(site.revision.text());
    add(std::to_string(site.revision_number));
    add(to_word(site.state));
    add(std::to_string(site.block_status));
    add(site.certificate ? site.certificate->fingerprint : "");
    add(site.owner);
    return key;
}

Cache::Text site_text(const TemplateSet& templates, const ListenOn& listen, const DeployableSite& site,
                      Cache* cache) {
    // A definition that is not stored yet has no revision to know it by.
    if (cache == nullptr || !site.revision)
        return std::make_shared<const std::string>(nginx_site(templates, listen, site));
    std::string key = cache_key(templates, listen, site);
    if (Cache::Text known = cache->find(key)) return known;
    auto text = std::make_shared<const std::string>(nginx_site(templates, listen, site));
    cache->insert(std::move(key), text);
    return text;
}

// nginx refuses to load when its table of names is too small. Powers of two, so that one more name seldom
// changes the file.
struct NamesHash {
    std::size_t max = 1024;
    std::size_t bucket = 128;

    explicit NamesHash(std::span<const DeployableSite> sites) {
        std::size_t names = 0;
        std::size_t longest = 0;
        for (const DeployableSite& site : sites) {
            names += site.definition->domains.size();
            for (const DomainName& domain : site.definition->domains)
                longest = std::max(longest, domain.text().size());
        }
        max = std::max(max, std::bit_ceil(2 * names));
        bucket = std::max(bucket, std::bit_ceil(longest + 64));
    }
};

std::string main_file(const TemplateSet& templates, const NodeProfile& node,
                      std::span<const DeployableSite> sites) {
    Fields fields;
    const NamesHash hash(sites);
    fields.set("NAMES_MAX", std::to_string(hash.max)).set("NAMES_BUCKET", std::to_string(hash.bucket));
    for (const IpAddress& resolver : node.resolvers)
        fields.row("RESOLVER").set("ADDRESS", resolver.bracketed());
    if (node.resolvers.empty()) fields.row("RESOLVER").set("ADDRESS", "127.0.0.53");
    for (const std::string& address : nginx_listen(node.listen, node.listen.http))
        fields.row("DEFAULT_HTTP").set("ADDRESS", address);
    for (const std::string& address : nginx_listen(node.listen, node.listen.https))
        fields.row("DEFAULT_HTTPS").set("ADDRESS", address);
    fields.include("HEADERS", "nginx/headers.conf")
        .set("INDENT", "    ")
        .set("PROTOCOL", "proxy")
        .show("HTTP")
        .show("ASKED");
    for (const IpNetwork& network : node.trusted_proxies)
        fields.row("TRUSTED").set("NETWORK", network.text());
    fields.show("FORWARDED", !node.trusted_proxies.empty());
    fields.show("RETRIES", std::ranges::any_of(sites, nginx_retries_by_name));
    return templates.expand("nginx/nginx.conf", fields);
}

}  // namespace

std::vector<std::string> nginx_listen(const ListenOn& listen, Port port) {
    if (listen.address) return {listen.address->bracketed() + ":" + port.text()};
    return {port.text(), "[::]:" + port.text()};
}

Bundle NginxRenderer::render(const TemplateSet& templates, const NodeProfile& node,
                             std::span<const DeployableSite> sites, Cache* cache) const {
    Bundle bundle;
    for (const DeployableSite& site : sites) {
        refuse_limitations(site, node.engine, node.facts);
        bundle.files[site_path(site, ".conf")] =
            BundleFile{site_text(templates, node.listen, site, cache), {}, site.id};
        for (nginx::SiteFile& file : nginx::files_of(site))
            bundle.files[file.path] =
                BundleFile{std::make_shared<const std::string>(std::move(file.content)), {}, site.id};
        if (site.definition->tls.mode != TlsMode::none) add_certificate(bundle, *site.certificate);
    }
    bundle.files["nginx.conf"] =
        BundleFile{std::make_shared<const std::string>(main_file(templates, node, sites)), {}, {}};
    if (cache != nullptr) cache->end_render();
    return bundle;
}

std::pair<std::string, std::string> NginxRenderer::marker(const TemplateSet& templates,
                                                          const NodeProfile& node,
                                                          std::string_view release_id) const {
    const std::string host = node.listen.address ? node.listen.address->bracketed() : "127.0.0.1";
    Fields fields;
    fields.set("ADDRESS", host + ":" + node.listen.proof.text()).set("RELEASE", std::string(release_id));
    return {"release.conf", templates.expand("nginx/release.conf", fields)};
}

}  // namespace rpm::render
