// SPDX-License-Identifier: MIT
// What a client may read of the words of nodes and engines. They speak of a whole node: of other clients'
// sites, and of names and addresses of the operator's machines.
#pragma once

#include <string>
#include <vector>

#include "shared/model/viewer.h"
#include "shared/store/deployments.h"
#include "shared/store/sites.h"

namespace rpm::web {

/// Administrators read every line, clients those that name a file of one of the sites and no other site's,
/// unless the site has directives of an administrator.
std::vector<std::string> readable_lines(const std::string& words,
                                        const std::vector<store::DeploymentSite>& sites,
                                        const Viewer& viewer);
/// The readable lines of a node's error; something general when there is an error but none of it is readable.
std::string readable_error(const store::DeploymentNode& node, const std::vector<store::DeploymentSite>& sites,
                           const Viewer& viewer);
/// Why the node refused a version of the site.
std::string readable_refusal(const store::SiteOnNode& on, const Viewer& viewer);

}  // namespace rpm::web
