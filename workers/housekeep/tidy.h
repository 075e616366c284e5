// SPDX-License-Identifier: MIT
// What rpmgr-housekeep does: removes what has run out, and gives back jobs whose worker died.
#pragma once

#include <chrono>
#include <cstdint>

#include "shared/base/clock.h"
#include "shared/db/connection.h"

namespace rpm::housekeep {

struct Keep {
    std::chrono::days attempts{1};
    std::chrono::days jobs{30};
    unsigned releases = 20;         ///< per node, besides the one that it carries
    std::chrono::days reports{30};  ///< of the content security policy
    std::chrono::days mail{30};
    unsigned chunk = 1000;  ///< rows per transaction
};

struct Tidied {
    std::uint64_t sessions = 0;
    std::uint64_t links = 0;
    std::uint64_t attempts = 0;
    std::uint64_t counters = 0;
    std::uint64_t devices = 0;
    std::uint64_t late_mail = 0;  ///< given up
    std::uint64_t mail = 0;
    std::uint64_t jobs = 0;
    std::uint64_t releases = 0;
    std::uint64_t contents = 0;
    std::uint64_t reports = 0;
    std::uint64_t leases = 0;   ///< jobs given back
    std::uint64_t waiting = 0;  ///< jobs ended whose deployment does not wait for approval any more
};

/// Stops between two transactions when the process is asked to.
Tidied tidy(db::Connection& db, Time now, const Keep& keep);

}  // namespace rpm::housekeep
