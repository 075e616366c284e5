// SPDX-License-Identifier: MIT
#include "shared/render/nginx_dense.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <unordered_map>

#include "shared/render/nginx_parts.h"
#include "shared/render/release_files.h"

namespace rpm::render::nginx {
namespace {

// Stands for the group's name while it is not known, since it is made of the text.
const std::string kUnnamed(16, '0');
// In a map's value: no certificate, no target.
constexpr const char* kNone = "-";
// As a site's own file is called, but never its text.
constexpr const char* kPool = ".conf";

bool needs_no_files(const Access& access) {
    return access.basic.users.empty() && !access.forward.url && access.no_sign_in_from.empty();
}

bool stands_in_its_location(const Route& route) {
    return !route.upstream && route.rates.empty() && (!route.access || needs_no_files(*route.access));
}

bool adds_header(const HeaderRule& rule) {
    return rule.action == HeaderAction::add;
}

bool is_plain(UpstreamScheme scheme) {
    return !is_encrypted(scheme);
}

// A server that a block of one would name: what a block is for, kept connections and TLS sessions, it has
// not.
bool needs_no_pool(const Upstream& upstream) {
    return is_by_name(upstream) ||
           (upstream.servers.size() == 1 && upstream.keepalive == 0 && is_plain(upstream.scheme));
}

std::string target_of(const DeployableSite& site) {
    if (site.definition->kind != SiteKind::proxy) return kNone;
    const Upstream& upstream = site.definition->upstream;
    return needs_no_pool(upstream) ? address_of(upstream.servers.front()) : pool_name(site.id, "site");
}

// FNV-1a, 64 bit (draft-eastlake-fnv). It names what was compared in full, so a collision does no harm: the
// second of two shapes of one name forms no group.
std::string name_of_shape(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    std::string out;
    for (int shift = 60; shift >= 0; shift -= 4) out += "0123456789abcdef"[hash >> shift & 15];
    return out;
}

BundleFile file_of_group(std::string text, SiteId site = {}) {
    return {std::make_shared<const std::string>(std::move(text)), {}, site};
}

std::string map_entries(const TemplateSet& templates, const DeployableSite& site) {
    Fields fields;
    add_about(fields, site);
    const bool encrypted = site.definition->tls.mode != TlsMode::none;
    for (const DomainName& domain : site.definition->domains)
        fields.row("ENTRY")
            .set("DOMAIN", domain.text())
            .set("CERTIFICATE", encrypted ? certificate_name(*site.certificate) : kNone)
            .set("TARGET", target_of(site));
    return templates.expand("nginx/member.conf", fields);
}

std::string names_line(const TemplateSet& templates, const DeployableSite& site) {
    Fields fields;
    add_names(fields, *site.definition);
    return templates.expand("nginx/member.conf", fields);
}

std::string pool_file(const TemplateSet& templates, const DeployableSite& site) {
    if (site.definition->kind != SiteKind::proxy || needs_no_pool(site.definition->upstream)) return {};
    Fields fields;
    add_about(fields, site);
    add_pool(fields, site.id, "site", site_key(site.id), site.definition->upstream);
    return templates.expand("nginx/site.conf", fields);
}

void add_member(Bundle& bundle, const TemplateSet& templates, const DeployableSite& site,
                const std::string& group, const SiteTexts& members) {
    const auto add = [&](const std::string& suffix, const std::string& folder, auto make) {
        // The texts are of the site alone; only where they stand depends on the group.
        if (const Cache::Text text = members.of(site, suffix, [&] { return make(templates, site); });
            !text->empty())
            bundle.files[site_path(site, suffix, folder)] = {text, {}, site.id};
    };
    add(kPool, "", pool_file);
    add(".names", group, names_line);
    add(".map", group, map_entries);
}

}  // namespace

bool may_be_dense(const DeployableSite& site) {
    const SiteDefinition& definition = *site.definition;
    if (site.state != SiteState::active || is_stream(site) || !definition.raw.nginx.empty()) return false;
    if (std::ranges::any_of(definition.domains, &DomainName::is_wildcard)) return false;
    if (definition.kind == SiteKind::proxy &&
        (is_sticky(definition.upstream) || has_next(definition.upstream)))
        return false;
    return needs_no_files(definition.access) && definition.limits.connections == 0 &&
           definition.limits.rates.empty() && definition.headers.cors.origins.empty() &&
           std::ranges::none_of(definition.headers.request, adds_header) &&
           !definition.pages.maintenance.on &&
           std::ranges::all_of(definition.routes, stands_in_its_location) && files_of(site).empty();
}

Grouping group_sites(const TemplateSet& templates, const NodeProfile& node,
                     std::span<const DeployableSite> sites, std::size_t from, const SiteTexts& shapes) {
    Grouping out;
    const bool able = node.facts.modules.contains(kReleaseFolder) && sites.size() >= from;
    std::vector<Cache::Text> texts;  // the keys below are views of them
    std::unordered_map<std::string_view, std::vector<const DeployableSite*>> by_shape;
    for (const DeployableSite& site : sites) {
        if (!able || !may_be_dense(site)) {
            out.apart.push_back(&site);
            continue;
        }
        texts.push_back(shapes.of(site, "shape", [&] {
            refuse_limitations(site, Engine::nginx, node.facts);
            return nginx_servers(templates, node, site, kUnnamed);
        }));
        by_shape[*texts.back()].push_back(&site);
    }
    std::map<std::string_view, std::vector<const DeployableSite*>> in_order(
        std::make_move_iterator(by_shape.begin()), std::make_move_iterator(by_shape.end()));
    std::map<std::string, std::vector<const DeployableSite*>> named;
    for (auto& [text, members] : in_order)
        if (members.size() < from || !named.try_emplace(name_of_shape(text), members).second)
            out.apart.insert(out.apart.end(), members.begin(), members.end());
    for (auto& [name, members] : named) out.dense.push_back({name, std::move(members)});
    return out;
}

void add_dense_group(Bundle& bundle, const TemplateSet& templates, const NodeProfile& node,
                     const DenseGroup& group, const SiteTexts& members) {
    Fields fields;
    fields.set("GROUP", group.name);
    bundle.files["dense/" + group.name + ".conf"] =
        file_of_group(templates.expand("nginx/dense.conf", fields) +
                      nginx_servers(templates, node, *group.sites.front(), group.name));
    for (const DeployableSite* site : group.sites) add_member(bundle, templates, *site, group.name, members);
}

}  // namespace rpm::render::nginx
