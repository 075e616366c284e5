// SPDX-License-Identifier: MIT
#include "shared/store/deployments.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "shared/crypto/digest.h"
#include "shared/store/contents.h"
#include "shared/store/node_sites.h"
#include "shared/store/nodes.h"
#include "tests/support/world.h"

using namespace rpm;
using namespace std::chrono_literals;

namespace {

struct Deployments : test::World {
    template <class F>
    void write(F&& change) {
        db::transact(db, change);
    }
    std::string part(DeploymentId id, NodeId node) { return the_part(id, node).state; }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(deployments, Deployments)

BOOST_AUTO_TEST_CASE(a_run_takes_everything_that_waits_and_succeeds) {
    const auto node = add_node("edge-1");
    const auto shop = add_site(alice, "shop.example");
    const auto blog = add_site(bob, "blog.example");
    const auto first = deploy(alice, {shop});
    const auto second = deploy(bob, {blog});
    const auto job = start(node);
    BOOST_TEST(the_deployment(first).state == "running");
    BOOST_TEST(the_deployment(second).state == "running");
    BOOST_TEST((the_part(second, node).job == job.id));
    BOOST_TEST(the_part(first, node).step == "connect");
    write([&](db::Transaction& tx) {
        store::update_node_progress(tx, node, "upload", R"([{"name":"upload"}])", std::string(32, 'a'));
    });
    BOOST_TEST(the_part(first, node).step == "upload");
    BOOST_TEST(the_part(first, node).release == std::string(32, 'a'));
    clock.advance(1s);
    finish(node, job);
    const auto done = the_deployment(first);
    BOOST_TEST(done.state == "succeeded");
    BOOST_TEST((done.finished_at == clock.now()));
    BOOST_TEST(done.sites == "shop.example");
    BOOST_TEST(done.nodes == 1U);
    BOOST_TEST(done.nodes_done == 1U);
    BOOST_TEST(done.requested_by == "alice");
    BOOST_TEST(the_part(second, node).state == "succeeded");
    BOOST_TEST(the_part(second, node).engine_output == "ok");
    BOOST_TEST(the_site(shop).deploy_state == "live");
    BOOST_TEST(the_site(blog).deploy_state == "live");
}

BOOST_AUTO_TEST_CASE(lists_are_scoped_and_filtered) {
    const auto node = add_node("edge-1");
    const auto shop = add_site(alice, "shop.example");
    const auto blog = add_site(bob, "blog.example");
    const auto first = deploy(alice, {shop});
    const auto second = deploy(bob, {blog});
    const auto both = deploy(admin, {shop, blog});
    const auto ids = [&](Scope scope, store::DeploymentFilter filter) {
        std::vector<DeploymentId> found;
        for (const auto& d : store::list_deployments(db, scope, filter)) found.push_back(d.id);
        return found;
    };
    using Ids = std::vector<DeploymentId>;
    BOOST_TEST((ids(Scope::everything(), {}) == Ids{both, second, first}));
    BOOST_TEST((ids(Scope::of(alice), {}) == Ids{first}));
    BOOST_TEST((ids(Scope::everything(), {.site = shop}) == Ids{both, first}));
    BOOST_TEST((ids(Scope::everything(), {.node = node, .before_id = both, .limit = 1}) == Ids{second}));
    BOOST_CHECK_THROW(store::get_deployment(db, Scope::of(alice), second), NotFound);
    BOOST_CHECK_THROW(store::get_deployment(db, Scope::of(alice), both), NotFound);
    const auto sites = store::list_deployment_sites(db, both);
    BOOST_REQUIRE(sites.size() == 2U);
    BOOST_TEST(sites[0].domain == "blog.example");
    BOOST_TEST(sites[0].number == 1U);
}

BOOST_AUTO_TEST_CASE(one_failed_node_of_two_is_partial) {
    const auto good = add_node("a");
    const auto bad = add_node("b");
    const auto site = add_site(alice, "shop.example");
    const auto id = deploy(alice, {site});
    run(good);
    BOOST_TEST(the_deployment(id).state == "running");
    BOOST_TEST(the_site(site).deploy_state == "deploying");
    fail(bad, start(bad), "no space left");
    BOOST_TEST(the_deployment(id).state == "partial");
    BOOST_TEST(the_deployment(id).nodes_failed == 1U);
    BOOST_TEST(the_part(id, bad).error == "no space left");
    BOOST_TEST(the_site(site).deploy_state == "failed");

    // Whatever brings the node up to date later makes the site live.
    const auto again = db::transact(db, [&](db::Transaction& tx) {
        return store::repeat_job(tx, the_part(id, bad).job, admin.id, clock.now());
    });
    BOOST_TEST(again.value() != 0U);
    run(bad);
    BOOST_TEST(the_site(site).deploy_state == "live");
    BOOST_TEST(the_deployment(id).state == "partial");
}

BOOST_AUTO_TEST_CASE(all_nodes_failed_is_failed) {
    const auto node = add_node("a");
    const auto site = add_site(alice, "shop.example");
    const auto id = deploy(alice, {site});
    fail(node, start(node), "\xff" + std::string(100'000, 'x'));
    BOOST_TEST(the_deployment(id).state == "failed");
    BOOST_TEST(the_site(site).deploy_state == "failed");
}

BOOST_AUTO_TEST_CASE(a_refused_site_fails_and_the_others_go_live) {
    const auto node = add_node("edge-1");
    const auto good = add_site(alice, "good.example");
    const auto bad = add_site(bob, "bad.example");
    const auto first = deploy(alice, {good});
    const auto second = deploy(bob, {bad});
    const auto job = start(node);
    clock.advance(1s);
    finish(node, job, {bad});
    BOOST_TEST(the_deployment(first).state == "succeeded");
    BOOST_TEST(the_deployment(second).state == "failed");
    BOOST_TEST(the_part(second, node).error == "unknown directive");
    BOOST_TEST(the_part(second, node).engine_output == "unknown directive");
    BOOST_TEST(the_part(second, node).steps == R"([{"name":"test","state":"fail"}])");
    BOOST_TEST(the_site(good).deploy_state == "live");
    BOOST_TEST(the_site(bad).deploy_state == "failed");
    BOOST_TEST((carried(node) == std::map<SiteId, unsigned>{{good, 1}}));

    // Asked for again, it is tried again.
    deploy(bob, {bad});
    BOOST_TEST((carried(node) == std::map<SiteId, unsigned>{{good, 1}, {bad, 1}}));
    run(node);
    BOOST_TEST(the_site(bad).deploy_state == "live");
}

BOOST_AUTO_TEST_CASE(a_site_that_a_dead_worker_put_into_quarantine_is_not_told_as_deployed) {
    const auto node = add_node("edge-1");
    const auto bad = add_site(bob, "bad.example");
    const auto id = deploy(bob, {bad});
    const auto job = start(node);
    write([&](db::Transaction& tx) {
        store::upsert_quarantine(tx, node, bad, the_site(bad).released, "unknown directive", 7, clock.now());
    });
    finish(node, job, {}, "unchanged");  // by its successor, which never saw the refusal
    BOOST_TEST(the_deployment(id).state == "failed");
    BOOST_TEST(the_part(id, node).error == "unknown directive");
    BOOST_TEST(the_site(bad).deploy_state == "failed");
}

BOOST_AUTO_TEST_CASE(a_node_with_nothing_to_do_is_unchanged) {
    const auto node = add_node("edge-1");
    const auto site = add_site(alice, "shop.example");
    deploy(alice, {site});
    run(node);
    const auto id = deploy(alice, {site});
    BOOST_TEST(the_site(site).deploy_state == "deploying");
    finish(node, start(node), {}, "unchanged");
    BOOST_TEST(part(id, node) == "unchanged");
    BOOST_TEST(the_deployment(id).state == "succeeded");
    BOOST_TEST(the_site(site).deploy_state == "live");
}

BOOST_AUTO_TEST_CASE(a_run_put_back_waits_again_with_the_reason) {
    const auto node = add_node("edge-1");
    const auto site = add_site(alice, "shop.example");
    const auto id = deploy(alice, {site});
    const auto job = start(node);
    write([&](db::Transaction& tx) {
        store::requeue_job(tx, job.id, token, "unreachable", clock.now(), clock.now());
        store::pause_node_run(tx, node, "unreachable");
    });
    BOOST_TEST(part(id, node) == "queued");
    BOOST_TEST(the_part(id, node).error == "unreachable");
    run(node);
    BOOST_TEST(the_part(id, node).error.empty());
    BOOST_TEST(the_deployment(id).state == "succeeded");
}

BOOST_AUTO_TEST_CASE(a_deployment_whose_workers_all_died_ends_failed) {
    const auto node = add_node("edge-1");
    const auto site = add_site(alice, "shop.example");
    const auto id = deploy(alice, {site});
    write([](db::Transaction& tx) { tx.execute("UPDATE jobs SET max_attempts = 1"); });
    start(node);
    clock.advance(1min);
    BOOST_TEST(store::requeue_expired_jobs(db, clock.now()) == 1U);
    BOOST_TEST(the_part(id, node).error == "worker host:1 did not finish in time");
    BOOST_TEST(the_deployment(id).state == "failed");
    BOOST_TEST(the_deployment(id).finished_at.has_value());
    BOOST_TEST(the_site(site).deploy_state == "failed");
}

BOOST_AUTO_TEST_CASE(a_run_left_by_a_dead_worker_is_taken_over) {
    const auto node = add_node("edge-1");
    const auto site = add_site(alice, "shop.example");
    const auto id = deploy(alice, {site});
    start(node);
    clock.advance(1min);
    store::requeue_expired_jobs(db, clock.now());
    BOOST_TEST(part(id, node) == "queued");
    clock.advance(1min);
    run(node);
    BOOST_TEST(the_deployment(id).state == "succeeded");
}

BOOST_AUTO_TEST_CASE(an_inactive_target_does_not_keep_a_site_from_being_live) {
    const auto node = add_node("edge-1");
    const auto off = add_node("edge-2");
    const auto site = add_site(alice, "shop.example");
    write([&](db::Transaction& tx) { store::update_node_active(tx, off, false, clock.now()); });
    deploy(alice, {site});
    run(node);
    BOOST_TEST(the_site(site).deploy_state == "live");
}

BOOST_AUTO_TEST_CASE(an_older_revision_that_goes_live_does_not_make_the_site_live) {
    const auto node = add_node("edge-1");
    const auto site = add_site(alice, "shop.example");
    const auto first = deploy(alice, {site});
    const auto job = start(node);
    const auto before = store::load_node_sites(db, node);
    auto next = definition("shop.example");
    next.note = "new";
    write([&](db::Transaction& tx) {
        store::insert_revision(tx, site, 1, next, {}, alice.id, "", clock.now());
    });
    const auto second = deploy(alice, {site});
    write([&](db::Transaction& tx) {
        store::record_release(tx, node, {std::string(32, 'a'), ""}, {{site, before[0].revision}},
                              clock.now());
        const JobId id = job.id;
        store::finish_jobs(tx, {&id, 1}, token, "succeeded", "", "", clock.now());
        store::finish_node_run(tx, node, {.state = "succeeded", .steps_json = "[]"}, clock.now());
    });
    BOOST_TEST(the_deployment(first).state == "succeeded");
    BOOST_TEST(the_deployment(second).state == "queued");
    BOOST_TEST(the_site(site).deploy_state == "deploying");
    run(node);
    BOOST_TEST(the_deployment(second).state == "succeeded");
    BOOST_TEST(the_site(site).deploy_state == "live");
}

BOOST_AUTO_TEST_CASE(a_proven_release_is_the_current_one) {
    const auto node = add_node("edge-1");
    BOOST_TEST(!store::find_current_release(db, node));
    const auto site = add_site(alice, "shop.example");
    deploy(alice, {site});
    run(node);
    const auto current = store::find_current_release(db, node);
    BOOST_REQUIRE(current);
    BOOST_TEST(current->manifest == "manifest\n");
    BOOST_TEST(store::get_node(db, node).current_release == current->id);
    BOOST_TEST(store::get_node(db, node).sites == 1U);
    write([&](db::Transaction& tx) {
        store::record_release(tx, node, {current->id, "manifest\n"}, {}, clock.now());
    });
    BOOST_TEST(store::get_node(db, node).sites == 0U);
    BOOST_TEST(number("SELECT COUNT(*) FROM releases") == 1U);
}

BOOST_AUTO_TEST_CASE(contents_are_kept_once_by_digest) {
    const std::string binary("a\0\xff b", 5);
    const std::string known = crypto::sha256_hex(binary);
    const std::string unknown = crypto::sha256_hex("other");
    write([&](db::Transaction& tx) {
        store::insert_contents(tx, {}, clock.now());
        store::insert_contents(tx, {{known, binary}}, clock.now());
        store::insert_contents(tx, {{known, binary}}, clock.now());
    });
    write([&](db::Transaction& tx) {
        BOOST_TEST(
            (store::claim_contents(tx, {known, unknown}, clock.now()) == std::set<std::string>{unknown}));
        BOOST_TEST(store::claim_contents(tx, {}, clock.now()).empty());
    });
    BOOST_TEST((store::find_content(db, known) == binary));
    BOOST_TEST(!store::find_content(db, unknown));
    BOOST_CHECK_THROW(store::find_content(db, "short"), Error);
}

BOOST_AUTO_TEST_SUITE_END()
