// SPDX-License-Identifier: MIT
// The main job against real nodes: saved, queued, rendered, uploaded, tested, switched, reloaded, proven,
// recorded.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

#include "shared/crypto/x509.h"
#include "shared/ops/shared_pieces.h"
#include "tests/support/fleet.h"

using namespace std::chrono_literals;
using rpm::Json;
using rpm::test::lab;

BOOST_FIXTURE_TEST_SUITE(deploy_nodes, rpm::test::Fleet)

BOOST_AUTO_TEST_CASE(a_site_goes_live_on_all_nodes_and_is_proven) {
    Json json = definition("shop.example.test");
    json["tls"] = Json::object({{"mode", "self_signed"}, {"redirect_http", true}});
    const auto id = create(json);
    const auto number = deploy(id);
    BOOST_TEST(work() == 3);

    BOOST_TEST(deployment(number).state == "succeeded");
    BOOST_TEST(site(id).deploy_state == "live");
    for (std::size_t i = 0; i < lab().size(); ++i) {
        const auto node = rpm::store::find_node(db, lab().node(i).name).value();
        BOOST_TEST(node.state == "ok");
        BOOST_TEST(node.current_release == lab().release(i));
        BOOST_TEST(lab().fetch(i, "shop.example.test").starts_with("308 "));
        const std::string answer = lab().fetch(i, "shop.example.test", "/", true);
        BOOST_TEST(answer.starts_with("200 "), answer);
        BOOST_TEST(answer.find("backend: lab") != std::string::npos, answer);
    }
    for (const auto& node : rpm::store::list_deployment_nodes(db, number)) {
        BOOST_TEST(node.state == "succeeded");
        for (const char* step : {"connect", "upload", "test", "switch", "reload", "verify"})
            BOOST_TEST(node.steps.find(step) != std::string::npos, node.steps);
        BOOST_TEST(node.steps.find("\"failed\"") == std::string::npos, node.steps);
    }
}

BOOST_AUTO_TEST_CASE(upstreams_by_name_are_asked_of_the_nodes_own_name_servers) {
    const auto node = rpm::store::find_node(db, "node-1").value();
    BOOST_TEST(!node.resolvers);
    const auto set = [&](const char* column, const char* value) {
        rpm::db::transact(db, [&](rpm::db::Transaction& tx) {
            tx.execute_once(std::string("UPDATE nodes SET ") + column + " = '" + value +
                            "' WHERE name = 'node-1'");
        });
    };
    const auto rendered = [&] {
        return rpm::test::shell("grep -o 'resolver [^;]*' " +
                                (lab().folder() / "node-1/node/root/current/nginx.conf").string());
    };
    const std::string own = rpm::test::shell(
        "awk '$1 == \"nameserver\" { s = s sep $2; sep = \" \" } END { printf \"%s\", s }' /etc/resolv.conf");
    const std::string wanted = "resolver " + (own.empty() ? "127.0.0.53" : own) + "\n";

    const auto id = create(definition("names.example.test"));
    deploy(id);
    work();
    BOOST_TEST(rpm::store::get_node(db, node.id).resolvers.value() == own);
    BOOST_TEST(rendered() == wanted);

    set("resolvers", "192.0.2.1");  // so it was once
    const auto again = deploy(id);
    work();
    BOOST_TEST(deployment(again).state == "succeeded");
    BOOST_TEST(rpm::store::list_deployment_nodes(db, again).at(0).state == "succeeded");
    BOOST_TEST(rpm::store::get_node(db, node.id).resolvers.value() == own);
    BOOST_TEST(rpm::store::get_node(db, node.id).current_release == lab().release(0));
    BOOST_TEST(rendered() == wanted);

    set("resolvers_given", "192.0.2.2 2001:db8::53");
    deploy(id);
    work();
    BOOST_TEST(rendered() == "resolver 192.0.2.2 [2001:db8::53]\n");
}

BOOST_AUTO_TEST_CASE(an_unchanged_plan_switches_nothing) {
    const auto id = create(definition("same.example.test"));
    deploy(id);
    work();
    const auto again = deploy(id);
    work();
    for (const auto& node : rpm::store::list_deployment_nodes(db, again))
        BOOST_TEST(node.state == "unchanged");
    BOOST_TEST(deployment(again).state == "succeeded");
    BOOST_TEST(site(id).deploy_state == "live");
}

BOOST_AUTO_TEST_CASE(a_certificate_for_the_servers_comes_with_its_key) {
    const auto now = rpm::SystemClock().now();
    const auto made = rpm::crypto::self_signed({"client"}, now, now + std::chrono::days(30));
    Json json = definition("shown.example.test");
    json["version"] = 2;
    json["upstream"]["scheme"] = "https";
    json["upstream"]["tls"] = Json::object({{"verify", false},
                                            {"certificate", made.chain_pem},
                                            {"key", std::string(made.private_key_pem.reveal())}});
    const auto id = create(json);
    const auto number = deploy(id);
    work();
    BOOST_TEST(deployment(number).state == "succeeded",
               rpm::store::list_deployment_nodes(db, number).at(0).steps);
    const std::string name = rpm::crypto::read_certificate(made.chain_pem).fingerprint.substr(0, 16);
    const auto file = lab().folder() / "node-1/node/root/current/certs" / (name + ".key");
    std::ifstream in(file);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    BOOST_TEST((text == made.private_key_pem.reveal()), file.string());
    BOOST_TEST((std::filesystem::status(file).permissions() == std::filesystem::perms(0600)));
}

BOOST_AUTO_TEST_CASE(a_changed_snippet_reaches_both_its_sites_in_one_release) {
    const auto robots = [](const char* line) {
        return Json::object({{"pages", Json::object({{"robots_txt", line}})}});
    };
    const auto house = rpm::ops::create_piece(
        ops, admin,
        {.name = "house", .owner = {}, .definition = robots("Disallow: /one\n"), .reason = "test"});
    std::vector<rpm::SiteId> sites;
    for (const char* name : {"first.example.test", "second.example.test"}) {
        Json json = definition(name);
        json["version"] = 2;
        json["snippets"] = Json::array({"house"});
        sites.push_back(create(json));
    }
    rpm::ops::deploy_sites(ops, admin, sites, "both");
    work();
    const auto shows = [&](std::size_t node, const char* name, const std::string& line) {
        return lab().fetch(node, name, "/robots.txt").find("Disallow: /" + line) != std::string::npos;
    };
    const auto release = lab().release(0);

    const auto saved =
        rpm::ops::update_piece(ops, admin, house, 1, {.definition = robots("Disallow: /two\n")});
    BOOST_TEST((saved.sites == sites));
    work();  // nothing is queued by saving
    BOOST_TEST(lab().release(0) == release);
    BOOST_TEST(shows(0, "first.example.test", "one"));

    const auto number = rpm::ops::deploy_sites(ops, admin, saved.sites, "the house changed");
    BOOST_TEST(work() == 3);  // one job per node carries both
    BOOST_TEST(deployment(number).state == "succeeded");
    BOOST_TEST(lab().release(0) != release);
    for (std::size_t i = 0; i < lab().size(); ++i)
        for (const char* name : {"first.example.test", "second.example.test"})
            BOOST_TEST(shows(i, name, "two"), name);
}

BOOST_AUTO_TEST_CASE(a_refused_directive_keeps_the_old_site_and_lets_the_others_through) {
    const auto good = create(definition("good.example.test"));
    const auto bad = create(definition("bad.example.test"));
    rpm::ops::deploy_sites(ops, admin, {good, bad}, "both");
    work();
    BOOST_TEST(lab().fetch(0, "bad.example.test").starts_with("200 "));

    Json broken = definition("bad.example.test");
    broken["raw"] = Json::object({{"nginx", "gzip_comp_level 99;"}});
    update(bad, 1, broken);
    Json changed = definition("good.example.test");
    changed["domains"].push("more.example.test");
    update(good, 1, changed);
    const auto failing = deploy(bad);
    const auto passing = deploy(good);
    work();

    BOOST_TEST(deployment(failing).state == "failed");
    BOOST_TEST(deployment(passing).state == "succeeded");
    BOOST_TEST(site(bad).deploy_state == "failed");
    BOOST_TEST(site(good).deploy_state == "live");
    for (std::size_t i = 0; i < lab().size(); ++i) {
        BOOST_TEST(lab().fetch(i, "bad.example.test").starts_with("200 "));
        BOOST_TEST(lab().fetch(i, "more.example.test").starts_with("200 "));
    }
    for (const auto& node : rpm::store::list_deployment_nodes(db, failing)) {
        BOOST_TEST(node.error.find("between 1 and 9") != std::string::npos, node.error);
        BOOST_TEST(node.engine_output.find("[emerg]") != std::string::npos, node.engine_output);
        BOOST_TEST(node.steps.find("\"failed\"") != std::string::npos, node.steps);
    }
    for (const auto& where : rpm::store::list_site_nodes(db, bad)) {
        BOOST_TEST(where.served_number == 1);
        BOOST_TEST(where.quarantined_number == 2);
    }

    update(bad, 2, changed = definition("bad.example.test"));
    const auto fixed = deploy(bad);
    work();
    BOOST_TEST(deployment(fixed).state == "succeeded");
    BOOST_TEST(site(bad).deploy_state == "live");
    for (const auto& where : rpm::store::list_site_nodes(db, bad))
        BOOST_TEST(where.quarantine_message.empty());
}

BOOST_AUTO_TEST_CASE(a_new_site_that_is_refused_is_left_out) {
    Json broken = definition("never.example.test");
    broken["raw"] = Json::object({{"nginx", "gzip_comp_level 99;"}});
    const auto id = create(broken);
    const auto number = deploy(id);
    work();
    BOOST_TEST(deployment(number).state == "failed");
    BOOST_TEST(lab().fetch(0, "never.example.test").starts_with("404 "));
}

BOOST_AUTO_TEST_CASE(an_unreachable_node_waits_and_holds_nobody) {
    lab().command("break", "node-2 sshd-down");
    const auto id = create(definition("two.example.test"));
    const auto number = deploy(id);
    work();
    auto nodes = rpm::store::list_deployment_nodes(db, number);
    BOOST_TEST(nodes[0].state == "succeeded");
    BOOST_TEST(nodes[1].state == "queued");
    BOOST_TEST(!nodes[1].error.empty());
    BOOST_TEST(nodes[2].state == "succeeded");
    BOOST_TEST(deployment(number).state == "running");
    BOOST_TEST(rpm::store::find_node(db, "node-2")->state == "unreachable");

    lab().command("mend", "node-2 sshd-down");
    rpm::deploy::Deployer deployer(tools, {.linger = 6s, .concurrency = 8, .lease = 30s});
    deployer.run([&] { return deployment(number).state == "succeeded"; });
    BOOST_TEST(deployment(number).state == "succeeded");
    BOOST_TEST(rpm::store::find_node(db, "node-2")->state == "ok");
    BOOST_TEST(lab().fetch(1, "two.example.test").starts_with("200 "));
}

BOOST_AUTO_TEST_CASE(a_changed_host_key_stops_that_node_only) {
    lab().command("break", "node-3 host-key");
    const auto id = create(definition("key.example.test"));
    const auto number = deploy(id);
    work();
    lab().command("mend", "node-3 host-key");
    BOOST_TEST(deployment(number).state == "partial");
    const auto node = rpm::store::find_node(db, "node-3").value();
    BOOST_TEST(node.state == "host_key");
    const auto keys_seen = rpm::store::list_host_keys(db, node.id);
    BOOST_REQUIRE(keys_seen.size() == 2);
    BOOST_TEST(keys_seen[0].state == "offered");
    BOOST_TEST(keys_seen[1].state == "trusted");
    BOOST_TEST(lab().fetch(2, "key.example.test").starts_with("404 "));

    const auto again = rpm::ops::deploy_node(ops, admin, node.id, "key is back");
    work();
    BOOST_TEST(deployment(again).state == "succeeded");
    BOOST_TEST(site(id).deploy_state == "live");
}

BOOST_AUTO_TEST_CASE(a_node_whose_key_nobody_trusts_is_not_signed_in_to) {
    db.query("SELECT 1");
    rpm::db::transact(db, [](rpm::db::Transaction& tx) { tx.execute("DELETE FROM node_host_keys"); });
    const auto id = create(definition("first.example.test"));
    const auto number = deploy(id);
    work();
    BOOST_TEST(deployment(number).state == "failed");
    const auto node = rpm::store::find_node(db, "node-1").value();
    const auto offered = rpm::store::list_host_keys(db, node.id);
    BOOST_REQUIRE(offered.size() == 1);
    BOOST_TEST(offered[0].state == "offered");
    rpm::ops::trust_host_key(ops, admin, node.id, offered[0].fingerprint);
    const auto again = rpm::ops::deploy_node(ops, admin, node.id, "trusted");
    work();
    BOOST_TEST(deployment(again).state == "succeeded");
}

BOOST_AUTO_TEST_CASE(a_lost_release_on_the_node_is_sent_whole) {
    const auto id = create(definition("whole.example.test"));
    deploy(id);
    work();
    // The record says that the node has a release which it does not have.
    rpm::db::transact(db, [](rpm::db::Transaction& tx) {
        tx.execute("UPDATE releases SET release_id = REPEAT('a', 32)");
        tx.execute("UPDATE nodes SET current_release = REPEAT('a', 32)");
    });
    Json json = definition("whole.example.test");
    json["domains"].push("whole2.example.test");
    update(id, 1, json);
    const auto number = deploy(id);
    work();
    BOOST_TEST(deployment(number).state == "succeeded");
    BOOST_TEST(lab().fetch(0, "whole2.example.test").starts_with("200 "));
}

BOOST_AUTO_TEST_CASE(removing_blocking_and_pausing_take_effect) {
    const auto id = create(definition("gone.example.test"));
    deploy(id);
    work();
    BOOST_TEST(rpm::ops::block_site(ops, admin, id, 451, "court order").has_value());
    work();
    BOOST_TEST(lab().fetch(0, "gone.example.test").starts_with("451 "));
    rpm::ops::resume_site(ops, admin, id);
    rpm::ops::pause_site(ops, admin, id);
    work();
    BOOST_TEST(lab().fetch(0, "gone.example.test").starts_with("503 "));
    rpm::ops::remove_site(ops, admin, id);
    work();
    BOOST_TEST(lab().fetch(0, "gone.example.test").starts_with("404 "));
}

BOOST_AUTO_TEST_CASE(a_worker_that_dies_is_replaced_and_nothing_is_lost) {
    const auto id = create(definition("dies.example.test"));
    const auto number = deploy(id);
    // Claims with a lease that ends at once and never reports: a worker killed right after its claim.
    const auto claim = rpm::store::claim_jobs(
        db, {.kind = "node.deploy", .worker = "dead:1", .token = "0123456789abcdef", .lease = 0s, .limit = 3},
        clock.now());
    BOOST_TEST(claim.jobs.size() == 3);
    rpm::deploy::Deployer deployer(tools, {.linger = 20s, .concurrency = 8, .lease = 30s});
    deployer.run([&] { return deployment(number).state == "succeeded"; });
    BOOST_TEST(deployment(number).state == "succeeded");
    const rpm::JobId stale = claim.jobs[0].id;
    rpm::db::transact(db, [&](rpm::db::Transaction& tx) {
        BOOST_TEST(rpm::store::finish_jobs(tx, {&stale, 1}, claim.token, "failed", "", "late", clock.now()) ==
                   0);
    });
}

BOOST_AUTO_TEST_CASE(an_engine_that_is_down_is_said_in_words) {
    lab().command("break", "node-1 engine-down");
    const auto id = create(definition("down.example.test"));
    const auto number = deploy(id);
    work();
    const auto nodes = rpm::store::list_deployment_nodes(db, number);
    lab().command("mend", "node-1 engine-down");
    BOOST_TEST(nodes[0].state == "queued");
    BOOST_TEST(nodes[0].error.find("not running") != std::string::npos, nodes[0].error);
    BOOST_TEST(nodes[1].state == "succeeded");
}

BOOST_AUTO_TEST_SUITE_END()
