// SPDX-License-Identifier: MIT
// rpmgr-api: the REST API.
#include "web/api/api.h"

#include <iostream>

#include "shared/base/config.h"
#include "shared/base/log.h"
#include "shared/crypto/digest.h"
#include "shared/db/migration.h"
#include "shared/render/renderer.h"
#include "web/api/input.h"

namespace {

using namespace rpm;

struct Settings {
    db::Settings database;
    http::Settings http;
    std::filesystem::path document = RPMGR_DATADIR "/openapi.json";
    std::filesystem::path proxy_templates = RPMGR_DATADIR "/proxy_templates";
    std::filesystem::path migrations = RPMGR_DATADIR "/sql";
    std::filesystem::path sealing_key = RPMGR_SYSCONFDIR "/sealing.pub";
    std::string log_level = "info";

    Settings() {
        database.user = "rpmgr_api";
        http.listen = "/run/rpmgr/api.sock";
        http.limits.body_bytes = api::kMaxBody;
    }
    void declare(Options& options) {
        database.declare(options);
        http.declare(options);
        options.add("paths.openapi", document, "the file openapi.json");
        options.add("paths.proxy_templates", proxy_templates, "folder of the engines' configuration");
        options.add("paths.sql", migrations, "folder of the migrations, to check the schema against");
        options.add("keys.public", sealing_key, "public half of the sealing key");
        options.add("log.level", log_level, "debug, info, warning or error");
    }
};

// An Api with the connection that only its thread uses.
class Thread final : public http::Handler {
  public:
    Thread(const db::Settings& database, const Clock& clock, const crypto::SealingKey& sealing,
           const std::string& document, const TemplateSet& proxy_templates, const api::Router& router)
        : db_(database), api_({db_, clock, sealing, document, proxy_templates}, router) {}
    http::Response handle(const http::Request& request) override { return api_.handle(request); }
    http::Response error_response(const http::Request& request, const http::Failure& failure) override {
        return api_.error_response(request, failure);
    }

  private:
    db::Connection db_;
    api::Api api_;
};

void serve(const Settings& settings) {
    const SystemClock clock;
    const auto sealing = crypto::SealingKey::load(settings.sealing_key);
    const std::string document = read_file(settings.document);
    const auto proxy_templates = render::load_templates(settings.proxy_templates);
    const api::Router router(api::routes());
    {
        db::Connection first(settings.database);
        db::check_schema(first, db::load_migrations(settings.migrations, crypto::sha256_hex));
    }
    http::Server server(settings.http, [&](unsigned) {
        return std::make_unique<Thread>(settings.database, clock, sealing, document, *proxy_templates,
                                        router);
    });
    server.run();
}

}  // namespace

int main(int argc, char** argv) {
    try {
        Settings settings;
        Options options("rpmgr-api", "the REST API");
        settings.declare(options);
        if (options.read(argc, argv, RPMGR_SYSCONFDIR "/api.conf") == Options::Next::exit) return 0;
        log::start("api", log::parse_level(settings.log_level));
        serve(settings);
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "rpmgr-api: " << error.what() << '\n';
        return 1;
    }
}
