// SPDX-License-Identifier: MIT
#include "shared/store/deployments.h"

#include "shared/base/text.h"
#include "shared/store/column_text.h"
#include "shared/store/site_ports.h"
#include "shared/store/sites.h"

namespace rpm::store {
namespace {

#define DEPLOYMENT_COLUMNS                                                                                  \
    "d.id, d.owner_id, COALESCE(u.username, 'system') AS requested_by, d.reason, d.state, d.plan_digest, "  \
    "d.request_id, d.created_at, d.started_at, d.finished_at, "                                             \
    "(SELECT GROUP_CONCAT(s.domain ORDER BY s.domain SEPARATOR ', ') FROM deployment_sites x JOIN sites s " \
    "ON s.id = x.site_id WHERE x.deployment_id = d.id) AS sites, "                                          \
    "(SELECT COUNT(*) FROM deployment_nodes n WHERE n.deployment_id = d.id) AS n_all, "                     \
    "(SELECT COUNT(*) FROM deployment_nodes n WHERE n.deployment_id = d.id AND n.state IN "                 \
    "('succeeded','unchanged')) "                                                                           \
    "AS n_done, "                                                                                           \
    "(SELECT COUNT(*) FROM deployment_nodes n WHERE n.deployment_id = d.id AND n.state = 'failed') AS "     \
    "n_failed, d.requested_by AS requester, d.basis, d.decided_at, d.decision, "                            \
    "COALESCE(b.username, '') AS decided_by "                                                               \
    "FROM deployments d LEFT JOIN users u ON u.id = d.requested_by LEFT JOIN users b ON b.id = "            \
    "d.decided_by "

Deployment deployment_from(const db::Rows& row) {
    return {.id = row.id<DeploymentId>("id"),
            .owner = row.id<UserId>("owner_id"),
            .requested_by = row.text("requested_by"),
            .reason = row.text("reason"),
            .state = row.text("state"),
            .plan_digest = row.text("plan_digest"),
            .request_id = row.text("request_id"),
            .created_at = row.time("created_at"),
            .started_at = row.maybe_time("started_at"),
            .finished_at = row.maybe_time("finished_at"),
            .sites = row.maybe_text("sites").value_or(""),
            .nodes = row.number("n_all"),
            .nodes_done = row.number("n_done"),
            .nodes_failed = row.number("n_failed"),
            .requester = row.id<UserId>("requester"),
            .basis = row.text("basis"),
            .decided_by = row.text("decided_by"),
            .decided_at = row.maybe_time("decided_at"),
            .decision = row.text("decision")};
}

// A site that was given away takes its past out of its old owner's sight, and does not bring it into the new
// one's: what a client sees of a deployment is its own words about its own sites.
#define STILL_OWNED                                                                        \
    "NOT EXISTS (SELECT 1 FROM deployment_sites y JOIN sites t ON t.id = y.site_id WHERE " \
    "y.deployment_id = d.id AND t.owner_id <> d.owner_id)"

constexpr std::size_t kOutputColumn = std::size_t{1} << 20U;

}  // namespace

DeploymentId insert_deployment(db::Transaction& tx, const Viewer& viewer, UserId owner,
                               std::string_view reason, std::string_view plan_digest, Time now) {
    tx.execute(
        "INSERT INTO deployments (owner_id, requested_by, reason, state, plan_digest, request_id, "
        "created_at) "
        "VALUES (?, ?, ?, 'queued', ?, ?, ?)",
        owner, viewer.id, reason, plan_digest, viewer.request_id, now);
    return DeploymentId(tx.insert_id());
}

DeploymentId insert_waiting_deployment(db::Transaction& tx, const Viewer& viewer, UserId owner,
                                       std::string_view reason, std::string_view plan_digest,
                                       std::string_view basis, Time now) {
    tx.execute(
        "INSERT INTO deployments (owner_id, requested_by, reason, state, plan_digest, basis, request_id, "
        "created_at) VALUES (?, ?, ?, 'awaiting_approval', ?, ?, ?, ?)",
        owner, viewer.id, reason, plan_digest, basis, viewer.request_id, now);
    return DeploymentId(tx.insert_id());
}

std::string lock_deployment_state(db::Transaction& tx, DeploymentId id) {
    auto row = tx.query("SELECT state FROM deployments WHERE id = ? FOR UPDATE", id);
    if (!row.first()) throw NotFound("no such deployment");
    return row.text("state");
}

void decide_deployment(db::Transaction& tx, DeploymentId id, std::string_view state, UserId by,
                       std::string_view decision, Time now) {
    tx.execute(
        "UPDATE deployments SET state = ?, decided_by = ?, decided_at = ?, decision = ?, finished_at = ? "
        "WHERE id = ? AND state = 'awaiting_approval'",
        state, by, now, column_text(decision, 500),
        state == "queued" ? std::optional<Time>() : std::optional<Time>(now), id);
}

void void_waiting_deployments(db::Transaction& tx, SiteId site, std::string_view why, DeploymentId except,
                              Time now) {
    std::vector<DeploymentId> waiting;
    for (auto row =
             tx.query("SELECT d.id FROM deployment_sites x JOIN deployments d ON d.id = x.deployment_id "
                      "WHERE x.site_id = ? AND d.state = 'awaiting_approval' AND d.id <> ?",
                      site, except.value());
         row.next();)
        waiting.push_back(row.id<DeploymentId>("id"));
    for (const DeploymentId id : waiting) decide_deployment(tx, id, "voided", {}, why, now);
}

std::string wanted_of_node(db::Connection& db, NodeId node, const std::set<SiteId>& besides) {
    // One row whatever the number of sites: the digests of all of them, mixed.
    std::string sql =
        "SELECT COUNT(*) AS n, COALESCE(BIT_XOR(CAST(CONV(LEFT(SHA2(CONCAT_WS(':', s.id, "
        "s.released_revision_id, s.state, s.block_status), 256), 15), 16, 10) AS UNSIGNED)), 0) AS mixed "
        "FROM site_targets t JOIN sites s ON s.id = t.site_id WHERE t.node_id = ? AND s.removed_at IS NULL "
        "AND s.released_revision_id IS NOT NULL";
    db::Params params{node};
    if (!besides.empty()) sql += " AND s.id NOT IN " + db::placeholders(1, besides.size());
    for (const SiteId site : besides) params.emplace_back(site);
    auto row = db.query_once(sql, params);
    row.first();
    return std::to_string(row.uint64("n")) + " " + std::to_string(row.uint64("mixed"));
}

void insert_deployment_site(db::Transaction& tx, DeploymentId id, SiteId site, RevisionId revision) {
    tx.execute("INSERT INTO deployment_sites (deployment_id, site_id, revision_id) VALUES (?, ?, ?)", id,
               site, revision);
}

void insert_deployment_node(db::Transaction& tx, DeploymentId id, NodeId node, JobId job) {
    tx.execute(
        "INSERT INTO deployment_nodes (deployment_id, node_id, job_id, state) VALUES (?, ?, ?, 'queued')", id,
        node, job);
}

std::vector<Deployment> list_deployments(db::Connection& db, Scope scope, const DeploymentFilter& filter) {
    std::string sql = "SELECT " DEPLOYMENT_COLUMNS "WHERE 1 = 1";
    db::Params params;
    const auto demand = [&](const char* condition, db::Param value) {
        sql += condition;
        params.push_back(std::move(value));
    };
    if (!scope.is_everything()) demand(" AND d.owner_id = ? AND " STILL_OWNED, scope.owner());
    if (!filter.state.empty()) demand(" AND d.state = ?", column_ascii(filter.state));
    if (filter.site)
        demand(" AND d.id IN (SELECT deployment_id FROM deployment_sites WHERE site_id = ?)", filter.site);
    if (filter.node)
        demand(" AND d.id IN (SELECT deployment_id FROM deployment_nodes WHERE node_id = ?)", filter.node);
    if (filter.before_id) demand(" AND d.id < ?", filter.before_id);
    sql += " ORDER BY d.id DESC LIMIT " + std::to_string(filter.limit);
    std::vector<Deployment> deployments;
    for (auto row = db.query_once(sql, params); row.next();) deployments.push_back(deployment_from(row));
    return deployments;
}

Deployment get_deployment(db::Connection& db, Scope scope, DeploymentId id) {
    auto row = db.query("SELECT " DEPLOYMENT_COLUMNS
                        "WHERE d.id = ? AND (? = 0 OR (d.owner_id = ? AND " STILL_OWNED "))",
                        id, scope.owner().value(), scope.owner().value());
    if (!row.first()) throw NotFound("no such deployment");
    return deployment_from(row);
}

std::vector<DeploymentSite> list_deployment_sites(db::Connection& db, DeploymentId id) {
    std::vector<DeploymentSite> sites;
    auto row = db.query(
        "SELECT x.site_id, x.revision_id, COALESCE(r.number, 0) AS number, s.domain, EXISTS (SELECT 1 "
        "FROM site_revisions v WHERE v.id IN (x.revision_id, s.head_revision_id, s.released_revision_id) AND "
        "JSON_CONTAINS_PATH(COALESCE(v.composed, v.definition), 'one', '$.raw')) AS directives FROM "
        "deployment_sites x "
        "JOIN sites s ON s.id = x.site_id LEFT JOIN site_revisions r ON r.id = x.revision_id "
        "WHERE x.deployment_id = ? ORDER BY s.domain",
        id);
    while (row.next())
        sites.push_back({row.id<SiteId>("site_id"), row.id<RevisionId>("revision_id"), row.number("number"),
                         row.text("domain"), row.flag("directives")});
    return sites;
}

std::vector<DeploymentNode> list_deployment_nodes(db::Connection& db, DeploymentId id) {
    std::vector<DeploymentNode> nodes;
    auto row = db.query(
        "SELECT x.node_id, n.name, n.proxy_type, x.job_id, x.state, x.step, x.steps, x.release_id, "
        "x.engine_output, "
        "x.error, x.started_at, x.finished_at FROM deployment_nodes x JOIN nodes n ON n.id = x.node_id "
        "WHERE x.deployment_id = ? ORDER BY n.name",
        id);
    while (row.next()) {
        nodes.push_back({.node = row.id<NodeId>("node_id"),
                         .node_name = row.text("name"),
                         .engine = row.text("proxy_type"),
                         .job = row.id<JobId>("job_id"),
                         .state = row.text("state"),
                         .step = row.text("step"),
                         .steps = row.maybe_text("steps").value_or("[]"),
                         .release = row.maybe_text("release_id").value_or(""),
                         .engine_output = row.maybe_text("engine_output").value_or(""),
                         .error = row.maybe_text("error").value_or(""),
                         .started_at = row.maybe_time("started_at"),
                         .finished_at = row.maybe_time("finished_at")});
    }
    return nodes;
}

void start_node_run(db::Transaction& tx, NodeId node, JobId job, Time now) {
    // A row still 'running' was left by a worker that died: only one job of a node runs at a time.
    tx.execute(
        "UPDATE deployment_nodes SET state = 'running', job_id = ?, step = 'connect', steps = NULL, error = "
        "NULL, "
        "engine_output = NULL, started_at = ? WHERE node_id = ? AND state IN ('queued', 'running')",
        job, now, node);
    tx.execute(
        "UPDATE deployments d JOIN deployment_nodes n ON n.deployment_id = d.id "
        "SET d.state = 'running', d.started_at = ? WHERE n.node_id = ? AND n.state = 'running' AND d.state = "
        "'queued'",
        now, node);
}

void update_node_progress(db::Transaction& tx, NodeId node, std::string_view step,
                          std::string_view steps_json, std::string_view release) {
    tx.execute(
        "UPDATE deployment_nodes SET step = ?, steps = ?, release_id = ? WHERE node_id = ? AND state = "
        "'running'",
        step, steps_json, release, node);
}

void pause_node_run(db::Transaction& tx, NodeId node, std::string_view error) {
    tx.execute(
        "UPDATE deployment_nodes SET state = 'queued', error = ? WHERE node_id = ? AND state IN ('queued', "
        "'running')",
        column_text(error), node);
}

namespace {

// A site is live when every node that should serve it was proven to serve its released revision.
void settle_site(db::Transaction& tx, SiteId site, bool failed_somewhere) {
    auto row = tx.query(
        "SELECT COUNT(*) AS targets, COALESCE(SUM(n.revision_id = s.released_revision_id), 0) AS proven, "
        "COALESCE(SUM(q.revision_id = s.released_revision_id), 0) AS refused "
        "FROM sites s JOIN site_targets t ON t.site_id = s.id "
        "JOIN nodes o ON o.id = t.node_id AND o.is_active "
        "LEFT JOIN node_sites n ON n.site_id = s.id AND n.node_id = t.node_id "
        "LEFT JOIN node_quarantine q ON q.site_id = s.id AND q.node_id = t.node_id WHERE s.id = ?",
        site);
    row.first();
    const bool live = row.uint64("targets") > 0 && row.uint64("proven") == row.uint64("targets");
    const bool failed = failed_somewhere || row.uint64("refused") > 0;
    tx.execute("UPDATE sites SET deploy_state = ? WHERE id = ? AND released_revision_id IS NOT NULL",
               live     ? "live"
               : failed ? "failed"
                        : "deploying",
               site);
}

// What is true of the site when the request for its released revision is taken back: that of another open
// request counts, else what its nodes serve. Nothing when they serve different ones.
struct Earlier {
    const char* state;
    RevisionId revision;
};
std::optional<Earlier> earlier_release(db::Transaction& tx, SiteId site) {
    auto open = tx.query(
        "SELECT x.revision_id FROM deployment_sites x JOIN deployments d ON d.id = x.deployment_id "
        "WHERE x.site_id = ? AND d.state IN ('queued', 'running') ORDER BY d.id DESC LIMIT 1",
        site);
    if (open.first()) return Earlier{"deploying", open.id<RevisionId>("revision_id")};
    auto served = tx.query(
        "SELECT COUNT(DISTINCT revision_id) AS several, MIN(revision_id) AS revision_id FROM node_sites "
        "WHERE site_id = ?",
        site);
    served.first();
    if (served.uint64("several") == 0) return Earlier{"draft", {}};
    if (served.uint64("several") > 1) return std::nullopt;
    return Earlier{"live", served.id<RevisionId>("revision_id")};
}

// A cancelled request is as if it had not been made; else the next run of any other would carry it out.
// False when the nodes serve different revisions, or another site has taken a name or port since.
bool take_back_release(db::Transaction& tx, SiteId site) {
    const auto earlier = earlier_release(tx, site);
    if (!earlier || !has_names_free(tx, site, earlier->revision) ||
        !has_ports_free(tx, site, earlier->revision))
        return false;
    tx.execute(
        "UPDATE sites SET released_revision_id = ?, deploy_state = ?, released_number = "
        "COALESCE((SELECT number FROM site_revisions WHERE id = ?), 0) WHERE id = ?",
        earlier->revision, earlier->state, earlier->revision, site);
    update_site_domains(tx, site);
    update_site_ports(tx, site);
    if (std::string_view(earlier->state) == "live") settle_site(tx, site, true);
    return true;
}

// The sites of a deployment whose released revision is still the one that it carried.
std::vector<SiteId> sites_of(db::Transaction& tx, DeploymentId deployment) {
    std::vector<SiteId> sites;
    for (auto row =
             tx.query("SELECT x.site_id FROM deployment_sites x JOIN sites s ON s.id = x.site_id "
                      "WHERE x.deployment_id = ? AND x.revision_id = s.released_revision_id AND s.removed_at "
                      "IS NULL",
                      deployment);
         row.next();)
        sites.push_back(row.id<SiteId>("site_id"));
    return sites;
}

}  // namespace

namespace {

// The deployments with a part on this node that nobody ended, held until the transaction ends: of two that
// end their parts at the same time, the second waits here and then sees what the first did. Else each would
// see the other's part still open, and neither would end the deployment.
std::vector<DeploymentId> lock_open_deployments(db::Transaction& tx, NodeId node) {
    std::vector<DeploymentId> found;
    for (auto row = tx.query("SELECT DISTINCT d.id FROM deployment_nodes n JOIN deployments d ON d.id = "
                             "n.deployment_id WHERE n.node_id = ? AND d.finished_at IS NULL ORDER BY d.id",
                             node);
         row.next();)
        found.push_back(row.id<DeploymentId>("id"));
    std::erase_if(found, [&tx](DeploymentId id) {
        return !tx.query("SELECT id FROM deployments WHERE id = ? AND finished_at IS NULL FOR UPDATE", id)
                    .first();
    });
    return found;
}

// How the parts of a deployment ended; none while one is open.
struct Tally {
    std::uint64_t all, good, cancelled;
};
std::optional<Tally> tally_of(db::Transaction& tx, DeploymentId id) {
    auto row = tx.query(
        "SELECT COUNT(*) AS n_all, COALESCE(SUM(state IN ('queued', 'running')), 0) AS n_open, "
        "COALESCE(SUM(state IN ('succeeded', 'unchanged')), 0) AS n_good, "
        "COALESCE(SUM(state = 'cancelled'), 0) AS n_cancelled FROM deployment_nodes WHERE deployment_id = ?",
        id);
    row.first();
    const Tally tally{row.uint64("n_all"), row.uint64("n_good"), row.uint64("n_cancelled")};
    return tally.all > 0 && row.uint64("n_open") == 0 ? std::optional(tally) : std::nullopt;
}

}  // namespace

void settle_deployments(db::Transaction& tx, NodeId node, Time now) {
    for (const DeploymentId id : lock_open_deployments(tx, node)) {
        const auto tally = tally_of(tx, id);
        if (!tally) continue;
        const char* state = tally->good == tally->all        ? "succeeded"
                            : tally->cancelled == tally->all ? "cancelled"
                            : tally->good == 0               ? "failed"
                                                             : "partial";
        tx.execute("UPDATE deployments SET state = ?, finished_at = ? WHERE id = ?", state, now, id);
        const bool cancelled = tally->cancelled == tally->all;
        for (const SiteId site : sites_of(tx, id))
            if (!cancelled || !take_back_release(tx, site)) settle_site(tx, site, tally->good != tally->all);
    }
}

namespace {

// Whatever brought the node up to date: a site whose every active target serves its released revision is
// live.
void promote_live_sites(db::Transaction& tx, NodeId node) {
    tx.execute(
        "UPDATE sites s JOIN site_targets mine ON mine.site_id = s.id AND mine.node_id = ? "
        "SET s.deploy_state = 'live' WHERE s.deploy_state IN ('deploying', 'failed') AND NOT EXISTS ("
        "SELECT 1 FROM site_targets t JOIN nodes o ON o.id = t.node_id AND o.is_active "
        "LEFT JOIN node_sites n ON n.site_id = t.site_id AND n.node_id = t.node_id "
        "WHERE t.site_id = s.id AND (n.revision_id IS NULL OR n.revision_id <> s.released_revision_id))",
        node);
}

}  // namespace

void finish_node_run(db::Transaction& tx, NodeId node, const NodeRun& run, Time now) {
    tx.execute(
        "UPDATE deployment_nodes SET state = ?, steps = ?, release_id = ?, engine_output = ?, error = ?, "
        "finished_at = ? WHERE node_id = ? AND state = 'running'",
        run.state, run.steps_json,
        run.release.empty() ? std::nullopt : std::optional<std::string>(run.release),
        column_text(run.engine_output, kOutputColumn),
        run.error.empty() ? std::nullopt : std::optional<std::string>(column_text(run.error)), now, node);
    // Before the sites, as whoever ends the last part of a deployment does: else the two could wait for each
    // other.
    lock_open_deployments(tx, node);
    if (run.state != "failed") promote_live_sites(tx, node);
    // What this run's sites lack stands in the quarantine, also when a worker that died put it there.
    if (run.state != "failed")
        tx.execute(
            "UPDATE deployment_nodes n JOIN deployment_sites x ON x.deployment_id = n.deployment_id "
            "JOIN node_quarantine q ON q.node_id = n.node_id AND q.site_id = x.site_id AND q.revision_id = "
            "x.revision_id SET n.state = 'failed', n.error = q.message, "
            "n.steps = COALESCE(NULLIF(?, ''), n.steps), "
            "n.engine_output = COALESCE(NULLIF(?, ''), n.engine_output) "
            "WHERE n.node_id = ? AND n.finished_at = ? AND n.state IN ('succeeded', 'unchanged')",
            run.refused_steps_json, column_text(run.refused_output, kOutputColumn), node, now);
    settle_deployments(tx, node, now);
}

std::optional<NodeRelease> find_current_release(db::Connection& db, NodeId node) {
    auto row = db.query(
        "SELECT r.release_id, r.manifest, r.proven_at FROM nodes n JOIN releases r ON r.node_id = n.id "
        "AND r.release_id = n.current_release WHERE n.id = ?",
        node);
    if (!row.first()) return std::nullopt;
    return NodeRelease{row.text("release_id"), row.text("manifest"), row.time("proven_at")};
}

namespace {

void update_node_sites(db::Transaction& tx, NodeId node, const std::map<SiteId, RevisionId>& serves) {
    std::map<SiteId, RevisionId> known;
    for (auto row = tx.query("SELECT site_id, revision_id FROM node_sites WHERE node_id = ?", node);
         row.next();)
        known[row.id<SiteId>("site_id")] = row.id<RevisionId>("revision_id");
    for (const auto& [site, revision] : known)
        if (!serves.contains(site))
            tx.execute("DELETE FROM node_sites WHERE node_id = ? AND site_id = ?", node, site);
    db::Params changed;
    const auto flush = [&] {
        if (changed.empty()) return;
        tx.execute_once("INSERT INTO node_sites (node_id, site_id, revision_id) VALUES " +
                            db::placeholders(changed.size() / 3, 3) +
                            " ON DUPLICATE KEY UPDATE revision_id = VALUES(revision_id)",
                        changed);
        changed.clear();
    };
    for (const auto& [site, revision] : serves) {
        if (const auto found = known.find(site); found != known.end() && found->second == revision) continue;
        changed.insert(changed.end(), {node, site, revision});
        if (changed.size() >= 900) flush();
    }
    flush();
}

}  // namespace

void record_release(db::Transaction& tx, NodeId node, const NodeRelease& release,
                    const std::map<SiteId, RevisionId>& serves, Time now) {
    tx.execute(
        "INSERT INTO releases (node_id, release_id, manifest, proven_at) VALUES (?, ?, ?, ?) "
        "ON DUPLICATE KEY UPDATE proven_at = VALUES(proven_at)",
        node, release.id, release.manifest, now);
    update_node_sites(tx, node, serves);
    tx.execute("UPDATE nodes SET current_release = ? WHERE id = ?", release.id, node);
    tx.execute(
        "DELETE q FROM node_quarantine q JOIN sites s ON s.id = q.site_id WHERE q.node_id = ? "
        "AND (s.released_revision_id <> q.revision_id OR s.removed_at IS NOT NULL)",
        node);
}

}  // namespace rpm::store
