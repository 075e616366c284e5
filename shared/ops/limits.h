// SPDX-License-Identifier: MIT
// How much a client may have: sites, names, versions a day. One's own limit, else that of the settings.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "shared/model/viewer.h"
#include "shared/ops/context.h"

namespace rpm::ops {

struct Usage {
    std::uint64_t sites = 0, most_sites = 0;
    std::uint64_t names = 0, most_names = 0;
};
/// Of a client; nothing for staff, who have no limits.
std::optional<Usage> usage_of(db::Connection& db, UserId owner);

/// Inside the transaction that has the owner's turn (store::take_turn()) and already made what is counted.
/// Throws Invalid naming the limit. Staff may go beyond it, and what was there before a limit was lowered may
/// still be changed: names are counted only when some came along.
void check_limits(db::Connection& db, const Viewer& viewer, UserId owner, bool more_names, Time now);

/// The same for shared pieces: throws Invalid{"name", …} when the owner has more than the limit.
void check_piece_limit(db::Connection& db, const Viewer& viewer, UserId owner);

/// Counts one plan that a client has computed. Answers how long to wait when there were too many.
std::optional<std::chrono::seconds> count_plan(Context& context, const Viewer& viewer);

}  // namespace rpm::ops
