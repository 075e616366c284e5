// SPDX-License-Identifier: MIT
// The queue. A job says what should be true ("node 7 carries what its sites now say"), so a repeat is
// harmless and a newer job covers an older one.
//
//   queued --claim--> running --finish--> succeeded | failed
//      ^                 |
//      +--- requeue -----+   (asked for by the worker, or its lease ended)
//
// Guarantees, each held by the database itself:
//  - a second request for the same thing joins the queued job (unique dedupe_key, set only while queued);
//  - jobs of one lane never run at the same time (unique running_lane, set only while running);
//  - a request made while a job runs is a new job that runs after it: nothing is lost;
//  - a worker that lost its lease can neither finish nor extend the job (claim_token).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/db/connection.h"

namespace rpm::store {

struct Job {
    JobId id;
    std::string kind;  ///< "node.deploy"
    std::string subject_type;
    std::uint64_t subject_id = 0;
    std::string subject_name;  ///< for people; filled by lists
    std::string state;
    int priority = 100;
    unsigned attempts = 0;
    unsigned max_attempts = 8;
    Time run_after{};
    std::string claimed_by;
    std::optional<Time> claimed_until;
    std::string requested_by;  ///< user name; "system"
    std::string reason;
    std::string payload;  ///< JSON or empty
    std::string result;
    std::string error;
    Time created_at{};
    std::optional<Time> started_at;
    std::optional<Time> finished_at;
};

struct NewJob {
    std::string_view kind;
    std::string_view subject_type;
    std::uint64_t subject_id = 0;
    std::string lane;  ///< "node:7"; empty: none
    int priority = 100;
    UserId requested_by{};
    std::string_view reason;
    std::string_view payload;
    std::optional<Time> run_after{};  ///< not before; none: now
};
/// Queues the job, or joins the one that is queued for the same kind and subject already.
JobId enqueue_job(db::Transaction& tx, const NewJob& job, Time now);

/// A job that no worker takes: it shows that something waits for a person, in state awaiting_approval.
JobId insert_waiting_job(db::Transaction& tx, const NewJob& job, Time now);
/// Ends it: succeeded or cancelled.
void end_waiting_job(db::Transaction& tx, std::string_view subject_type, std::uint64_t subject_id,
                     std::string_view state, Time now);
/// Ends those whose deployment does not wait any more: the clients' account may not end jobs.
std::uint64_t end_stale_waiting_jobs(db::Transaction& tx, Time now);

struct Claim {
    std::string token;  ///< 16 raw bytes
    std::vector<Job> jobs;
};
struct ClaimRequest {
    std::string_view kind;
    std::string_view worker;  ///< "host:pid"
    std::string_view token;   ///< 16 random bytes
    std::chrono::seconds lease{30};
    unsigned limit = 1;
};
/// Up to `limit` due jobs, each of a free lane. An empty claim is normal: nothing is due, or another worker
/// was faster.
Claim claim_jobs(db::Connection& db, const ClaimRequest& request, Time now);

/// The statement with which claim_jobs() looks (kind, now, limit), so that a test can ask for its plan.
extern const char* const kClaimQuery;

/// Answers how many of these jobs still belong to the token.
std::uint64_t extend_leases(db::Transaction& tx, std::span<const JobId> jobs, std::string_view token,
                            Time until);
/// Ends jobs with the same outcome: "succeeded" or "failed". Answers how many still belonged to the token;
/// the caller must undo its transaction when that is fewer than it asked for.
std::uint64_t finish_jobs(db::Transaction& tx, std::span<const JobId> jobs, std::string_view token,
                          std::string_view state, std::string_view result, std::string_view error, Time now);

enum class Requeued { queued, joined, exhausted, lost };
enum class Attempt {
    counted,
    given_back  ///< for a job that looks again and again until its own end
};
/// Puts a running job back. `joined`: a newer job for the same thing waits already and covers it (this one
/// ends as cancelled, its deployments now wait for the newer one); `exhausted`: no attempt is left, it
/// failed; `lost`: the token does not hold it any more.
Requeued requeue_job(db::Transaction& tx, JobId job, std::string_view token, std::string_view error,
                     Time run_after, Time now, Attempt attempt = Attempt::counted);
/// Puts back the jobs whose lease ended; answers how many. A job without attempts left fails, and with it its
/// part of the deployments that it carried.
unsigned requeue_expired_jobs(db::Connection& db, Time now);

/// Delay before attempt n+1: 2 s doubling to 5 min, with up to a quarter of random jitter given as 0..1.
std::chrono::milliseconds back_off(unsigned attempts, double jitter);

struct JobFilter {
    std::string state{};  ///< empty: all
    JobId before_id{};
    unsigned limit = 50;
};
std::vector<Job> list_jobs(db::Connection& db, const JobFilter& filter);
Job get_job(db::Connection& db, JobId id);
/// Only queued jobs can be cancelled; throws Conflict otherwise.
void cancel_job(db::Transaction& tx, JobId id, Time now);
/// A failed or cancelled job is asked for again as a new one.
JobId repeat_job(db::Transaction& tx, JobId id, UserId by, Time now);

/// Checks of names that are looked at again later are not counted: they wait for somebody else.
struct JobCounts {
    std::uint64_t queued = 0;
    std::uint64_t running = 0;
    std::uint64_t failed = 0;  ///< of the last day
};
JobCounts count_jobs(db::Connection& db, Time now);

}  // namespace rpm::store
