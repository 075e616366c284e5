// SPDX-License-Identifier: MIT
// Workers killed at random moments: each node serves the old or the new release entirely, and another worker
// finishes.
#define BOOST_TEST_DYN_LINK
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <csignal>
#include <random>
#include <thread>

#include "tests/support/fleet.h"

using namespace std::chrono_literals;
using rpm::Json;
using rpm::test::lab;

namespace {

constexpr int kTrials = 12;

Json versioned(rpm::test::Fleet& fleet, const std::string& domain, int version) {
    Json json = fleet.definition(domain);
    json["raw"] = Json::object({{"nginx", "add_header X-Version " + std::to_string(version) + " always;"}});
    return json;
}

// What the node says for this site: the version, or nothing when it does not serve it.
std::string version_on(std::size_t node, const std::string& host) {
    const auto& to = lab().node(node);
    return rpm::test::shell("curl -s -m 5 -o /dev/null -D - -H 'Host: " + host + "' http://" + to.address +
                            ":" + std::to_string(to.http_port) +
                            "/ | tr -d '\\r' | sed -n 's/^X-Version: //p' | tr -d '\\n'");
}

// A worker process of its own, as a timer would start it.
pid_t start_worker(const rpm::crypto::UnsealingKeys& keys) {
    const pid_t pid = fork();
    if (pid != 0) return pid;
    rpm::db::Connection db(rpm::test::database_settings());
    const rpm::SystemClock clock;
    const auto templates = rpm::render::load_templates("proxy_templates");
    const auto cache = rpm::render::make_cache();
    rpm::store::RevisionCache revisions;
    std::map<rpm::CredentialId, rpm::ssh::PrivateKey> credentials;
    rpm::deploy::Tools tools{db, clock, keys, *templates, cache.get(), &revisions, credentials};
    rpm::deploy::Deployer(tools, {.linger = 0s, .concurrency = 8, .lease = 1s}).run([] { return false; });
    _exit(0);
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(deploy_killed, rpm::test::Fleet)

BOOST_AUTO_TEST_CASE(a_killed_worker_leaves_every_node_whole_and_another_one_finishes) {
    const auto first = create(versioned(*this, "first.example.test", 0));
    const auto second = create(versioned(*this, "second.example.test", 0));
    rpm::ops::deploy_sites(ops, admin, {first, second}, "start");
    work();
    std::mt19937 random(20261122);
    std::uniform_int_distribution<int> moment(0, 600);
    for (int trial = 1; trial <= kTrials; ++trial) {
        update(first, static_cast<unsigned>(trial), versioned(*this, "first.example.test", trial));
        update(second, static_cast<unsigned>(trial), versioned(*this, "second.example.test", trial));
        const auto number = rpm::ops::deploy_sites(ops, admin, {first, second}, "trial");
        const pid_t worker = start_worker(keys);
        std::this_thread::sleep_for(std::chrono::milliseconds(moment(random)));
        kill(worker, SIGKILL);
        waitpid(worker, nullptr, 0);
        for (std::size_t node = 0; node < lab().size(); ++node) {
            // Asked until both answers come from one release: a reload may lie between the two questions.
            std::string one, other;
            for (int again = 0; again < 4 && (again == 0 || one != other); ++again) {
                one = version_on(node, "first.example.test");
                other = version_on(node, "second.example.test");
            }
            BOOST_TEST(one == other,
                       "node " << node << " is mixed in trial " << trial << ": " << one << ", " << other);
            BOOST_TEST((one == std::to_string(trial) || one == std::to_string(trial - 1)), one);
        }
        rpm::deploy::Deployer successor(tools, {.linger = 30s, .concurrency = 8, .lease = 30s});
        successor.run([&] {
            // The pause before the next try is not what is tested here.
            rpm::db::transact(db, [](rpm::db::Transaction& tx) {
                tx.execute("UPDATE jobs SET run_after = created_at WHERE state = 'queued'");
            });
            return deployment(number).finished_at.has_value();
        });
        BOOST_TEST(deployment(number).state == "succeeded");
        for (std::size_t node = 0; node < lab().size(); ++node)
            BOOST_TEST(version_on(node, "second.example.test") == std::to_string(trial));
    }
    BOOST_TEST(site(first).deploy_state == "live");
}

BOOST_AUTO_TEST_SUITE_END()
