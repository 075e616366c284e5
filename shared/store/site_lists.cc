// SPDX-License-Identifier: MIT
// Lists of sites and their counts: that part of sites.h, and known_sites.h.
#include <algorithm>

#include "shared/base/text.h"
#include "shared/store/column_text.h"
#include "shared/store/known_sites.h"
#include "shared/store/site_rows.h"

namespace rpm::store {
namespace {

// Lists are read in the order of an index. By its own choice the server begins with the few users, or reads
// and sorts every site there is, for each page.
#define LISTED(index) " FROM sites s FORCE INDEX (" index ") "
#define WITH_OWNERS "STRAIGHT_JOIN users u FORCE INDEX (PRIMARY) ON u.id = s.owner_id "
// Removed sites come last and are left out while reading: a condition on removed_at makes the server estimate
// its range each time, which takes it a fifth of the query.
#define IN_ORDER "ORDER BY s.removed_at, s.domain, s.id LIMIT ?"

std::string like_anywhere(std::string_view part) {
    std::string out = "%";
    for (const char c : text::lower(column_ascii(part))) {
        if (c == '%' || c == '_' || c == '\\') out += '\\';
        out += c;
    }
    return out + "%";
}

// The conditions of a list, in one place for the list and its count.
struct Conditions {
    std::string sql = "WHERE s.removed_at IS NULL";
    db::Params params;
    void demand(const char* condition) { sql += condition; }
    void demand(const char* condition, db::Param value) {
        sql += condition;
        params.push_back(std::move(value));
    }
};

Conditions conditions(Scope scope, const SiteFilter& filter) {
    Conditions where;
    if (!scope.is_everything()) where.demand(" AND s.owner_id = ?", scope.owner());
    if (!filter.text.empty()) where.demand(" AND s.domain LIKE ?", like_anywhere(filter.text));
    if (filter.node)
        where.demand(" AND s.id IN (SELECT site_id FROM site_targets WHERE node_id = ?)", filter.node);
    if (!filter.tag.empty())
        where.demand(" AND s.id IN (SELECT site_id FROM site_tags WHERE tag = ?)", column_ascii(filter.tag));
    if (filter.piece)
        where.demand(
            " AND s.head_revision_id IN (SELECT revision_id FROM site_revision_pieces WHERE piece_id = ?)",
            filter.piece);
    if (filter.deploy_state == "undeployed")
        where.demand(" AND s.head_number <> s.released_number");
    else if (!filter.deploy_state.empty())
        where.demand(" AND s.deploy_state = ?", column_ascii(filter.deploy_state));
    return where;
}

bool unfiltered(const SiteFilter& filter) {
    return filter.text.empty() && filter.deploy_state.empty() && filter.after_domain.empty() &&
           !filter.node && filter.tag.empty() && !filter.piece && !filter.after_id;
}

// How a kind of list is asked for: its columns and tables, and the statements of the pages that everybody
// opens, which stay prepared.
template <class Item>
struct Listing {
    const char* of_all;
    const char* of_owner;
    const char* first_of_all;
    const char* first_of_owner;
    Item (*item)(const db::Rows&);
};
#define LISTING(columns, tables)                                                                \
    "SELECT " columns LISTED("k_list") tables, "SELECT " columns LISTED("k_owner_list") tables, \
        "SELECT " columns LISTED("k_list") tables IN_ORDER,                                     \
        "SELECT " columns LISTED("k_owner_list") tables "WHERE s.owner_id = ? " IN_ORDER

SitePlace place_from(const db::Rows& row) {
    return {.id = row.id<SiteId>("id"), .key = list_key_from(row)};
}

constexpr Listing<Site> kSites{LISTING(SITE_COLUMNS, WITH_OWNERS), site_from};
// Of the sites it all stands in the index: none of their rows is read. The owners' rows are few, and read
// again only where the owner is another than in the line before.
constexpr Listing<SitePlace> kPlaces{
    LISTING("s.id, s.list_key, u.username AS owner_name, s.removed_at", WITH_OWNERS), place_from};

template <class Item>
std::vector<Item> list(db::Connection& db, Scope scope, const SiteFilter& filter, const Listing<Item>& how) {
    if (unfiltered(filter) && scope.is_everything())
        return read_sites(db.query(how.first_of_all, filter.limit), how.item);
    if (unfiltered(filter))
        return read_sites(db.query(how.first_of_owner, scope.owner(), filter.limit), how.item);
    Conditions where = conditions(scope, filter);
    if (!filter.after_domain.empty()) {
        // Not (domain, id) > (?, ?), which servers do not look up in an index.
        const bool back = filter.backwards;
        where.demand(back ? " AND s.domain <= ?" : " AND s.domain >= ?", column_ascii(filter.after_domain));
        where.demand(back ? " AND (s.domain < ?" : " AND (s.domain > ?", column_ascii(filter.after_domain));
        where.demand(back ? " OR s.id < ?)" : " OR s.id > ?)", filter.after_id.value());
    }
    where.sql +=
        filter.backwards ? " ORDER BY s.domain DESC, s.id DESC LIMIT " : " ORDER BY s.domain, s.id LIMIT ";
    where.sql += std::to_string(filter.limit);
    const char* start = scope.is_everything() ? how.of_all : how.of_owner;
    auto items = read_sites(db.query_once(start + where.sql, where.params), how.item);
    if (filter.backwards) std::ranges::reverse(items);
    return items;
}

// Their rows as they are now, which may be newer than the list that named them; asked for with its scope
// again.
std::vector<SiteSummary> read_summaries(db::Connection& db, Scope scope, const std::vector<SiteId>& ids) {
    std::string sql = "SELECT " SUMMARY_COLUMNS " FROM sites s FORCE INDEX (PRIMARY) " WITH_OWNERS
                      "WHERE s.removed_at IS NULL AND s.id IN ";
    sql += db::placeholders(1, ids.size());
    db::Params params(ids.begin(), ids.end());
    if (!scope.is_everything()) {
        sql += " AND s.owner_id = ?";
        params.emplace_back(scope.owner());
    }
    return read_sites(db.query_once(sql, params), summary_from);
}

}  // namespace

std::vector<KnownSite> KnownSites::find(std::span<const SitePlace> places) {
    std::vector<KnownSite> out(places.size());
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < places.size(); ++i)
        if (const auto found = sites_.find(places[i].id);
            found != sites_.end() && found->second->list_key == places[i].key)
            out[i] = found->second;
    return out;
}

void KnownSites::keep(const KnownSite& site) {
    const std::lock_guard lock(mutex_);
    if (sites_.size() >= kMost && !sites_.contains(site->id)) sites_.clear();
    sites_.insert_or_assign(site->id, site);
}

std::vector<KnownSite> list_site_summaries(db::Connection& db, Scope scope, const SiteFilter& filter,
                                           KnownSites& known) {
    const auto places = list(db, scope, filter, kPlaces);
    auto sites = known.find(places);
    std::vector<SiteId> missing;
    for (std::size_t i = 0; i < places.size(); ++i)
        if (!sites[i]) missing.push_back(places[i].id);
    if (missing.empty()) return sites;
    for (SiteSummary& read : read_summaries(db, scope, missing)) {
        const auto site = std::make_shared<const SiteSummary>(std::move(read));
        known.keep(site);
        const auto place = std::ranges::find(places, site->id, &SitePlace::id);
        sites[static_cast<std::size_t>(place - places.begin())] = site;
    }
    std::erase(sites, nullptr);
    return sites;
}

std::vector<Site> list_sites(db::Connection& db, Scope scope, const SiteFilter& filter) {
    return list(db, scope, filter, kSites);
}

std::uint64_t count_sites(db::Connection& db, Scope scope, const SiteFilter& filter) {
    const Conditions where = conditions(scope, filter);
    auto row = db.query_once("SELECT COUNT(*) AS n FROM sites s " + where.sql, where.params);
    row.first();
    return row.uint64("n");
}

SiteCounts count_site_states(db::Connection& db, Scope scope) {
    const Conditions where = conditions(scope, {});
    auto row = db.query_once(
        "SELECT COUNT(*) AS n_all, COALESCE(SUM(s.deploy_state = 'live'), 0) AS n_live, "
        "COALESCE(SUM(s.deploy_state = 'failed'), 0) AS n_failed, "
        "COALESCE(SUM(s.head_number <> s.released_number), 0) AS n_undeployed FROM sites s " +
            where.sql,
        where.params);
    row.first();
    return {row.uint64("n_all"), row.uint64("n_live"), row.uint64("n_failed"), row.uint64("n_undeployed")};
}

std::map<UserId, std::uint64_t> count_sites_by_owner(db::Connection& db) {
    std::map<UserId, std::uint64_t> counts;
    for (auto row =
             db.query("SELECT owner_id, COUNT(*) AS n FROM sites WHERE removed_at IS NULL GROUP BY owner_id");
         row.next();)
        counts[row.id<UserId>("owner_id")] = row.uint64("n");
    return counts;
}

}  // namespace rpm::store
