// SPDX-License-Identifier: MIT
// Who has which port: one stream for each port of a node, and none of the node's own.
#include "shared/ops/ports.h"

#define BOOST_TEST_DYN_LINK
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <thread>

#include "shared/ops/nodes.h"
#include "shared/ops/sites.h"
#include "shared/store/site_ports.h"
#include "tests/support/sites.h"
#include "tests/support/world.h"

using namespace rpm;

namespace {

struct Ports : test::World {
    NodeId edge = add_node("edge-1");
    NodeId other = add_node("edge-2");

    SiteDefinition stream(std::string_view domain, std::string_view ports, const char* protocol = "tcp") {
        Json json = test::a_stream(domain, ports);
        json["stream"]["protocol"] = protocol;
        return SiteDefinition::parse(json);
    }
    SiteId add(const Viewer& viewer, const SiteDefinition& wanted, std::vector<NodeId> nodes,
               UserId owner = {}) {
        return ops::create_site(
            context, viewer,
            {.definition = wanted, .owner = owner, .targets = std::move(nodes), .reason = {}});
    }
    unsigned change(const Viewer& viewer, SiteId id, unsigned based_on, const SiteDefinition& wanted,
                    std::optional<std::vector<NodeId>> nodes = {}) {
        return ops::update_site(
            context, viewer, id, based_on,
            {.definition = wanted, .owner = {}, .targets = std::move(nodes), .reason = {}});
    }
    std::uint64_t rows(SiteId site) {
        return number("SELECT COUNT(*) FROM site_ports WHERE site_id = " + site.text());
    }
};

auto says(const std::string& words) {
    return [=](const Invalid& error) {
        const auto found = error.problems.entries().find("stream.ports");
        BOOST_TEST_MESSAGE(error.problems.text());
        return found != error.problems.entries().end() && found->second.find(words) != std::string::npos;
    };
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(stream_ports, Ports)

BOOST_AUTO_TEST_CASE(a_port_belongs_to_one_stream_on_each_node) {
    const auto first = add(admin, stream("one.example", "5432"), {edge});
    BOOST_TEST(rows(first) == 1U);
    BOOST_CHECK_EXCEPTION(add(admin, stream("two.example", "5400-5440"), {edge, other}), Invalid,
                          says("TCP port 5432 is used by one.example on node edge-1"));
    BOOST_TEST(number("SELECT COUNT(*) FROM sites") == 1U);  // nothing was saved
    const auto elsewhere = add(admin, stream("two.example", "5400-5440"), {other});
    BOOST_TEST(rows(elsewhere) == 41U);
    add(admin, stream("three.example", "5432", "udp"), {edge});
    // By another target, too.
    BOOST_CHECK_EXCEPTION(change(admin, elsewhere, 1, stream("two.example", "5400-5440"), {{edge, other}}),
                          Invalid, says("is used by one.example"));
    BOOST_TEST(rows(elsewhere) == 41U);
    ops::remove_site(context, admin, first);
    change(admin, elsewhere, 1, stream("two.example", "5400-5440"), {{edge, other}});
    BOOST_TEST(rows(elsewhere) == 82U);
    change(admin, elsewhere, 2, stream("two.example", "5432"), {{edge}});
    BOOST_TEST(rows(elsewhere) == 1U);
}

BOOST_AUTO_TEST_CASE(what_is_served_keeps_its_port) {
    const auto site = add(admin, stream("one.example", "5432"), {edge});
    deploy(admin, {site});
    run(edge);
    change(admin, site, 1, stream("one.example", "5433"));
    BOOST_TEST(rows(site) == 2U);
    BOOST_CHECK_THROW(add(admin, stream("two.example", "5432"), {edge}), Invalid);
    deploy(admin, {site});
    BOOST_TEST(rows(site) == 1U);
    add(admin, stream("two.example", "5432"), {edge});
}

BOOST_AUTO_TEST_CASE(the_nodes_own_ports_are_not_for_streams) {
    for (const char* port : {"80", "443", "8081", "22"})
        BOOST_CHECK_EXCEPTION(add(admin, stream("one.example", port), {edge}), Invalid,
                              says("on node edge-1"));
    BOOST_CHECK_EXCEPTION(add(admin, stream("one.example", "443", "udp"), {edge}), Invalid, says("HTTP/3"));
    add(admin, stream("one.example", "8080"), {edge});
    // Nor may a node take one of a stream.
    ops::DiscoveredNode found;
    found.name = "edge-9";
    found.ip_address = "192.0.2.9";
    found.ssh_user = "rpm";
    ops::apply_discovered(context, admin, {found}, false);
    const NodeId kept = store::find_node(db, "edge-9").value().id;
    add(admin, stream("nine.example", "8080"), {kept});
    found.http_port = 8080;
    BOOST_CHECK_EXCEPTION(
        ops::apply_discovered(context, admin, {found}, false), Invalid, [](const Invalid& error) {
            return error.problems.text().find("the stream nine.example has it there") != std::string::npos;
        });
    BOOST_TEST(store::find_node(db, "edge-9").value().http_port == 80U);
}

BOOST_AUTO_TEST_CASE(clients_have_the_ports_that_they_were_given) {
    const auto mine = [&](const Viewer& viewer, const char* domain, const char* ports) {
        return add_site(viewer, stream(domain, ports));
    };
    BOOST_CHECK_EXCEPTION(mine(alice, "one.example", "5432"), Invalid, says("by administrators only"));
    set(Setting::clients_stream_ports, "3");
    const auto first = mine(alice, "one.example", "5432-5433");
    BOOST_TEST(store::count_ports(db, alice.id) == 2U);  // on two nodes
    BOOST_CHECK_EXCEPTION(mine(alice, "two.example", "6000-6001"), Invalid, says("would be 4"));
    mine(alice, "two.example", "6000");
    // Another's stream is not named, and neither is a node.
    BOOST_CHECK_EXCEPTION(mine(bob, "bob.example", "5433"), Invalid, [](const Invalid& error) {
        const std::string text = error.problems.text();
        return text.find("TCP port 5433 is taken") != std::string::npos &&
               text.find("one.example") == std::string::npos && text.find("edge") == std::string::npos;
    });
    BOOST_CHECK_EXCEPTION(mine(bob, "bob.example", "443"), Invalid, says("by the proxies themselves"));
    set(Setting::clients_stream_ports, "0");
    auto noted = stream("one.example", "5432-5433");
    noted.note = "still mine";
    BOOST_TEST(change(alice, first, 1, noted) == 2U);
    BOOST_CHECK_EXCEPTION(change(alice, first, 2, stream("one.example", "5432-5434")), Invalid,
                          says("by administrators only"));
}

BOOST_AUTO_TEST_CASE(a_wider_range_reaches_no_closed_address) {
    set(Setting::clients_stream_ports, "9");
    set(Setting::clients_denied_networks, "10.0.0.0/24");
    BOOST_CHECK_THROW(add_site(alice, stream("one.example", "5432")), Invalid);
    const auto id = add(admin, stream("one.example", "5432"), {edge}, alice.id);
    auto noted = stream("one.example", "5432");
    noted.note = "still mine";
    BOOST_TEST(change(alice, id, 1, noted) == 2U);
    BOOST_CHECK_EXCEPTION(change(alice, id, 2, stream("one.example", "5432-5433")), Invalid,
                          [](const Invalid& error) { return error.problems.has("upstream.servers.0.host"); });
}

// Two at once: the table's key lets one of them through.
BOOST_AUTO_TEST_CASE(two_who_save_at_once_do_not_both_get_it) {
    for (unsigned round = 0; round < 5; ++round) {
        std::atomic<unsigned> saved{0};
        std::atomic<unsigned> refused{0};
        const std::string port = std::to_string(7000 + round);
        const auto save = [&](const std::string& domain) {
            db::Connection own(test::database_settings());
            ops::Context mine{own, clock, keys.sealing};
            try {
                ops::create_site(mine, admin,
                                 {.definition = stream(domain, port),
                                  .owner = {},
                                  .targets = std::vector<NodeId>{edge, other},
                                  .reason = {}});
                ++saved;
            } catch (const Invalid&) {
                ++refused;
            } catch (const Conflict&) {
                ++refused;
            }
        };
        std::vector<std::jthread> threads;
        for (const char* name : {"one", "two"}) threads.emplace_back(save, name + port + ".example");
        threads.clear();
        BOOST_TEST(saved == 1U);
        BOOST_TEST(refused == 1U);
        BOOST_TEST(number("SELECT COUNT(*) FROM site_ports WHERE port = " + port) == 2U);
    }
}

BOOST_AUTO_TEST_SUITE_END()
