// SPDX-License-Identifier: MIT
#include "shared/store/domains.h"

#include <algorithm>

#include "shared/store/column_text.h"

namespace rpm::store {
namespace {

#define PROOF_COLUMNS                                                                                     \
    "p.id, p.owner_id, o.username AS owner_name, p.domain, p.token, p.state, p.method, p.error, "         \
    "p.checked_at, p.proven_at, p.failing_since, p.failed_looks, COALESCE(b.username, '') AS proven_by, " \
    "p.created_at "                                                                                       \
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
                      .created_at = row.time("created_at"),
                      .failing_since = row.maybe_time("failing_since"),
                      .failed_looks = row.number("failed_looks")};
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
        "UPDATE domain_proofs SET state = 'proven', method = 'admin', error = NULL, failing_since = NULL, "
        "proven_at = ?, proven_by = ? WHERE owner_id = ? AND domain = ?",
        now, by, owner, domain);
}

// Asked of the definitions: a draft that waits for a name does not have it in site_domains.
#define WANTED_BY_A_SITE                                                                                   \
    "SELECT 1 FROM sites s JOIN site_revisions r ON r.id IN (s.head_revision_id, s.released_revision_id) " \
    "WHERE s.owner_id = ? AND s.removed_at IS NULL AND "

void remove_unused_proofs(db::Transaction& tx, UserId owner) {
    tx.execute(
        "DELETE FROM domain_proofs WHERE owner_id = ? AND state = 'pending' AND NOT EXISTS (" WANTED_BY_A_SITE
        "(JSON_CONTAINS(r.definition, JSON_QUOTE(domain_proofs.domain), '$.domains') OR "
        "JSON_CONTAINS(r.definition, JSON_QUOTE(CONCAT('*.', domain_proofs.domain)), '$.domains')))",
        owner, owner);
}

void record_look(db::Transaction& tx, ProofId id, std::optional<ProofMethod> shown, std::string_view error,
                 Time now) {
    if (shown)
        tx.execute(
            "UPDATE domain_proofs SET state = 'proven', method = ?, error = NULL, failing_since = NULL, "
            "failed_looks = 0, checked_at = ?, proven_at = ? WHERE id = ? AND (method IS NULL OR method <> "
            "'admin')",
            to_word(*shown), now, now, id);
    else
        tx.execute("UPDATE domain_proofs SET error = ?, checked_at = ? WHERE id = ?",
                   column_text(error, kErrorColumn), now, id);
}

void record_failed_look(db::Transaction& tx, ProofId id, std::string_view error, bool answered, Time now) {
    tx.execute(
        "UPDATE domain_proofs SET error = ?, checked_at = IF(?, ?, checked_at), failed_looks = failed_looks "
        "+ ?, "
        "failing_since = IF(?, COALESCE(failing_since, ?), failing_since) WHERE id = ?",
        column_text(error, kErrorColumn), answered, now, answered ? 1 : 0, answered, now, id);
}

void withdraw_proof(db::Transaction& tx, ProofId id) {
    tx.execute(
        "UPDATE domain_proofs SET state = 'pending', method = NULL, failing_since = NULL, failed_looks = 0 "
        "WHERE id = ?",
        id);
}

std::vector<DomainProof> list_due_proofs(db::Connection& db, Time asked, Time failing, unsigned limit) {
    std::vector<DomainProof> proofs;
    for (auto row = db.query("SELECT " PROOF_COLUMNS
                             "WHERE p.state = 'proven' AND p.method IN ('txt', 'http') AND p.checked_at <= "
                             "IF(p.failing_since IS NULL, ?, ?) ORDER BY p.checked_at, p.id LIMIT ?",
                             asked, failing, limit);
         row.next();)
        proofs.push_back(proof_from(row));
    return proofs;
}

bool has_wildcard(db::Connection& db, UserId owner, std::string_view domain) {
    auto row = db.query(WANTED_BY_A_SITE "JSON_CONTAINS(r.definition, JSON_QUOTE(?), '$.domains') LIMIT 1",
                        owner, "*." + column_ascii(domain));
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

namespace {

#define HOLDER_COLUMNS                                                             \
    "d.domain, d.site_id, s.owner_id, s.state, s.released_revision_id, o.role "    \
    "FROM site_domains d JOIN sites s ON s.id = d.site_id JOIN users o ON o.id = " \
    "s.owner_id "

NameHolder holder_from(const db::Rows& row) {
    return {.name = row.text("domain"),
            .site = row.id<SiteId>("site_id"),
            .owner = row.id<UserId>("owner_id"),
            .role = role(row.text("role")).value_or(Role::client),
            .blocked = site_state(row.text("state")) == SiteState::blocked,
            .released = row.id<RevisionId>("released_revision_id")};
}

}  // namespace

std::optional<NameHolder> find_holder(db::Connection& db, const DomainName& name) {
    auto row = db.query("SELECT " HOLDER_COLUMNS "WHERE d.domain = ?", name.text());
    if (!row.first()) return std::nullopt;
    return holder_from(row);
}

void move_name(db::Transaction& tx, const DomainName& name, SiteId to) {
    tx.execute("DELETE FROM site_domains WHERE domain = ?", name.text());
    tx.execute("INSERT INTO site_domains (domain, site_id) VALUES (?, ?)", name.text(), to);
}

std::vector<NameHolder> list_shadows(db::Connection& db, UserId owner, const DomainName& name) {
    const auto above = wildcards_above(name);
    db::Params params{owner};
    for (const std::string& wildcard : above) params.emplace_back(wildcard);
    std::string sql = "SELECT " HOLDER_COLUMNS "WHERE s.owner_id <> ? AND ";
    std::string condition = above.empty() ? "FALSE" : "d.domain IN " + db::placeholders(1, above.size());
    if (name.is_wildcard()) {
        // "*.example.com" answers for all that ends in ".example.com": in reverse, begins with
        // "moc.elpmaxe.".
        std::string suffix = name.text().substr(1);
        std::ranges::reverse(suffix);
        condition = "(" + condition + " OR d.reversed LIKE ?)";
        params.emplace_back(suffix + "%");
    }
    std::vector<NameHolder> holders;
    for (auto row = db.query_once(sql + condition + " ORDER BY d.domain", params); row.next();)
        holders.push_back(holder_from(row));
    return holders;
}

std::uint64_t count_names(db::Connection& db, UserId owner) {
    auto row = db.query(
        "SELECT COUNT(*) AS n FROM site_domains d JOIN sites s ON s.id = d.site_id WHERE s.owner_id = ?",
        owner);
    row.first();
    return row.uint64("n");
}

}  // namespace rpm::store
