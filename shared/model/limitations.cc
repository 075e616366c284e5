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

namespace {

template <class T>
std::vector<Limitation> met(std::span<const CapabilityFor<T>> rows, const T& wanted, Engine engine,
                            const EngineFacts& facts) {
    std::vector<Limitation> out;
    for (const auto& each : rows) {
        const EngineSupport& support = each.on(engine);
        if (has(support, facts)) continue;
        const std::string field = each.where(wanted);
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

}  // namespace

std::vector<Limitation> limitations(const SiteDefinition& site, Engine engine, const EngineFacts& facts) {
    return met(capabilities(), site, engine, facts);
}

std::vector<Limitation> limitations(const NodeSettings& node, Engine engine, const EngineFacts& facts) {
    return met(node_capabilities(), node, engine, facts);
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
