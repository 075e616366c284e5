// SPDX-License-Identifier: MIT
// What a definition meets on an engine, by the table of capabilities.cc.
#include "shared/model/capabilities.h"

namespace rpm {

bool has(const EngineSupport& support, const EngineFacts& facts) {
    if (!support.ever) return false;
    if (!facts.known()) return true;
    return facts.version >= support.since &&
           (support.module.empty() || facts.modules.contains(support.module));
}

std::vector<Limitation> limitations(const SiteDefinition& site, Engine engine, const EngineFacts& facts) {
    std::vector<Limitation> out;
    for (const Capability& each : capabilities()) {
        const EngineSupport& support = each.on(engine);
        if (has(support, facts)) continue;
        const std::string field = each.where(site);
        if (field.empty()) continue;
        std::string message(support.why);
        if (message.empty() && facts.version < support.since)
            message = std::string(name_of(engine)) + " has this from version " + support.since.text() +
                      " on, the node has " + facts.version.text();
        if (!support.nearest.empty()) message += "; " + std::string(support.nearest);
        out.push_back({std::string(each.id), field, std::move(message)});
    }
    return out;
}

std::vector<Limitation> differences(const SiteDefinition& site, Engine engine, const EngineFacts& facts) {
    std::vector<Limitation> out;
    for (const Capability& each : capabilities()) {
        const EngineSupport& support = each.on(engine);
        const bool past = support.until != EngineVersion{} && facts.known() && facts.version >= support.until;
        if (!support.differs || past) continue;
        if (std::string field = each.where(site); !field.empty())
            out.push_back({std::string(each.id), std::move(field), std::string(support.why)});
    }
    return out;
}

}  // namespace rpm
