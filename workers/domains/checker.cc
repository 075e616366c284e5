// SPDX-License-Identifier: MIT
#include "workers/domains/checker.h"

#include <algorithm>

#include "shared/base/config.h"
#include "shared/base/log.h"
#include "shared/crypto/digest.h"
#include "shared/store/audit.h"
#include "workers/runner.h"

namespace rpm::domains {
namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

constexpr auto kIdleLook = 300ms;
constexpr auto kSlack = 30s;  // of the lease, beyond the longest look
constexpr auto kDatabasePause = 1s;

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

Checker::Checker(db::Connection& db, const Clock& clock, const Settings& settings, std::string worker)
    : db_(db), clock_(clock), settings_(settings), worker_(std::move(worker)), dns_(settings.dns()) {}

unsigned Checker::run(const std::function<bool()>& stop_requested) {
    const auto end = Steady::now() + settings_.linger;
    unsigned looks = 0;
    for (;;) {
        try {
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
        const auto proof = store::get_proof(db_, id);
        const bool wildcard = store::has_wildcard(db_, proof.owner, proof.domain);
        const bool enough = proof.proven() && (proof.method != ProofMethod::http || !wildcard);
        const Look found =
            enough ? Look{} : look(dns_, settings_.fetch(), proof.domain, proof.token, wildcard);
        conclude(job, claim.token, id, found, enough);
        log::info("looked", {{"name", proof.domain},
                             {"shown", enough        ? "before"
                                       : found.shown ? std::string(to_word(*found.shown))
                                                     : "no"}});
    } catch (const NotFound&) {  // the site that needed it is gone, and the proof with it
        conclude(job, claim.token, id, {}, true);
    }
    return true;
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
