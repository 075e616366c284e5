// SPDX-License-Identifier: MIT
#include "shared/store/jobs.h"

#include <algorithm>
#include <set>

#include "shared/store/column_text.h"
#include "shared/store/deployments.h"

namespace rpm::store {
namespace {

#define JOB_COLUMNS                                                                                 \
    "j.id, j.kind, j.subject_type, j.subject_id, j.state, j.priority, j.attempts, j.max_attempts, " \
    "j.run_after, "                                                                                 \
    "j.claimed_by, j.claimed_until, j.lane, j.reason, j.payload, j.result, j.error, j.created_at, " \
    "j.started_at, "                                                                                \
    "j.finished_at "
#define JOB_NAMES \
    ", COALESCE(u.username, 'system') AS requested_by, COALESCE(n.name, p.domain, '') AS subject_name "
#define JOB_TABLES                                                          \
    "FROM jobs j LEFT JOIN users u ON u.id = j.requested_by "               \
    "LEFT JOIN nodes n ON j.subject_type = 'node' AND n.id = j.subject_id " \
    "LEFT JOIN domain_proofs p ON j.subject_type = 'domain' AND p.id = j.subject_id "

Job job_from(const db::Rows& row) {
    return {.id = row.id<JobId>("id"),
            .kind = row.text("kind"),
            .subject_type = row.text("subject_type"),
            .subject_id = row.uint64("subject_id"),
            .subject_name = {},
            .state = row.text("state"),
            .priority = static_cast<int>(row.int64("priority")),
            .attempts = row.number("attempts"),
            .max_attempts = row.number("max_attempts"),
            .run_after = row.time("run_after"),
            .claimed_by = row.maybe_text("claimed_by").value_or(""),
            .claimed_until = row.maybe_time("claimed_until"),
            .requested_by = {},
            .reason = row.text("reason"),
            .payload = row.maybe_text("payload").value_or(""),
            .result = row.maybe_text("result").value_or(""),
            .error = row.maybe_text("error").value_or(""),
            .created_at = row.time("created_at"),
            .started_at = row.maybe_time("started_at"),
            .finished_at = row.maybe_time("finished_at")};
}

Job named_job_from(const db::Rows& row) {
    Job job = job_from(row);
    job.requested_by = row.text("requested_by");
    job.subject_name = row.text("subject_name");
    return job;
}

std::string dedupe_key(std::string_view kind, std::uint64_t subject) {
    return std::string(kind) + ":" + std::to_string(subject);
}

db::Params with_ids(std::initializer_list<db::Param> first, std::span<const JobId> jobs) {
    db::Params params(first);
    for (const JobId job : jobs) params.emplace_back(job);
    return params;
}

}  // namespace

JobId enqueue_job(db::Transaction& tx, const NewJob& job, Time now) {
    // The unique dedupe_key decides whether this is a new job. Two statements instead of ON DUPLICATE KEY
    // UPDATE, which would ask for the right to change every column: the panels' accounts may only bring a
    // waiting job forward. LAST_INSERT_ID(id) makes the joined job's id known.
    const std::string key = dedupe_key(job.kind, job.subject_id);
    const Time run_after = job.run_after.value_or(now);
    for (int attempt = 1;; ++attempt) {
        if (tx.execute("UPDATE jobs SET id = LAST_INSERT_ID(id), run_after = LEAST(run_after, ?), "
                       "priority = LEAST(priority, ?) WHERE dedupe_key = ?",
                       run_after, job.priority, key) == 1)
            return JobId(tx.insert_id());
        try {
            tx.execute(
                "INSERT INTO jobs (kind, subject_type, subject_id, state, priority, run_after, dedupe_key, "
                "lane, "
                "requested_by, reason, payload, created_at) VALUES (?, ?, ?, 'queued', ?, ?, ?, ?, ?, ?, ?, "
                "?)",
                job.kind, job.subject_type, job.subject_id, job.priority, run_after, key,
                job.lane.empty() ? std::nullopt : std::optional<std::string>(job.lane), job.requested_by,
                job.reason, job.payload.empty() ? std::nullopt : std::optional<std::string>(job.payload),
                now);
            return JobId(tx.insert_id());
        } catch (const Conflict&) {  // somebody queued it at the same moment
            if (attempt == 3) throw;
        }
    }
}

JobId insert_waiting_job(db::Transaction& tx, const NewJob& job, Time now) {
    tx.execute(
        "INSERT INTO jobs (kind, subject_type, subject_id, state, priority, run_after, requested_by, reason, "
        "created_at) VALUES (?, ?, ?, 'awaiting_approval', ?, ?, ?, ?, ?)",
        job.kind, job.subject_type, job.subject_id, job.priority, now, job.requested_by, job.reason, now);
    return JobId(tx.insert_id());
}

void end_waiting_job(db::Transaction& tx, std::string_view subject_type, std::uint64_t subject_id,
                     std::string_view state, Time now) {
    tx.execute(
        "UPDATE jobs SET state = ?, finished_at = ? WHERE subject_type = ? AND subject_id = ? "
        "AND state = 'awaiting_approval'",
        state, now, subject_type, subject_id);
}

std::uint64_t end_stale_waiting_jobs(db::Transaction& tx, Time now) {
    return tx.execute(
        "UPDATE jobs j JOIN deployments d ON d.id = j.subject_id SET j.state = 'cancelled', j.finished_at = "
        "? "
        "WHERE j.state = 'awaiting_approval' AND j.subject_type = 'deployment' "
        "AND d.state <> 'awaiting_approval'",
        now);
}

const char* const kClaimQuery = "SELECT " JOB_COLUMNS
                                "FROM jobs j WHERE j.state = 'queued' AND j.kind = ? AND j.run_after <= ? "
                                "AND NOT EXISTS (SELECT 1 FROM jobs r WHERE r.running_lane = j.lane) "
                                "ORDER BY j.priority, j.run_after, j.id LIMIT ? FOR UPDATE SKIP LOCKED";

Claim claim_jobs(db::Connection& db, const ClaimRequest& request, Time now) {
    try {
        return db::transact(db, [&](db::Transaction& tx) {
            Claim claim{std::string(request.token), {}};
            std::set<std::string> lanes;
            std::vector<JobId> ids;
            for (auto row = tx.query(kClaimQuery, request.kind, now, request.limit); row.next();) {
                if (const auto lane = row.maybe_text("lane"); lane && !lanes.insert(*lane).second) continue;
                Job job = job_from(row);
                job.state = "running";
                ++job.attempts;
                ids.push_back(job.id);
                claim.jobs.push_back(std::move(job));
            }
            if (ids.empty()) return claim;
            tx.execute_once(
                "UPDATE jobs SET state = 'running', attempts = attempts + 1, claimed_by = ?, claimed_until = "
                "?, "
                "claim_token = ?, running_lane = lane, dedupe_key = NULL, started_at = ? WHERE id IN " +
                    db::placeholders(1, ids.size()),
                with_ids({request.worker, now + request.lease, db::Bytes{request.token}, now}, ids));
            return claim;
        });
    } catch (const Conflict&) {
        // Another worker took a lane between our look and our update; its job runs first.
        return {std::string(request.token), {}};
    }
}

std::uint64_t extend_leases(db::Transaction& tx, std::span<const JobId> jobs, std::string_view token,
                            Time until) {
    if (jobs.empty()) return 0;
    return tx.execute_once(
        "UPDATE jobs SET claimed_until = ? WHERE claim_token = ? AND state = 'running' AND id IN " +
            db::placeholders(1, jobs.size()),
        with_ids({until, db::Bytes{token}}, jobs));
}

std::uint64_t finish_jobs(db::Transaction& tx, std::span<const JobId> jobs, std::string_view token,
                          std::string_view state, std::string_view result, std::string_view error, Time now) {
    if (jobs.empty()) return 0;
    return tx.execute_once(
        "UPDATE jobs SET state = ?, result = ?, error = ?, finished_at = ?, claimed_until = NULL, "
        "claim_token = NULL, "
        "running_lane = NULL WHERE claim_token = ? AND state = 'running' AND id IN " +
            db::placeholders(1, jobs.size()),
        with_ids({state, column_text(result),
                  error.empty() ? db::Param(nullptr) : db::Param(column_text(error)), now, db::Bytes{token}},
                 jobs));
}

namespace {

// The job that waits for the same thing, locked.
std::optional<JobId> find_queued(db::Transaction& tx, const std::string& key) {
    auto row = tx.query("SELECT id FROM jobs WHERE dedupe_key = ? FOR UPDATE", key);
    if (!row.first()) return std::nullopt;
    return row.id<JobId>("id");
}

Requeued join(db::Transaction& tx, const Job& job, JobId newer, const std::string& error, Time now) {
    tx.execute(
        "UPDATE deployment_nodes SET job_id = ?, state = 'queued' WHERE job_id = ? AND state IN ('queued', "
        "'running')",
        newer, job.id);
    tx.execute(
        "UPDATE jobs SET state = 'cancelled', result = ?, error = ?, finished_at = ?, claimed_until = NULL, "
        "claim_token = NULL, running_lane = NULL WHERE id = ?",
        "covered by job " + newer.text(), error, now, job.id);
    return Requeued::joined;
}

Requeued give_up(db::Transaction& tx, const Job& job, const std::string& error, Time now) {
    tx.execute(
        "UPDATE jobs SET state = 'failed', error = ?, finished_at = ?, claimed_until = NULL, "
        "claim_token = NULL, running_lane = NULL WHERE id = ?",
        error, now, job.id);
    return Requeued::exhausted;
}

// The row is locked by the caller. Decides between a new try, joining a newer job, and giving up.
Requeued put_back(db::Transaction& tx, const Job& job, const std::string& error, Time run_after, Time now,
                  Attempt attempt = Attempt::counted) {
    const std::string key = dedupe_key(job.kind, job.subject_id);
    if (const auto newer = find_queued(tx, key)) return join(tx, job, *newer, error, now);
    const bool counted = attempt == Attempt::counted;
    if (counted && job.attempts >= job.max_attempts) return give_up(tx, job, error, now);
    try {
        tx.execute(
            "UPDATE jobs SET state = 'queued', dedupe_key = ?, run_after = ?, attempts = ?, error = ?, "
            "claimed_until = NULL, claim_token = NULL, running_lane = NULL WHERE id = ?",
            key, run_after, counted ? job.attempts : job.attempts - 1, error, job.id);
    } catch (const Conflict&) {
        // Asked for again between our look and our update.
        if (const auto newer = find_queued(tx, key)) return join(tx, job, *newer, error, now);
        throw db::Retry("job " + job.id.text() + " met another one for the same thing");
    }
    tx.execute("UPDATE deployment_nodes SET state = 'queued' WHERE job_id = ? AND state = 'running'", job.id);
    return Requeued::queued;
}

}  // namespace

Requeued requeue_job(db::Transaction& tx, JobId job, std::string_view token, std::string_view error,
                     Time run_after, Time now, Attempt attempt) {
    auto row = tx.query("SELECT " JOB_COLUMNS
                        "FROM jobs j WHERE j.id = ? AND j.claim_token = ? AND j.state = 'running' FOR UPDATE",
                        job, db::Bytes{token});
    if (!row.first()) return Requeued::lost;
    return put_back(tx, job_from(row), column_text(error), run_after, now, attempt);
}

unsigned requeue_expired_jobs(db::Connection& db, Time now) {
    return db::transact(db, [&](db::Transaction& tx) {
        std::vector<Job> expired;
        for (auto row = tx.query("SELECT " JOB_COLUMNS
                                 "FROM jobs j WHERE j.claimed_until < ? AND j.state = 'running' "
                                 "ORDER BY j.claimed_until LIMIT 200 FOR UPDATE SKIP LOCKED",
                                 now);
             row.next();)
            expired.push_back(job_from(row));
        for (const Job& job : expired) {
            const std::string error = "worker " + job.claimed_by + " did not finish in time";
            if (put_back(tx, job, error, now + back_off(job.attempts, 0), now) != Requeued::exhausted)
                continue;
            tx.execute(
                "UPDATE deployment_nodes SET state = 'failed', error = ?, finished_at = ? "
                "WHERE job_id = ? AND state IN ('queued', 'running')",
                error, now, job.id);
            if (job.subject_type == "node") settle_deployments(tx, NodeId(job.subject_id), now);
        }
        return static_cast<unsigned>(expired.size());
    });
}

std::chrono::milliseconds back_off(unsigned attempts, double jitter) {
    const unsigned doublings = std::min(attempts == 0 ? 0 : attempts - 1, 8U);
    const double seconds = std::min(2.0 * (1U << doublings), 300.0);
    return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * (1.0 + jitter / 4.0) * 1000.0));
}

std::vector<Job> list_jobs(db::Connection& db, const JobFilter& filter) {
    std::string sql = "SELECT " JOB_COLUMNS JOB_NAMES JOB_TABLES "WHERE 1 = 1";
    db::Params params;
    if (!filter.state.empty()) {
        sql += " AND j.state = ?";
        params.emplace_back(column_ascii(filter.state));
    }
    if (filter.before_id) {
        sql += " AND j.id < ?";
        params.emplace_back(filter.before_id);
    }
    sql += " ORDER BY j.id DESC LIMIT " + std::to_string(filter.limit);
    std::vector<Job> jobs;
    for (auto row = db.query_once(sql, params); row.next();) jobs.push_back(named_job_from(row));
    return jobs;
}

Job get_job(db::Connection& db, JobId id) {
    auto row = db.query("SELECT " JOB_COLUMNS JOB_NAMES JOB_TABLES "WHERE j.id = ?", id);
    if (!row.first()) throw NotFound("no such job");
    return named_job_from(row);
}

void cancel_job(db::Transaction& tx, JobId id, Time now) {
    if (tx.execute("UPDATE jobs SET state = 'cancelled', dedupe_key = NULL, finished_at = ? "
                   "WHERE id = ? AND state IN ('queued', 'awaiting_approval')",
                   now, id) == 0)
        throw Conflict("only a waiting job can be cancelled");
    tx.execute(
        "UPDATE deployment_nodes SET state = 'cancelled', finished_at = ? WHERE job_id = ? AND state = "
        "'queued'",
        now, id);
}

JobId repeat_job(db::Transaction& tx, JobId id, UserId by, Time now) {
    auto row = tx.query("SELECT " JOB_COLUMNS "FROM jobs j WHERE j.id = ?", id);
    if (!row.first()) throw NotFound("no such job");
    const Job old = job_from(row);
    if (old.state != "failed" && old.state != "cancelled")
        throw Conflict("only a failed or cancelled job can be repeated");
    return enqueue_job(tx,
                       {.kind = old.kind,
                        .subject_type = old.subject_type,
                        .subject_id = old.subject_id,
                        .lane = row.maybe_text("lane").value_or(""),
                        .priority = old.priority,
                        .requested_by = by,
                        .reason = old.reason,
                        .payload = old.payload},
                       now);
}

JobCounts count_jobs(db::Connection& db, Time now) {
    auto row = db.query(
        "SELECT COALESCE(SUM(state = 'queued' AND (kind <> 'domain.check' OR run_after <= ?)), 0) AS "
        "n_queued, COALESCE(SUM(state = 'running'), 0) AS "
        "n_running, "
        "COALESCE(SUM(state = 'failed' AND finished_at > ?), 0) AS n_failed FROM jobs "
        "WHERE state IN ('queued', 'running', 'failed')",
        now, now - std::chrono::hours(24));
    row.first();
    return {row.uint64("n_queued"), row.uint64("n_running"), row.uint64("n_failed")};
}

}  // namespace rpm::store
