// SPDX-License-Identifier: MIT
// Proof that nobody changed, removed or inserted rows of the audit log: a signed chain of digests over it.
//
//     AuditSealer(db, key).run(now);                     // rpmgr-housekeep, every few minutes
//     const ChainReport report = verify_audit(db, keys, {.now = now});       // rpmgr audit verify
//
// A row's digest is SHA-256 over the netstrings ("<length>:<bytes>,") of "rpmgr audit row 1" and of its
// columns in the order of store::kAuditColumns, with "-," for NULL: no two different rows have the same
// encoding. A seal holds the ids and digests of its rows, and begins where the seal before it ends; its own
// digest is SHA-256 over the netstrings of "rpmgr audit seal 1" and its fields, among them the digest of the
// seal before; an Ed25519 signature is over that digest. The key is with the workers: whoever can write to
// the database, even as its administrator, can break the chain but not mend it.
//
// What the chain alone cannot show is that its end was cut off together with the rows, or that all of it was
// replaced by somebody who has the key. For that the newest seal's digest is noted elsewhere (paper, another
// machine's log) and looked for later: VerifyOptions::expect.
//
// Which rows are sealed. A row's id is given out before its transaction commits, so a row may appear below
// others that are there already; sealed too early, it would look inserted. Therefore (1) only rows older than
// kSafeAge are sealed, and (2) the sealer first reads the range with a shared lock, which waits for every row
// that is inserted and not committed. (2) alone suffices on one primary server, however long a transaction
// lasts (a stopped process holds one until the server's wait_timeout, eight hours by default). Where several
// servers take writes (Galera, Group Replication), locks are not shared, and (1) decides: there a transaction
// of ours ends within seconds, because every statement ends within the connection's timeout (10 s) or is
// undone, a verb has a few dozen of them at most, and nothing in a transaction waits for people or networks.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "shared/base/clock.h"
#include "shared/crypto/signing.h"
#include "shared/db/connection.h"

namespace rpm::ops {

constexpr std::chrono::minutes kSafeAge{10};

struct Sealed {
    std::uint64_t seals = 0;
    std::uint64_t rows = 0;
    std::string digest;  ///< of the newest seal, 64 hex digits; empty when nothing was sealed
    bool held = false;   ///< a transaction did not end in time: the rest is left for the next run
};

struct SealOptions {
    std::chrono::seconds age = kSafeAge;
    unsigned rows = 1000;  ///< of one seal, and of one transaction
    /// Asked between two seals.
    std::function<bool()> stop = [] { return false; };
};
/// Seals what is due. Safe to run twice at the same time: the seals' ids have no gaps and are unique, so of
/// two that would add the same link one finds it taken and goes on after it. A range with a transaction that
/// does not end is left for the next run.
Sealed seal_audit(db::Connection& db, const crypto::SigningKey& key, Time now,
                  const SealOptions& options = {});

struct VerifyOptions {
    Time now{};
    /// Digest of a seal, 64 hex digits, that must be in the chain; empty: none.
    std::string expect;
    /// Rows must be sealed by then: a chain that ends long ago was cut off, or nobody seals.
    std::chrono::seconds overdue = std::chrono::hours(24);
};
struct ChainReport {
    bool intact = false;
    /// The first thing that is wrong, in words: "row 1204 was changed (site.update by anna)". Empty when
    /// intact.
    std::string problem;
    std::uint64_t bad_row = 0;   ///< its id, when the problem is a row
    std::uint64_t bad_seal = 0;  ///< id of the seal that is wrong, or that covers the row
    std::uint64_t seals = 0;     ///< checked
    std::uint64_t rows = 0;      ///< checked
    std::uint64_t unsealed = 0;  ///< rows after the last seal: too young
    std::string digest;          ///< of the newest seal
    std::string sealed_at;       ///< of the newest seal
    std::uint64_t last_id = 0;   ///< last row of the newest seal
};
/// Stops at the first thing that is wrong. Needs the public keys only. Throws Invalid for an `expect` that is
/// no digest. Memory does not depend on the length of the log.
ChainReport verify_audit(db::Connection& db, const crypto::VerifyingKeys& keys, const VerifyOptions& options);

}  // namespace rpm::ops
