// SPDX-License-Identifier: MIT
// Rows as JSON and as tables, where more than one command shows them.
#pragma once

#include <vector>

#include "shared/base/json.h"
#include "shared/store/deployments.h"
#include "shared/store/jobs.h"
#include "shared/store/nodes.h"
#include "shared/store/sites.h"
#include "workers/ctl/table.h"

namespace rpm::ctl {

Json describe(const store::Node& node);
Table node_table(const std::vector<store::Node>& nodes);
Json describe(const store::Site& site);
Json describe(const store::Deployment& deployment);
Table deployment_table(const std::vector<store::Deployment>& deployments);
Json describe(const store::DeploymentNode& node);
Json describe(const store::Job& job);

}  // namespace rpm::ctl
