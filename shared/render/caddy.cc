// SPDX-License-Identifier: MIT
#include "shared/render/caddy.h"

#include <algorithm>

#include "shared/base/error.h"
#include "shared/base/text.h"
#include "shared/render/cache.h"
#include "shared/render/caddy_answers.h"
#include "shared/render/caddy_json.h"
#include "shared/render/release_files.h"

namespace rpm::render {
namespace {

constexpr std::size_t kFewSites = 100;  // that one after the other is asked
// From here on the proxies in X-Forwarded-For are counted from the right; before, a visitor could forge it.
constexpr EngineVersion kKnowsProxies{2, 8, 0};
constexpr EngineVersion kReadsProxyProtocol{2, 7, 0};

std::string listen_address(const ListenOn& listen, Port port) {
    return (listen.address ? listen.address->bracketed() : "") + ":" + port.text();
}

// What caddy_site() and refuse_limitations() read besides the site.
std::string common_key(const NodeProfile& node) {
    std::string key = facts_key("caddy", node);
    const auto add = [&key](std::string_view part) { key.append("|").append(part); };
    add(node.listen.address ? node.listen.address->text() : "");
    add(node.listen.https.text());
    add(node.trusted_proxies.empty() ? "" : "behind");
    for (const IpAddress& resolver : node.resolvers) add(resolver.text());
    return key;
}

void add_groups(Fields& fields, std::size_t sites) {
    Fields* group = nullptr;
    for (unsigned number = 0; number < kCaddyGroups; ++number) {
        if (group == nullptr || sites > kFewSites) group = &fields.row("GROUP");
        group->row("MEMBER").set("NUMBER", caddy_group(SiteId(number)));
    }
}

// Answers names that no site has.
Json default_handler(const DefaultSite& site) {
    switch (site.answer) {
        case DefaultAnswer::not_found:
            break;
        case DefaultAnswer::drop:
            return caddy::handler("static_response", {{"abort", true}});
        case DefaultAnswer::redirect:
            return caddy::redirect(site.redirect, "default_site.redirect");
        case DefaultAnswer::page:
            return caddy::page(404, site.html);
    }
    return caddy::handler("static_response", {{"status_code", 404}});
}

std::string base_file(const TemplateSet& templates, const DefaultSite& site) {
    std::string out = templates.expand("caddy/base.part", {}) + "@ default\n";
    caddy::lay_out(default_handler(site), out);
    return out + "\n";
}

std::string main_file(const TemplateSet& templates, const NodeProfile& node,
                      std::span<const DeployableSite> sites) {
    Fields fields;
    fields.show("HTTP3", std::ranges::any_of(
                             sites, [](const DeployableSite& site) { return site.definition->tls.http3; }));
    fields.set("HTTP", node.listen.http.text()).set("HTTPS", node.listen.https.text());
    fields.set("HTTP_ADDRESS", listen_address(node.listen, node.listen.http));
    fields.set("HTTPS_ADDRESS", listen_address(node.listen, node.listen.https));
    if (node.trusted_proxies.empty()) {
        fields.show("DIRECT");
    } else {
        Fields& behind = fields.row("BEHIND_PROXIES");
        for (const IpNetwork& each : node.trusted_proxies) behind.row("NETWORK").set("CIDR", each.text());
    }
    if (!node.proxy_protocol.empty()) {
        Fields& told = fields.row("TOLD");
        for (const IpNetwork& each : node.proxy_protocol) told.row("NETWORK").set("CIDR", each.text());
    }
    fields.show("STREAMS", std::ranges::any_of(sites, is_stream));
    add_groups(fields, sites.size());
    return templates.expand("caddy/caddy.json", fields);
}

void check_version(const NodeProfile& node, EngineVersion since, const char* field, const char* what) {
    if (!node.facts.known() || node.facts.version >= since) return;
    throw Invalid(field, std::string(what) + " from version " + since.text() + " on; the node has " +
                             node.facts.version.text());
}

void check_node(const NodeProfile& node) {
    if (!node.trusted_proxies.empty())
        check_version(node, kKnowsProxies, "trusted_proxies",
                      "Caddy finds out the address of visitors behind proxies");
    if (!node.proxy_protocol.empty())
        check_version(node, kReadsProxyProtocol, "proxy_protocol", "Caddy reads the PROXY protocol");
}

}  // namespace

Bundle CaddyRenderer::render(const TemplateSet& templates, const NodeProfile& node,
                             std::span<const DeployableSite> sites, Cache* cache) const {
    check_node(node);
    Bundle bundle;
    const SiteTexts texts(cache, common_key(node));
    for (const DeployableSite& site : sites) {
        const auto make = [&] {
            refuse_limitations(site, Engine::caddy, node.facts);
            return caddy_site(node, site);
        };
        bundle.files[site_path(site, ".part")] = BundleFile{texts.of(site, make), {}, site.id};
        if (site.definition->tls.mode != TlsMode::none) add_certificate(bundle, *site.certificate);
        add_upstream_certificates(bundle, site);
    }
    const auto text = [](std::string content) {
        return BundleFile{std::make_shared<const std::string>(std::move(content)), {}, {}};
    };
    bundle.files["caddy.json"] = text(main_file(templates, node, sites));
    bundle.files["base.part"] = text(base_file(templates, node.default_site));
    if (cache != nullptr) cache->end_render();
    return bundle;
}

std::pair<std::string, std::string> CaddyRenderer::marker(const TemplateSet& templates,
                                                          const NodeProfile& node,
                                                          std::string_view release_id) const {
    Fields fields;
    fields.set("ADDRESS", proof_address(node.listen)).set("RELEASE", std::string(release_id));
    return {"release.part", templates.expand("caddy/release.part", fields)};
}

std::optional<Renderer::Culprit> CaddyRenderer::culprit(std::string_view engine_output) const {
    for (const std::string_view each : text::lines(engine_output)) {
        const std::string_view line = text::trim(each);
        const auto colon = line.find(": ");
        if (colon == std::string_view::npos) continue;
        const std::string_view file = line.substr(0, colon);
        if (!file.ends_with(".part") && file != "caddy.json") continue;
        return Culprit{site_of_path(file), std::string(file), 0, std::string(line.substr(colon + 2))};
    }
    return std::nullopt;
}

}  // namespace rpm::render
