// SPDX-License-Identifier: MIT
// rpmgr-housekeep: removes what has run out, seals the audit log and sends it on, reads
// lists of proxies. One run; a timer starts it.
#include <algorithm>
#include <functional>

#include "shared/base/log.h"
#include "shared/crypto/digest.h"
#include "shared/db/migration.h"
#include "shared/ops/audit_chain.h"
#include "shared/ops/node_settings.h"
#include "workers/housekeep/fetch_list.h"
#include "workers/housekeep/forward.h"
#include "workers/housekeep/tidy.h"
#include "workers/runner.h"
#include "workers/settings.h"

namespace {

using namespace rpm;

// One part that cannot work now must not keep the others from working.
int attempt(const char* what, const std::function<void()>& part) {
    try {
        part();
        return 0;
    } catch (const Error& error) {
        log::error(what, {{"error", error.what()}});
        return 3;
    }
}

void seal(db::Connection& db, const WorkerSettings& settings, Time now) {
    if (!std::filesystem::exists(settings.audit_key()))
        throw Unavailable("there is no " + settings.audit_key().string() + ": run 'rpmgr keys init'");
    const auto key = crypto::SigningKey::load(settings.audit_key());
    const auto done = ops::seal_audit(db, key, now, {.stop = stop_requested});
    // Where this log goes, the digest is a note of how far the audit log had come.
    if (done.seals > 0)
        log::info("sealed", {{"seals", done.seals}, {"rows", done.rows}, {"digest", done.digest}});
    if (done.held) log::warning("audit log not sealed to its end: a transaction does not end");
}

void forward(db::Connection& db, const WorkerSettings& settings, Time now) {
    if (settings.syslog.empty()) return;
    housekeep::Syslog syslog(settings.syslog);
    const auto rows = housekeep::forward_audit(db, syslog, now, {.stop = stop_requested});
    if (rows > 0) log::info("forwarded", {{"rows", rows}});
}

void read_lists(db::Connection& db) {
    const auto done = ops::refresh_address_lists(db, SystemClock(), housekeep::fetch_list, stop_requested);
    if (done.asked > 0)
        log::info("lists read", {{"asked", done.asked},
                                 {"changed", done.changed},
                                 {"failed", done.failed},
                                 {"deployments", done.deployments}});
}

int housekeep_once(int argc, char** argv) {
    WorkerSettings settings;
    Options options(
        "rpmgr-housekeep",
        "removes what has run out, gives back jobs of dead workers, seals the audit log, reads lists of "
        "trusted proxies");
    settings.declare(options);
    if (options.read(argc, argv, RPMGR_SYSCONFDIR "/worker.conf") == Options::Next::exit) return 0;
    log::start("rpmgr-housekeep", log::parse_level(settings.log_level));
    db::Connection db(settings.database);
    db::check_schema(db, db::load_migrations(settings.sql, crypto::sha256_hex));
    const Time now = SystemClock().now();
    const int unsealed = attempt("audit log not sealed", [&] { seal(db, settings, now); });
    const int held_back = attempt("audit log not forwarded", [&] { forward(db, settings, now); });
    const int unread = attempt("lists of proxies not read", [&] { read_lists(db); });
    const auto done = housekeep::tidy(db, now, {});
    log::info("tidied", {{"sessions", done.sessions},
                         {"links", done.links},
                         {"attempts", done.attempts},
                         {"counters", done.counters},
                         {"devices", done.devices},
                         {"late_mail", done.late_mail},
                         {"mail", done.mail},
                         {"jobs", done.jobs},
                         {"releases", done.releases},
                         {"contents", done.contents},
                         {"reports", done.reports},
                         {"waiting", done.waiting},
                         {"leases", done.leases}});
    return std::max({unsealed, held_back, unread});
}

}  // namespace

int main(int argc, char** argv) {
    return rpm::run("rpmgr-housekeep", [&] { return housekeep_once(argc, argv); });
}
