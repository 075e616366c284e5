// SPDX-License-Identifier: MIT
#include "shared/ops/audit_chain.h"

#include "shared/base/error.h"
#include "shared/base/text.h"
#include "shared/crypto/digest.h"
#include "shared/store/audit_seals.h"

namespace rpm::ops {
namespace {

using store::AuditSeal;
using store::RawAuditRow;

constexpr std::size_t kDigestSize = 32;
constexpr std::size_t kEntrySize = 8 + kDigestSize;  // of row_index
constexpr unsigned kSealsAtOnce = 50;                // a seal of 1000 rows has 40 kB

// ---- Encoding -------------------------------------------------------------------------------------------

// D. J. Bernstein's netstrings: no text can look like the end of a field.
void add_field(std::string& out, std::string_view bytes) {
    out += std::to_string(bytes.size());
    out += ':';
    out += bytes;
    out += ',';
}
void add_field(std::string& out, std::uint64_t number) {
    add_field(out, std::to_string(number));
}

class RowDigest {
  public:
    const std::string& of(const RawAuditRow& row) {
        text_.clear();
        add_field(text_, "rpmgr audit row 1");
        for (const auto& column : row.columns) {
            if (column)
                add_field(text_, *column);
            else
                text_ += "-,";
        }
        return digest_ = crypto::sha256(text_);
    }

  private:
    std::string text_, digest_;  // kept, so that a million rows need no million allocations
};

std::string big_endian(std::uint64_t number) {
    std::string bytes(8, '\0');
    for (std::size_t i = 8; i-- > 0; number >>= 8U) bytes[i] = static_cast<char>(number & 0xffU);
    return bytes;
}
std::uint64_t from_big_endian(std::string_view bytes) {
    std::uint64_t number = 0;
    for (const char byte : bytes) number = number << 8U | static_cast<unsigned char>(byte);
    return number;
}

std::string digest_of(const AuditSeal& seal) {
    std::string text;
    add_field(text, "rpmgr audit seal 1");
    for (const std::uint64_t number : {seal.id, seal.first_id, seal.last_id, seal.row_count})
        add_field(text, number);
    for (const std::string& field : {seal.rows_digest, seal.previous, seal.key_id, seal.sealed_at})
        add_field(text, field);
    return crypto::sha256(text);
}

// What is signed can be nothing else than a seal, whatever else the key may sign one day.
std::string signed_text(std::string_view digest) {
    return "rpmgr audit seal 1\n" + std::string(digest);
}

std::string no_digest() {
    return std::string(kDigestSize, '\0');
}

// ---- Sealing --------------------------------------------------------------------------------------------

AuditSeal begin_seal(const std::optional<AuditSeal>& newest, AuditId last) {
    AuditSeal seal;
    seal.id = newest ? newest->id + 1 : 1;
    seal.first_id = newest ? newest->last_id + 1 : 1;
    seal.last_id = last.value();
    seal.previous = newest ? newest->digest : no_digest();
    return seal;
}

void fill_seal(db::Connection& db, AuditSeal& seal) {
    RowDigest digest;
    store::each_raw_audit_row(db, AuditId(seal.first_id), AuditId(seal.last_id), [&](const RawAuditRow& row) {
        seal.row_index += big_endian(row.id.value()) + digest.of(row);
        ++seal.row_count;
    });
    seal.rows_digest = crypto::sha256(seal.row_index);
}

void sign_seal(AuditSeal& seal, const crypto::SigningKey& key, Time now) {
    seal.key_id = key.id();
    seal.sealed_at = to_sql(now);
    seal.digest = digest_of(seal);
    seal.signature = key.sign(signed_text(seal.digest));
}

struct Held {};

void await_rows(db::Transaction& tx, const AuditSeal& seal) {
    try {
        store::await_audit_rows(tx, AuditId(seal.first_id), AuditId(seal.last_id));
    } catch (const db::Retry&) {  // waiting five times as long would not help
        throw Held{};
    }
}

// Nothing when no row is due.
std::optional<AuditSeal> seal_next(db::Connection& db, const crypto::SigningKey& key, Time now,
                                   const SealOptions& options) {
    const auto newest = store::find_newest_seal(db);
    const AuditId after(newest ? newest->last_id : 0);
    const AuditId last = store::find_audit_chunk_end(db, after, now - options.age, options.rows);
    if (!last) return std::nullopt;
    AuditSeal seal = begin_seal(newest, last);
    db::transact(db, [&](db::Transaction& tx) {
        await_rows(tx, seal);
        seal.row_index.clear();  // the function may run again
        seal.row_count = 0;
        fill_seal(db, seal);
        sign_seal(seal, key, now);
        store::insert_seal(tx, seal);
    });
    return seal;
}

}  // namespace

Sealed seal_audit(db::Connection& db, const crypto::SigningKey& key, Time now, const SealOptions& options) {
    Sealed done;
    while (!options.stop()) {
        try {
            const auto seal = seal_next(db, key, now, options);
            if (!seal) break;
            ++done.seals;
            done.rows += seal->row_count;
            done.digest = text::hex(seal->digest);
        } catch (const Conflict&) {  // another housekeeper was here first: on from its seal
            continue;
        } catch (const Held&) {
            done.held = true;
            break;
        }
    }
    return done;
}

// ---- Verifying ------------------------------------------------------------------------------------------

namespace {

// What is wrong first ends the verification.
struct Broken {
    std::string problem;
    std::uint64_t row = 0;
};

std::string row_words(const RawAuditRow& row) {
    const auto& name = row.columns;
    return " (" + name[8].value_or("") + " by " + name[3].value_or("") + ", " + name[1].value_or("") + ")";
}

class SealCheck {
  public:
    SealCheck(const AuditSeal& seal, const crypto::VerifyingKeys& keys) : seal_(seal), keys_(keys) {}

    void itself(const std::optional<AuditSeal>& before) const {
        const std::uint64_t expected = before ? before->id + 1 : 1;
        if (seal_.id != expected) fail("seal " + std::to_string(expected) + " is missing");
        if (seal_.first_id != (before ? before->last_id + 1 : 1))
            fail("does not begin where the seal before it ends");
        if (seal_.previous != (before ? before->digest : no_digest()))
            fail("does not follow from the seal before it");
        if (digest_of(seal_) != seal_.digest) fail("was changed");
        if (!keys_.knows(seal_.key_id)) fail("is signed with an unknown key " + seal_.key_id);
        if (!keys_.verify(seal_.key_id, signed_text(seal_.digest), seal_.signature))
            fail("has a forged signature");
        if (crypto::sha256(seal_.row_index) != seal_.rows_digest ||
            seal_.row_index.size() != seal_.row_count * kEntrySize)
            fail("has a changed list of rows");
    }

    std::uint64_t rows(db::Connection& db) {
        store::each_raw_audit_row(db, AuditId(seal_.first_id), AuditId(seal_.last_id),
                                  [&](const RawAuditRow& row) { next(row); });
        if (at_ < seal_.row_index.size()) removed();
        return seal_.row_count;
    }

  private:
    [[noreturn]] void fail(const std::string& what) const {
        const bool whole = what.starts_with("seal ");
        throw Broken{whole ? what : "seal " + std::to_string(seal_.id) + " " + what};
    }
    std::uint64_t expected_id() const {
        return at_ < seal_.row_index.size()
                   ? from_big_endian(std::string_view(seal_.row_index).substr(at_, 8))
                   : UINT64_MAX;
    }
    [[noreturn]] void removed() const {
        throw Broken{"row " + std::to_string(expected_id()) + " was removed", expected_id()};
    }
    void next(const RawAuditRow& row) {
        const std::uint64_t id = row.id.value();
        if (id > expected_id()) removed();
        if (id < expected_id())
            throw Broken{"row " + std::to_string(id) + " was inserted afterwards" + row_words(row), id};
        if (digest_.of(row) != std::string_view(seal_.row_index).substr(at_ + 8, kDigestSize))
            throw Broken{"row " + std::to_string(id) + " was changed" + row_words(row), id};
        at_ += kEntrySize;
    }

    const AuditSeal& seal_;
    const crypto::VerifyingKeys& keys_;
    RowDigest digest_;
    std::size_t at_ = 0;
};

void check_expected(const VerifyOptions& options, bool found) {
    if (!options.expect.empty() && !found)
        throw Broken{"no seal has the digest " + options.expect +
                     ": the end of the log was cut off, or all of it replaced"};
}

void check_rest(db::Connection& db, const VerifyOptions& options, ChainReport& report) {
    const auto rest = store::count_audit_after(db, AuditId(report.last_id));
    report.unsealed = rest.count;
    if (!rest.oldest || *rest.oldest + options.overdue > options.now) return;
    throw Broken{"the " + std::to_string(rest.count) + " rows after row " + std::to_string(report.last_id) +
                 " are not sealed, the first is of " + to_rfc3339(*rest.oldest) +
                 ": seals were removed, or rpmgr-housekeep does not run"};
}

void verify_chain(db::Connection& db, const crypto::VerifyingKeys& keys, const VerifyOptions& options,
                  ChainReport& report) {
    std::optional<AuditSeal> before;
    bool found = false;
    for (std::vector<AuditSeal> seals;
         !(seals = store::list_seals_after(db, report.seals, kSealsAtOnce)).empty();)
        for (AuditSeal& seal : seals) {
            report.bad_seal = seal.id;
            SealCheck check(seal, keys);
            check.itself(before);
            report.rows += check.rows(db);
            ++report.seals;
            report.digest = text::hex(seal.digest);
            report.sealed_at = seal.sealed_at;
            report.last_id = seal.last_id;
            found |= report.digest == options.expect;
            before = std::move(seal);
        }
    report.bad_seal = 0;
    check_expected(options, found);
    check_rest(db, options, report);
}

}  // namespace

ChainReport verify_audit(db::Connection& db, const crypto::VerifyingKeys& keys, const VerifyOptions& given) {
    VerifyOptions options = given;
    options.expect = text::lower(given.expect);
    const auto raw = text::unhex(options.expect);
    if (!options.expect.empty() && (!raw || raw->size() != kDigestSize))
        throw Invalid("expect", "must be the digest of a seal, 64 hex digits");
    ChainReport report;
    try {
        verify_chain(db, keys, options, report);
        report.intact = true;
    } catch (const Broken& broken) {
        report.problem = broken.problem;
        report.bad_row = broken.row;
    }
    return report;
}

}  // namespace rpm::ops
