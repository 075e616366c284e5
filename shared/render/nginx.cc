// SPDX-License-Identifier: MIT
#include "shared/render/nginx.h"

#include <algorithm>
#include <bit>

#include "shared/render/cache.h"
#include "shared/render/nginx_dense.h"
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
    add(node.proxy_protocol.empty() ? "" : "told");
    return key;
}

// What nginx.conf says for maps of which none is large.
constexpr std::size_t kMapsMax = 256;

// nginx refuses to load when its tables of names are too small. Powers of two, so that one more name seldom
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

std::vector<IpAddress> resolvers_of(const NodeProfile& node) {
    if (!node.resolvers.empty()) return node.resolvers;
    return {*IpAddress::parse("127.0.0.53")};
}

void add_proxy_protocol(Fields& fields, const NodeProfile& node) {
    if (node.proxy_protocol.empty()) return;
    for (const IpNetwork& network : node.proxy_protocol) fields.row("TRUSTED").set("NETWORK", network.text());
    fields.show("TOLD");
}

// A node without streams needs no module for them.
void add_streams(Fields& fields, const NodeProfile& node, std::span<const DeployableSite> sites) {
    if (std::ranges::none_of(sites, is_stream)) return;
    fields.show("STREAM_MODULE", !node.facts.known() || node.facts.modules.contains("ngx_stream_module.so"));
    Fields& streams = fields.row("STREAMS");
    for (const IpAddress& resolver : resolvers_of(node))
        streams.row("STREAM_RESOLVER").set("ADDRESS", resolver.bracketed());
}

// Where Debian keeps modules that are files; rpmgr-node tells of those only.
constexpr const char* kModules = "/usr/lib/nginx/modules/";
constexpr const char* kBrotli = "ngx_http_brotli_filter_module.so";
constexpr const char* kDefaultPage = "files/default.html";

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
                      std::span<const DeployableSite> sites, bool dense) {
    Fields fields;
    const NamesHash hash(sites);
    fields.set("NAMES_MAX", std::to_string(hash.max)).set("NAMES_BUCKET", std::to_string(hash.bucket));
    fields.set("MAPS_MAX", std::to_string(dense ? std::max(kMapsMax, hash.max) : kMapsMax));
    fields.show("DENSE", dense);
    for (const IpAddress& resolver : resolvers_of(node))
        fields.row("RESOLVER").set("ADDRESS", resolver.bracketed());
    for (const std::string& address : nginx_listen(node.listen, node.listen.http))
        fields.row("DEFAULT_HTTP").set("ADDRESS", address);
    for (const std::string& address : nginx_listen(node.listen, node.listen.https))
        fields.row("DEFAULT_HTTPS").set("ADDRESS", address);
    if (std::ranges::any_of(sites, [](const DeployableSite& site) { return site.definition->tls.http3; }))
        for (const std::string& address : nginx_listen(node.listen, node.listen.https))
            fields.row("DEFAULT_QUIC").set("ADDRESS", address);
    add_default(fields, node.default_site);
    if (nginx::has_brotli(node)) {
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
    add_proxy_protocol(fields, node);
    add_streams(fields, node, sites);
    fields.show("RETRIES", std::ranges::any_of(sites, nginx_retries_by_name));
    return templates.expand("nginx/nginx.conf", fields);
}

}  // namespace

bool nginx::has_brotli(const NodeProfile& node) {
    return node.facts.modules.contains(kBrotli);
}

std::vector<std::string> nginx_listen(const ListenOn& listen, Port port) {
    if (listen.address) return {listen.address->bracketed() + ":" + port.text()};
    return {port.text(), "[::]:" + port.text()};
}

NginxRenderer::NginxRenderer(std::optional<std::size_t> dense_from)
    : dense_from_(dense_from.value_or(nginx::kDenseFrom)) {}

Bundle NginxRenderer::render(const TemplateSet& templates, const NodeProfile& node,
                             std::span<const DeployableSite> sites, Cache* cache) const {
    Bundle bundle;
    const SiteTexts texts(cache, common_key(templates, node));
    const nginx::Grouping grouping = nginx::group_sites(templates, node, sites, dense_from_, texts);
    for (const nginx::DenseGroup& group : grouping.dense)
        nginx::add_dense_group(bundle, templates, node, group, texts);
    for (const DeployableSite* site : grouping.apart) {
        const auto make = [&] {
            refuse_limitations(*site, Engine::nginx, node.facts);
            return is_stream(*site) ? nginx_stream(templates, node.listen, *site)
                                    : nginx_site(templates, node, *site);
        };
        bundle.files[site_path(*site, is_stream(*site) ? ".stream" : ".conf")] =
            BundleFile{texts.of(*site, make), {}, site->id};
        for (nginx::SiteFile& file : nginx::files_of(*site))
            bundle.files[file.path] =
                BundleFile{std::make_shared<const std::string>(std::move(file.content)), {}, site->id};
    }
    for (const DeployableSite& site : sites) {
        if (site.definition->tls.mode != TlsMode::none) add_certificate(bundle, *site.certificate);
        add_upstream_certificates(bundle, site);
    }
    const auto text = [](std::string content) {
        return BundleFile{std::make_shared<const std::string>(std::move(content)), {}, {}};
    };
    if (node.default_site.answer == DefaultAnswer::page)
        bundle.files[kDefaultPage] = text(node.default_site.html);
    bundle.files["nginx.conf"] = text(main_file(templates, node, sites, !grouping.dense.empty()));
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
