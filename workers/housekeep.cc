// SPDX-License-Identifier: MIT
// rpmgr-housekeep: removes what has run out. One run; a timer starts it.
#include "shared/base/log.h"
#include "shared/crypto/digest.h"
#include "shared/db/migration.h"
#include "workers/housekeep/tidy.h"
#include "workers/runner.h"
#include "workers/settings.h"

namespace {

using namespace rpm;

int housekeep_once(int argc, char** argv) {
    WorkerSettings settings;
    Options options("rpmgr-housekeep", "removes what has run out, gives back jobs of dead workers");
    settings.declare(options);
    if (options.read(argc, argv, RPMGR_SYSCONFDIR "/worker.conf") == Options::Next::exit) return 0;
    log::start("rpmgr-housekeep", log::parse_level(settings.log_level));
    db::Connection db(settings.database);
    db::check_schema(db, db::load_migrations(settings.sql, crypto::sha256_hex));
    const auto done = housekeep::tidy(db, SystemClock().now(), {});
    log::info("tidied", {{"sessions", done.sessions},
                         {"links", done.links},
                         {"attempts", done.attempts},
                         {"counters", done.counters},
                         {"devices", done.devices},
                         {"late_mail", done.late_mail},
                         {"mail", done.mail},
                         {"jobs", done.jobs},
                         {"leases", done.leases}});
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    return rpm::run("rpmgr-housekeep", [&] { return housekeep_once(argc, argv); });
}
