// SPDX-License-Identifier: MIT
#include "shared/store/domains.h"

#include <algorithm>

#include "shared/store/column_text.h"

namespace rpm::store {
namespace {

#define PROOF_COLUMNS                                                                             \
    "p.id, p.owner_id, o.username AS owner_name, p.domain, p.token, p.state, p.method, p.error, " \
    "p.checked_at, p.proven_at, COALESCE(b.username, '') AS proven_by, p.created_at "             \
    "FROM domain_proofs p JOIN users o ON o.id = p.owner_id LEFT JOIN users b ON b.id = p.proven_by "

DomainProof proof_from(const db::Rows& row) {
    DomainProof proof{.id = row.id<ProofId>("id"),
                      .owner = row.id<UserId>("owner_id"),
                      .owner_name = row.text("owner_name"),
                      .domain = row.text("domain"),
                      .token = row.text("token"),
                      .method = std::nullopt,
                      .error = row.maybe_text("error").value_or(""),
                      .checked_at = row.maybe_time("checked_at"),
                      .proven_at = row.maybe_time("proven_at"),
                      .proven_by = row.text("proven_by"),
                      .created_at = row.time("created_at")};
    if (row.text("state") == "proven") proof.method = proof_method(row.text("method"));
    return proof;
}

constexpr std::size_t kErrorColumn = 500;

}  // namespace

std::vector<DomainProof> list_proofs(db::Connection& db, UserId owner) {
    std::vector<DomainProof> proofs;
    for (auto row = db.query("SELECT " PROOF_COLUMNS "WHERE ? = 0 OR p.owner_id = ? ORDER BY p.domain, p.id",
                             owner.value(), owner.value());
         row.next();)
        proofs.push_back(proof_from(row));
    return proofs;
}

DomainProof get_proof(db::Connection& db, ProofId id) {
    auto row = db.query("SELECT " PROOF_COLUMNS "WHERE p.id = ?", id);
    if (!row.first()) throw NotFound("no such proof");
    return proof_from(row);
}

namespace {

std::optional<ProofId> find_id(db::Transaction& tx, UserId owner, std::string_view domain) {
    auto row = tx.query("SELECT id FROM domain_proofs WHERE owner_id = ? AND domain = ?", owner, domain);
    if (!row.first()) return std::nullopt;
    return row.id<ProofId>("id");
}

}  // namespace

ProofId insert_proof(db::Transaction& tx, UserId owner, std::string_view domain, std::string_view token,
                     Time now) {
    if (const auto known = find_id(tx, owner, domain)) return *known;
    // Only these columns: the clients' account may write no others.
    tx.execute("INSERT INTO domain_proofs (owner_id, domain, token, created_at) VALUES (?, ?, ?, ?)", owner,
               domain, token, now);
    return ProofId(tx.insert_id());
}

void vouch_proof(db::Transaction& tx, UserId owner, std::string_view domain, std::string_view token,
                 UserId by, Time now) {
    insert_proof(tx, owner, domain, token, now);
    tx.execute(
        "UPDATE domain_proofs SET state = 'proven', method = 'admin', error = NULL, proven_at = ?, "
        "proven_by = ? WHERE owner_id = ? AND domain = ?",
        now, by, owner, domain);
}

void remove_unused_proofs(db::Transaction& tx, UserId owner) {
    tx.execute(
        "DELETE FROM domain_proofs WHERE owner_id = ? AND state = 'pending' AND NOT EXISTS ("
        "SELECT 1 FROM site_domains d JOIN sites s ON s.id = d.site_id WHERE s.owner_id = ? "
        "AND d.domain IN (domain_proofs.domain, CONCAT('*.', domain_proofs.domain)))",
        owner, owner);
}

void record_look(db::Transaction& tx, ProofId id, std::optional<ProofMethod> shown, std::string_view error,
                 Time now) {
    if (shown)
        tx.execute(
            "UPDATE domain_proofs SET state = 'proven', method = ?, error = NULL, checked_at = ?, "
            "proven_at = ? WHERE id = ? AND (method IS NULL OR method <> 'admin')",
            to_word(*shown), now, now, id);
    else
        tx.execute("UPDATE domain_proofs SET error = ?, checked_at = ? WHERE id = ?",
                   column_text(error, kErrorColumn), now, id);
}

bool has_wildcard(db::Connection& db, UserId owner, std::string_view domain) {
    auto row = db.query(
        "SELECT 1 FROM site_domains d JOIN sites s ON s.id = d.site_id WHERE d.domain = ? AND s.owner_id = ?",
        "*." + column_ascii(domain), owner);
    return row.first();
}

void take_turn(db::Transaction& tx, UserId owner, const std::set<std::string>& zones) {
    std::set<std::string> names{"owner:" + owner.text()};
    for (const std::string& zone : zones) names.insert("zone:" + zone);
    // A write and not only a lock, so that clusters that check writes at the commit see it too. In the order
    // of the set for everybody, so that two never wait for each other.
    for (const std::string& name : names)
        tx.execute("INSERT INTO turns (name, taken) VALUES (?, 1) ON DUPLICATE KEY UPDATE taken = taken + 1",
                   name);
}

std::optional<std::string> find_shadow(db::Connection& db, UserId owner, const DomainName& name) {
    const auto above = wildcards_above(name);
    db::Params params{owner};
    for (const std::string& wildcard : above) params.emplace_back(wildcard);
    std::string sql =
        "SELECT d.domain FROM site_domains d JOIN sites s ON s.id = d.site_id "
        "WHERE s.owner_id <> ? AND ";
    std::string condition = above.empty() ? "FALSE" : "d.domain IN " + db::placeholders(1, above.size());
    if (name.is_wildcard()) {
        // "*.example.com" answers for all that ends in ".example.com": in reverse, begins with
        // "moc.elpmaxe.".
        std::string suffix = name.text().substr(1);
        std::ranges::reverse(suffix);
        condition = "(" + condition + " OR d.reversed LIKE ?)";
        params.emplace_back(suffix + "%");
    }
    auto row = db.query_once(sql + condition + " LIMIT 1", params);
    if (!row.first()) return std::nullopt;
    return row.text("domain");
}

std::uint64_t count_names(db::Connection& db, UserId owner) {
    auto row = db.query(
        "SELECT COUNT(*) AS n FROM site_domains d JOIN sites s ON s.id = d.site_id WHERE s.owner_id = ?",
        owner);
    row.first();
    return row.uint64("n");
}

}  // namespace rpm::store
