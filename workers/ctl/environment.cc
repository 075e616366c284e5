// SPDX-License-Identifier: MIT
#include "workers/ctl/environment.h"

#include <pwd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "shared/base/config.h"
#include "shared/base/text.h"
#include "shared/crypto/digest.h"
#include "shared/crypto/token.h"
#include "shared/db/migration.h"
#include "shared/model/values.h"

namespace rpm::ctl {
namespace {

// Who really sits there: sudo hides it behind root. Only for the log; rights come from the database account.
std::string person() {
    for (const char* variable : {"SUDO_USER", "USER"})
        if (const char* name = std::getenv(variable); name != nullptr && Name::parse(name)) return name;
    if (const passwd* entry = getpwuid(getuid()); entry != nullptr && Name::parse(entry->pw_name))
        return entry->pw_name;
    return "uid-" + std::to_string(getuid());
}

std::size_t terminal_width() {
    winsize size = {};
    if (isatty(STDOUT_FILENO) == 0) return 0;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    return 80;
}

}  // namespace

void Settings::declare(Options& options) {
    database.declare(options);
    options.add("keys.public", public_key, "public half of the sealing key");
    options.add("keys.private", private_keys, "folder of the private halves");
    options.add("keys.vault", vault, "key of the panels' own secrets");
    options.add("paths.sql", sql, "folder of the migrations");
    options.add("paths.proxy_templates", templates, "folder of the engines' templates");
    options.add("paths.nodes", nodes, "list of nodes for discovery");
}

Environment::Environment(Settings settings)
    : settings_(std::move(settings)), db_(settings_.database), viewer_(Viewer::system()) {
    viewer_.username = person();
    viewer_.address = "local";
    viewer_.request_id = "cli-" + std::string(crypto::new_token().reveal().substr(0, 12));
}

db::Connection& Environment::db() {
    if (!schema_checked_) db::check_schema(db_, db::load_migrations(settings_.sql, crypto::sha256_hex));
    schema_checked_ = true;
    return db_;
}

ops::Context& Environment::context() {
    if (context_) return *context_;
    if (!std::filesystem::exists(settings_.public_key))
        throw Unavailable("there is no sealing key at " + settings_.public_key.string() +
                          " (keys.public): run 'rpmgr keys init'");
    sealing_ = std::make_unique<crypto::SealingKey>(crypto::SealingKey::load(settings_.public_key));
    if (std::filesystem::exists(settings_.vault))
        vault_ = std::make_unique<crypto::Vault>(crypto::Vault::load(settings_.vault));
    context_.reset(new ops::Context{db(), clock_, *sealing_, vault_.get()});
    return *context_;
}

void Environment::print(const Json& document) const {
    std::cout << document.dump(2) << '\n';
}

void Environment::print(const Table& table) const {
    std::cout << table.text(terminal_width());
}

void Environment::print(const std::string& line) const {
    std::cout << line << '\n';
}

void Environment::print(const std::string& line, const Json& document) const {
    if (json())
        print(document);
    else
        print(line);
}

std::string show(Time time) {
    return to_sql(time).substr(0, 19);
}

std::string show(const std::optional<Time>& time) {
    return time ? show(*time) : "-";
}

Json to_json(const std::optional<Time>& time) {
    return time ? Json(to_rfc3339(*time)) : Json();
}

}  // namespace rpm::ctl
