// SPDX-License-Identifier: MIT
#include "web/panel/program.h"

#include <iostream>

#include "shared/base/config.h"
#include "shared/base/log.h"
#include "shared/cache/counters.h"
#include "shared/crypto/digest.h"
#include "shared/db/migration.h"
#include "shared/render/renderer.h"
#include "web/panel/panel.h"
#include "web/view/badges.h"

#ifndef RPMGR_DATADIR
#define RPMGR_DATADIR "/usr/local/share/rpmgr"
#endif
#ifndef RPMGR_SYSCONFDIR
#define RPMGR_SYSCONFDIR "/etc/rpmgr"
#endif

namespace rpm::web {
namespace {

struct Settings {
    db::Settings database;
    http::Settings http;
    std::filesystem::path templates = RPMGR_DATADIR "/templates";
    std::filesystem::path proxy_templates = RPMGR_DATADIR "/proxy_templates";
    std::filesystem::path assets = RPMGR_DATADIR "/static";
    std::filesystem::path migrations = RPMGR_DATADIR "/sql";
    std::filesystem::path sealing_key = RPMGR_SYSCONFDIR "/sealing.pub";
    std::filesystem::path vault = RPMGR_SYSCONFDIR "/web.key";
    std::string memcached;
    std::string log_level = "info";

    void declare(Options& options) {
        database.declare(options);
        http.declare(options);
        options.add("paths.templates", templates, "folder of the pages");
        options.add("paths.proxy_templates", proxy_templates, "folder of the engines' configuration");
        options.add("paths.assets", assets, "folder of the browser's files, or the file dist.sha256");
        options.add("paths.sql", migrations, "folder of the migrations, to check the schema against");
        options.add("keys.public", sealing_key, "public half of the sealing key");
        options.add("keys.vault", vault, "key of the panels' own secrets");
        options.add(
            "memcached.servers", memcached,
            "host:port or socket, with commas between, that count failed sign-ins; empty: the database");
        options.add("log.level", log_level, "debug, info, warning or error");
    }
};

// A Panel with the connection that only its thread uses.
class Thread final : public http::Handler {
  public:
    Thread(const Settings& settings, const Context& shared, const Router& router)
        : db_(settings.database),
          counters_(settings.memcached.empty() ? nullptr
                                               : std::make_unique<cache::Counters>(settings.memcached)),
          panel_(Context{.db = db_,
                         .clock = shared.clock,
                         .sealing = shared.sealing,
                         .vault = shared.vault,
                         .pages = shared.pages,
                         .proxy_templates = shared.proxy_templates,
                         .badges = shared.badges,
                         .known_sites = shared.known_sites,
                         .panel = shared.panel,
                         .assets = shared.assets,
                         .counters = counters_.get()},
                 router) {}
    http::Response handle(const http::Request& request) override { return panel_.handle(request); }
    http::Response error_response(const http::Request& request, const http::Failure& failure) override {
        return panel_.error_response(request, failure);
    }

  private:
    db::Connection db_;
    std::unique_ptr<cache::Counters> counters_;
    Panel panel_;
};

void serve(const Settings& settings, PanelKind kind, std::span<const Route> routes) {
    const SystemClock clock;
    const auto sealing = crypto::SealingKey::load(settings.sealing_key);
    const auto vault = crypto::Vault::load(settings.vault);
    const TemplateSet pages(settings.templates, {".html"});
    const auto proxy_templates = render::load_templates(settings.proxy_templates);
    const Router router(routes);
    Badges badges;
    store::KnownSites known_sites;
    db::Connection first(settings.database);
    db::check_schema(first, db::load_migrations(settings.migrations, crypto::sha256_hex));
    const Context shared{.db = first,
                         .clock = clock,
                         .sealing = sealing,
                         .vault = vault,
                         .pages = pages,
                         .proxy_templates = *proxy_templates,
                         .badges = badges,
                         .known_sites = known_sites,
                         .panel = kind,
                         .assets = assets_address(settings.assets)};
    http::Server server(settings.http,
                        [&](unsigned) { return std::make_unique<Thread>(settings, shared, router); });
    server.run();
}

}  // namespace

std::string assets_address(const std::filesystem::path& folder) {
    // Installed, the list lies beside the files; in the tree, beside their folder.
    for (const auto& list : {folder, folder / "dist.sha256", folder.parent_path() / "dist.sha256"})
        if (std::filesystem::is_regular_file(list))
            return "/static/" + crypto::sha256_hex(read_file(list)).substr(0, 8);
    throw Unavailable("no dist.sha256 in " + folder.string() + " or beside it");
}

int run_panel(int argc, const char* const* argv, PanelKind kind, std::span<const Route> routes) {
    const bool admin = kind == PanelKind::admin;
    const std::string program = admin ? "rpmgr-admin" : "rpmgr-client";
    try {
        Settings settings;
        settings.http.listen = "/run/rpmgr/" + std::string(to_word(kind)) + ".sock";
        settings.database.user = admin ? "rpmgr_admin" : "rpmgr_client";
        Options options(program, admin ? "the administrators' panel" : "the clients' panel");
        settings.declare(options);
        const std::string file = RPMGR_SYSCONFDIR "/" + std::string(to_word(kind)) + ".conf";
        if (options.read(argc, argv, file) == Options::Next::exit) return 0;
        log::start(std::string(to_word(kind)), log::parse_level(settings.log_level));
        serve(settings, kind, routes);
        return 0;
    } catch (const std::exception& error) {
        std::cerr << program << ": " << error.what() << '\n';
        return 1;
    }
}

}  // namespace rpm::web
