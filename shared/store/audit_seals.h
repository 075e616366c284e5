// SPDX-License-Identifier: MIT
// The audit log as it is sealed: rows column by column, exactly as they are stored, and the chain of seals.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/db/connection.h"

namespace rpm::store {

/// Every column of audit_log in the order of their sealing; nothing stands for NULL. Numbers are decimal,
/// times as "2026-11-22 20:34:00.000000", text is UTF-8.
inline constexpr std::array<std::string_view, 15> kAuditColumns = {
    "id",           "at",          "user_id",     "username",   "impersonator_id",
    "impersonator", "address",     "owner_id",    "action",     "object_type",
    "object_id",    "object_name", "before_json", "after_json", "request_id"};
struct RawAuditRow {
    AuditId id;
    std::array<std::optional<std::string>, kAuditColumns.size()> columns;
};

/// Calls for each row with first <= id <= last, in order. Reads in slices: any number of rows.
void each_raw_audit_row(db::Connection& db, AuditId first, AuditId last,
                        const std::function<void(const RawAuditRow&)>& f);

/// The end of the next chunk to seal or to forward: the highest id among the next `most` rows after this one
/// whose time is not after `until`; empty when there is none.
AuditId find_audit_chunk_end(db::Connection& db, AuditId after, Time until, unsigned most);
/// Waits for whatever transaction has inserted a row in this range and not committed yet; throws db::Retry
/// when that takes longer than the lock wait of the session.
void await_audit_rows(db::Transaction& tx, AuditId first, AuditId last);
AuditId newest_audit_id(db::Connection& db);
/// Rows after this one, and the time of the first of them.
struct UnsealedRows {
    std::uint64_t count = 0;
    std::optional<Time> oldest;
};
UnsealedRows count_audit_after(db::Connection& db, AuditId after);

/// One link of the chain; see ops/audit_chain.h for what is in it. Digests and signature are raw bytes.
struct AuditSeal {
    std::uint64_t id = 0;
    std::uint64_t first_id = 0;
    std::uint64_t last_id = 0;
    std::uint64_t row_count = 0;
    std::string row_index;
    std::string rows_digest;
    std::string previous;
    std::string digest;
    std::string key_id;
    std::string signature;
    std::string sealed_at;  ///< "2026-11-22 20:34:00.000000"
};
std::optional<AuditSeal> find_newest_seal(db::Connection& db);
/// Until when rows are sealed, for pages; nothing without a seal. The panels may read no more than that.
std::optional<Time> find_seal_mark(db::Connection& db);
/// At most `most` seals after this id, oldest first.
std::vector<AuditSeal> list_seals_after(db::Connection& db, std::uint64_t id, unsigned most);
/// Throws Conflict when another process has added this link of the chain meanwhile.
void insert_seal(db::Transaction& tx, const AuditSeal& seal);

/// Until where rows went out to this receiver; nothing: never. Locked until the transaction ends.
std::optional<AuditId> lock_forwarded(db::Transaction& tx, std::string_view receiver);
void put_forwarded(db::Transaction& tx, std::string_view receiver, AuditId last, Time now);

}  // namespace rpm::store
