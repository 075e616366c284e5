// SPDX-License-Identifier: MIT
// One change for many sites.
//
//     const BulkChange change{.action = BulkAction::set_member, .member = "tls.minimum", .value = "1.3"};
//     for (const BulkOutcome& each : preview_bulk(db, viewer, sites, change)) each.changes …    // nothing is
//     saved apply_bulk(context, viewer, sites, change, reason);
//
// Each site is a transaction of its own, with the permissions and limits of its own, and gets a version of
// its own: one that fails is reported, and the others go on. What makes a version waits for a deployment as
// usual; pausing, blocking and their ends take effect at once, as they do for one site.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "shared/base/json.h"
#include "shared/model/words.h"
#include "shared/ops/context.h"
#include "shared/ops/sites.h"

namespace rpm::ops {

enum class BulkAction {
    add_tag,
    remove_tag,
    set_member,
    add_snippet,
    remove_snippet,
    set_nodes,
    pause,
    resume,
    block
};

/// Sites at a time.
inline constexpr std::size_t kMostBulkSites = 200;

struct BulkChange {
    BulkAction action = BulkAction::add_tag;
    std::string word{};           ///< of tags and snippets: which
    std::string member{};         ///< of set_member: path of the definition, or "access.list"
    Json value{};                 ///< of set_member; null: as if the site had never set it
    std::vector<NodeId> nodes{};  ///< of set_nodes; needs sites:assign
    unsigned block_status = 403;  ///< of block; needs sites:block
};
/// Throws Invalid for what fits no site: field "action", "word", "member", "value", "nodes", "sites".
void check_bulk(const BulkChange& change, std::size_t sites);

struct BulkOutcome {
    SiteId site;
    std::string domain{};                      ///< empty when there is no such site
    unsigned version = 0;                      ///< before: the newest; after: the same or the next
    std::vector<std::string> changes{};        ///< in words; none: it is so already
    std::string refused{};                     ///< why nothing was changed; empty: it was, or would be
    std::optional<DeploymentId> deployment{};  ///< of what took effect at once
};
/// What would happen, without any of it. Names, limits and what other sites have are asked when it is
/// applied.
std::vector<BulkOutcome> preview_bulk(db::Connection& db, const Viewer& viewer,
                                      const std::vector<SiteId>& sites, const BulkChange& change);
/// `versions`: what was reviewed; a site that has another newest version by then is refused.
std::vector<BulkOutcome> apply_bulk(Context& context, const Viewer& viewer, const std::vector<SiteId>& sites,
                                    const BulkChange& change, const std::string& reason,
                                    const std::map<SiteId, unsigned>& versions = {});

}  // namespace rpm::ops

namespace rpm {

template <>
inline constexpr auto kWords<ops::BulkAction> =
    std::array{Word{ops::BulkAction::add_tag, "add_tag", "Add a tag"},
               Word{ops::BulkAction::remove_tag, "remove_tag", "Remove a tag"},
               Word{ops::BulkAction::set_member, "set_member", "Change a setting"},
               Word{ops::BulkAction::add_snippet, "add_snippet", "Use a snippet"},
               Word{ops::BulkAction::remove_snippet, "remove_snippet", "Stop using a snippet"},
               Word{ops::BulkAction::set_nodes, "set_nodes", "Choose nodes"},
               Word{ops::BulkAction::pause, "pause", "Pause"},
               Word{ops::BulkAction::resume, "resume", "Resume"},
               Word{ops::BulkAction::block, "block", "Block"}};

}  // namespace rpm
