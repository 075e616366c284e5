// SPDX-License-Identifier: MIT
// What a discovery did, for people and programs.
#pragma once

#include <string>
#include <vector>

#include "shared/base/json.h"
#include "shared/ops/nodes.h"

namespace rpm::discover {

/// "created edge-3", "kept edge-1: made by hand", …; nodes that stayed as they were have no line.
std::vector<std::string> lines(const ops::DiscoveryReport& report);
/// "2 created, 1 updated, 7 unchanged", after "dry run: " when nothing was stored.
std::string summary(const ops::DiscoveryReport& report, bool dry_run);
Json to_json(const ops::DiscoveryReport& report, bool dry_run);

}  // namespace rpm::discover
