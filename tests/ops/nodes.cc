// SPDX-License-Identifier: MIT
#include "shared/ops/nodes.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "shared/store/audit.h"
#include "shared/store/nodes.h"
#include "tests/support/world.h"

using namespace rpm;

namespace {

struct Nodes : test::World {
    ops::DiscoveredNode found(std::string name) {
        ops::DiscoveredNode node;
        node.name = std::move(name);
        node.ip_address = "192.0.2.1";
        node.ssh_user = "rpmgr";
        node.private_key = Secret("private text");
        node.key_fingerprint = "SHA256:key";
        node.key_public_line = "ssh-ed25519 AAAA";
        return node;
    }
    ops::DiscoveryReport apply(const std::vector<ops::DiscoveredNode>& nodes, bool dry_run = false) {
        return ops::apply_discovered(context, admin, nodes, dry_run);
    }
    void offer(NodeId node, const char* fingerprint) {
        db::transact(db, [&](db::Transaction& tx) {
            store::insert_offered_host_key(tx, node, "ssh-ed25519", std::string("\0\xff blob", 7),
                                           fingerprint, clock.now());
        });
    }
    std::size_t audited(const std::string& action) {
        return store::list_audit(db, Scope::everything(), {.action_prefix = action}).size();
    }
};

using Names = std::vector<std::string>;

}  // namespace

BOOST_FIXTURE_TEST_SUITE(nodes, Nodes)

BOOST_AUTO_TEST_CASE(discovery_creates_updates_and_leaves_alone) {
    add_node("by-hand");
    auto edge = found("edge-1");
    BOOST_TEST((apply({edge, found("by-hand")}, true).created == Names{"edge-1"}));
    BOOST_TEST(!store::find_node(db, "edge-1"));
    const auto report = apply({edge, found("by-hand")});
    BOOST_TEST((report.created == Names{"edge-1"}));
    BOOST_TEST((report.kept == Names{"by-hand"}));
    BOOST_TEST((apply({edge}).unchanged == Names{"edge-1"}));
    edge.http_port = 8080;
    edge.listen_address = "192.0.2.9";
    BOOST_TEST((apply({edge}).updated == Names{"edge-1"}));
    const auto node = store::find_node(db, "EDGE-1");
    BOOST_REQUIRE(node);
    BOOST_TEST(node->http_port == 8080U);
    BOOST_TEST(node->discovered);
    BOOST_TEST((apply({}).missing == Names{"edge-1"}));
    BOOST_TEST(node->profile().listen.http.value() == 8080U);
    BOOST_TEST(audited("node.create") == 1U);
    BOOST_TEST(audited("node.update") == 1U);
    BOOST_CHECK_THROW(ops::apply_discovered(context, alice, {}, false), Forbidden);
}

BOOST_AUTO_TEST_CASE(keys_are_sealed_once_and_kept_when_the_file_has_none) {
    auto edge = found("edge-1");
    apply({edge, found("edge-2")});
    BOOST_TEST(number("SELECT COUNT(*) FROM credentials") == 1U);
    const auto credential = store::get_credential(db, store::find_node(db, "edge-1")->credential);
    crypto::UnsealingKeys unsealing;
    unsealing.add(keys.private_key);
    BOOST_TEST(unsealing.open(credential.sealed, "credential:SHA256:key").reveal() == "private text");
    edge.private_key = Secret();
    BOOST_TEST((apply({edge, found("edge-2")}).unchanged == Names{"edge-1", "edge-2"}));
    BOOST_TEST(store::find_credential(db, "SHA256:key").has_value());
    BOOST_TEST(!store::find_credential(db, "SHA256:ö"));
    BOOST_CHECK_THROW(store::get_credential(db, {}), NotFound);
}

BOOST_AUTO_TEST_CASE(a_host_key_of_the_file_is_trusted_once_and_never_replaced) {
    auto edge = found("edge-1");
    edge.host_key = {"ssh-ed25519", "blob", "SHA256:one"};
    apply({edge});
    const auto id = store::find_node(db, "edge-1")->id;
    BOOST_TEST(store::find_trusted_host_key(db, id)->fingerprint == "SHA256:one");
    edge.host_key = {"ssh-ed25519", "other", "SHA256:two"};
    apply({edge});
    BOOST_TEST(store::find_trusted_host_key(db, id)->fingerprint == "SHA256:one");
    BOOST_TEST(store::list_host_keys(db, id).size() == 2U);
    ops::trust_host_key(context, admin, id, "SHA256:two");
    BOOST_TEST(store::find_trusted_host_key(db, id)->blob == "other");
}

BOOST_AUTO_TEST_CASE(only_a_key_that_the_node_showed_can_be_trusted) {
    const auto id = add_node("edge-1");
    offer(id, "SHA256:one");
    offer(id, "SHA256:one");
    offer(add_node("edge-2"), "SHA256:two");
    db::transact(db, [&](db::Transaction& tx) {
        store::update_node_state(tx, id, "host_key", "unknown key", false, clock.now());
    });
    BOOST_TEST(!store::find_trusted_host_key(db, id));
    BOOST_CHECK_THROW(ops::trust_host_key(context, admin, id, "SHA256:two"), NotFound);
    BOOST_CHECK_THROW(ops::trust_host_key(context, admin, id, "SHA256:ö"), NotFound);
    BOOST_CHECK_THROW(ops::trust_host_key(context, alice, id, "SHA256:one"), Forbidden);
    BOOST_TEST(audited("node.trust_key") == 0U);
    ops::trust_host_key(context, admin, id, "SHA256:one");
    BOOST_TEST(store::find_trusted_host_key(db, id)->blob == std::string("\0\xff blob", 7));
    BOOST_TEST(store::get_node(db, id).state == "unknown");
    BOOST_TEST(audited("node.trust_key") == 1U);
}

BOOST_AUTO_TEST_CASE(a_state_keeps_its_age_while_it_stays) {
    const auto id = add_node("edge-1");
    const auto set = [&](const char* state, bool contacted) {
        db::transact(db, [&](db::Transaction& tx) {
            store::update_node_state(tx, id, state, "reason", contacted, clock.now());
        });
    };
    set("unreachable", false);
    const Time since = clock.now();
    clock.advance(std::chrono::minutes(5));
    set("unreachable", false);
    BOOST_TEST((store::get_node(db, id).state_since == since));
    BOOST_TEST(!store::get_node(db, id).last_contact_at);
    set("ok", true);
    BOOST_TEST((store::get_node(db, id).state_since == clock.now()));
    BOOST_TEST((store::get_node(db, id).last_contact_at == clock.now()));
}

BOOST_AUTO_TEST_CASE(a_disabled_node_is_not_deployed_to) {
    const auto id = add_node("edge-1");
    BOOST_CHECK_THROW(ops::set_node_active(context, alice, id, false), Forbidden);
    BOOST_CHECK_THROW(ops::deploy_node(context, alice, id, ""), Forbidden);
    ops::set_node_active(context, admin, id, false);
    BOOST_CHECK_THROW(ops::deploy_node(context, admin, id, ""), Invalid);
    BOOST_CHECK_THROW(ops::set_node_active(context, admin, NodeId(999'999), true), NotFound);
    ops::set_node_active(context, admin, id, true);
    const auto deployment = ops::deploy_node(context, admin, id, "check");
    run(id);
    BOOST_TEST(the_deployment(deployment).state == "succeeded");
    BOOST_TEST(audited("node.") == 3U);
}

BOOST_AUTO_TEST_CASE(a_cancelled_job_cancels_its_deployments) {
    const auto node = add_node("edge-1");
    const auto site = add_site(alice, "shop.example");
    const auto id = deploy(alice, {site});
    const auto job = the_part(id, node).job;
    BOOST_CHECK_THROW(ops::cancel_job(context, alice, job), Forbidden);
    ops::cancel_job(context, admin, job);
    BOOST_TEST(the_deployment(id).state == "cancelled");
    BOOST_TEST(the_part(id, node).state == "cancelled");
    BOOST_CHECK_THROW(ops::cancel_job(context, admin, job), Conflict);
    BOOST_CHECK_THROW(ops::repeat_job(context, alice, job), Forbidden);
    const auto next = ops::repeat_job(context, admin, job);
    BOOST_TEST((next != job));
    run(node);
    BOOST_TEST(the_site(site).deploy_state ==
               "draft");  // the node is up to date; the request stays cancelled
    deploy(alice, {site});
    run(node);
    BOOST_TEST(the_site(site).deploy_state == "live");
    BOOST_TEST(audited("job.") == 2U);
}

// A verb and its audit row are one: when the row cannot be written, nothing was done.
BOOST_AUTO_TEST_CASE(what_cannot_be_audited_is_not_done) {
    const auto node = add_node("edge-1");
    Viewer unlucky = admin;
    unlucky.request_id = std::string(65, 'x');  // does not fit its column
    BOOST_CHECK_THROW(ops::set_node_active(context, unlucky, node, false), Invalid);
    BOOST_TEST(store::get_node(db, node).active);
    BOOST_CHECK_THROW(ops::deploy_node(context, unlucky, node, ""), Invalid);
    BOOST_TEST(number("SELECT COUNT(*) FROM jobs") == 0U);
    BOOST_TEST(audited("") == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
