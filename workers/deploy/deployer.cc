// SPDX-License-Identifier: MIT
#include "workers/deploy/deployer.h"

#include <unistd.h>

#include <array>
#include <thread>

#include "shared/base/config.h"
#include "shared/base/log.h"
#include "shared/crypto/digest.h"

namespace rpm::deploy {
namespace {

using namespace std::chrono_literals;

constexpr auto kIdleLook = 200ms;
constexpr auto kProgress = 150ms;
constexpr auto kExpiryLook = 1s;
constexpr auto kDatabasePause = 1s;
constexpr unsigned kClaimAtOnce = 16;

std::string worker_name() {
    std::array<char, 65> host{};
    if (gethostname(host.data(), host.size() - 1) != 0) host[0] = '?';
    return std::string(host.data()) + ":" + std::to_string(getpid());
}

}  // namespace

void Settings::declare(Options& options) {
    options.add("deploy.linger", linger, "go on claiming for this many seconds");
    options.add("deploy.concurrency", concurrency, "nodes driven at the same time");
    options.add("deploy.lease", lease, "seconds after which the jobs of a dead worker are taken over");
}

Deployer::Deployer(Tools& tools, const Settings& settings)
    : tools_(tools),
      settings_(settings),
      worker_(worker_name()),
      executor_(ssh::Executor::Settings{.concurrency = settings.concurrency, .keep = 64, .keep_for = 60s}) {}

unsigned Deployer::run(const std::function<bool()>& stop_requested) {
    const auto end = Steady::now() + settings_.linger;
    for (;;) {
        const bool stopping = stop_requested() || (settings_.linger > 0s && Steady::now() >= end);
        const bool busy = round(stopping);
        if (busy || !runs_.empty()) continue;
        if (stopping || (settings_.linger == 0s && !database_gone_)) return ended_;
        std::this_thread::sleep_for(kIdleLook);
    }
}

// One turn; true when there is work under way. The database may be gone at any point: nothing is lost, the
// turn is simply tried again later.
bool Deployer::round(bool stopping) {
    if (Steady::now() >= database_pause_) {
        try {
            record_finished();
            keep_leases();
            if (!stopping) claim();
            while (!to_start_.empty()) {
                start(to_start_.front());
                to_start_.pop_front();
                keep_leases();  // many large nodes take their time to render
            }
            write_progress();
            if (std::exchange(database_gone_, false)) log::info("the database is back");
        } catch (const Unavailable& error) {
            database_lost(error.what());
        }
    }
    if (runs_.empty()) return false;
    // What cannot be recorded now is no reason to look for more at full speed.
    const bool to_record = !finished_.empty() && !database_gone_;
    if (!executor_.poll(to_record ? 0ms : 50ms) && !to_record) std::this_thread::sleep_for(20ms);
    return true;
}

void Deployer::database_lost(const std::string& reason) {
    if (!std::exchange(database_gone_, true)) log::error("waiting for the database", {{"reason", reason}});
    database_pause_ = Steady::now() + kDatabasePause;
}

void Deployer::claim() {
    const auto now = Steady::now();
    if (now < next_claim_ || runs_.size() >= settings_.concurrency) return;
    if (now >= next_expiry_) {
        if (const unsigned expired = store::requeue_expired_jobs(tools_.db, tools_.clock.now()))
            log::warning("took over jobs of dead workers", {{"jobs", expired}});
        next_expiry_ = now + kExpiryLook;
    }
    const auto room = static_cast<unsigned>(settings_.concurrency - runs_.size());
    auto claim = store::claim_jobs(tools_.db,
                                   {.kind = "node.deploy",
                                    .worker = worker_,
                                    .token = crypto::random_bytes(16),
                                    .lease = settings_.lease,
                                    .limit = std::min(room, kClaimAtOnce)},
                                   tools_.clock.now());
    // A full claim means that more may wait; an empty one that looking again at once is of no use.
    next_claim_ = claim.jobs.size() == kClaimAtOnce ? now : now + kIdleLook;
    for (store::Job& job : claim.jobs) {
        const JobId id = job.id;
        runs_[id] = std::make_unique<NodeRun>(tools_, std::move(job), claim.token);
        to_start_.push_back(id);
    }
}

void Deployer::start(JobId job) {
    const auto run = runs_.find(job);
    if (run == runs_.end()) return;
    try {
        submit(job, *run->second);
    } catch (const Unavailable&) {
        throw;
    } catch (const std::exception& error) {
        drop(job, error);
    }
}

// One odd job must not take the others with it: it is put back, and fails in the end. When not even that can
// be recorded, its lease ends, which leads to the same.
void Deployer::drop(JobId job, const std::exception& error) {
    const auto run = runs_.find(job);
    // Another worker has the job when it is a Conflict; it will find on the node what this one did.
    const bool lost = dynamic_cast<const Conflict*>(&error) != nullptr;
    log::warning("cannot go on", {{"job", job.text()}, {"reason", error.what()}});
    try {
        if (!lost) run->second->give_back(error.what());
    } catch (const Unavailable&) {
        throw;
    } catch (const std::exception& again) {
        log::error("cannot record", {{"job", job.text()}, {"reason", again.what()}});
    }
    runs_.erase(run);
}

void Deployer::submit(JobId job, NodeRun& run) {
    auto request = run.prepare();
    if (!request) {
        runs_.erase(job);
        ++ended_;
        next_claim_ = {};
        return;
    }
    executor_.submit(
        std::move(*request),
        [this, job](ssh::Outcome outcome) {
            finished_.push_back({job, std::move(outcome)});
        },
        [this, job](std::string_view line) {
            if (const auto found = runs_.find(job); found != runs_.end()) found->second->on_line(line);
        });
}

void Deployer::record_finished() {
    while (!finished_.empty()) {
        const Done& done = finished_.front();
        const auto run = runs_.find(done.job);
        bool again = false;
        try {
            if (run != runs_.end()) again = run->second->conclude(done.outcome);
            if (again) {
                to_start_.push_back(done.job);
            } else if (run != runs_.end()) {
                runs_.erase(run);
                ++ended_;
            }
        } catch (const Unavailable&) {
            throw;
        } catch (const std::exception& error) {
            drop(done.job, error);
        }
        if (!again) next_claim_ = {};  // the next change of this node may wait already
        finished_.pop_front();
    }
}

void Deployer::write_progress() {
    const auto now = Steady::now();
    if (now < next_progress_) return;
    next_progress_ = now + kProgress;
    std::vector<const NodeRun*> dirty;
    for (const auto& [job, run] : runs_)
        if (run->take_dirty()) dirty.push_back(run.get());
    if (dirty.empty()) return;
    db::transact(tools_.db, [&](db::Transaction& tx) {
        for (const NodeRun* run : dirty) run->write_progress(tx);
    });
}

void Deployer::keep_leases() {
    const auto now = Steady::now();
    if (runs_.empty() || now < next_lease_) return;
    next_lease_ = now + settings_.lease / 3;
    std::map<std::string, std::vector<JobId>> by_token;
    for (const auto& [job, run] : runs_) by_token[run->token()].push_back(job);
    db::transact(tools_.db, [&](db::Transaction& tx) {
        for (const auto& [token, jobs] : by_token)
            store::extend_leases(tx, jobs, token, tools_.clock.now() + settings_.lease);
    });
}

}  // namespace rpm::deploy
