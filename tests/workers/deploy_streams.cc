// SPDX-License-Identifier: MIT
// Streams on real nodes of every engine: from the definition to a connection, and a port that is taken.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>
#include <map>
#include <memory>

#include "tests/support/fleet.h"

using rpm::Engine;
using rpm::Json;

namespace {

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

template <Engine E>
boost::test_tools::assertion_result have(boost::unit_test::test_unit_id) {
    return lab_of(E) != nullptr;
}

template <Engine E>
struct StreamFleet : rpm::test::Fleet {
    StreamFleet() : Fleet(*lab_of(E)) {}

    Json stream(const std::string& domain, const std::string& ports) {
        Json json = definition(domain);
        json["version"] = 2;
        json["kind"] = "stream";
        json["stream"]["ports"].push(ports);
        return json;
    }
    // The backend behind a port of the node, "" when nothing answers.
    std::string ask(unsigned port) {
        return rpm::test::shell("curl -s -m 5 http://" + machines.node(0).address + ":" +
                                std::to_string(port) + "/ || :");
    }
    std::string steps(rpm::DeploymentId number) {
        return rpm::store::list_deployment_nodes(db, number).at(0).steps;
    }

    void goes_live_and_leaves() {
        const auto id = create(stream("one.example.test", "30901"));
        const auto number = deploy(id);
        work();
        BOOST_TEST(deployment(number).state == "succeeded", steps(number));
        BOOST_TEST(ask(30901).find("backend: lab") != std::string::npos, ask(30901));
        update(id, 1, stream("one.example.test", "30902"));
        const auto moved = deploy(id);
        work();
        BOOST_TEST(deployment(moved).state == "succeeded", steps(moved));
        BOOST_TEST(ask(30901) == "");
        BOOST_TEST(ask(30902).find("backend: lab") != std::string::npos, ask(30902));
        const auto removed = rpm::ops::remove_site(ops, admin, id);
        BOOST_REQUIRE(removed);
        work();
        BOOST_TEST(deployment(*removed).state == "succeeded", steps(*removed));
        BOOST_TEST(ask(30902) == "");
    }

    void leaves_a_port_of_others_alone() {
        const auto good = create(definition("good.example.test"));
        deploy(good);
        work();
        const std::string before = machines.release(0);
        machines.command("break", machines.node(0).name + " port-taken 30911");
        const auto number = deploy(create(stream("taken.example.test", "30911")));
        work();
        BOOST_TEST(deployment(number).state == "failed");
        const std::string error = rpm::store::list_deployment_nodes(db, number).at(0).error;
        BOOST_TEST(error.find("another program listens on " + machines.node(0).address + ":30911") !=
                       std::string::npos,
                   error);
        BOOST_TEST(machines.release(0) == before);
        BOOST_TEST(machines.fetch(0, "good.example.test").starts_with("200 "));
        machines.command("mend", machines.node(0).name + " port-taken");
    }
};

using Nginx = StreamFleet<Engine::nginx>;
using Caddy = StreamFleet<Engine::caddy>;
using Traefik = StreamFleet<Engine::traefik>;

}  // namespace

BOOST_AUTO_TEST_SUITE(deploy_streams)

BOOST_FIXTURE_TEST_CASE(nginx_serves_a_stream, Nginx, *boost::unit_test::precondition(have<Engine::nginx>)) {
    goes_live_and_leaves();
}
BOOST_FIXTURE_TEST_CASE(nginx_leaves_a_port_of_others_alone, Nginx,
                        *boost::unit_test::precondition(have<Engine::nginx>)) {
    leaves_a_port_of_others_alone();
}
BOOST_FIXTURE_TEST_CASE(caddy_serves_a_stream, Caddy, *boost::unit_test::precondition(have<Engine::caddy>)) {
    goes_live_and_leaves();
}
BOOST_FIXTURE_TEST_CASE(caddy_leaves_a_port_of_others_alone, Caddy,
                        *boost::unit_test::precondition(have<Engine::caddy>)) {
    leaves_a_port_of_others_alone();
}
BOOST_FIXTURE_TEST_CASE(traefik_serves_a_stream, Traefik,
                        *boost::unit_test::precondition(have<Engine::traefik>)) {
    goes_live_and_leaves();
}
BOOST_FIXTURE_TEST_CASE(traefik_leaves_a_port_of_others_alone, Traefik,
                        *boost::unit_test::precondition(have<Engine::traefik>)) {
    leaves_a_port_of_others_alone();
}

BOOST_AUTO_TEST_SUITE_END()
