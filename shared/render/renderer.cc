// SPDX-License-Identifier: MIT
#include "shared/render/renderer.h"

#include "shared/render/nginx.h"
#include "shared/render/quoting.h"

namespace rpm::render {

const Renderer& renderer(Engine engine) {
    static const NginxRenderer nginx;
    if (engine == Engine::nginx) return nginx;
    throw Invalid("proxy_type", std::string(to_word(engine)) + " is not supported yet");
}

std::unique_ptr<TemplateSet> load_templates(const std::filesystem::path& folder) {
    for (const auto& [name, modifier] : kModifiers) TemplateSet::add_modifier(name, modifier);
    return std::make_unique<TemplateSet>(folder, std::vector<std::string>{".conf"});
}

}  // namespace rpm::render
