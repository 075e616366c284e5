// SPDX-License-Identifier: MIT
#include "shared/ops/node_settings.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "shared/ops/nodes.h"
#include "shared/store/address_lists.h"
#include "shared/store/audit.h"
#include "tests/support/world.h"

using namespace rpm;
using namespace std::chrono_literals;

namespace {

constexpr const char* kUrl = "https://cdn.example.net/ranges.txt";

struct SettingNodes : test::World {
    NodeId edge = add_node("edge-1");
    std::map<std::string, std::string> texts;
    unsigned asked = 0;

    static NodeSettings parsed(std::string_view json) { return NodeSettings::parse(Json::parse(json)); }
    static NodeSettings with_list() {
        return parsed(R"({"trusted_lists":{"urls":["https://cdn.example.net/ranges.txt"]}})");
    }
    store::Node node() { return store::get_node(db, edge); }
    void carry(const char* release = "0123456789abcdef") {
        db::transact(db, [&](db::Transaction& tx) {
            tx.execute("UPDATE nodes SET current_release = ? WHERE id = ?", release, edge);
        });
    }
    ops::ListsRead read() {
        return ops::refresh_address_lists(
            db, clock,
            [&](const std::string& url) {
                ++asked;
                const auto found = texts.find(url);
                if (found == texts.end()) throw Unavailable("nobody answers there");
                return found->second;
            },
            [] { return false; });
    }
    store::ListedAddresses list() { return store::list_address_lists(db).at(0); }
    std::vector<std::string> trusted() {
        std::vector<std::string> out;
        for (const IpNetwork& network : node().profile().trusted_proxies) out.push_back(network.text());
        return out;
    }
    std::uint64_t deployments() { return number("SELECT COUNT(*) FROM deployments"); }
};
using Words = std::vector<std::string>;

}  // namespace

BOOST_FIXTURE_TEST_SUITE(settings_of_nodes, SettingNodes)

BOOST_AUTO_TEST_CASE(a_change_is_stored_told_and_deployed) {
    const auto drop = parsed(R"({"default_site":{"answer":"drop"}})");
    BOOST_TEST(!ops::set_node_settings(context, admin, edge, drop));  // carries nothing yet
    BOOST_CHECK(node().profile().default_site.answer == DefaultAnswer::drop);
    carry();
    BOOST_TEST(!ops::set_node_settings(context, admin, edge, drop));  // nothing has changed
    BOOST_TEST(deployments() == 0U);
    const auto version = ops::settings_version(node());
    const auto deployment = ops::set_node_settings(context, admin, edge, {}, version);
    BOOST_REQUIRE(deployment);
    BOOST_TEST(the_deployment(*deployment).state == "queued");
    BOOST_TEST(deployments() == 1U);
    BOOST_CHECK(node().node_settings() == NodeSettings{});
    const auto told = store::list_audit(db, Scope::everything(), {.action_prefix = "node.settings"});
    BOOST_REQUIRE(told.size() == 2U);
    BOOST_TEST(told[0].before == drop.to_json().dump());
    BOOST_CHECK_THROW(ops::set_node_settings(context, admin, edge, drop, version), Conflict);
    BOOST_CHECK_THROW(ops::set_node_settings(context, alice, edge, drop), Forbidden);
    BOOST_CHECK_THROW(ops::set_node_settings(context, admin, NodeId(9999), drop), NotFound);
}

BOOST_AUTO_TEST_CASE(what_the_engine_cannot_do_is_refused) {
    db::transact(db, [&](db::Transaction& tx) {
        tx.execute("UPDATE nodes SET proxy_type = 'caddy', engine_version = '2.6.2' WHERE id = ?", edge);
    });
    BOOST_CHECK_EXCEPTION(ops::set_node_settings(context, admin, edge, with_list()), Invalid,
                          [](const Invalid& error) { return error.problems.has("trusted_lists"); });
    BOOST_TEST(node().settings == "");
}

BOOST_AUTO_TEST_CASE(what_the_file_says_is_changed_there_only) {
    ops::DiscoveredNode found;
    found.name = "edge-2";
    found.ip_address = "192.0.2.1";
    found.ssh_user = "rpmgr";
    found.settings = parsed(R"({"default_site":{"answer":"drop"}})");
    const auto apply = [&] { return ops::apply_discovered(context, admin, {found}, false); };
    BOOST_CHECK((apply().created == Words{"edge-2"}));
    edge = store::find_node(db, "edge-2")->id;
    BOOST_TEST(node().settings_by_file);
    BOOST_CHECK_THROW(ops::set_node_settings(context, admin, edge, {}), Conflict);
    BOOST_CHECK((apply().unchanged == Words{"edge-2"}));
    BOOST_TEST(deployments() == 0U);
    carry();
    found.settings = parsed(R"({"default_site":{"answer":"not_found"}})");
    BOOST_CHECK((apply().updated == Words{"edge-2"}));
    BOOST_TEST(deployments() == 1U);
    found.settings.reset();  // from now on somebody else says them
    BOOST_CHECK((apply().updated == Words{"edge-2"}));
    BOOST_CHECK((apply().unchanged == Words{"edge-2"}));
    BOOST_TEST(!node().settings_by_file);
    BOOST_CHECK_NO_THROW(ops::set_node_settings(context, admin, edge, with_list()));
    found.engine = Engine::traefik;  // which cannot do what was set elsewhere
    BOOST_CHECK_EXCEPTION(apply(), Invalid,
                          [](const Invalid& error) { return error.problems.has("edge-2: trusted_lists"); });
    found.settings = with_list();
    BOOST_CHECK_EXCEPTION(apply(), Invalid,
                          [](const Invalid& error) { return error.problems.has("edge-2: trusted_lists"); });
}

BOOST_AUTO_TEST_CASE(a_list_is_read_when_due_and_deployed_when_it_changes) {
    carry();
    ops::set_node_settings(context, admin, edge, with_list());
    const auto before = deployments();
    texts[kUrl] = "192.0.2.0/24\n2001:db8::/32\n";
    BOOST_TEST(read().deployments == 1U);
    BOOST_CHECK((trusted() == Words{"192.0.2.0/24", "2001:db8::/32"}));
    BOOST_TEST(deployments() == before + 1);
    BOOST_TEST(list().entries == 2U);
    BOOST_TEST(read().asked == 0U);  // not due
    clock.advance(6h);
    const auto same = read();
    BOOST_TEST(same.asked == 1U);
    BOOST_TEST(same.changed == 0U);
    BOOST_TEST(deployments() == before + 1);
    BOOST_CHECK(list().fetched_at == clock.now());
    BOOST_CHECK(list().changed_at == clock.now() - 6h);
    clock.advance(6h);
    texts[kUrl] = "192.0.2.0/24\n";
    BOOST_TEST(read().changed == 1U);
    BOOST_CHECK((trusted() == Words{"192.0.2.0/24"}));
    const auto told = store::list_audit(db, Scope::everything(), {.action_prefix = "node.lists"});
    BOOST_TEST(told.size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_bad_list_leaves_the_old_one) {
    carry();
    ops::set_node_settings(context, admin, edge, with_list());
    texts[kUrl] = "192.0.2.0/24\n198.51.100.0/24\n203.0.113.0/24\n";
    read();
    const auto deployments_before = deployments();
    const std::pair<const char*, const char*> bad[] = {
        {"", "the list is empty"},
        {"# nothing\n", "the list is empty"},
        {"192.0.2.0/24\n", "the list has shrunk from 3 networks to 1"},
        {"0.0.0.0/0\n192.0.2.0/24\n", "the list: line 1: '0.0.0.0/0' is too wide"},
        {"<html>", "the list: line 1: '<html>' is no address or network"}};
    for (const auto& [text, why] : bad) {
        clock.advance(6h);
        texts[kUrl] = text;
        BOOST_TEST(read().failed == 1U, text);
        BOOST_TEST(list().error.starts_with(why), list().error);
        BOOST_TEST(trusted().size() == 3U);
    }
    texts.clear();
    clock.advance(15min);  // a failure is tried again soon
    BOOST_TEST(read().failed == 1U);
    BOOST_TEST(list().error == "nobody answers there");
    BOOST_TEST(list().entries == 3U);
    BOOST_TEST(deployments() == deployments_before);
    clock.advance(15min);
    texts[kUrl] = "192.0.2.0/24\n198.51.100.0/24\n";
    BOOST_TEST(read().changed == 1U);
    BOOST_TEST(list().error == "");
    BOOST_TEST(trusted().size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_new_node_gets_what_was_read_and_a_list_that_nobody_names_goes) {
    ops::set_node_settings(context, admin, edge, with_list());
    texts[kUrl] = "192.0.2.0/24\n";
    read();
    const NodeId first = edge;
    edge = add_node("edge-2");
    ops::set_node_settings(context, admin, edge, with_list());
    BOOST_CHECK((trusted() == Words{"192.0.2.0/24"}));
    BOOST_TEST(read().asked == 0U);
    ops::set_node_settings(context, admin, first, {});
    ops::set_node_settings(context, admin, edge, {});
    BOOST_TEST(trusted().empty());
    read();
    BOOST_TEST(store::list_address_lists(db).empty());
}

BOOST_AUTO_TEST_SUITE_END()
