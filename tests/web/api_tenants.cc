// SPDX-License-Identifier: MIT
// Proofs of names, approval and tokens through the API.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "tests/web/api_support.h"

using namespace rpm;
using namespace rpm::test;
using namespace std::chrono_literals;

namespace {

struct Tenants : ApiWorld {
    NodeId node = add_node("edge-1");
    http::Request with(const std::string& given, std::string method, std::string path) {
        auto made = request(std::move(method), std::move(path), nullptr);
        made.headers.add("authorization", "Bearer " + given);
        made.headers.add("content-type", "application/json");
        return made;
    }
    std::string token_for(const Viewer& viewer, const ops::NewToken& wanted) {
        return std::string(ops::create_api_token(context, viewer, viewer.id, wanted).reveal());
    }
    int status(const http::Request& made) { return http::answer(api, made).status; }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(api_tenants, Tenants)

BOOST_AUTO_TEST_CASE(a_token_with_too_few_scopes_is_told_which) {
    const auto site = add_site(alice, "shop.example");
    const auto reads = token_for(alice, {.name = "test", .scopes = PermissionSet::parse("sites:read")});
    BOOST_TEST(status(with(reads, "GET", "/sites/" + site.text())) == 200);
    const auto refused = send(with(reads, "POST", "/sites/" + site.text() + "/pause"));
    BOOST_TEST(refused.status == 403);
    BOOST_TEST(refused.header("WWW-Authenticate") ==
               R"(Bearer realm="rpmgr", error="insufficient_scope", scope="sites:edit")");
    // What the role does not have, no scope would help with.
    const auto never = send(with(reads, "GET", "/nodes"));
    BOOST_TEST(never.status == 403);
    BOOST_TEST(never.header("WWW-Authenticate").empty());
    const auto me = token_for(alice, {.name = "test", .scopes = PermissionSet::parse("account sites:read")});
    BOOST_TEST(send(with(me, "GET", "/me")).body.at("scopes").items().size() == 2U);
}

BOOST_AUTO_TEST_CASE(tokens_are_listed_and_revoked_never_made) {
    const auto text = token_for(alice, {.name = "test", .networks = parse_networks("n", "192.0.2.0/24")});
    const auto list = send(with(text, "GET", "/tokens"));
    BOOST_TEST(list.status == 200);
    const Json& first = list.body.at("items").items().at(0);
    BOOST_TEST(first.at("networks").items().at(0).text() == "192.0.2.0/24");
    BOOST_TEST(first.at("scopes").is_null());
    BOOST_TEST(status(with(text, "POST", "/tokens")) == 405);
    const std::string id = std::to_string(first.at("id").integer());
    BOOST_TEST(status(request("DELETE", "/tokens/" + id, &bob)) == 404);
    BOOST_TEST(status(with(text, "DELETE", "/tokens/" + id)) == 204);
    BOOST_TEST(status(with(text, "GET", "/tokens")) == 401);
}

BOOST_AUTO_TEST_CASE(wrong_tokens_are_slowed_down) {
    for (int i = 0; i < 30; ++i) BOOST_TEST(status(with("guess-" + std::to_string(i), "GET", "/me")) == 401);
    const auto refused = send(with("guess-30", "GET", "/me"));
    BOOST_TEST(refused.status == 429);
    BOOST_TEST(!refused.header("Retry-After").empty());
    BOOST_TEST(get(alice, "/me").status == 200);
}

BOOST_AUTO_TEST_CASE(names_say_what_is_to_be_done) {
    set(Setting::domains_proof, "required");
    const auto site = add_site(alice, "shop.example");
    const std::string path = "/sites/" + site.text();
    const auto names = get(alice, path + "/names");
    const Json name = names.body.at("items").items().at(0);
    BOOST_TEST(name.at("state").text() == "pending");
    BOOST_TEST(name.at("record").at("name").text() == "_rpmgr-challenge.shop.example");
    BOOST_TEST(name.at("file").at("content").text() == name.at("record").at("value").text());
    const auto refused = post(alice, path + "/deploy");
    BOOST_TEST(refused.status == 422);
    BOOST_TEST(refused.error("domains").find("shop.example is not proven") != std::string::npos);
    BOOST_TEST(post(alice, path + "/names/check").status == 200);
    BOOST_TEST(post(alice, path + "/names/vouch", Json::object({{"name", "shop.example"}})).status == 403);
    BOOST_TEST(post(admin, path + "/names/vouch", Json::object({{"name", "else.example"}})).status == 422);
    const auto vouched = post(admin, path + "/names/vouch", Json::object({{"name", "shop.example"}}));
    BOOST_TEST(vouched.body.at("items").items().at(0).at("method").text() == "admin");
    BOOST_TEST(post(alice, path + "/deploy").status == 202);
}

BOOST_AUTO_TEST_CASE(a_waiting_deployment_is_approved_by_its_plan) {
    set(Setting::approval_clients, "on");
    const auto site = add_site(alice, "shop.example");
    const auto asked = post(alice, "/sites/" + site.text() + "/deploy");
    const std::string path = "/deployments/" + std::to_string(asked.body.at("deployment").integer());
    const auto waiting = get(admin, path);
    BOOST_TEST(waiting.body.at("state").text() == "awaiting_approval");
    BOOST_TEST(get(admin, "/deployments?state=awaiting_approval").body.at("items").items().size() == 1U);
    const std::string plan = waiting.body.at("approval").at("plan").text();
    BOOST_TEST(post(alice, path + "/approve", Json::object({{"plan", plan}})).status == 403);
    BOOST_TEST(post(admin, path + "/approve").status == 422);
    BOOST_TEST(post(admin, path + "/approve", Json::object({{"plan", "other"}})).status == 409);
    const auto approved = post(admin, path + "/approve", Json::object({{"plan", plan}, {"reason", "fine"}}));
    BOOST_TEST(approved.status == 200);
    BOOST_TEST(approved.body.at("approval").at("decided_by").text() == "root");
    BOOST_TEST(post(admin, path + "/reject", Json::object({{"reason", "late"}})).status == 409);
}

BOOST_AUTO_TEST_SUITE_END()
