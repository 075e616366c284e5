// SPDX-License-Identifier: MIT
// What each Caddy itself says to rendered releases (caddy validate).
#define BOOST_TEST_DYN_LINK
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/render/caddy_support.h"
#include "tests/support/caddy.h"

using namespace rpm;
using namespace rpm::test;
namespace data = boost::unit_test::data;

namespace {

Finished tested(const CaddyBinary& caddy, const NodeProfile& node, const std::vector<DeployableSite>& sites,
                const std::string& key = "") {
    const TemporaryFolder folder;
    write_release(folder.path(), by_caddy(node, sites), caddy_marker(node), key);
    return test_caddy(caddy, folder.path());
}

void expect_good(const Finished& test) {
    BOOST_TEST(test.status == 0, test.output);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(caddy_accepts)

BOOST_DATA_TEST_CASE(no_site, data::make(caddies()), caddy) {
    expect_good(tested(caddy, a_caddy(private_ports(), caddy.facts), {}));
}

BOOST_DATA_TEST_CASE(every_option, data::make(caddies()), caddy) {
    const auto [certificate, key] = a_certificate({"shop.example.com"});
    NodeProfile node = a_caddy(private_ports(), caddy.facts);
    node.resolvers = {*IpAddress::parse("192.0.2.53"), *IpAddress::parse("2001:db8::53")};
    Json required = all_of_caddy("required.example.com");
    required["domains"] = Json::array({"required.example.com"});
    required["tls"]["clients"]["mode"] = "required";
    required["access"]["forward"]["mode"] = "browser";
    required["access"]["forward"]["sign_in"] = "/sign-in";
    std::vector<DeployableSite> sites = {
        with_certificate(a_site(1, all_of_caddy("shop.example.com")), certificate),
        with_certificate(a_site(2, required), certificate)};
    for (const char* balancing : {"round_robin", "least_connections", "ip_hash", "sticky_cookie"}) {
        Json json = a_definition(std::string(1, *balancing) + ".example.com", "app.internal");
        json["version"] = 2;
        json["upstream"]["balancing"] = balancing;
        json["upstream"]["servers"].push(a_server("app_2", 81));
        sites.push_back(a_site(sites.size() + 1, json));
    }
    expect_good(tested(caddy, node, sites, key));
}

BOOST_DATA_TEST_CASE(what_only_later_versions_have, data::make(caddies()), caddy) {
    if (caddy.facts.version < EngineVersion{2, 8, 0}) return;
    NodeProfile node = a_caddy(private_ports(), caddy.facts);
    node.trusted_proxies = parse_networks("x", "192.0.2.0/24 2001:db8::/32");
    Json json = a_definition("w.example.com");
    json["version"] = 2;
    json["upstream"]["servers"].push(a_server("10.0.0.2", 81, 7));
    json["access"]["deny"].push("192.0.2.1");
    Json hashed = a_definition("h.example.com");
    hashed["upstream"]["balancing"] = "ip_hash";
    hashed["upstream"]["servers"].push(a_server("10.0.0.2", 81));
    expect_good(tested(caddy, node, {a_site(1, json), a_site(2, hashed)}));
}

BOOST_DATA_TEST_CASE(all_addresses_and_many_sites, data::make(caddies()), caddy) {
    std::vector<DeployableSite> sites;
    for (unsigned i = 1; i <= 200; ++i)
        sites.push_back(a_site(i, a_definition("s" + std::to_string(i) + ".example.com")));
    expect_good(
        tested(caddy, a_caddy({std::nullopt, free_port(), free_port(), free_port()}, caddy.facts), sites));
}

BOOST_AUTO_TEST_SUITE_END()
