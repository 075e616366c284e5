// SPDX-License-Identifier: MIT
// A request explained for a viewer: on the nodes of the sites that are theirs. A site of somebody else
// answers as one that does not exist. For the panels and the API.
#pragma once

#include <vector>

#include "shared/base/template_set.h"
#include "shared/db/connection.h"
#include "shared/model/viewer.h"
#include "shared/plan/explain_on.h"

namespace rpm::web {

/// Clients get no lines that come from members for the staff.
/// Where no site of the viewer's has the name: what an active node says to unknown names, once per engine.
std::vector<plan::ExplainedOn> explain_for(db::Connection& db, const Viewer& viewer,
                                           const TemplateSet& templates, const plan::Request& request);

}  // namespace rpm::web
