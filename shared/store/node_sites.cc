// SPDX-License-Identifier: MIT
#include "shared/store/node_sites.h"

#include <algorithm>
#include <map>
#include <set>

namespace rpm::store {
namespace {

constexpr std::size_t kChunk = 500;          // ids in one statement
constexpr std::size_t kMostCached = 20'000;  // a few kB each

// Which revision of which site the node should carry.
std::map<SiteId, RevisionId> wanted_revisions(db::Connection& db, NodeId node,
                                              const std::set<SiteId>& candidates) {
    std::map<SiteId, RevisionId> wanted;
    auto row = db.query(
        "SELECT s.id AS site_id, s.head_revision_id, s.released_revision_id, q.revision_id AS refused, "
        "n.revision_id AS served "
        "FROM site_targets t JOIN sites s ON s.id = t.site_id "
        "LEFT JOIN node_quarantine q ON q.node_id = t.node_id AND q.site_id = s.id "
        "LEFT JOIN node_sites n ON n.node_id = t.node_id AND n.site_id = s.id "
        "WHERE t.node_id = ? AND s.removed_at IS NULL",
        node);
    while (row.next()) {
        const auto site = row.id<SiteId>("site_id");
        const auto revision =
            row.id<RevisionId>(candidates.contains(site) ? "head_revision_id" : "released_revision_id");
        const bool refused = revision && row.id<RevisionId>("refused") == revision;
        const auto served = row.id<RevisionId>("served");
        if (revision && !refused) wanted[site] = revision;
        if (refused && served && served != revision) wanted[site] = served;
    }
    return wanted;
}

// Calls read(row) for each row that the statement finds for these ids.
template <class Ids, class Read>
void for_each_row(db::Connection& db, const std::string& sql, const Ids& ids, const Read& read) {
    for (auto next = ids.begin(); next != ids.end();) {
        db::Params params;
        for (; next != ids.end() && params.size() < kChunk; ++next) params.emplace_back(*next);
        for (auto row = db.query_once(sql + db::placeholders(1, params.size()), params); row.next();)
            read(row);
    }
}

DeployableSite deployable_from(const db::Rows& row) {
    DeployableSite site{.id = row.id<SiteId>("site_id"),
                        .revision = row.id<RevisionId>("revision_id"),
                        .revision_number = row.number("number"),
                        .owner = row.text("owner_name"),
                        .state = site_state(row.text("state")),
                        .block_status = row.number("block_status"),
                        .definition = {},
                        .certificate = {}};
    if (!row.null("certificate_id"))
        site.certificate = CertificateFiles{
            row.id<CertificateId>("certificate_id"), row.text("fingerprint"), row.text("key_digest"), {}};
    return site;
}

// Reads what the cache lacks.
void complete(db::Connection& db, RevisionCache& cache, const std::vector<DeployableSite>& sites) {
    std::set<RevisionId> revisions;
    std::set<CertificateId> certificates;
    for (const DeployableSite& site : sites) {
        if (!cache.definitions.contains(site.revision)) revisions.insert(site.revision);
        if (site.certificate && !cache.chains.contains(site.certificate->id))
            certificates.insert(site.certificate->id);
    }
    for_each_row(db,
                 "SELECT id, COALESCE(composed, definition) AS definition FROM site_revisions WHERE id IN ",
                 revisions, [&](const db::Rows& row) {
                     cache.definitions[row.id<RevisionId>("id")] = std::make_shared<const SiteDefinition>(
                         SiteDefinition::parse(Json::parse(row.text("definition"))));
                 });
    for_each_row(db, "SELECT id, chain_pem FROM certificates WHERE id IN ", certificates,
                 [&](const db::Rows& row) {
                     cache.chains[row.id<CertificateId>("id")] =
                         std::make_shared<const std::string>(row.text("chain_pem"));
                 });
}

// Few sites have any. One that is missing is the renderer's to tell.
void add_upstream_certificates(db::Connection& db, std::vector<DeployableSite>& sites) {
    std::map<std::string, std::vector<DeployableSite*>> wanted;
    for (DeployableSite& site : sites)
        for (const auto& [path, upstream] : upstreams_of(*site.definition))
            if (std::string fingerprint = fingerprint_of_key(upstream->tls.key); !fingerprint.empty())
                wanted[std::move(fingerprint)].push_back(&site);
    for (const auto& [fingerprint, users] : wanted) {
        auto row =
            db.query("SELECT id, key_digest, chain_pem FROM certificates WHERE fingerprint = ?", fingerprint);
        if (!row.first()) continue;
        const CertificateFiles files{row.id<CertificateId>("id"), fingerprint, row.text("key_digest"),
                                     std::make_shared<const std::string>(row.text("chain_pem"))};
        for (DeployableSite* const site : users) site->upstream_certificates[fingerprint] = files;
    }
}

}  // namespace

std::vector<DeployableSite> load_node_sites(db::Connection& db, NodeId node,
                                            const std::vector<SiteId>& candidates, RevisionCache* cache) {
    RevisionCache own;
    RevisionCache& known = cache != nullptr ? *cache : own;
    if (known.definitions.size() > kMostCached) known = {};

    std::vector<RevisionId> revisions;
    for (const auto& [site, revision] : wanted_revisions(db, node, {candidates.begin(), candidates.end()}))
        revisions.push_back(revision);
    std::vector<DeployableSite> sites;
    sites.reserve(revisions.size());
    for_each_row(db,
                 "SELECT r.site_id, r.id AS revision_id, r.number, u.username AS owner_name, s.state, "
                 "s.block_status, r.certificate_id, c.fingerprint, c.key_digest "
                 "FROM site_revisions r JOIN sites s ON s.id = r.site_id JOIN users u ON u.id = s.owner_id "
                 "LEFT JOIN certificates c ON c.id = r.certificate_id WHERE r.id IN ",
                 revisions, [&](const db::Rows& row) { sites.push_back(deployable_from(row)); });
    complete(db, known, sites);
    for (DeployableSite& site : sites) {
        site.definition = known.definitions.at(site.revision);
        if (site.certificate) site.certificate->chain_pem = known.chains.at(site.certificate->id);
    }
    add_upstream_certificates(db, sites);
    std::ranges::sort(sites, {}, &DeployableSite::id);
    return sites;
}

}  // namespace rpm::store
