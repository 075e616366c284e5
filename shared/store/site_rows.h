// SPDX-License-Identifier: MIT
// How rows of sites are asked for and read. For shared/store only.
#pragma once

#include "shared/store/sites.h"

#define SUMMARY_COLUMNS                                                                           \
    "s.id, u.username AS owner_name, s.domain, s.upstream_summary, s.tags, s.tls_mode, s.state, " \
    "s.head_number, "                                                                             \
    "s.released_number, s.deploy_state, s.node_count, s.updated_at, s.list_key, s.removed_at"
#define SITE_COLUMNS                                                                               \
    SUMMARY_COLUMNS                                                                                \
    ", s.owner_id, s.block_status, s.blocked_reason, s.head_revision_id, s.released_revision_id, " \
    "s.created_at "
#define SITE_TABLES "FROM sites s JOIN users u ON u.id = s.owner_id "

namespace rpm::store {

/// The digest of the site's own columns, and what else a summary shows: the owner's name.
std::string list_key_from(const db::Rows& row);
SiteSummary summary_from(const db::Rows& row);
Site site_from(const db::Rows& row);

/// Every row until the first removed site: lists have those last.
template <class Item>
std::vector<Item> read_sites(db::Rows row, Item (*item)(const db::Rows&)) {
    std::vector<Item> items;
    while (row.next() && row.null("removed_at")) items.push_back(item(row));
    return items;
}

}  // namespace rpm::store
