// SPDX-License-Identifier: MIT
#include "shared/render/nginx.h"

#include <algorithm>
#include <bit>

#include "shared/render/cache.h"
#include "shared/render/nginx_parts.h"
#include "shared/render/release_files.h"

namespace rpm::render {
namespace {

// What nginx_site() and refuse_limitations() read besides the site. Sets of templates live as long as the
// program that caches.
std::string common_key(const TemplateSet& templates, const NodeProfile& node) {
    std::string key = facts_key("nginx", node);
    const auto add = [&key](std::string_view part) { key.append("|").append(part); };
    add(std::to_string(reinterpret_cast<std::uintptr_t>(&templates)));
    add(node.listen.address ? node.listen.address->text() : "");
    add(node.listen.http.text());
    add(node.listen.https.text());
    return key;
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

// Where Debian keeps modules that are files; rpmgr-node tells of those only.
constexpr const char* kModules = "/usr/lib/nginx/modules/";
constexpr const char* kBrotli = "ngx_http_brotli_filter_module.so";
constexpr const char* kDefaultPage = "files/default.html";

bool has_brotli(const NodeProfile& node) {
    return node.facts.modules.contains(kBrotli);
}

void add_default(Fields& fields, const DefaultSite& site) {
    Fields& answer = fields.include("DEFAULT", "nginx/default.conf");
    switch (site.answer) {
        case DefaultAnswer::not_found:
            answer.show("NOT_FOUND");
            return;
        case DefaultAnswer::drop:
            answer.show("DROP");
            return;
        case DefaultAnswer::redirect:
            nginx::add_redirect(answer, site.redirect);
            return;
        case DefaultAnswer::page:
            answer.row("PAGE").set("FILE", std::string("current/") + kDefaultPage);
            return;
    }
}

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
    if (std::ranges::any_of(sites, [](const DeployableSite& site) { return site.definition->tls.http3; }))
        for (const std::string& address : nginx_listen(node.listen, node.listen.https))
            fields.row("DEFAULT_QUIC").set("ADDRESS", address);
    add_default(fields, node.default_site);
    if (has_brotli(node)) {
        fields.row("MODULE").set("FILE", std::string(kModules) + kBrotli);
        fields.show("BROTLI");
    }
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
    const SiteTexts texts(cache, common_key(templates, node));
    for (const DeployableSite& site : sites) {
        const auto make = [&] {
            refuse_limitations(site, Engine::nginx, node.facts);
            return nginx_site(templates, node.listen, site, has_brotli(node));
        };
        bundle.files[site_path(site, ".conf")] = BundleFile{texts.of(site, make), {}, site.id};
        for (nginx::SiteFile& file : nginx::files_of(site))
            bundle.files[file.path] =
                BundleFile{std::make_shared<const std::string>(std::move(file.content)), {}, site.id};
        if (site.definition->tls.mode != TlsMode::none) add_certificate(bundle, *site.certificate);
    }
    const auto text = [](std::string content) {
        return BundleFile{std::make_shared<const std::string>(std::move(content)), {}, {}};
    };
    if (node.default_site.answer == DefaultAnswer::page)
        bundle.files[kDefaultPage] = text(node.default_site.html);
    bundle.files["nginx.conf"] = text(main_file(templates, node, sites));
    if (cache != nullptr) cache->end_render();
    return bundle;
}

std::pair<std::string, std::string> NginxRenderer::marker(const TemplateSet& templates,
                                                          const NodeProfile& node,
                                                          std::string_view release_id) const {
    Fields fields;
    fields.set("ADDRESS", proof_address(node.listen)).set("RELEASE", std::string(release_id));
    return {"release.conf", templates.expand("nginx/release.conf", fields)};
}

}  // namespace rpm::render
