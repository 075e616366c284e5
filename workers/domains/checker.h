// SPDX-License-Identifier: MIT
// What rpmgr-domains does: takes jobs domain.check from the queue, looks, and notes what it found.
//
// What is not shown yet is looked at again: after one minute, then twice as long each time up to an hour, for
// a week. Then only a person asks again. A few threads share the work, each with its own connection; jobs of
// one client run one after the other, so that none keeps all of them busy with servers that do not answer.
#pragma once

#include <functional>
#include <string>

#include "shared/base/clock.h"
#include "shared/db/connection.h"
#include "shared/store/domains.h"
#include "shared/store/jobs.h"
#include "workers/domains/look.h"

namespace rpm {
class Options;
}

namespace rpm::domains {

struct Settings {
    std::string resolver;  ///< "127.0.0.1" or "127.0.0.1:5353", "[::1]:5353"; empty: /etc/resolv.conf
    unsigned http_port = 80;
    bool private_addresses = false;
    unsigned concurrency = 4;
    std::chrono::seconds linger{0};
    std::chrono::seconds dns_timeout{3};
    std::chrono::seconds http_timeout{10};
    void declare(Options& options);
    DnsSettings dns() const;  ///< throws Invalid{"domains.resolver", …}
    FetchSettings fetch() const;
};

/// How long to wait after a look that found nothing, by how long it has been asked for.
std::chrono::minutes pause_after(std::chrono::microseconds asked_for);
inline constexpr std::chrono::days kAskedFor{7};

class Checker {
  public:
    Checker(db::Connection& db, const Clock& clock, const Settings& settings, std::string worker);
    /// Ends when nothing is due (or `linger` is over) or when asked to. Answers how many looks.
    unsigned run(const std::function<bool()>& stop_requested);
    /// One due job; false when there is none.
    bool run_one();

  private:
    void conclude(const store::Job& job, std::string_view token, ProofId proof, const Look& found,
                  bool enough);

    db::Connection& db_;
    const Clock& clock_;
    const Settings& settings_;
    std::string worker_;
    Dns dns_;
};

}  // namespace rpm::domains
