// SPDX-License-Identifier: MIT
// The files of releases by the digest of their content, each stored once however many releases name it.
#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shared/db/connection.h"

namespace rpm::store {

/// How long a content stays that no release names. A transaction is much shorter, and clocks differ by less.
inline constexpr std::chrono::hours kContentGrace{24};
/// Of these digests (64 hex digits) those without stored content. The others are safe from housekeeping until
/// the transaction, which is to record a release that names them, has ended.
std::set<std::string> claim_contents(db::Transaction& tx, const std::set<std::string>& digests, Time now);
void insert_contents(db::Transaction& tx,
                     const std::vector<std::pair<std::string, std::string_view>>& contents, Time now);
std::optional<std::string> find_content(db::Connection& db, std::string_view digest);

}  // namespace rpm::store
