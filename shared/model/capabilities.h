// SPDX-License-Identifier: MIT
// What each engine can do of what a definition may ask for, and why not: one table for validation, the editor
// and docs/engines.md.
//
//     EngineFacts facts{.version = {1, 22, 1}, .modules = {"ngx_http_brotli_filter_module.so"}};
//     for (const Limitation& each : limitations(definition, Engine::nginx, facts)) …   // refused, with the
//     field
//
// A row says which member needs the feature (its path, or nothing when this definition does without) and, per
// engine, from which version and with which module it works, or the reason why it never does and the nearest
// that does. A feature that an engine has in a way of its own is not refused: the row says what visitors see
// instead, and whoever edits the site is told.
//
//     for (const Limitation& each : differences(definition, Engine::traefik, facts)) …       // shown
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/model/node.h"
#include "shared/model/site.h"

namespace rpm {

struct EngineSupport {
    bool ever = true;
    bool differs = false;           ///< it has it, in its own way: `why` says which
    EngineVersion since = {};       ///< the first version that has it
    EngineVersion until = {};       ///< with differs: the first version in which it is as elsewhere
    std::string_view module = "";   ///< needed besides, as the node's facts name it
    std::string_view why = "";      ///< a sentence: why not, or what the module or version is
    std::string_view nearest = "";  ///< a sentence: what works instead
};

template <class T>
struct CapabilityFor {
    std::string_view id;    ///< "upstream.h2c": stable, for tests and the document
    std::string_view name;  ///< for people
    /// The path of the member that asks for it; empty when this definition does not.
    std::string (*where)(const T&);
    EngineSupport nginx, caddy, traefik;

    const EngineSupport& on(Engine engine) const {
        return engine == Engine::nginx ? nginx : engine == Engine::caddy ? caddy : traefik;
    }
};

using Capability = CapabilityFor<SiteDefinition>;
using NodeCapability = CapabilityFor<NodeSettings>;

std::span<const Capability> capabilities();
std::span<const Capability> stream_capabilities();    ///< the rows of streams, which are among those above
std::span<const NodeCapability> node_capabilities();  ///< of a node's own settings

/// Whether an engine with these facts has it. Without facts (no version known yet) what some version can do
/// is taken to work: the node's own test decides.
bool has(const EngineSupport& support, const EngineFacts& facts);

struct Limitation {
    std::string capability;  ///< its id
    std::string field;       ///< the path in the definition
    std::string message;     ///< "nginx cannot …: why; nearest"
};
/// What this engine refuses.
std::vector<Limitation> limitations(const SiteDefinition& site, Engine engine, const EngineFacts& facts);
/// What this site asks for and gets in the engine's own way.
std::vector<Limitation> differences(const SiteDefinition& site, Engine engine, const EngineFacts& facts);
std::vector<Limitation> limitations(const NodeSettings& node, Engine engine, const EngineFacts& facts);

}  // namespace rpm
