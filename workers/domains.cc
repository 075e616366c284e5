// SPDX-License-Identifier: MIT
// rpmgr-domains: looks whether clients hold the names that they want served.
#include <curl/curl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <exception>
#include <thread>
#include <vector>

#include "shared/base/config.h"
#include "shared/base/log.h"
#include "shared/crypto/digest.h"
#include "shared/crypto/sealing.h"
#include "shared/db/migration.h"
#include "workers/domains/checker.h"
#include "workers/runner.h"
#include "workers/settings.h"

namespace {

using namespace rpm;

std::string worker_name() {
    std::array<char, 65> host{};
    if (gethostname(host.data(), host.size() - 1) != 0) host[0] = '?';
    return std::string(host.data()) + ":" + std::to_string(getpid());
}

// Each thread has a connection of its own; the first failure ends the others, and is the program's.
unsigned run_all(const WorkerSettings& settings, const domains::Settings& how) {
    const SystemClock clock;
    const auto sealing = crypto::SealingKey::load(settings.public_key);
    std::atomic<unsigned> looks = 0;
    std::atomic<bool> failed = false;
    std::vector<std::exception_ptr> errors(how.concurrency);
    {
        std::vector<std::jthread> threads;
        for (unsigned i = 0; i < how.concurrency; ++i)
            threads.emplace_back([&, i] {
                try {
                    db::Connection db(settings.database);
                    domains::Checker checker(db, clock, sealing, how, worker_name());
                    looks += checker.run([&] { return failed || stop_requested(); });
                } catch (...) {  // carried to the main thread
                    errors[i] = std::current_exception();
                    failed = true;
                }
            });
    }
    for (const auto& error : errors)
        if (error) std::rethrow_exception(error);
    return looks;
}

int work(int argc, char** argv) {
    WorkerSettings settings;
    domains::Settings how;
    Options options("rpmgr-domains", "looks whether clients hold the names that they want served");
    settings.declare(options);
    how.declare(options);
    if (options.read(argc, argv, RPMGR_SYSCONFDIR "/worker.conf") == Options::Next::exit) return 0;
    if (how.concurrency < 1 || how.concurrency > 64)
        throw Invalid("domains.concurrency", "must be from 1 to 64");
    how.resolver = settings.resolver;
    how.http_port = settings.proof_http_port;
    how.private_addresses = settings.private_addresses;
    how.dns();  // wrong settings are told at once
    log::start("rpmgr-domains", log::parse_level(settings.log_level));
    curl_global_init(CURL_GLOBAL_DEFAULT);  // before there are threads
    {
        db::Connection db(settings.database);
        db::check_schema(db, db::load_migrations(settings.sql, crypto::sha256_hex));
    }
    log::info("done", {{"looks", std::to_string(run_all(settings, how))}});
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    return rpm::run("rpmgr-domains", [&] { return work(argc, argv); });
}
