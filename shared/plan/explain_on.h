// SPDX-License-Identifier: MIT
// A request explained on one node, with the lines of the engine's files that do it.
#pragma once

#include <vector>

#include "shared/base/template_set.h"
#include "shared/plan/explain.h"
#include "shared/plan/line_fields.h"

namespace rpm::plan {

/// A node and, of its sites, at least those that could take the request.
struct NodeSites {
    NodeProfile node;
    std::vector<DeployableSite> sites;
};

/// The same for all of these nodes.
struct ExplainedOn {
    std::vector<NodeProfile> nodes;
    std::vector<DeployableSite> sites;  ///< the explanation points into them
    Explanation explanation;
    std::vector<RenderedLine> lines;
};
/// Nodes that cannot differ are explained once. In the order of the nodes.
std::vector<ExplainedOn> explain_on(const TemplateSet& templates, std::vector<NodeSites> nodes,
                                    const Request& request);

/// [{"path": …, "number": …, "text": …, "fields": […]}]
Json to_json(const std::vector<RenderedLine>& lines);

}  // namespace rpm::plan
