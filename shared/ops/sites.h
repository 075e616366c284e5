// SPDX-License-Identifier: MIT
// What people do with sites. Saving never changes a node: a new revision waits until it is deployed.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "shared/model/site.h"
#include "shared/model/viewer.h"
#include "shared/ops/context.h"

namespace rpm::ops {

struct SiteInput {
    SiteDefinition definition{};
    UserId owner{};  ///< needs sites:assign; empty: unchanged, for a new site the viewer
    std::optional<std::vector<NodeId>>
        targets{};         ///< needs sites:assign; none: unchanged, for a new site all active nodes
    std::string reason{};  ///< why, for the history
    std::optional<std::vector<std::string>> tags{};  ///< none: unchanged. A tag alone makes no version.
};

/// Saves a site with its first revision. Raw directives need sites:raw.
SiteId create_site(Context& context, const Viewer& viewer, const SiteInput& input);
/// Saves the next revision. Throws Conflict unless the head still has the number that the editor started
/// from. A change of owner or targets makes a revision, too, so that this holds for them as well; what
/// changes nothing makes none. Answers the head's number.
unsigned update_site(Context& context, const Viewer& viewer, SiteId id, unsigned based_on,
                     const SiteInput& input);
/// A new site with other names: definition, note, tags and nodes of the newest version, its passwords and raw
/// directives too, which nobody gets to see by that. Its owner is the viewer's own, or the one of the site
/// where the viewer has sites:assign.
SiteId clone_site(Context& context, const Viewer& viewer, SiteId from, const std::vector<DomainName>& domains,
                  const std::string& reason);
/// Adds some tags and takes some away; answers what it then has.
std::vector<std::string> change_tags(Context& context, const Viewer& viewer, SiteId id,
                                     const std::vector<std::string>& add,
                                     const std::vector<std::string>& remove);
/// Saves an earlier revision again as the newest one.
unsigned restore_revision(Context& context, const Viewer& viewer, SiteId id, unsigned number);

/// What somebody looked at before releasing it.
struct Reviewed {
    std::string plan_digest{};  ///< kept with the deployment
    std::map<SiteId, unsigned>
        versions{};  ///< head numbers that were shown; a site that is not in it is released as it is
};
/// Releases the heads of these sites and queues a job for every node that serves them or should; one
/// deployment. Throws Invalid when a site has no active node, Conflict when a site's head is not the version
/// that was reviewed any more.
DeploymentId deploy_sites(Context& context, const Viewer& viewer, const std::vector<SiteId>& sites,
                          const std::string& reason, const Reviewed& reviewed = {});

/// Takes effect at once: these queue a deployment when the site was deployed before.
std::optional<DeploymentId> block_site(Context& context, const Viewer& viewer, SiteId id, unsigned status,
                                       const std::string& reason);  ///< status 403, 451 or 503
std::optional<DeploymentId> pause_site(Context& context, const Viewer& viewer, SiteId id);
/// Ends a pause, and with sites:block a block.
std::optional<DeploymentId> resume_site(Context& context, const Viewer& viewer, SiteId id);
/// Frees its names and takes it from its nodes. A blocked site needs sites:block.
std::optional<DeploymentId> remove_site(Context& context, const Viewer& viewer, SiteId id);

}  // namespace rpm::ops
