// SPDX-License-Identifier: MIT
// The settings of a node within its entry in nodes.yaml: read by the model, problems with their place.
#pragma once

#include <functional>
#include <string>

#include "shared/model/node.h"
#include "shared/model/node_settings.h"

namespace YAML {
class Node;
}

namespace rpm::discover {

/// Members of the entry of which this takes care.
bool is_settings_key(const std::string& name);

/// What the entry says under these keys; nothing when it has none of them. Hears each problem with the part
/// of the entry that it is about; also of what this engine never does.
std::optional<NodeSettings> read_settings(
    const YAML::Node& entry, Engine engine,
    const std::function<void(const YAML::Node& place, std::string message)>& problem);

}  // namespace rpm::discover
