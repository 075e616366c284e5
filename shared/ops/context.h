// SPDX-License-Identifier: MIT
// What every verb needs: the database, the time, the public half of the sealing key; and the panels' own key,
// where the program has it.
//
// The verbs of shared/ops check what the viewer may do, change rows, write the audit log and queue jobs, all
// in one transaction. They throw Forbidden, NotFound (also for what the viewer may not see), Invalid,
// Conflict.
#pragma once

#include "shared/base/clock.h"
#include "shared/crypto/sealing.h"
#include "shared/crypto/vault.h"
#include "shared/db/connection.h"

namespace rpm::cache {
class Counters;
}

namespace rpm::ops {

struct Context {
    db::Connection& db;
    const Clock& clock;
    const crypto::SealingKey& sealing;
    const crypto::Vault* vault = nullptr;  ///< panels and the operator's command; see ops::the_vault()
    cache::Counters* counters = nullptr;   ///< limits shared by several hosts; null: in the database
};

}  // namespace rpm::ops
