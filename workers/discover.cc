// SPDX-License-Identifier: MIT
// rpmgr-discover: makes nodes as nodes.yaml says. One run; a timer starts it.
#include "shared/base/log.h"
#include "shared/crypto/digest.h"
#include "shared/db/migration.h"
#include "workers/discover/nodes_file.h"
#include "workers/discover/report.h"
#include "workers/runner.h"
#include "workers/settings.h"

namespace {

using namespace rpm;

void log_report(const ops::DiscoveryReport& report, bool dry_run) {
    for (const std::string& line : discover::lines(report)) log::info(line);
    log::info(discover::summary(report, dry_run));
}

int discover_nodes(int argc, char** argv) {
    WorkerSettings settings;
    bool dry_run = false;
    std::vector<std::string> files;
    Options options("rpmgr-discover", "makes nodes as nodes.yaml says (rpmgr-discover [FILE])");
    settings.declare(options);
    options.add_flag("dry-run", dry_run, "only tell what would change");
    options.positional(files);
    if (options.read(argc, argv, RPMGR_SYSCONFDIR "/worker.conf") == Options::Next::exit) return 0;
    log::start("rpmgr-discover", log::parse_level(settings.log_level));
    if (files.size() > 1) throw Invalid("command line", "more than one file");
    const std::filesystem::path file = files.empty() ? settings.nodes : std::filesystem::path(files[0]);

    const auto content = discover::read_nodes_file(file);
    for (const discover::FileProblem& problem : content.problems) log::error(problem.text(file));
    discover::demand_no_problems(content, file);
    db::Connection db(settings.database);
    db::check_schema(db, db::load_migrations(settings.sql, crypto::sha256_hex));
    const auto sealing = crypto::SealingKey::load(settings.public_key);
    const SystemClock clock;
    ops::Context context{db, clock, sealing};
    Viewer viewer = Viewer::system("discover");
    viewer.username = "discovery";
    log_report(ops::apply_discovered(context, viewer, content.nodes, dry_run), dry_run);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    return rpm::run("rpmgr-discover", [&] { return discover_nodes(argc, argv); });
}
