// SPDX-License-Identifier: MIT
#include "web/view/badges.h"

#include "shared/store/jobs.h"
#include "shared/store/nodes.h"

namespace rpm::web {
namespace {

constexpr std::size_t kMaxEntries = 1000;

Counts read(db::Connection& db, const Viewer& viewer, Time now) {
    Counts counts;
    counts.sites = store::count_site_states(db, Scope::of(viewer));
    if (!viewer.is_staff()) return counts;
    for (const store::Node& node : store::list_nodes(db))
        if (node.active && node.state != "ok" && node.state != "unknown") ++counts.nodes_bad;
    const auto jobs = store::count_jobs(db, now);
    counts.jobs = jobs.queued + jobs.running;
    return counts;
}

}  // namespace

Counts Badges::of(db::Connection& db, const Viewer& viewer, Time now) {
    const UserId key = Scope::of(viewer).owner();
    const auto clock = std::chrono::steady_clock::now();
    {
        const std::lock_guard lock(mutex_);
        const auto found = entries_.find(key);
        if (found != entries_.end() && found->second.until > clock) return found->second.counts;
    }
    const Counts counts = read(db, viewer, now);
    const std::lock_guard lock(mutex_);
    if (entries_.size() >= kMaxEntries) entries_.clear();
    entries_.insert_or_assign(key, Entry{counts, clock + kFresh});
    return counts;
}

void Badges::forget() {
    const std::lock_guard lock(mutex_);
    entries_.clear();
}

}  // namespace rpm::web
