// SPDX-License-Identifier: MIT
// The main job on Caddy and Traefik: the same manager, the same definition.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>
#include <memory>

#include "shared/model/capabilities.h"
#include "tests/support/fleet.h"

using rpm::Engine;
using rpm::Json;

namespace {

// One node each, started for the first case that wants it; null where the engine cannot be had.
rpm::test::Lab* lab_of(Engine engine) {
    static std::map<Engine, std::unique_ptr<rpm::test::Lab>> labs;
    auto [place, fresh] = labs.try_emplace(engine);
    if (fresh) {
        const std::string program =
            engine == Engine::nginx ? std::string() : rpm::test::tool(std::string(to_word(engine)));
        if (engine == Engine::nginx || !program.empty())
            place->second = std::make_unique<rpm::test::Lab>(1, engine, program);
    }
    return place->second.get();
}

boost::test_tools::assertion_result have_caddy(boost::unit_test::test_unit_id) {
    return lab_of(Engine::caddy) != nullptr;
}
boost::test_tools::assertion_result have_traefik(boost::unit_test::test_unit_id) {
    return lab_of(Engine::traefik) != nullptr;
}

template <Engine E>
struct EngineFleet : rpm::test::Fleet {
    EngineFleet() : Fleet(*lab_of(E)) {}

    std::string fetch(const std::string& host, const std::string& path = "/", bool tls = false) {
        return machines.fetch(0, host, path, tls);
    }
    rpm::store::Node node() { return rpm::store::find_node(db, machines.node(0).name).value(); }

    void goes_live() {
        Json json = definition("shop.example.test");
        json["tls"] = Json::object({{"mode", "self_signed"}, {"redirect_http", true}});
        json["headers"]["response"].push(Json::object({{"name", "X-Tag"}, {"value", "one"}}));
        const auto id = create(json);
        const auto number = deploy(id);
        work();
        BOOST_TEST(deployment(number).state == "succeeded",
                   rpm::store::list_deployment_nodes(db, number).at(0).steps);
        const std::string plain = fetch("shop.example.test");
        BOOST_TEST((plain.starts_with("308 ") || plain.starts_with("301 ")), plain);
        const std::string answer = fetch("shop.example.test", "/", true);
        BOOST_TEST(answer.starts_with("200 "), answer);
        BOOST_TEST(answer.find("backend: lab") != std::string::npos, answer);
        BOOST_TEST(node().state == "ok");
        BOOST_TEST(node().current_release == machines.release(0));
    }

    void is_known_by_version() {
        const auto id = create(definition("facts.example.test"));
        deploy(id);
        work();
        const auto facts = node().profile().facts;
        BOOST_TEST(facts.known(), node().engine_version.value_or("none"));
        if (E == Engine::caddy) BOOST_TEST(facts.modules.contains("http.handlers.rate_limit"));
    }

    void changes_and_leaves() {
        const auto id = create(definition("change.example.test"));
        deploy(id);
        work();
        Json json = definition("change.example.test");
        json["kind"] = "redirect";
        json["upstream"] = Json::object();
        json["redirect"] = Json::object({{"to", "https://new.example.com/"}, {"status", 302}});
        update(id, 1, json);
        const auto number = deploy(id);
        work();
        BOOST_TEST(deployment(number).state == "succeeded");
        BOOST_TEST(fetch("change.example.test").starts_with("302 "));
        const auto again = deploy(id);
        work();
        BOOST_TEST(deployment(again).state == "succeeded");  // nothing to do
    }

    // What the engine cannot do is refused for it, and stops nobody else.
    void refuses_with_a_reason(const char* part, const Json& value, const char* reason) {
        const auto good = create(definition("good.example.test"));
        Json json = definition("bad.example.test");
        json["tls"]["mode"] = "self_signed";
        json["tls"]["clients"] = Json::object({{"mode", "required"}});
        json["tls"]["clients"]["ca"] = "-----BEGIN CERTIFICATE-----\nTUlJ\n-----END CERTIFICATE-----\n";
        json["tls"]["clients"][part] = value;
        const auto bad = create(json);
        deploy(good);
        const auto number = deploy(bad);
        work();
        BOOST_TEST(fetch("good.example.test").starts_with("200 "));
        BOOST_TEST(fetch("bad.example.test").starts_with("404 "));
        BOOST_TEST(deployment(number).state != "succeeded");
        const auto places = rpm::store::list_site_nodes(db, bad);
        BOOST_REQUIRE(!places.empty());
        BOOST_TEST(places.front().quarantine_message.find(reason) != std::string::npos,
                   places.front().quarantine_message);
    }
};

using CaddyFleet = EngineFleet<Engine::caddy>;
using TraefikFleet = EngineFleet<Engine::traefik>;

const Json kRevoked = "-----BEGIN X509 CRL-----\nTUlJ\n-----END X509 CRL-----\n";

}  // namespace

BOOST_FIXTURE_TEST_SUITE(deploy_caddy, CaddyFleet, *boost::unit_test::precondition(have_caddy))

BOOST_AUTO_TEST_CASE(a_site_goes_live) {
    goes_live();
}
BOOST_AUTO_TEST_CASE(the_engine_is_known_by_version_and_modules) {
    is_known_by_version();
}
BOOST_AUTO_TEST_CASE(a_site_changes) {
    changes_and_leaves();
}
BOOST_AUTO_TEST_CASE(what_it_cannot_do_is_refused_with_the_reason) {
    refuses_with_a_reason("crl", kRevoked, "Caddy reads no revocation lists");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(deploy_traefik, TraefikFleet, *boost::unit_test::precondition(have_traefik))

BOOST_AUTO_TEST_CASE(a_site_goes_live) {
    goes_live();
}
BOOST_AUTO_TEST_CASE(the_engine_is_known_by_version) {
    is_known_by_version();
}
BOOST_AUTO_TEST_CASE(a_site_changes) {
    changes_and_leaves();
}
BOOST_AUTO_TEST_CASE(what_it_cannot_do_is_refused_with_the_reason) {
    refuses_with_a_reason("crl", kRevoked, "Traefik reads no revocation lists");
}

BOOST_AUTO_TEST_SUITE_END()
