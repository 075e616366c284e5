// SPDX-License-Identifier: MIT
// What goes wrong around a run: the database, odd jobs, full disks, a worker that is asked to stop. Nothing
// is lost, and nobody else has to wait.
#define BOOST_TEST_DYN_LINK
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <csignal>
#include <cstdlib>
#include <thread>

#include "tests/support/fleet.h"

using namespace std::chrono_literals;
using rpm::Json;
using rpm::test::lab;

namespace {

// Can a node get file systems that nobody else sees? Not as an ordinary user, and not in every container.
boost::test_tools::assertion_result own_file_systems(boost::unit_test::test_unit_id) {
    boost::test_tools::assertion_result can(
        geteuid() == 0 && std::system("unshare -m --propagation private mount --bind /tmp /tmp 2>&-") == 0);
    can.message() << "file systems of its own need root and the right to mount";
    return can;
}

struct Faults : rpm::test::Fleet {
    void change(const std::string& sql) {
        rpm::db::transact(db, [&](rpm::db::Transaction& tx) { tx.execute_once(sql); });
    }
    std::string state_of(rpm::DeploymentId id, std::size_t node) {
        return rpm::store::list_deployment_nodes(db, id).at(node).state;
    }
    Json with_raw(const std::string& domain, const std::string& raw) {
        Json json = definition(domain);
        json["raw"] = Json::object({{"nginx", raw}});
        return json;
    }
};

// Runs as a process of its own, as a timer would start it.
pid_t start_worker(const rpm::db::Settings& settings, const rpm::crypto::UnsealingKeys& keys) {
    const pid_t pid = fork();
    if (pid != 0) return pid;
    rpm::db::Connection db(settings);
    const rpm::SystemClock clock;
    const auto templates = rpm::render::load_templates("proxy_templates");
    const auto cache = rpm::render::make_cache();
    rpm::store::RevisionCache revisions;
    std::map<rpm::CredentialId, rpm::ssh::PrivateKey> credentials;
    rpm::deploy::Tools tools{db, clock, keys, *templates, cache.get(), &revisions, credentials};
    rpm::deploy::Deployer(tools, {.linger = 60s, .concurrency = 8, .lease = 3s}).run([] { return false; });
    _exit(0);
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(deploy_faults, Faults)

BOOST_AUTO_TEST_CASE(a_node_whose_lock_is_held_is_tried_as_rarely_as_one_that_is_down) {
    const auto id = create(definition("locked.example.test"));
    const std::string home = (lab().folder() / "node-1/node").string();
    rpm::test::shell("echo lock_wait=0 >>" + home + "/node.conf");
    const pid_t holder = fork();
    if (holder == 0) {
        execl("/bin/sh", "sh", "-c", ("exec 9>>" + home + "/root/lock; flock 9; exec sleep 60").c_str(),
              nullptr);
        _exit(127);
    }
    std::this_thread::sleep_for(500ms);
    const auto number = deploy(id);
    const auto now = clock.now();
    work();
    kill(holder, SIGKILL);
    waitpid(holder, nullptr, 0);
    rpm::test::shell("sed -i /lock_wait/d " + home + "/node.conf");
    BOOST_TEST(state_of(number, 0) == "queued");
    const auto job = rpm::store::get_job(db, rpm::store::list_deployment_nodes(db, number).at(0).job);
    BOOST_TEST(job.attempts == 1U);  // of eight
    BOOST_TEST((job.run_after >= now + 2s));
    BOOST_TEST(job.error.find("lock") != std::string::npos, job.error);
}

BOOST_AUTO_TEST_CASE(a_job_for_a_node_that_is_gone_holds_nobody) {
    const auto id = create(definition("gone-node.example.test"));
    const auto number = deploy(id);
    change("UPDATE jobs SET subject_id = 999999 ORDER BY id LIMIT 1");
    work();
    BOOST_TEST(state_of(number, 1) == "succeeded");
    BOOST_TEST(state_of(number, 2) == "succeeded");
    rpm::store::JobFilter waiting;
    waiting.state = "queued";
    const auto jobs = rpm::store::list_jobs(db, waiting);
    BOOST_REQUIRE(jobs.size() == 1);
    BOOST_TEST(jobs[0].error.find("no such node") != std::string::npos, jobs[0].error);
}

BOOST_AUTO_TEST_CASE(a_record_that_cannot_be_read_holds_nobody) {
    const auto id = create(definition("odd.example.test"));
    deploy(id);
    work();
    change("UPDATE releases SET manifest = 'no manifest' ORDER BY node_id LIMIT 1");
    update(id, 1, with_raw("odd.example.test", "add_header X-Odd yes always;"));
    const auto number = deploy(id);
    work();
    BOOST_TEST(state_of(number, 0) == "failed");
    BOOST_TEST(state_of(number, 1) == "succeeded");
    BOOST_TEST(rpm::store::list_deployment_nodes(db, number)[0].error.find("manifest") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_site_whose_last_good_version_is_refused_too_is_left_out) {
    const auto good = create(definition("stays.example.test"));
    const auto bad = create(with_raw("twice.example.test", "gzip_comp_level 5;"));
    rpm::ops::deploy_sites(ops, admin, {good, bad}, "both");
    work();
    BOOST_TEST(lab().fetch(0, "twice.example.test").starts_with("200 "));

    // As after an update of the engine: what it took once it now refuses.
    change(
        "UPDATE site_revisions SET definition = REPLACE(definition, 'gzip_comp_level 5', "
        "'gzip_comp_level 77')");
    revisions = {};
    cache = rpm::render::make_cache();
    tools.cache = cache.get();
    update(bad, 1, with_raw("twice.example.test", "gzip_comp_level 99;"));
    Json more = definition("stays.example.test");
    more["domains"].push("stays-too.example.test");
    update(good, 1, more);
    const auto refused = deploy(bad);
    const auto passed = deploy(good);
    work();
    BOOST_TEST(deployment(refused).state == "failed");
    BOOST_TEST(deployment(passed).state == "succeeded");
    BOOST_TEST(site(bad).deploy_state == "failed");
    BOOST_TEST(lab().fetch(0, "stays-too.example.test").starts_with("200 "));
    BOOST_TEST(lab().fetch(0, "twice.example.test").starts_with("404 "));
    for (const auto& on : rpm::store::list_site_nodes(db, bad)) {
        BOOST_TEST(on.served_number == 0);
        BOOST_TEST(on.quarantined_number == 2);
    }
}

BOOST_AUTO_TEST_CASE(a_worker_asked_to_stop_finishes_what_it_began) {
    const auto id = create(definition("stop.example.test"));
    const auto number = deploy(id);
    rpm::deploy::Deployer deployer(tools, {.linger = 60s, .concurrency = 8, .lease = 30s});
    int turns = 0;
    deployer.run([&] { return ++turns > 2; });
    BOOST_TEST(deployment(number).state == "succeeded");

    update(id, 1, with_raw("stop.example.test", "add_header X-Stop yes always;"));
    const auto later = deploy(id);
    rpm::deploy::Deployer stopped(tools, {.linger = 60s, .concurrency = 8, .lease = 30s});
    BOOST_TEST(stopped.run([] { return true; }) == 0);
    BOOST_TEST(deployment(later).state == "queued");
}

BOOST_AUTO_TEST_CASE(a_full_disk_is_said_in_words_and_changes_nothing,
                     *boost::unit_test::precondition(own_file_systems)) {
    const auto id = create(with_raw("full.example.test", "add_header X-Full no always;"));
    deploy(id);
    work();
    lab().command("break", "node-1 disk-full");
    std::string much;
    for (int i = 0; i < 30; ++i)
        much += "add_header X-Pad-" + std::to_string(i) + " " + std::string(400, 'x') + " always;\n";
    Json json = with_raw("full.example.test", much);
    for (int i = 0; i < 7; ++i) create(with_raw("pad" + std::to_string(i) + ".example.test", much));
    std::vector<rpm::SiteId> all{id};
    for (const auto& other : rpm::store::list_sites(db, rpm::Scope::everything(), {}))
        if (other.id != id) all.push_back(other.id);
    update(id, 1, json);
    const auto number = rpm::ops::deploy_sites(ops, admin, all, "much");
    work();
    const auto nodes = rpm::store::list_deployment_nodes(db, number);
    lab().command("mend", "node-1 disk-full");
    BOOST_TEST(nodes[0].state == "queued");
    BOOST_TEST(nodes[0].error.find("disk is full") != std::string::npos, nodes[0].error);
    BOOST_TEST(nodes[1].state == "succeeded");
    BOOST_TEST(lab().fetch(0, "full.example.test").starts_with("200 "));
    BOOST_TEST(lab().fetch(0, "pad1.example.test").starts_with("404 "));

    rpm::deploy::Deployer deployer(tools, {.linger = 15s, .concurrency = 8, .lease = 30s});
    deployer.run([&] { return deployment(number).finished_at.has_value(); });
    BOOST_TEST(deployment(number).state == "succeeded");
    BOOST_TEST(lab().fetch(0, "pad1.example.test").starts_with("200 "));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_CASE(deploy_survives_a_restart_of_the_database_in_every_phase) {
    rpm::test::Server server;
    auto settings = server.settings();
    rpm::db::Connection(settings).run_script("CREATE DATABASE restarted CHARACTER SET utf8mb4;\n");
    settings.name = "restarted";
    rpm::test::Fleet fleet(settings);
    const auto id = fleet.create(fleet.definition("restart.example.test"));
    const auto first = fleet.deploy(id);
    fleet.work();
    BOOST_TEST(fleet.deployment(first).state == "succeeded");
    lab().command("break", "node-1 slow 1");
    const pid_t worker = start_worker(settings, fleet.keys);
    unsigned version = 1;
    for (const auto moment : {30ms, 400ms, 900ms, 1300ms}) {
        Json json = fleet.definition("restart.example.test");
        json["raw"] =
            Json::object({{"nginx", "add_header X-Version " + std::to_string(version) + " always;"}});
        version = fleet.update(id, version, json);
        const auto number = fleet.deploy(id);
        std::this_thread::sleep_for(moment);
        server.stop();
        std::this_thread::sleep_for(700ms);
        server.start();
        const auto until = std::chrono::steady_clock::now() + 30s;
        while (!fleet.deployment(number).finished_at && std::chrono::steady_clock::now() < until)
            std::this_thread::sleep_for(100ms);
        BOOST_TEST(fleet.deployment(number).state == "succeeded",
                   "stopped after " << moment.count() << " ms");
        BOOST_TEST(fleet.site(id).deploy_state == "live");
        BOOST_TEST(rpm::store::count_jobs(fleet.db, fleet.clock.now()).running == 0);
        BOOST_TEST(waitpid(worker, nullptr, WNOHANG) == 0);  // it waited
    }
    kill(worker, SIGKILL);
    waitpid(worker, nullptr, 0);
    lab().command("mend", "node-1 slow");
}
