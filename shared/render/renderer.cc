// SPDX-License-Identifier: MIT
#include "shared/render/renderer.h"

#include "shared/model/capabilities.h"
#include "shared/render/nginx.h"
#include "shared/render/quoting.h"
#include "shared/render/traefik.h"

namespace rpm::render {

const Renderer& renderer(Engine engine) {
    static const NginxRenderer nginx;
    static const TraefikRenderer traefik;
    if (engine == Engine::nginx) return nginx;
    if (engine == Engine::traefik) return traefik;
    throw Invalid("proxy_type", std::string(to_word(engine)) + " is not supported yet");
}

void refuse_limitations(const DeployableSite& site, Engine engine, const EngineFacts& facts) {
    Problems problems;
    for (const Limitation& each : limitations(*site.definition, engine, facts))
        problems.add(each.field, each.message);
    if (!problems.empty()) throw InvalidSite(site.id, std::move(problems));
}

std::unique_ptr<TemplateSet> load_templates(const std::filesystem::path& folder) {
    for (const auto& [name, modifier] : kModifiers) TemplateSet::add_modifier(name, modifier);
    return std::make_unique<TemplateSet>(folder, std::vector<std::string>{".conf"});
}

}  // namespace rpm::render
