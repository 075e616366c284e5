// SPDX-License-Identifier: MIT
// The settings that differ from their defaults (shared/model/settings.h says which there are).
#pragma once

#include "shared/db/connection.h"
#include "shared/model/settings.h"

namespace rpm::store {

/// All of them, in one query of few rows. Names of another version are passed over.
Settings load_settings(db::Connection& db);
/// The same with the rows locked until the end of the transaction.
Settings lock_settings(db::Transaction& tx);
void upsert_setting(db::Transaction& tx, Setting setting, std::string_view value, UserId by, Time now);
/// Back to the default.
void remove_setting(db::Transaction& tx, Setting setting);

}  // namespace rpm::store
