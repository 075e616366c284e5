// SPDX-License-Identifier: MIT
// rpmgr-notify: sends the mail that is queued.
#include <unistd.h>

#include <array>

#include "shared/base/log.h"
#include "shared/crypto/digest.h"
#include "shared/db/migration.h"
#include "workers/notify/notifier.h"
#include "workers/runner.h"
#include "workers/settings.h"

namespace {

using namespace rpm;
using namespace std::chrono_literals;

constexpr auto kLook = 1s;  // between two looks into an empty queue

std::string worker_name() {
    std::array<char, 256> host{};
    gethostname(host.data(), host.size() - 1);
    return std::string(host.data()) + ":" + std::to_string(getpid());
}

int notify_people(int argc, char** argv) {
    WorkerSettings settings;
    std::chrono::seconds linger{0};
    Options options("rpmgr-notify", "sends the mail that is queued, and ends");
    settings.declare(options);
    options.add("notify.linger", linger, "seconds to go on looking for more");
    if (options.read(argc, argv, RPMGR_SYSCONFDIR "/worker.conf") == Options::Next::exit) return 0;
    log::start("rpmgr-notify", log::parse_level(settings.log_level));
    if (settings.mail.host.empty()) {
        log::info("no mail server is named (mail.host): nothing to do");
        return 0;
    }
    settings.mail.check();
    const Secret password =
        settings.mail.password_file.empty() ? Secret() : read_secret(settings.mail.password_file);
    const TemplateSet templates(settings.pages, {".txt"});
    const auto keys = crypto::UnsealingKeys::load(settings.private_keys);
    const auto sealing = crypto::SealingKey::load(settings.public_key);
    const SystemClock clock;
    db::Connection db(settings.database);
    db::check_schema(db, db::load_migrations(settings.sql, crypto::sha256_hex));
    ops::Context context{db, clock, sealing};
    notify::Notifier notifier({context, keys, templates, settings.mail.from,
                               [&](const std::string& to, std::string_view wire) {
                                   return notify::send_mail(settings.mail, password, to, wire);
                               }},
                              worker_name());
    const Time end = clock.now() + linger;
    unsigned done = notifier.run(&stop_requested);
    while (clock.now() < end && pause_for(kLook)) done += notifier.run(&stop_requested);
    log::info("done", {{"jobs", done}});
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    return rpm::run("rpmgr-notify", [&] { return notify_people(argc, argv); });
}
