// SPDX-License-Identifier: MIT
#include "workers/discover/settings_entry.h"

#include <yaml-cpp/yaml.h>

#include "shared/base/text.h"
#include "shared/model/capabilities.h"
#include "shared/model/member_doc.h"

namespace rpm::discover {
namespace {

// Plain words are what they look like (YAML 1.2 core schema), quoted ones are text.
Json scalar(const YAML::Node& node) {
    const std::string& word = node.Scalar();
    if (node.Tag() == "!") return word;
    if (word == "true" || word == "false") return word == "true";
    if (const auto number = text::number<std::int64_t>(word)) return *number;
    return word;
}

Json json_of(const YAML::Node& node) {
    if (node.IsScalar()) return scalar(node);
    if (node.IsSequence()) {
        Json out = Json::array();
        for (const auto& item : node) out.push(json_of(item));
        return out;
    }
    if (!node.IsMap()) return {};
    Json out = Json::object();
    for (const auto& member : node)
        if (member.first.IsScalar()) out[member.first.Scalar()] = json_of(member.second);
    return out;
}

// The part that a path leads to, or as near as there is something.
YAML::Node place_of(const YAML::Node& entry, const std::string& path) {
    YAML::Node at = entry;
    for (const std::string_view part : text::split(path, '.')) {
        YAML::Node next;
        if (at.IsMap())
            for (const auto& member : at) {
                if (member.first.IsScalar() && member.first.Scalar() == part) next.reset(member.second);
            }
        else if (const auto index = text::number<std::size_t>(part);
                 at.IsSequence() && index && *index < at.size())
            next.reset(at[*index]);
        if (!next.IsDefined() || next.IsNull()) break;
        at.reset(next);
    }
    return at;
}

}  // namespace

bool is_settings_key(const std::string& name) {
    return node_settings_members().find(name) != nullptr;
}

std::optional<NodeSettings> read_settings(
    const YAML::Node& entry, Engine engine,
    const std::function<void(const YAML::Node& place, std::string message)>& problem) {
    Json given = Json::object();
    for (const auto& member : entry)
        if (member.first.IsScalar() && is_settings_key(member.first.Scalar()))
            given[member.first.Scalar()] = json_of(member.second);
    if (given.members().empty()) return std::nullopt;
    try {
        const NodeSettings settings = NodeSettings::parse(given);
        for (const Limitation& each : limitations(settings, engine, {}))
            problem(place_of(entry, each.field), each.field + ": " + each.message);
        return settings;
    } catch (const Invalid& error) {
        for (const auto& [field, message] : error.problems.entries())
            problem(place_of(entry, field), field + " " + message);
        return NodeSettings{};
    }
}

}  // namespace rpm::discover
