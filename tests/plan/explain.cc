// SPDX-License-Identifier: MIT
// What engines do is held against explain() by tests/conformance; here is what no engine is needed for.
#define BOOST_TEST_DYN_LINK
#include "shared/plan/explain.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "shared/base/error.h"
#include "tests/support/sites.h"

using namespace rpm;
using namespace rpm::test;

namespace {

plan::Request get(std::string_view url, std::string_view from = "", std::vector<std::string> headers = {}) {
    return plan::parse_request("GET", url, from, headers);
}

DeployableSite shop(std::string_view more = "{}") {
    Json json = a_definition("shop.example.com");
    const Json members = Json::parse(more);
    for (const auto& [name, value] : members.members()) json[name] = value;
    json["version"] = 2;
    return a_site(7, json);
}

plan::Explanation explained(const DeployableSite& site, const plan::Request& request,
                            NodeProfile node = a_node()) {
    return plan::explain(node, {&site, 1}, request);
}

unsigned status(const plan::Explanation& explanation) {
    const plan::Ending& first = explanation.endings.at(0);
    return first.kind == plan::EndKind::answered ? first.statuses.at(0) : 0;
}

std::string problem(const auto& work) {
    try {
        work();
        return "";
    } catch (const Invalid& error) {
        return error.problems.entries().begin()->first;
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(explain)

BOOST_AUTO_TEST_CASE(requests_are_read_or_refused_by_field) {
    const auto request =
        plan::parse_request("POST", "https://Shop.Example.com:8443/a%20b?x=1#here", "2001:db8::1",
                            {"X-Key: one", "x-key: two", "Content-Length: 12"});
    BOOST_TEST(request.encrypted);
    BOOST_TEST(request.name() == "shop.example.com");
    BOOST_TEST(request.port->value() == 8443);
    BOOST_TEST(request.target == "/a%20b?x=1");
    BOOST_TEST(*request.header("X-KEY") == "one, two");
    BOOST_TEST(*request.body == 12U);
    BOOST_TEST(get("http://x.example").target == "/");
    BOOST_TEST(get("http://x.example?y").target == "/?y");
    BOOST_TEST(problem([] { get("shop.example.com/x"); }) == "url");
    BOOST_TEST(problem([] { get("http://"); }) == "url");
    BOOST_TEST(problem([] { get("http://a@b/"); }) == "url");
    BOOST_TEST(problem([] { get("http://a:0/"); }) == "url");
    BOOST_TEST(problem([] { get("http://a/b c"); }) == "url");
    BOOST_TEST(problem([] { get("http://a/", "300.1.1.1"); }) == "from");
    BOOST_TEST(problem([] { get("http://a/", "", {"no colon"}); }) == "header");
    BOOST_TEST(problem([] { plan::parse_request("get", "http://a/", "", {}); }) == "method");
}

BOOST_AUTO_TEST_CASE(paths_are_cleaned_as_engines_do) {
    BOOST_TEST(plan::matched_path("/a/./b//c/../d").value() == "/a/b/d");
    BOOST_TEST(plan::matched_path("/%61/").value() == "/a/");
    BOOST_TEST(plan::matched_path("/a/..").value() == "/");
    BOOST_TEST(!plan::matched_path("/.."));
    BOOST_TEST(!plan::matched_path("/%zz"));
    BOOST_TEST(!plan::matched_path("/%0"));
    BOOST_TEST(!plan::matched_path("/%00"));
    BOOST_TEST(plan::encoded_path("/a b/\xc3\xbc%") == "/a%20b/%C3%BC%25");
}

BOOST_AUTO_TEST_CASE(steps_name_the_deciding_member) {
    const auto site = shop(R"({"access":{"allow":["10.0.0.0/8"],"deny":["10.1.0.0/16"]},
        "routes":[{"path":"/open","access":{}}]})");
    const auto denied = explained(site, get("http://shop.example.com/x", "10.1.2.3"));
    BOOST_TEST(status(denied) == 403U);
    BOOST_TEST(denied.endings.front().field == "access.deny.0");
    const auto stranger = explained(site, get("http://shop.example.com/x", "192.0.2.1"));
    BOOST_TEST(stranger.endings.front().field == "access.allow");
    const auto let_in = explained(site, get("http://shop.example.com/x", "10.2.0.1"));
    BOOST_TEST((let_in.endings.front().kind == plan::EndKind::passed));
    BOOST_TEST(let_in.endings.front().passed.servers.front() == "10.0.0.1:8080");
    const auto open = explained(site, get("http://shop.example.com/open", "192.0.2.1"));
    BOOST_TEST((open.endings.front().kind == plan::EndKind::passed));
    const auto fields = open.fields();
    BOOST_TEST((std::ranges::find(fields, "routes.0.access") != fields.end()));
}

BOOST_AUTO_TEST_CASE(names_are_found_as_people_write_them) {
    Json json = a_definition("bücher.example");
    json["domains"].push("*.example.org");
    const auto site = a_site(7, json);
    BOOST_TEST(explained(site, get("http://BÜCHER.example/")).site == &site);
    BOOST_TEST(explained(site, get("http://bücher.example/")).site == &site);
    BOOST_TEST(explained(site, get("http://xn--bcher-kva.example/")).site == &site);
    BOOST_TEST(explained(site, get("http://a.example.org/")).site == &site);
    BOOST_TEST(status(explained(site, get("http://example.org/"))) == 404U);
    BOOST_TEST(status(explained(site, get("http://192.0.2.9/"))) == 404U);
    BOOST_TEST(status(explained(site, get("http://*.example.org/"))) == 404U);
    BOOST_TEST(status(explained(site, get("http://a.b.example.org/"))) == 404U);
}

BOOST_AUTO_TEST_CASE(plain_sites_are_not_reached_by_https_nor_on_other_ports) {
    const auto site = shop();
    BOOST_TEST(
        (explained(site, get("https://shop.example.com/")).endings.at(0).kind == plan::EndKind::refused));
    BOOST_TEST(
        (explained(site, get("http://shop.example.com:81/")).endings.at(0).kind == plan::EndKind::refused));
    BOOST_TEST(
        (explained(site, get("http://shop.example.com:80/")).endings.at(0).kind == plan::EndKind::passed));
}

BOOST_AUTO_TEST_CASE(the_visitor_behind_trusted_proxies_is_the_one_they_tell) {
    NodeProfile node = a_node();
    node.trusted_proxies = {*IpNetwork::parse("192.0.2.0/24")};
    const auto site = shop(R"({"access":{"deny":["203.0.113.9"]}})");
    const std::vector<std::string> forged = {"X-Forwarded-For: 203.0.113.9, 198.51.100.1, 192.0.2.8"};
    const std::vector<std::string> real = {"X-Forwarded-For: 198.51.100.1, 203.0.113.9, 192.0.2.8"};
    BOOST_TEST(status(explained(site, get("http://shop.example.com/", "192.0.2.7", forged), node)) == 0U);
    BOOST_TEST(status(explained(site, get("http://shop.example.com/", "192.0.2.7", real), node)) == 403U);
    BOOST_TEST(status(explained(site, get("http://shop.example.com/", "192.0.2.7", real))) == 0U);
}

BOOST_AUTO_TEST_CASE(what_nobody_can_know_is_told_as_such) {
    const auto site = shop(R"({"limits":{"rates":[{"requests":5,"status":503}]},
        "access":{"forward":{"url":"http://auth.example/","sign_in":"https://auth.example/in"}}})");
    const auto explanation = explained(site, get("http://shop.example.com/x?y=1"));
    BOOST_TEST((explanation.endings.at(0).kind == plan::EndKind::passed));
    BOOST_TEST(explanation.endings.at(0).when.empty());
    std::vector<unsigned> others;
    for (std::size_t i = 1; i < explanation.endings.size(); ++i) {
        BOOST_TEST(!explanation.endings[i].when.empty());
        others.push_back(explanation.endings[i].statuses.at(0));
    }
    BOOST_TEST(others == (std::vector<unsigned>{503, 302, 403, 500}));
    BOOST_TEST(explanation.endings.at(2).location ==
               "https://auth.example/in?rd=http://shop.example.com/x?y=1");
}

BOOST_AUTO_TEST_CASE(json_says_the_same) {
    const Json json = plan::to_json(explained(shop(), get("http://shop.example.com/x")));
    BOOST_TEST(json.at("site").at("domain").text() == "shop.example.com");
    BOOST_TEST(json.at("endings").items().at(0).at("kind").text() == "passed");
    BOOST_TEST(json.at("endings").items().at(0).at("upstream").at("target").text() == "/x");
    BOOST_TEST(plan::to_json(explained(shop(), get("http://other.example/"))).at("site").is_null());
}

BOOST_AUTO_TEST_SUITE_END()
