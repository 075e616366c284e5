// SPDX-License-Identifier: MIT
#include "shared/render/renderer.h"

#include "shared/model/capabilities.h"
#include "shared/render/caddy.h"
#include "shared/render/nginx.h"
#include "shared/render/quoting.h"
#include "shared/render/release_files.h"
#include "shared/render/traefik.h"

namespace rpm::render {

void refuse_limitations(const DeployableSite& site, Engine engine, const EngineFacts& facts) {
    if (site.state != SiteState::active && !is_stream(site)) return;  // a stream keeps its ports
    Problems problems;
    for (Limitation& each : limitations(*site.definition, engine, facts))
        problems.add(std::move(each.field), std::move(each.message));
    if (!problems.empty()) throw InvalidSite(site.id, std::move(problems));
}

const Renderer& renderer(Engine engine) {
    static const NginxRenderer nginx;
    static const CaddyRenderer caddy;
    static const TraefikRenderer traefik;
    switch (engine) {
        case Engine::nginx:
            return nginx;
        case Engine::caddy:
            return caddy;
        case Engine::traefik:
            return traefik;
    }
    throw Invalid("proxy_type", "is not an engine that this program knows");
}

std::unique_ptr<TemplateSet> load_templates(const std::filesystem::path& folder) {
    for (const auto& [name, modifier] : kModifiers) TemplateSet::add_modifier(name, modifier);
    return std::make_unique<TemplateSet>(folder, std::vector<std::string>{".conf", ".json", ".part"});
}

}  // namespace rpm::render
