// SPDX-License-Identifier: MIT
// rpmgr-deploy: brings nodes up to date with what their sites say.
#include "shared/base/config.h"
#include "shared/base/log.h"
#include "shared/crypto/digest.h"
#include "shared/db/migration.h"
#include "workers/deploy/deployer.h"
#include "workers/runner.h"

namespace {

struct Paths {
    std::filesystem::path templates = RPMGR_DATADIR "/proxy_templates";
    std::filesystem::path sql = RPMGR_DATADIR "/sql";
    std::filesystem::path private_keys = RPMGR_SYSCONFDIR "/keys";
    std::string log_level = "info";
};

int work(int argc, char** argv) {
    rpm::db::Settings database;
    rpm::deploy::Settings settings;
    Paths paths;
    rpm::Options options("rpmgr-deploy", "deploys what is queued, proves it, and ends");
    database.declare(options);
    settings.declare(options);
    options.add("paths.proxy_templates", paths.templates, "folder of the engines' templates");
    options.add("paths.sql", paths.sql, "folder of the schema");
    options.add("keys.private", paths.private_keys, "file or folder with the unsealing keys");
    options.add("log.level", paths.log_level, "debug, info, warning or error");
    if (options.read(argc, argv, RPMGR_SYSCONFDIR "/worker.conf") == rpm::Options::Next::exit) return 0;
    rpm::log::start("deploy", rpm::log::parse_level(paths.log_level));

    const auto templates = rpm::render::load_templates(paths.templates);
    const auto keys = rpm::crypto::UnsealingKeys::load(paths.private_keys);
    rpm::db::Connection db(database);
    rpm::db::check_schema(db, rpm::db::load_migrations(paths.sql, rpm::crypto::sha256_hex));
    const rpm::SystemClock clock;
    const auto cache = rpm::render::make_cache();
    rpm::store::RevisionCache revisions;
    std::map<rpm::CredentialId, rpm::ssh::PrivateKey> credentials;
    rpm::deploy::Tools tools{db, clock, keys, *templates, cache.get(), &revisions, credentials};
    rpm::deploy::Deployer deployer(tools, settings);
    const unsigned ended = deployer.run([] { return rpm::stop_requested(); });
    rpm::log::info("done", {{"jobs", ended}});
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    return rpm::run("rpmgr-deploy", [&] { return work(argc, argv); });
}
