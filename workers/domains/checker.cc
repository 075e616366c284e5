// SPDX-License-Identifier: MIT
#include "workers/domains/checker.h"

#include <algorithm>

#include "shared/base/config.h"
#include "shared/base/log.h"
#include "shared/crypto/digest.h"
#include "shared/ops/mail.h"
#include "shared/store/audit.h"
#include "shared/store/settings.h"
#include "shared/store/users.h"
#include "workers/runner.h"

namespace rpm::domains {
namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

constexpr auto kIdleLook = 300ms;
constexpr auto kSlack = 30s;  // of the lease, beyond the longest look
constexpr auto kDatabasePause = 1s;
constexpr auto kQueueInterval = 60s;     // between questions what is due to be looked for again
constexpr unsigned kQueuedAtOnce = 200;  // the rest a minute later
constexpr auto kFailingPause = 12h;      // between looks for what is not shown any more
constexpr auto kSilencePause = 1h;       // and when nobody answered

// Two questions for addresses and one for the record, each asked twice; then the file.
std::chrono::seconds longest_look(const Settings& settings) {
    return settings.dns_timeout * 6 + settings.http_timeout + kSlack;
}

}  // namespace

void Settings::declare(Options& options) {
    options.add("domains.concurrency", concurrency, "names looked at at the same time");
    options.add("domains.linger", linger, "go on claiming for this many seconds");
    options.add("domains.dns_timeout", dns_timeout, "for one question, which is asked twice");
    options.add("domains.http_timeout", http_timeout, "for one file");
}

DnsSettings Settings::dns() const {
    DnsSettings out{.server = std::nullopt, .port = 53, .timeout = dns_timeout};
    if (resolver.empty()) return out;
    std::string_view host = resolver;
    const auto colon = resolver.rfind(':');
    // One colon, or one behind a bracket: an IPv6 address alone has several.
    const bool has_port =
        colon != std::string::npos && (resolver.find(':') == colon || resolver[colon - 1] == ']');
    std::optional<Port> port = Port::from(53);
    if (has_port) {
        port = Port::parse(host.substr(colon + 1));
        host = host.substr(0, colon);
    }
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    out.server = IpAddress::parse(host);
    if (!out.server || !port)
        throw Invalid("domains.resolver", "must be ADDRESS or ADDRESS:PORT, not '" + resolver + "'");
    out.port = port->value();
    return out;
}

FetchSettings Settings::fetch() const {
    return {.port = http_port, .private_addresses = private_addresses, .deadline = http_timeout};
}

std::chrono::minutes pause_after(std::chrono::microseconds asked_for) {
    const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(asked_for);
    return std::clamp(minutes, std::chrono::minutes(1), std::chrono::minutes(60));
}

Checker::Checker(db::Connection& db, const Clock& clock, const crypto::SealingKey& sealing,
                 const Settings& settings, std::string worker)
    : db_(db),
      clock_(clock),
      sealing_(sealing),
      settings_(settings),
      worker_(std::move(worker)),
      dns_(settings.dns()) {}

unsigned Checker::run(const std::function<bool()>& stop_requested) {
    const auto end = Steady::now() + settings_.linger;
    unsigned looks = 0;
    auto next_queue = Steady::now();
    for (;;) {
        try {
            if (Steady::now() >= next_queue) {
                queue_due();
                next_queue = Steady::now() + kQueueInterval;
            }
            while (!stop_requested() && run_one()) ++looks;
            store::requeue_expired_jobs(db_, clock_.now());
        } catch (const Unavailable& error) {  // nothing is lost: leases end, and the queue stays
            if (settings_.linger == 0s) throw;
            log::error("waiting for the database", {{"reason", error.what()}});
            pause_for(kDatabasePause);
        }
        if (stop_requested() || Steady::now() >= end) return looks;
        pause_for(kIdleLook);
    }
}

bool Checker::run_one() {
    const auto claim = store::claim_jobs(db_,
                                         {.kind = "domain.check",
                                          .worker = worker_,
                                          .token = crypto::random_bytes(16),
                                          .lease = longest_look(settings_),
                                          .limit = 1},
                                         clock_.now());
    if (claim.jobs.empty()) return false;
    const store::Job& job = claim.jobs.front();
    const ProofId id(job.subject_id);
    try {
        const Question asked = question(id);
        const Look found = asked.known ? Look{}
                                       : look(dns_, settings_.fetch(), asked.proof.domain, asked.proof.token,
                                              asked.wildcard);
        if (asked.again)
            conclude_again(job, claim.token, asked, found);
        else
            conclude(job, claim.token, id, found, asked.known);
        log::info("looked", {{"name", asked.proof.domain},
                             {"shown", asked.known   ? "before"
                                       : found.shown ? std::string(to_word(*found.shown))
                                                     : "no"}});
    } catch (const NotFound&) {  // the site that needed it is gone, and the proof with it
        conclude(job, claim.token, id, {}, true);
    }
    return true;
}

Checker::Question Checker::question(ProofId id) {
    const auto proof = store::get_proof(db_, id);
    const bool wildcard = store::has_wildcard(db_, proof.owner, proof.domain);
    if (!proof.proven()) return {.proof = proof, .wildcard = wildcard};
    // A file says nothing of the wildcard that is wanted besides.
    if (proof.method == ProofMethod::http && wildcard) return {.proof = proof, .wildcard = true};
    const auto interval = std::chrono::days(store::load_settings(db_).number(Setting::domains_recheck));
    const bool due = interval > 0s && proof.method != ProofMethod::admin && proof.checked_at &&
                     (proof.failing_since || *proof.checked_at + interval <= clock_.now());
    // In the way it was shown: a file does not stand in for a record, which covers more.
    return {.proof = proof, .known = !due, .again = due, .wildcard = proof.method == ProofMethod::txt};
}

unsigned Checker::queue_due() {
    const auto interval = std::chrono::days(store::load_settings(db_).number(Setting::domains_recheck));
    if (interval == 0s) return 0;
    const Time now = clock_.now();
    // Those that fail have a job already; it may have been cancelled.
    const auto due = store::list_due_proofs(db_, now - interval, now - 2 * kFailingPause, kQueuedAtOnce);
    for (const store::DomainProof& proof : due)
        db::transact(db_, [&](db::Transaction& tx) {
            store::enqueue_job(tx,
                               {.kind = "domain.check",
                                .subject_type = "domain",
                                .subject_id = proof.id.value(),
                                .lane = "owner:" + proof.owner.text(),
                                .requested_by = {},
                                .reason = {},
                                .payload = {}},
                               now);
        });
    return static_cast<unsigned>(due.size());
}

void Checker::conclude_again(const store::Job& job, std::string_view token, const Question& asked,
                             const Look& found) {
    ops::Context context{db_, clock_, sealing_};
    db::transact(db_, [&](db::Transaction& tx) {
        const Time now = clock_.now();
        const JobId ids[]{job.id};
        const ProofId id = asked.proof.id;
        const Viewer system = Viewer::system("job-" + job.id.text());
        const auto audit = [&](const char* action, const Json& after) {
            store::insert_audit(
                tx, system, action,
                {.type = "domain", .id = id.value(), .name = asked.proof.domain, .owner = asked.proof.owner},
                nullptr, after, now);
        };
        const auto tell = [&](ops::Notice notice) {
            ops::queue_notice(context, tx, store::get_user(db_, asked.proof.owner), notice, system, {},
                              asked.proof.domain);
        };
        if (found.shown) {
            store::record_look(tx, id, found.shown, "", now);
            store::finish_jobs(tx, ids, token, "succeeded", "still shown", "", now);
            return;
        }
        store::record_failed_look(tx, id, found.found, found.answered, now);
        const auto proof = store::get_proof(db_, id);
        if (found.answered && !asked.proof.failing_since) {
            audit("domain.fade", Json::object({{"found", found.found}}));
            tell(ops::Notice::name_fading);
        }
        const auto grace = std::chrono::days(store::load_settings(db_).number(Setting::domains_grace));
        if (found.answered && proof.failed_looks >= kFailedLooks && now - *proof.failing_since >= grace) {
            store::withdraw_proof(tx, id);
            audit("domain.withdraw", Json::object({{"found", found.found}}));
            tell(ops::Notice::name_withdrawn);
            store::finish_jobs(tx, ids, token, "succeeded", "withdrawn: " + found.found, "", now);
            return;
        }
        store::requeue_job(tx, job.id, token, found.found,
                           now + (found.answered ? kFailingPause : kSilencePause), now,
                           store::Attempt::given_back);
    });
}

void Checker::conclude(const store::Job& job, std::string_view token, ProofId id, const Look& found,
                       bool enough) {
    db::transact(db_, [&](db::Transaction& tx) {
        const Time now = clock_.now();
        const JobId ids[]{job.id};
        if (!enough) store::record_look(tx, id, found.shown, found.found, now);
        if (found.shown) {
            const auto proof = store::get_proof(db_, id);
            store::insert_audit(
                tx, Viewer::system("job-" + job.id.text()), "domain.prove",
                {.type = "domain", .id = id.value(), .name = proof.domain, .owner = proof.owner}, nullptr,
                Json::object({{"by", to_word(*found.shown)}}), now);
        }
        const auto asked_for = now - job.created_at;
        if (enough || found.shown || asked_for >= kAskedFor) {
            store::finish_jobs(tx, ids, token, "succeeded",
                               enough || found.shown ? "shown" : "not shown within a week: " + found.found,
                               "", now);
            return;
        }
        store::requeue_job(tx, job.id, token, found.found, now + pause_after(asked_for), now,
                           store::Attempt::given_back);
    });
}

}  // namespace rpm::domains
