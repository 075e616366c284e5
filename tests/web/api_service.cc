// SPDX-License-Identifier: MIT
// Who may call what, failures, and that the document describes exactly the routes there are.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <set>

#include "shared/base/config.h"
#include "shared/base/text.h"
#include "shared/model/member_doc.h"
#include "tests/web/api_support.h"

using namespace rpm;
using namespace std::chrono_literals;

BOOST_FIXTURE_TEST_SUITE(api_service, test::ApiWorld)

BOOST_AUTO_TEST_CASE(every_route_but_the_public_ones_wants_a_token) {
    int asked = 0;
    for (const auto& route : router.routes()) {
        std::string path(route.pattern.substr(std::string_view("/api/v1").size()));
        if (const auto at = path.find("{id}"); at != std::string::npos) path.replace(at, 4, "999999");
        const auto nobody = send(request(std::string(route.method), path, nullptr));
        if (route.needs == api::Needs::nothing) {
            BOOST_TEST(nobody.status == 200, path);
            continue;
        }
        BOOST_TEST(nobody.status == 401, path);
        BOOST_TEST(nobody.header("WWW-Authenticate") == "Bearer realm=\"rpmgr\"");
        auto guess = request(std::string(route.method), path, nullptr);
        guess.headers.add("authorization", "Bearer rpmgr_guess");
        guess.remote_address = "198.51.100." + std::to_string(++asked);  // wrong ones are counted by network
        BOOST_TEST(send(guess).status == 401, path);
        const auto client = send(request(std::string(route.method), path, &alice));
        if (!allows(Role::client, route.needs))
            BOOST_TEST(client.status == 403, path);
        else
            BOOST_TEST(client.status != 403, path);
    }
}

BOOST_AUTO_TEST_CASE(a_token_ends_with_its_time_and_its_user) {
    auto made = request("GET", "/me", nullptr);
    const auto token_text = ops::create_api_token(context, alice, alice.id, "hour", 1h);
    made.headers.add("authorization", "bearer  " + std::string(token_text.reveal()) + " ");
    const auto me = send(made);
    BOOST_TEST(me.status == 200);
    BOOST_TEST(me.body.at("name").text() == "alice");
    BOOST_TEST(me.body.at("role").text() == "client");
    clock.advance(1h);
    BOOST_TEST(send(made).status == 401);
    BOOST_TEST(get(bob, "/me").status == 200);
    ops::set_user_active(context, admin, bob.id, false);
    BOOST_TEST(get(bob, "/me").status == 401);
    auto basic = request("GET", "/me", nullptr);
    basic.headers.add("authorization", "Basic eDp5");
    BOOST_TEST(send(basic).status == 401);
}

BOOST_AUTO_TEST_CASE(failures_are_problem_documents_without_inner_words) {
    const auto missing = get(alice, "/nothing");
    BOOST_TEST(missing.status == 404);
    BOOST_TEST(missing.header("Content-Type").starts_with("application/problem+json"));
    BOOST_TEST(missing.body.at("title").text() == "Not Found");
    const auto method = send(request("PATCH", "/sites", &alice));
    BOOST_TEST(method.status == 405);
    BOOST_TEST(!method.header("Allow").empty());
    const http::Request asked = request("GET", "/me", nullptr);
    const auto shown = [&](const http::Failure& failure) { return api.error_response(asked, failure).body; };
    BOOST_TEST(shown(http::status_of(std::make_exception_ptr(Error("secret")))).find("secret") ==
               std::string::npos);
    BOOST_TEST(shown(http::status_of(std::make_exception_ptr(Unavailable("secret")))).find("secret") ==
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(health_tells_version_and_database) {
    const auto health = send(request("GET", "/health", nullptr));
    BOOST_TEST(health.body.at("status").text() == "ok");
    BOOST_TEST(send(request("GET", "/openapi.json", nullptr)).raw.body == document);
}

BOOST_AUTO_TEST_CASE(settings_of_a_node_are_changed_from_a_version) {
    const std::string path = "/nodes/" + add_node("edge-1").text() + "/settings";
    const auto before = get(admin, path);
    BOOST_TEST(before.body.at("settings").members().empty());
    const Json drop = Json::parse(R"({"default_site":{"answer":"drop"}})");
    BOOST_TEST(call(admin, "PUT", path, drop).status == 428);
    BOOST_TEST(call(alice, "PUT", path, drop, before.header("etag")).status == 403);
    const auto bad =
        call(admin, "PUT", path, Json::parse(R"({"default_site":{"answer":"page"}})"), before.header("etag"));
    BOOST_TEST(bad.status == 422);
    BOOST_TEST(bad.error("default_site.html") == "is missing");
    const auto saved = call(admin, "PUT", path, drop, before.header("etag"));
    BOOST_TEST(saved.status == 200);
    BOOST_TEST(saved.body.at("settings").dump() == drop.dump());
    BOOST_TEST(saved.body.at("deployment").is_null());  // nothing was ever deployed there
    BOOST_TEST(call(admin, "PUT", path, Json::object(), before.header("etag")).status == 412);
    BOOST_TEST(call(admin, "PUT", path, Json::object(), saved.header("etag")).status == 200);
    BOOST_TEST(get(admin, "/nodes/999999/settings").status == 404);
}

BOOST_AUTO_TEST_CASE(nodes_deployments_and_jobs_are_told) {
    const auto node = add_node("edge-1");
    const auto site = add_site(alice, "shop.example");
    const auto nodes = get(admin, "/nodes");
    BOOST_TEST(nodes.body.at("items").items().at(0).at("name").text() == "edge-1");
    BOOST_TEST(get(admin, "/nodes/" + node.text()).body.at("host_keys").items().empty());
    BOOST_TEST(get(admin, "/nodes/999999").status == 404);
    BOOST_TEST(post(admin, "/nodes/" + node.text() + "/deploy").status == 202);
    const auto mine = deploy(alice, {site});
    const auto listed = get(alice, "/deployments");
    BOOST_REQUIRE(listed.body.at("items").items().size() == 1U);
    BOOST_TEST(get(admin, "/deployments?limit=1").body.at("next").text() == mine.text());
    BOOST_TEST(get(admin, "/deployments?cursor=" + mine.text()).body.at("items").items().size() == 1U);
    BOOST_TEST(get(admin, "/deployments?site=" + site.text()).body.at("items").items().size() == 1U);
    BOOST_TEST(!get(admin, "/deployments?cursor=x").error("cursor").empty());
    const auto jobs = get(admin, "/jobs?state=queued");
    BOOST_REQUIRE(jobs.body.at("items").items().size() == 1U);
    BOOST_TEST(jobs.body.at("items").items()[0].at("subject").at("name").text() == "edge-1");
    run(node);
    const auto told = get(alice, "/deployments/" + mine.text());
    BOOST_TEST(told.body.at("sites").items().at(0).at("domain").text() == "shop.example");
    BOOST_TEST(told.body.at("nodes").items().at(0).find("engine_output") == nullptr);
    BOOST_TEST(told.body.at("nodes").items().at(0).at("name").is_null());
    BOOST_TEST(
        get(admin, "/deployments/" + mine.text()).body.at("nodes").items().at(0).at("engine_output").text() ==
        "ok");
    BOOST_TEST(get(bob, "/deployments/" + mine.text()).status == 404);
}

BOOST_AUTO_TEST_CASE(the_audit_log_is_filtered_and_paged) {
    add_site(alice, "shop.example");
    add_site(bob, "other.example");
    const auto all = get(admin, "/audit?action=site.create");
    BOOST_REQUIRE(all.body.at("items").items().size() == 2U);
    const auto first = get(admin, "/audit?action=site.create&limit=1");
    BOOST_TEST(first.body.at("items").items().at(0).at("object").at("name").text() == "other.example");
    const auto second =
        get(admin, "/audit?action=site.create&limit=1&cursor=" + first.body.at("next").text());
    BOOST_TEST(second.body.at("items").items().at(0).at("object").at("name").text() == "shop.example");
    BOOST_TEST(second.body.at("next").is_null());
    for (const char* none : {"user=nobody", "object=third", "object_type=node", "object_id=99999",
                             "address=203.0.113.", "until=2020-01-01", "from=2099-01-01T00:00:00Z"})
        BOOST_TEST(
            get(admin, std::string("/audit?action=site.create&") + none).body.at("items").items().empty(),
            none);
    BOOST_TEST(!get(admin, "/audit?from=yesterday").error("from").empty());
    BOOST_TEST(!get(admin, "/audit?colour=red").error("colour").empty());
    const auto own = get(alice, "/audit?action=site.create");
    BOOST_REQUIRE(own.body.at("items").items().size() == 1U);
    BOOST_TEST(own.body.at("items").items()[0].at("object").at("name").text() == "shop.example");
}

BOOST_AUTO_TEST_CASE(clients_learn_nothing_of_machines_and_of_others) {
    add_node("secret-node");
    const auto site = add_site(alice, "shop.example");
    const auto path = "/deployments/" + deploy(alice, {site}).text();
    const auto told = [&](const Viewer& viewer, const std::string& error) {
        db::transact(db, [&](db::Transaction& tx) {
            tx.execute("UPDATE deployment_nodes SET state = 'failed', error = ?, steps = ?", error,
                       R"([{"name":"connect","state":"failed","ms":1,"text":"secret address"}])");
        });
        return get(viewer, path).raw.body;
    };
    const std::string own = "bad thing in sites/" + site.text() + "-shop.example.conf:3";
    const std::string foreign = "secret thing in sites/999-bob.example.conf:1";
    BOOST_TEST(told(alice, own).find("bad thing") != std::string::npos);
    for (const std::string& error : {foreign, own + " and " + foreign, std::string("secret host is down")}) {
        BOOST_TEST(told(alice, error).find("secret") == std::string::npos, error);
        BOOST_TEST(told(admin, error).find("secret address") != std::string::npos, error);
    }
    BOOST_TEST(get(alice, "/sites/" + site.text()).raw.body.find("secret") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_document_describes_exactly_the_routes_there_are) {
    const Json api_document = Json::parse(read_file("docs/openapi.json"));
    BOOST_TEST(api_document.at("openapi").text().starts_with("3.1."));
    std::set<std::string> described;
    for (const auto& [path, methods] : api_document.at("paths").members())
        for (const auto& [method, operation] : methods.members()) {
            described.insert(method + " " + path);
            BOOST_TEST(!operation.at("operationId").text().empty());
            BOOST_TEST(!operation.at("responses").members().empty());
        }
    std::set<std::string> routed;
    for (const auto& route : router.routes()) {
        const std::string method = text::lower(route.method);
        routed.insert(method + " " + std::string(route.pattern));
        const Json& operation = api_document.at("paths").at(route.pattern).at(method);
        const bool open = operation.find("security") != nullptr;
        BOOST_TEST(open == (route.needs == api::Needs::nothing), route.pattern);
        BOOST_TEST((operation.at("responses").find("401") == nullptr) == open, route.pattern);
        BOOST_TEST((operation.at("responses").find("429") != nullptr),
                   route.pattern);  // the front server's too
    }
    BOOST_TEST(described == routed, boost::test_tools::per_element());
}

// What is answered has the members that the document promises, and no other.
BOOST_AUTO_TEST_CASE(answers_have_the_members_of_the_document) {
    const auto node = add_node("edge-1");
    const auto site = add_site(alice, "shop.example");
    const auto deployment = deploy(alice, {site});
    const Json api_document = Json::parse(read_file("docs/openapi.json"));
    const auto check = [&](const Json& answer, const char* schema) {
        std::set<std::string> given, promised;
        for (const auto& [name, value] : answer.members()) given.insert(name);
        for (const auto& [name, value] :
             api_document.at("components").at("schemas").at(schema).at("properties").members())
            promised.insert(name);
        BOOST_TEST(given == promised, schema);
    };
    check(get(admin, "/sites").body.at("items").items().at(0), "Site");
    check(get(admin, "/sites/" + site.text()).body, "SiteWhole");
    check(get(admin, "/sites/" + site.text() + "/revisions").body.at("items").items().at(0), "Revision");
    // Members with their default are left out of a definition.
    const Json schema = json_schema(site_members());
    const Json& promised = api_document.at("components").at("schemas").at("Definition").at("properties");
    const Json whole = get(admin, "/sites/" + site.text()).body;
    for (const auto& [name, value] : whole.at("definition").members())
        BOOST_TEST(promised.find(name) != nullptr, name);
    for (const auto& [name, value] : schema.at("properties").members())
        BOOST_TEST(promised.at(name).dump() == value.dump(), name + ": take it from 'rpmgr site schema'");
    check(get(admin, "/deployments").body.at("items").items().at(0), "Deployment");
    check(get(admin, "/deployments/" + deployment.text()).body, "DeploymentWhole");
    check(get(admin, "/nodes").body.at("items").items().at(0), "Node");
    check(get(admin, "/nodes/" + node.text()).body, "NodeWhole");
    check(get(admin, "/nodes/" + node.text() + "/settings").body, "NodeSettingsWhole");
    const Json settings = json_schema(node_settings_members());
    BOOST_TEST(api_document.at("components").at("schemas").at("NodeSettings").dump() == settings.dump(),
               "take it from 'rpmgr node schema'");
    check(get(admin, "/jobs").body.at("items").items().at(0), "Job");
    check(get(admin, "/audit").body.at("items").items().at(0), "AuditEntry");
    check(get(admin, "/me").body, "Me");
    check(get(admin, "/users").body.at("items").items().at(0), "User");
}

BOOST_AUTO_TEST_SUITE_END()
