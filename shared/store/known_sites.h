// SPDX-License-Identifier: MIT
// The sites that a program's lists showed before, so that a list reads only what it has not read yet.
//
//     KnownSites known;                                                  // one per program, for all threads
//     for (const auto& site : list_site_summaries(db, scope, filter, known)) site->domain …
//
// Never out of date: which sites a list has, and the key of each, comes from the database every time; what is
// kept is found by both together. The key is a digest that the database keeps over the site's columns
// (sites.list_key), followed by the owner's name: whoever changes either makes another key.
#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "shared/store/sites.h"

namespace rpm::store {

using KnownSite = std::shared_ptr<const SiteSummary>;

/// What a list says of a site without reading its row.
struct SitePlace {
    SiteId id;
    std::string key;
};

class KnownSites {
  public:
    /// For each place the site that was kept with this key, or null.
    std::vector<KnownSite> find(std::span<const SitePlace> places);
    void keep(const KnownSite& site);

  private:
    static constexpr std::size_t kMost = 10'000;  // some 300 bytes each; then it begins anew
    std::mutex mutex_;
    std::unordered_map<SiteId, KnownSite> sites_;
};

/// Sites in the order of lists. One that changes hands or is removed just now may be left out.
std::vector<KnownSite> list_site_summaries(db::Connection& db, Scope scope, const SiteFilter& filter,
                                           KnownSites& known);

}  // namespace rpm::store
