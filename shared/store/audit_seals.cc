// SPDX-License-Identifier: MIT
#include "shared/store/audit_seals.h"

namespace rpm::store {
namespace {

constexpr unsigned kSlice = 5000;  // rows of one answer: a few megabytes

// Columns by position in the statement, which is the order of kAuditColumns.
constexpr const char* kRawRows =
    "SELECT id, at, user_id, username, impersonator_id, impersonator, address, owner_id, action, "
    "object_type, "
    "object_id, object_name, before_json, after_json, request_id FROM audit_log WHERE id >= ? AND id <= ? "
    "ORDER BY id LIMIT ?";

RawAuditRow raw_row(const db::Rows& row) {
    RawAuditRow raw;
    for (std::size_t i = 0; i < kAuditColumns.size(); ++i) raw.columns[i] = row.maybe_text(kAuditColumns[i]);
    raw.id = *AuditId::parse(*raw.columns[0]);
    raw.columns[1] = to_sql(from_sql(*raw.columns[1]));  // drivers differ in how many zeros they show
    return raw;
}

AuditSeal seal_from(const db::Rows& row) {
    return {.id = row.uint64("id"),
            .first_id = row.uint64("first_id"),
            .last_id = row.uint64("last_id"),
            .row_count = row.uint64("row_count"),
            .row_index = row.text("row_index"),
            .rows_digest = row.text("rows_digest"),
            .previous = row.text("previous"),
            .digest = row.text("digest"),
            .key_id = row.text("key_id"),
            .signature = row.text("signature"),
            .sealed_at = to_sql(row.time("sealed_at"))};
}

}  // namespace

void each_raw_audit_row(db::Connection& db, AuditId first, AuditId last,
                        const std::function<void(const RawAuditRow&)>& f) {
    std::uint64_t next = first.value();
    for (unsigned got = kSlice; got == kSlice && next <= last.value();) {
        got = 0;
        for (auto row = db.query(kRawRows, next, last, kSlice); row.next(); ++got) {
            const RawAuditRow raw = raw_row(row);
            next = raw.id.value() + 1;
            f(raw);
        }
    }
}

AuditId find_audit_chunk_end(db::Connection& db, AuditId after, Time until, unsigned most) {
    auto row = db.query(
        "SELECT MAX(id) AS last FROM (SELECT id, at FROM audit_log WHERE id > ? ORDER BY id LIMIT ?) AS "
        "chunk "
        "WHERE at <= ?",
        after.value(), most, until);
    return row.first() ? row.id<AuditId>("last") : AuditId();
}

void await_audit_rows(db::Transaction& tx, AuditId first, AuditId last) {
    // In the words that both MySQL and MariaDB know. A plain read would pass uncommitted rows by; the index
    // is named because a scan of another one would wait for rows outside the range, too.
    auto row = tx.query(
        "SELECT id FROM audit_log FORCE INDEX (PRIMARY) WHERE id >= ? AND id <= ? ORDER BY id "
        "LOCK IN SHARE MODE",
        first.value(), last.value());
    while (row.next()) continue;
}

AuditId newest_audit_id(db::Connection& db) {
    auto row = db.query("SELECT MAX(id) AS last FROM audit_log");
    return row.first() ? row.id<AuditId>("last") : AuditId();
}

UnsealedRows count_audit_after(db::Connection& db, AuditId after) {
    auto row = db.query("SELECT COUNT(*) AS n, MIN(at) AS oldest FROM audit_log WHERE id > ?", after.value());
    row.first();
    return {row.uint64("n"), row.maybe_time("oldest")};
}

std::optional<AuditSeal> find_newest_seal(db::Connection& db) {
    auto row = db.query(
        "SELECT id, first_id, last_id, row_count, row_index, rows_digest, previous, digest, key_id, "
        "signature, "
        "sealed_at FROM audit_seals ORDER BY id DESC LIMIT 1");
    if (!row.first()) return std::nullopt;
    return seal_from(row);
}

std::optional<Time> find_seal_mark(db::Connection& db) {
    auto row = db.query(
        "SELECT at FROM audit_log WHERE id = (SELECT last_id FROM audit_seals ORDER BY id DESC LIMIT 1)");
    if (!row.first()) return std::nullopt;
    return row.time("at");
}

std::vector<AuditSeal> list_seals_after(db::Connection& db, std::uint64_t id, unsigned most) {
    std::vector<AuditSeal> seals;
    for (auto row =
             db.query("SELECT id, first_id, last_id, row_count, row_index, rows_digest, previous, digest, "
                      "key_id, signature, sealed_at FROM audit_seals WHERE id > ? ORDER BY id LIMIT ?",
                      id, most);
         row.next();)
        seals.push_back(seal_from(row));
    return seals;
}

void insert_seal(db::Transaction& tx, const AuditSeal& seal) {
    tx.execute(
        "INSERT INTO audit_seals (id, first_id, last_id, row_count, row_index, rows_digest, previous, "
        "digest, "
        "key_id, signature, sealed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        seal.id, seal.first_id, seal.last_id, seal.row_count, db::Bytes{seal.row_index},
        db::Bytes{seal.rows_digest}, db::Bytes{seal.previous}, db::Bytes{seal.digest}, seal.key_id,
        db::Bytes{seal.signature}, seal.sealed_at);
}

std::optional<AuditId> lock_forwarded(db::Transaction& tx, std::string_view receiver) {
    auto row = tx.query("SELECT last_id FROM audit_forwarding WHERE receiver = ? FOR UPDATE", receiver);
    if (!row.first()) return std::nullopt;
    return AuditId(row.uint64("last_id"));
}

void put_forwarded(db::Transaction& tx, std::string_view receiver, AuditId last, Time now) {
    tx.execute(
        "INSERT INTO audit_forwarding (receiver, last_id, updated_at) VALUES (?, ?, ?) "
        "ON DUPLICATE KEY UPDATE last_id = VALUES(last_id), updated_at = VALUES(updated_at)",
        receiver, last.value(), now);
}

}  // namespace rpm::store
