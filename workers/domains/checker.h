// SPDX-License-Identifier: MIT
// What rpmgr-domains does: takes jobs domain.check from the queue, looks, and notes what it found.
//
// What is not shown yet is looked at again: after one minute, then twice as long each time up to an hour, for
// a week. Then only a person asks again. A few threads share the work, each with its own connection; jobs of
// one client run one after the other, so that none keeps all of them busy with servers that do not answer.
//
// What a record or a file showed is looked for again after domains.recheck of the settings. When the answer
// is another one, its owner is told, and it is looked for twice a day; shown again, all is as before. After
// domains.grace, and at least kFailedLooks such answers, the proof is withdrawn. Silence of name servers or
// servers counts for nothing, and no site is ever changed here.
#pragma once

#include <functional>
#include <string>

#include "shared/base/clock.h"
#include "shared/crypto/sealing.h"
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
inline constexpr unsigned kFailedLooks = 5;

class Checker {
  public:
    /// `sealing` for the mails to owners. All must outlive it.
    Checker(db::Connection& db, const Clock& clock, const crypto::SealingKey& sealing,
            const Settings& settings, std::string worker);
    /// Ends when nothing is due (or `linger` is over) or when asked to. Answers how many looks.
    unsigned run(const std::function<bool()>& stop_requested);
    /// One due job; false when there is none.
    bool run_one();

    /// Queues what is to be looked for again; answers how many.
    unsigned queue_due();

  private:
    struct Question {
        store::DomainProof proof;
        bool known = false;  ///< nothing to look for
        bool again = false;  ///< it was shown before
        bool wildcard = false;
    };
    Question question(ProofId id);
    void conclude_again(const store::Job& job, std::string_view token, const Question& asked,
                        const Look& found);
    void conclude(const store::Job& job, std::string_view token, ProofId proof, const Look& found,
                  bool enough);

    db::Connection& db_;
    const Clock& clock_;
    const crypto::SealingKey& sealing_;
    const Settings& settings_;
    std::string worker_;
    Dns dns_;
};

}  // namespace rpm::domains
