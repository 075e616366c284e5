// SPDX-License-Identifier: MIT
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "tests/support/sites.h"
#include "tests/web/api_support.h"

using namespace rpm;

namespace {

struct ApiSites : test::ApiWorld {
    Json input(std::string_view domain) {
        return Json::object({{"definition", test::a_definition(domain)}, {"reason", "a test"}});
    }
    std::string path(SiteId id, const std::string& more = {}) { return "/sites/" + id.text() + more; }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(api_sites, ApiSites)

BOOST_AUTO_TEST_CASE(a_site_is_made_read_changed_and_removed) {
    const auto node = add_node("edge-1");
    const auto made = post(alice, "/sites", input("shop.example"));
    BOOST_TEST(made.status == 201);
    BOOST_TEST(made.header("ETag") == "\"v1\"");
    const SiteId id(static_cast<std::uint64_t>(made.body.at("id").integer()));
    BOOST_TEST(made.header("Location") == "/api/v1/sites/" + id.text());
    BOOST_TEST(made.body.at("owner").at("name").text() == "alice");
    BOOST_TEST(made.body.at("released_version").is_null());
    BOOST_TEST(made.body.at("nodes").items().at(0).at("id").integer() ==
               static_cast<std::int64_t>(node.value()));
    BOOST_TEST((get(alice, path(id)).body == made.body));

    auto next = input("shop.example");
    next["definition"]["note"] = "two";
    const auto saved = call(alice, "PUT", path(id), next, "\"v1\"");
    BOOST_TEST(saved.status == 200);
    BOOST_TEST(saved.header("ETag") == "\"v2\"");
    BOOST_TEST(saved.body.at("definition").at("note").text() == "two");

    const auto queued = post(alice, path(id, "/deploy"), Json::object({{"reason", "now"}}));
    BOOST_TEST(queued.status == 202);
    run(node);
    const auto deployment = "/deployments/" + std::to_string(queued.body.at("deployment").integer());
    BOOST_TEST(queued.header("Location") == "/api/v1" + deployment);
    BOOST_TEST(get(alice, deployment).body.at("state").text() == "succeeded");
    BOOST_TEST(get(alice, path(id)).body.at("deploy_state").text() == "live");

    const auto gone = call(alice, "DELETE", path(id), Json::object());
    BOOST_TEST(gone.status == 200);
    BOOST_TEST(gone.body.at("deployment").is_integer());
    BOOST_TEST(get(alice, path(id)).status == 404);
}

BOOST_AUTO_TEST_CASE(a_lost_update_is_refused) {
    const auto id = add_site(alice, "shop.example");
    auto next = input("shop.example");
    next["definition"]["note"] = "two";
    BOOST_TEST(call(alice, "PUT", path(id), next).status == 428);
    BOOST_TEST(call(alice, "PUT", path(id), next, "*").status == 428);
    BOOST_TEST(call(alice, "PUT", path(id), next, "\"v9\"").status == 412);
    BOOST_TEST(call(alice, "PUT", path(id), next, "\"v9\", \"v1\"").status == 200);
    const auto stale = call(alice, "PUT", path(id), next, "\"v1\"");
    BOOST_TEST(stale.status == 412);
    BOOST_TEST(stale.body.at("detail").text() == "somebody saved version 2 meanwhile");
    BOOST_TEST(the_site(id).head_number == 2U);
}

BOOST_AUTO_TEST_CASE(a_version_that_nobody_looked_at_is_not_deployed) {
    add_node("edge-1");
    const auto id = add_site(alice, "shop.example");
    auto next = input("shop.example");
    next["definition"]["note"] = "two";
    BOOST_TEST(call(alice, "PUT", path(id), next, "\"v1\"").status == 200);
    BOOST_TEST(call(alice, "POST", path(id, "/deploy"), Json::object(), "\"v1\"").status == 412);
    BOOST_TEST(the_site(id).released_number == 0U);
    BOOST_TEST(call(alice, "POST", path(id, "/deploy"), Json::object(), "\"v2\"").status == 202);
}

BOOST_AUTO_TEST_CASE(wrong_input_is_named_by_its_path) {
    add_site(bob, "taken.example");
    auto wrong = input("shop.example");
    wrong["definition"]["upstream"]["servers"].items()[0]["port"] = 0;
    wrong["definition"]["surprise"] = 1;
    const auto refused = post(alice, "/sites", wrong);
    BOOST_TEST(refused.status == 422);
    BOOST_TEST(refused.header("Content-Type").starts_with("application/problem+json"));
    BOOST_TEST(refused.body.at("request").text() == "request-1");
    BOOST_TEST(!refused.error("definition.upstream.servers.0.port").empty());
    BOOST_TEST(!refused.error("definition.surprise").empty());

    auto unknown = input("shop.example");
    unknown["tragets"] = Json::array({1});
    unknown["reason"] = 7;
    const auto typo = post(alice, "/sites", unknown);
    BOOST_TEST(typo.error("tragets") == "is not known here");
    BOOST_TEST(typo.error("reason") == "must be text");

    const auto taken = post(alice, "/sites", input("taken.example"));
    BOOST_TEST(taken.status == 422);
    BOOST_TEST(taken.error("definition.domains") == "'taken.example' is already used by another site");
    BOOST_TEST(post(alice, "/sites", Json::object()).error("definition") == "is missing");

    auto nodes = input("shop.example");
    nodes["targets"] = Json::array({999'999, "x"});
    BOOST_TEST(post(admin, "/sites", nodes).error("targets.1") == "is not an id");
    nodes["targets"] = Json::array({999'999});
    BOOST_TEST(!post(admin, "/sites", nodes).error("targets").empty());
    BOOST_TEST(number("SELECT COUNT(*) FROM sites") == 1U);
}

BOOST_AUTO_TEST_CASE(bodies_that_are_not_json_objects_are_refused) {
    auto made = request("POST", "/sites", &alice);
    made.body = "{}";
    BOOST_TEST(send(made).status == 415);
    made.headers.add("content-type", "application/json");
    made.body = "{\"a\":";
    BOOST_TEST(send(made).status == 422);
    made.body = "[]";
    BOOST_TEST(send(made).status == 422);
    made.body = std::string((1U << 20U) + 1, ' ');
    BOOST_TEST(send(made).status == 413);
    made.body.clear();
    made.form.add("definition", "x");
    BOOST_TEST(send(made).status == 415);
}

BOOST_AUTO_TEST_CASE(lists_go_on_at_their_cursor) {
    for (const char* domain : {"a.example", "b.example", "c.example"}) add_site(alice, domain);
    add_site(bob, "d.example");
    const auto first = get(alice, "/sites?limit=2");
    BOOST_TEST(first.body.at("items").items().size() == 2U);
    const auto second = get(alice, "/sites?limit=2&cursor=" + first.body.at("next").text());
    BOOST_REQUIRE(second.body.at("items").items().size() == 1U);
    BOOST_TEST(second.body.at("items").items()[0].at("domain").text() == "c.example");
    BOOST_TEST(second.body.at("next").is_null());
    BOOST_TEST(get(admin, "/sites").body.at("items").items().size() == 4U);
    BOOST_TEST(get(admin, "/sites?q=b.ex").body.at("items").items().size() == 1U);
    BOOST_TEST(get(admin, "/sites?state=live").body.at("items").items().empty());
    BOOST_TEST(!get(alice, "/sites?cursor=zz").error("cursor").empty());
    BOOST_TEST(!get(alice, "/sites?limit=0").error("limit").empty());
    BOOST_TEST(!get(alice, "/sites?state=purple").error("state").empty());
    BOOST_TEST(get(alice, "/sites?sort=name").error("sort") == "is not known here");
}

BOOST_AUTO_TEST_CASE(a_choice_of_nodes_that_was_not_seen_is_not_overwritten) {
    const NodeId first = add_node("edge-1");
    const NodeId second = add_node("edge-2");
    const auto id = add_site(alice, "shop.example");
    auto wanted = input("shop.example");
    wanted["targets"] = Json::array({first.value()});
    const auto chosen = call(admin, "PUT", path(id), wanted, "\"v1\"");
    BOOST_TEST(chosen.status == 200);
    BOOST_TEST(chosen.header("ETag") == "\"v2\"");
    wanted["targets"] = Json::array({second.value()});
    BOOST_TEST(call(admin, "PUT", path(id), wanted, "\"v1\"").status == 412);
    BOOST_TEST((store::list_site_targets(db, id) == std::vector<NodeId>{first}));
}

BOOST_AUTO_TEST_CASE(versions_are_listed_newest_first) {
    const auto id = add_site(alice, "shop.example");
    auto next = input("shop.example");
    next["definition"]["note"] = "two";
    call(alice, "PUT", path(id), next, "\"v1\"");
    const auto all = get(alice, path(id, "/revisions?limit=1"));
    BOOST_TEST(all.body.at("items").items().at(0).at("version").integer() == 2);
    BOOST_TEST(all.body.at("items").items().at(0).at("is_head").boolean());
    const auto rest = get(alice, path(id, "/revisions?cursor=" + all.body.at("next").text()));
    BOOST_TEST(rest.body.at("items").items().at(0).at("version").integer() == 1);
    BOOST_TEST(rest.body.at("next").is_null());
    BOOST_TEST(get(bob, path(id, "/revisions")).status == 404);
}

BOOST_AUTO_TEST_CASE(a_foreign_site_answers_like_a_missing_one) {
    add_node("edge-1");
    const auto id = add_site(alice, "shop.example");
    BOOST_TEST(get(bob, path(id)).status == 404);
    BOOST_TEST((get(bob, path(id)).body == get(bob, "/sites/999999").body));
    BOOST_TEST(call(bob, "PUT", path(id), input("shop.example"), "\"v1\"").status == 404);
    BOOST_TEST(call(bob, "DELETE", path(id), Json::object()).status == 404);
    for (const char* verb : {"/deploy", "/pause", "/resume"})
        BOOST_TEST(post(bob, path(id, verb)).status == 404);
    BOOST_TEST(post(bob, path(id, "/block")).status == 403);
    BOOST_TEST(get(bob, "/sites/seven").status == 404);
}

BOOST_AUTO_TEST_CASE(blocking_is_for_administrators) {
    const auto id = add_site(alice, "shop.example");
    BOOST_TEST(post(alice, path(id, "/pause")).body.at("deployment").is_null());
    BOOST_TEST(get(alice, path(id)).body.at("state").text() == "paused");
    const Json order = Json::object({{"status", 451}, {"reason", "court order"}});
    BOOST_TEST(post(alice, path(id, "/block"), order).status == 403);
    BOOST_TEST(post(admin, path(id, "/block"), Json::object({{"status", 404}})).status == 422);
    BOOST_TEST(post(admin, path(id, "/block"), order).status == 200);
    BOOST_TEST(get(alice, path(id)).body.at("block_reason").text() == "court order");
    BOOST_TEST(post(alice, path(id, "/resume")).status == 403);
    BOOST_TEST(post(admin, path(id, "/resume")).status == 200);
    auto raw = input("raw.example");
    raw["definition"]["raw"]["nginx"] = "gzip off;";
    BOOST_TEST(!post(alice, "/sites", raw).error("definition.raw.nginx").empty());
    BOOST_TEST(post(admin, "/sites", raw).status == 201);
}

BOOST_AUTO_TEST_SUITE_END()
