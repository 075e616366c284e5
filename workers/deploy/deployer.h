// SPDX-License-Identifier: MIT
// The deploy worker's loop: claims jobs, drives many nodes from one thread, keeps leases alive, records.
//
//     Deployer deployer(tools, settings);
//     deployer.run([] { return stop_requested(); });
//
// With `linger` it goes on claiming for that long and looks every 200 ms while idle; without it the loop ends
// when nothing is due. When the database goes away the loop waits for it: what nodes reported meanwhile is
// kept and recorded afterwards. When asked to stop it claims nothing more, lets the nodes under way finish,
// and ends.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "workers/deploy/node_run.h"
#include "workers/ssh/executor.h"

namespace rpm {
class Options;
}

namespace rpm::deploy {

struct Settings {
    std::chrono::seconds linger{0};
    unsigned concurrency = 64;       ///< nodes at a time
    std::chrono::seconds lease{60};  ///< extended every third of it
    void declare(Options& options);  ///< deploy.linger, deploy.concurrency, deploy.lease
};

class Deployer {
  public:
    Deployer(Tools& tools, const Settings& settings);
    /// Answers how many jobs it carried to an end.
    unsigned run(const std::function<bool()>& stop_requested);

  private:
    using Steady = std::chrono::steady_clock;
    struct Done {
        JobId job;
        ssh::Outcome outcome;
    };

    void claim();
    void start(JobId job);
    void submit(JobId job, NodeRun& run);
    void drop(JobId job, const std::exception& error);
    void record_finished();
    void write_progress();
    void keep_leases();
    bool round(bool stopping);
    void database_lost(const std::string& reason);

    Tools& tools_;
    Settings settings_;
    std::string worker_;  // "host:pid"
    ssh::Executor executor_;
    std::map<JobId, std::unique_ptr<NodeRun>> runs_;
    std::deque<JobId> to_start_;  // claimed, or asked for another round
    std::deque<Done> finished_;   // reported by nodes, not yet recorded
    Steady::time_point next_claim_{};
    Steady::time_point next_lease_{};
    Steady::time_point next_expiry_{};
    Steady::time_point next_progress_{};
    Steady::time_point database_pause_{};
    bool database_gone_ = false;
    unsigned ended_ = 0;
};

}  // namespace rpm::deploy
