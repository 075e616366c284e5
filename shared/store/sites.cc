// SPDX-License-Identifier: MIT
#include "shared/store/sites.h"

#include <algorithm>

#include <set>

#include "shared/base/text.h"
#include "shared/store/column_text.h"
#include "shared/store/site_rows.h"

namespace rpm::store {

std::string list_key_from(const db::Rows& row) {
    return row.text("list_key") + row.text("owner_name");
}

namespace {

std::vector<std::string> tags_from(const std::string& words) {
    const auto tags = text::words(words);
    return {tags.begin(), tags.end()};
}

}  // namespace

SiteSummary summary_from(const db::Rows& row) {
    return {.id = row.id<SiteId>("id"),
            .owner_name = row.text("owner_name"),
            .domain = row.text("domain"),
            .upstream_summary = row.text("upstream_summary"),
            .tags = tags_from(row.text("tags")),
            .tls_mode = row.text("tls_mode"),
            .state = site_state(row.text("state")),
            .head_number = row.number("head_number"),
            .released_number = row.number("released_number"),
            .deploy_state = row.text("deploy_state"),
            .node_count = row.number("node_count"),
            .updated_at = row.time("updated_at"),
            .list_key = list_key_from(row)};
}

Site site_from(const db::Rows& row) {
    Site site;
    static_cast<SiteSummary&>(site) = summary_from(row);
    site.owner = row.id<UserId>("owner_id");
    site.block_status = row.number("block_status");
    site.blocked_reason = row.text("blocked_reason");
    site.head = row.id<RevisionId>("head_revision_id");
    site.released = row.id<RevisionId>("released_revision_id");
    site.created_at = row.time("created_at");
    return site;
}

namespace {

Site demand(std::vector<Site> found) {
    if (found.empty()) throw NotFound("no such site");
    return std::move(found.front());
}

}  // namespace

Site get_site(db::Connection& db, Scope scope, SiteId id) {
    return demand(read_sites(db.query("SELECT " SITE_COLUMNS SITE_TABLES
                                      "WHERE s.id = ? AND s.removed_at IS NULL AND (? = 0 OR s.owner_id = ?)",
                                      id, scope.owner().value(), scope.owner().value()),
                             site_from));
}

Site get_site_for_update(db::Transaction& tx, Scope scope, SiteId id) {
    // Its own statement: the join would lock the owner's row too.
    tx.query("SELECT id FROM sites WHERE id = ? FOR UPDATE", id);
    return get_site(tx.connection(), scope, id);
}

std::optional<Site> find_site(db::Connection& db, Scope scope, std::string_view domain) {
    auto found =
        read_sites(db.query("SELECT " SITE_COLUMNS SITE_TABLES "JOIN site_domains d ON d.site_id = s.id "
                            "WHERE d.domain = ? AND s.removed_at IS NULL AND (? = 0 OR s.owner_id = ?)",
                            column_ascii(domain), scope.owner().value(), scope.owner().value()),
                   site_from);
    if (found.empty()) return std::nullopt;
    return std::move(found.front());
}

namespace {

#define REVISION_COLUMNS                                                                             \
    "r.id, r.number, r.definition, r.composed, r.certificate_id, COALESCE(u.username, 'system') AS " \
    "created_by, "                                                                                   \
    "r.reason, r.created_at "
#define REVISION_TABLES "FROM site_revisions r LEFT JOIN users u ON u.id = r.created_by "

Revision revision_from(const db::Rows& row) {
    auto definition = SiteDefinition::parse(Json::parse(row.text("definition")));
    const auto composed = row.maybe_text("composed");
    return {.id = row.id<RevisionId>("id"),
            .number = row.number("number"),
            .definition = definition,
            .composed = composed ? SiteDefinition::parse(Json::parse(*composed)) : std::move(definition),
            .certificate = row.id<CertificateId>("certificate_id"),
            .created_by = row.text("created_by"),
            .reason = row.text("reason"),
            .created_at = row.time("created_at")};
}

Revision first_revision(db::Rows row) {
    if (!row.first()) throw NotFound("no such revision");
    return revision_from(row);
}

std::string summary(const Upstream& upstream) {
    if (upstream.servers.empty()) return {};
    const UpstreamServer& first = upstream.servers.front();
    std::string out = first.host.bracketed() + ":" + first.port.text();
    if (upstream.servers.size() > 1) out += " +" + std::to_string(upstream.servers.size() - 1);
    return text::ellipsis(out, 250);
}

}  // namespace

Revision get_revision(db::Connection& db, SiteId site, RevisionId id) {
    return first_revision(
        db.query("SELECT " REVISION_COLUMNS REVISION_TABLES "WHERE r.site_id = ? AND r.id = ?", site, id));
}

Revision get_revision_number(db::Connection& db, SiteId site, unsigned number) {
    return first_revision(db.query(
        "SELECT " REVISION_COLUMNS REVISION_TABLES "WHERE r.site_id = ? AND r.number = ?", site, number));
}

std::vector<Revision> list_revisions(db::Connection& db, SiteId site, unsigned limit, unsigned before) {
    std::vector<Revision> revisions;
    auto row = db.query("SELECT " REVISION_COLUMNS REVISION_TABLES
                        "WHERE r.site_id = ? AND (? = 0 OR r.number < ?) ORDER BY r.number DESC LIMIT ?",
                        site, before, before, limit);
    while (row.next()) revisions.push_back(revision_from(row));
    return revisions;
}

SiteId insert_site(db::Transaction& tx, UserId owner, Time now) {
    tx.execute(
        "INSERT INTO sites (owner_id, domain, tls_mode, created_at, updated_at) VALUES (?, '', 'none', ?, ?)",
        owner, now, now);
    return SiteId(tx.insert_id());
}

RevisionId insert_revision(db::Transaction& tx, SiteId site, unsigned based_on,
                           const SiteDefinition& definition, CertificateId certificate, UserId by,
                           std::string_view reason, Time now, const Composed* composed) {
    if (composed == nullptr && definition.has_pieces())
        throw Error("a definition that uses shared pieces was not composed");
    // Counting up the number first takes the row's lock: of two savers one waits here and then matches no
    // row.
    if (tx.execute("UPDATE sites SET head_number = head_number + 1 WHERE id = ? AND head_number = ?", site,
                   based_on) == 0)
        throw Conflict("somebody saved another version of this site meanwhile");
    tx.execute(
        "INSERT INTO site_revisions (site_id, number, definition, composed, certificate_id, created_by, "
        "reason, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        site, based_on + 1, definition.to_json().dump(),
        definition.has_pieces() ? std::optional(composed->definition.to_json().dump()) : std::nullopt,
        certificate, by, reason, now);
    const RevisionId revision(tx.insert_id());
    if (composed != nullptr) insert_revision_pieces(tx, revision, composed->uses);
    const SiteDefinition& served = composed != nullptr ? composed->definition : definition;
    tx.execute(
        "UPDATE sites SET head_revision_id = ?, domain = ?, upstream_summary = ?, tls_mode = ?, updated_at = "
        "? "
        "WHERE id = ?",
        revision, definition.primary().text(), summary(served.upstream), to_word(served.tls.mode), now, site);
    return revision;
}

void update_site_tags(db::Transaction& tx, SiteId site, const std::vector<std::string>& tags, Time now) {
    tx.execute("DELETE FROM site_tags WHERE site_id = ?", site);
    for (const std::string& tag : tags)
        tx.execute("INSERT INTO site_tags (site_id, tag) VALUES (?, ?)", site, tag);
    tx.execute("UPDATE sites SET tags = ?, updated_at = ? WHERE id = ?", text::join(tags, " "), now, site);
}

std::map<std::string, std::uint64_t> list_tags(db::Connection& db, Scope scope) {
    std::map<std::string, std::uint64_t> out;
    auto row = db.query(
        "SELECT t.tag, COUNT(*) AS n FROM site_tags t JOIN sites s ON s.id = t.site_id "
        "WHERE s.removed_at IS NULL AND (? = 0 OR s.owner_id = ?) GROUP BY t.tag ORDER BY t.tag LIMIT 500",
        scope.owner().value(), scope.owner().value());
    while (row.next()) out[row.text("tag")] = row.uint64("n");
    return out;
}

bool has_names_free(db::Transaction& tx, SiteId site, RevisionId revision) {
    if (!revision) return true;
    for (const DomainName& name : get_revision(tx.connection(), site, revision).definition.domains)
        if (tx.query("SELECT 1 FROM site_domains WHERE domain = ? AND site_id <> ?", name.text(), site)
                .first())
            return false;
    return true;
}

NamesTaken update_site_domains(db::Transaction& tx, SiteId site) {
    std::set<std::string> wanted;
    bool blocked = false;
    for (auto row = tx.query("SELECT s.state, r.definition FROM sites s JOIN site_revisions r "
                             "ON r.id IN (s.head_revision_id, s.released_revision_id) WHERE s.id = ?",
                             site);
         row.next();) {
        blocked = site_state(row.text("state")) == SiteState::blocked;
        for (const DomainName& name : SiteDefinition::parse(Json::parse(row.text("definition"))).domains)
            wanted.insert(name.text());
    }
    std::set<std::string> held;
    for (auto row = tx.query("SELECT domain FROM site_domains WHERE site_id = ?", site); row.next();)
        held.insert(row.text("domain"));
    for (const std::string& name : held)
        if (!blocked && !wanted.contains(name))
            tx.execute("DELETE FROM site_domains WHERE domain = ? AND site_id = ?", name, site);
    NamesTaken taken;
    for (const std::string& name : wanted) {
        if (held.contains(name)) continue;
        const auto parsed = *DomainName::parse(name);
        try {
            tx.execute("INSERT INTO site_domains (domain, site_id) VALUES (?, ?)", name, site);
            taken.added.push_back(parsed);
        } catch (const Conflict&) {
            taken.elsewhere.push_back(parsed);
        }
    }
    return taken;
}

void update_site_targets(db::Transaction& tx, SiteId site, const std::vector<NodeId>& nodes) {
    tx.execute("DELETE FROM site_targets WHERE site_id = ?", site);
    for (const NodeId node : nodes)
        tx.execute("INSERT INTO site_targets (site_id, node_id) VALUES (?, ?)", site, node);
    tx.execute("UPDATE sites SET node_count = ? WHERE id = ?", nodes.size(), site);
}

std::vector<NodeId> list_site_targets(db::Connection& db, SiteId site) {
    std::vector<NodeId> nodes;
    for (auto row = db.query("SELECT node_id FROM site_targets WHERE site_id = ? ORDER BY node_id", site);
         row.next();)
        nodes.push_back(row.id<NodeId>("node_id"));
    return nodes;
}

void update_site_owner(db::Transaction& tx, SiteId site, UserId owner) {
    tx.execute("UPDATE sites SET owner_id = ? WHERE id = ?", owner, site);
}

void update_site_state(db::Transaction& tx, SiteId site, SiteState state, unsigned block_status,
                       std::string_view reason, Time now) {
    tx.execute(
        "UPDATE sites SET state = ?, block_status = ?, blocked_reason = ?, updated_at = ? WHERE id = ?",
        to_word(state), block_status, reason, now, site);
}

void update_site_released(db::Transaction& tx, SiteId site, Time now) {
    tx.execute(
        "UPDATE sites SET released_revision_id = head_revision_id, released_number = head_number, "
        "deploy_state = 'deploying', updated_at = ? WHERE id = ?",
        now, site);
}

void update_site_removed(db::Transaction& tx, SiteId site, Time now) {
    tx.execute("DELETE FROM site_domains WHERE site_id = ?", site);
    tx.execute("DELETE FROM site_ports WHERE site_id = ?", site);
    tx.execute("DELETE FROM site_targets WHERE site_id = ?", site);
    tx.execute("UPDATE sites SET removed_at = ?, updated_at = ? WHERE id = ?", now, now, site);
}

std::vector<SiteOnNode> list_site_nodes(db::Connection& db, SiteId site) {
    std::vector<SiteOnNode> nodes;
    auto row = db.query(
        "SELECT n.id, n.name, n.proxy_type, n.state, t.site_id IS NOT NULL AS target, r.number AS served, "
        "q.message, q.line, qr.number AS refused, "
        "COALESCE(JSON_CONTAINS_PATH(COALESCE(qr.composed, qr.definition), 'one', '$.raw'), 0) AS directives "
        "FROM nodes n LEFT JOIN site_targets t ON t.node_id = n.id AND t.site_id = ? "
        "LEFT JOIN node_sites s ON s.node_id = n.id AND s.site_id = ? "
        "LEFT JOIN site_revisions r ON r.id = s.revision_id "
        "LEFT JOIN node_quarantine q ON q.node_id = n.id AND q.site_id = ? "
        "LEFT JOIN site_revisions qr ON qr.id = q.revision_id "
        "WHERE t.site_id IS NOT NULL OR s.site_id IS NOT NULL ORDER BY n.name",
        site, site, site);
    while (row.next()) {
        nodes.push_back({.node = row.id<NodeId>("id"),
                         .node_name = row.text("name"),
                         .engine = row.text("proxy_type"),
                         .node_state = row.text("state"),
                         .target = row.flag("target"),
                         .served_number = row.null("served") ? 0 : row.number("served"),
                         .quarantine_message = row.maybe_text("message").value_or(""),
                         .quarantine_line = row.null("line") ? 0 : row.number("line"),
                         .quarantined_number = row.null("refused") ? 0 : row.number("refused"),
                         .refused_directives = row.flag("directives")});
    }
    return nodes;
}

std::vector<NodeId> list_concerned_nodes(db::Connection& db, SiteId site) {
    std::vector<NodeId> nodes;
    auto row = db.query(
        "SELECT node_id FROM site_targets WHERE site_id = ? UNION SELECT node_id FROM node_sites WHERE "
        "site_id = ? "
        "ORDER BY node_id",
        site, site);
    while (row.next()) nodes.push_back(row.id<NodeId>("node_id"));
    return nodes;
}

NameHolders find_name_holders(db::Connection& db, Scope scope, std::string_view host) {
    constexpr int kMostLabels = 10;
    NameHolders out;
    const auto name = DomainName::parse(host);
    if (!name || name->is_wildcard()) return out;
    std::string asked = name->text();
    for (int label = 0; label < kMostLabels; ++label) {
        if (const auto site = find_site(db, scope, asked)) {
            out.sites.push_back(site->id);
            for (const NodeId node : list_concerned_nodes(db, site->id))
                if (std::ranges::find(out.nodes, node) == out.nodes.end()) out.nodes.push_back(node);
        }
        const auto dot = asked.find('.', asked.starts_with("*.") ? 2 : 0);
        if (dot == std::string::npos) break;
        asked = "*" + asked.substr(dot);
    }
    return out;
}

bool upsert_quarantine(db::Transaction& tx, NodeId node, SiteId site, RevisionId revision,
                       std::string_view message, unsigned line, Time now) {
    auto row = tx.query(
        "SELECT 1 FROM node_quarantine q JOIN sites s ON s.id = q.site_id WHERE q.node_id = ? AND q.site_id "
        "= ? AND q.revision_id = s.released_revision_id AND q.revision_id <> ?",
        node, site, revision);
    if (row.first()) return false;
    tx.execute(
        "INSERT INTO node_quarantine (node_id, site_id, revision_id, message, line, created_at) "
        "VALUES (?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE revision_id = VALUES(revision_id), "
        "message = VALUES(message), line = VALUES(line), created_at = VALUES(created_at)",
        node, site, revision, column_text(message), line, now);
    return true;
}

void remove_quarantine(db::Transaction& tx, SiteId site) {
    tx.execute("DELETE FROM node_quarantine WHERE site_id = ?", site);
}

std::uint64_t count_revisions(db::Connection& db, UserId owner, Time since) {
    auto row = db.query(
        "SELECT COUNT(*) AS n FROM site_revisions r JOIN sites s ON s.id = r.site_id "
        "WHERE s.owner_id = ? AND s.updated_at > ? AND r.created_at > ?",
        owner, since, since);
    row.first();
    return row.uint64("n");
}

}  // namespace rpm::store
