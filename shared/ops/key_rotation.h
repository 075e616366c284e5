// SPDX-License-Identifier: MIT
// What a change of the sealing keys does to the database. The key files are the command's business.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/crypto/sealing.h"
#include "shared/db/connection.h"
#include "shared/model/viewer.h"
#include "shared/store/sealed_values.h"

namespace rpm::ops {

struct Resealed {
    std::uint64_t values = 0;             ///< sealed with the new key now
    std::vector<std::string> unreadable;  ///< "credentials 7": no key that we have opens it
};
struct ResealOptions {
    unsigned values = 50;  ///< in one transaction
    /// After each transaction: the table, and how many of its values are done.
    std::function<void(std::string_view table, std::uint64_t done)> progress = [](std::string_view,
                                                                                  std::uint64_t) {};
};
/// Seals everything with this key that is sealed with another. Others may read and write meanwhile: a value
/// that somebody else changed is looked at again. Killed at any moment, it can simply be run again. Throws
/// Forbidden unless the viewer manages the settings.
Resealed reseal_all(db::Connection& db, const Viewer& viewer, const crypto::UnsealingKeys& keys,
                    const crypto::SealingKey& key, const ResealOptions& options = {});

/// How many values each key holds, by table; see store::count_sealed().
std::vector<store::SealedCount> count_sealed(db::Connection& db, const Viewer& viewer);

/// Writes into the audit log that the keys changed: "keys.rotate", "keys.retire", "keys.rotate_audit".
void note_key_change(db::Connection& db, const Viewer& viewer, std::string_view action,
                     const std::string& before_id, const std::string& after_id, Time now);

}  // namespace rpm::ops
