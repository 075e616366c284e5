// SPDX-License-Identifier: MIT
// What a node answers for names that no site has, and whose lists it believes. Settings that nodes.yaml gives
// are changed there only. What changes is deployed at once.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "shared/model/node_settings.h"
#include "shared/model/viewer.h"
#include "shared/ops/context.h"
#include "shared/store/nodes.h"

namespace rpm::ops {

/// Changes with the settings: an edit says from which version it started.
std::string settings_version(const store::Node& node);

/// `seen`: settings_version() that the edit started from; none: whatever is there. Answers the deployment
/// that was queued; none when nothing has changed, or the node is disabled or carries nothing yet. Throws
/// Invalid for what the engine cannot do, Conflict when nodes.yaml says the settings or `seen` is past. Needs
/// nodes:manage.
std::optional<DeploymentId> set_node_settings(Context& context, const Viewer& viewer, NodeId node,
                                              const NodeSettings& settings,
                                              const std::optional<std::string>& seen = std::nullopt);
/// The same within a change of nodes.yaml, which may also give the node another engine; true when something
/// has changed.
bool set_settings_from_file(Context& context, db::Transaction& tx, const Viewer& viewer, NodeId node,
                            const std::optional<NodeSettings>& settings, Time now);

struct ListsRead {
    unsigned asked = 0, changed = 0, failed = 0, deployments = 0;
};
/// The text at a URL; throws Unavailable.
using FetchList = std::function<std::string(const std::string& url)>;
/// Reads the lists that nodes name and that are due: every six hours, after a failure every quarter of an
/// hour. One that is not good (address_list.h) leaves the old one in place, with the reason. Nodes whose
/// networks change are deployed. Stops between two lists when asked to.
ListsRead refresh_address_lists(db::Connection& db, const Clock& clock, const FetchList& fetch,
                                const std::function<bool()>& stop);

}  // namespace rpm::ops
