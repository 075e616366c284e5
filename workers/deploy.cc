// SPDX-License-Identifier: MIT
// rpmgr-deploy: brings nodes up to date with what their sites say.
#include "shared/base/config.h"
#include "shared/base/log.h"
#include "shared/crypto/digest.h"
#include "shared/db/migration.h"
#include "workers/deploy/deployer.h"
#include "workers/runner.h"
#include "workers/settings.h"

namespace {

int work(int argc, char** argv) {
    rpm::WorkerSettings settings;
    rpm::deploy::Settings deploy;
    rpm::Options options("rpmgr-deploy", "deploys what is queued, proves it, and ends");
    settings.declare(options);
    deploy.declare(options);
    if (options.read(argc, argv, RPMGR_SYSCONFDIR "/worker.conf") == rpm::Options::Next::exit) return 0;
    rpm::log::start("rpmgr-deploy", rpm::log::parse_level(settings.log_level));

    const auto templates = rpm::render::load_templates(settings.templates);
    const auto keys = rpm::crypto::UnsealingKeys::load(settings.private_keys);
    rpm::db::Connection db(settings.database);
    rpm::db::check_schema(db, rpm::db::load_migrations(settings.sql, rpm::crypto::sha256_hex));
    const rpm::SystemClock clock;
    const auto cache = rpm::render::make_cache();
    rpm::store::RevisionCache revisions;
    std::map<rpm::CredentialId, rpm::ssh::PrivateKey> credentials;
    rpm::deploy::Tools tools{db, clock, keys, *templates, cache.get(), &revisions, credentials};
    rpm::deploy::Deployer deployer(tools, deploy);
    const unsigned ended = deployer.run([] { return rpm::stop_requested(); });
    rpm::log::info("done", {{"jobs", ended}});
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    return rpm::run("rpmgr-deploy", [&] { return work(argc, argv); });
}
