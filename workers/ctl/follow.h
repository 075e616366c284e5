// SPDX-License-Identifier: MIT
// A deployment as it goes: printed step by step until it ends.
#pragma once

#include <chrono>
#include <optional>

#include "shared/base/id.h"
#include "workers/ctl/command.h"
#include "workers/ctl/environment.h"

namespace rpm::ctl {

/// Of "--wait SECONDS"; nothing when absent.
std::optional<std::chrono::seconds> wait_option(const Arguments& arguments);

/// Tells that the deployment was queued; then follows it, if asked to. Exit status: 1 when it failed, or was
/// not finished in time.
int report_queued(Environment& environment, DeploymentId id, std::optional<std::chrono::seconds> wait);

/// For changes of state, which queue a deployment only when the site was deployed before.
int report_change(Environment& environment, const std::string& change, std::optional<DeploymentId> id);

/// All that is known of it, as it stands.
void show_deployment(Environment& environment, DeploymentId id);

}  // namespace rpm::ctl
