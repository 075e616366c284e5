// SPDX-License-Identifier: MIT
#include "shared/model/capabilities.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "tests/support/sites.h"

using namespace rpm;

BOOST_AUTO_TEST_SUITE(capabilities_of_engines)

BOOST_AUTO_TEST_CASE(versions_are_read_from_what_engines_say) {
    BOOST_CHECK((EngineVersion::parse("1.22.1") == EngineVersion{1, 22, 1}));
    BOOST_CHECK((EngineVersion::parse("v2.8.4 h1:x=") == EngineVersion{2, 8, 4}));
    BOOST_CHECK((EngineVersion::parse("3.5-rc1") == EngineVersion{3, 5, 0}));
    BOOST_CHECK((EngineVersion::parse("unknown") == EngineVersion{}));
    BOOST_TEST((EngineVersion{1, 9, 0} < EngineVersion{1, 10, 0}));
}

BOOST_AUTO_TEST_CASE(an_ordinary_site_runs_everywhere) {
    const auto site = SiteDefinition::parse(test::a_definition("shop.example.com"));
    for (const Engine engine : {Engine::nginx, Engine::caddy, Engine::traefik})
        BOOST_TEST(limitations(site, engine, {}).empty(), to_word(engine));
}

BOOST_AUTO_TEST_CASE(a_limitation_names_field_reason_and_way_out) {
    Json json = test::a_definition("shop.example.com");
    json["upstream"]["scheme"] = "h2c";
    const auto found = limitations(SiteDefinition::parse(json), Engine::nginx, {});
    BOOST_REQUIRE(found.size() == 1U);
    BOOST_TEST(found.front().field == "upstream.scheme");
    BOOST_TEST(found.front().message.find("; use gRPC") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(modules_of_the_node_decide) {
    Json json = test::a_definition("shop.example.com");
    json["limits"]["rates"].push(Json::object({{"requests", 5}}));
    const auto site = SiteDefinition::parse(json);
    EngineFacts facts{{2, 8, 4}, {}};
    BOOST_TEST(limitations(site, Engine::caddy, facts).size() == 1U);
    facts.modules.insert("http.handlers.rate_limit");
    BOOST_TEST(limitations(site, Engine::caddy, facts).empty());
    BOOST_TEST(limitations(site, Engine::caddy, {}).empty());  // not known yet: the node's own test decides
}

BOOST_AUTO_TEST_CASE(what_is_different_is_told_and_not_refused) {
    Json json = test::a_definition("shop.example.com");
    BOOST_TEST(differences(SiteDefinition::parse(json), Engine::traefik, {}).empty());
    json["upstream"]["servers"].push(test::a_server("10.0.0.2", 80));
    json["upstream"]["read_timeout"] = 30;
    const auto site = SiteDefinition::parse(json);
    BOOST_TEST(limitations(site, Engine::traefik, {}).empty());
    BOOST_TEST(differences(site, Engine::nginx, {}).empty());
    const auto found = differences(site, Engine::traefik, {});
    BOOST_REQUIRE(found.size() == 1U);
    BOOST_TEST(found.front().field == "upstream.read_timeout");
    BOOST_TEST(found.front().message.find("nothing limits the rest") != std::string::npos);
    // One that Caddy has had until 2.8, and one that it has for good.
    BOOST_TEST(differences(site, Engine::caddy, {{2, 6, 2}, {}}).size() == 2U);
    BOOST_TEST(differences(site, Engine::caddy, {{2, 8, 0}, {}}).size() == 1U);
    BOOST_TEST(differences(site, Engine::caddy, {}).size() == 2U);  // not known yet: better said than not
}

BOOST_AUTO_TEST_CASE(a_letter_that_traefik_cannot_read_is_refused_where_it_stands) {
    Json json = test::a_definition("shop.example.com");
    json["routes"].push(Json::object({{"path", "/x\u2551y"}}));
    const auto site = SiteDefinition::parse(json);
    const auto found = limitations(site, Engine::traefik, {});
    BOOST_REQUIRE(found.size() == 1U);
    BOOST_TEST(found.front().field == "routes.0.path");
    for (const Engine engine : {Engine::nginx, Engine::caddy})
        BOOST_TEST(limitations(site, engine, {}).empty(), to_word(engine));
}

BOOST_AUTO_TEST_CASE(every_refusal_has_a_reason) {
    for (const Capability& each : capabilities())
        for (const Engine engine : {Engine::nginx, Engine::caddy, Engine::traefik})
            if (const EngineSupport& on = each.on(engine); !on.ever || on.differs || !on.module.empty())
                BOOST_TEST(!on.why.empty(), each.id);
}

BOOST_AUTO_TEST_SUITE_END()
