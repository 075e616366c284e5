// SPDX-License-Identifier: MIT
// The counts that every page shows, remembered for a moment so that no page pays for them.
//
// Shared by all threads of a program. Whatever a visitor changes through this program makes it forget, so
// one's own change is counted on the next page; what others change is seen after at most kFresh.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <unordered_map>

#include "shared/db/connection.h"
#include "shared/model/viewer.h"
#include "shared/store/sites.h"

namespace rpm::web {

struct Counts {
    store::SiteCounts sites;
    unsigned nodes_bad = 0;  ///< active nodes that need attention; administrators only
    std::uint64_t jobs = 0;  ///< waiting or running; administrators only
};

class Badges {
  public:
    static constexpr auto kFresh = std::chrono::seconds(2);

    Counts of(db::Connection& db, const Viewer& viewer, Time now);
    void forget();

  private:
    struct Entry {
        Counts counts;
        std::chrono::steady_clock::time_point until;
    };
    std::mutex mutex_;
    std::unordered_map<UserId, Entry> entries_;  // by owner; the empty id is everything
};

}  // namespace rpm::web
