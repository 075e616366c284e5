// SPDX-License-Identifier: MIT
// Clients and staff at the panels: proofs of names, approval, limits, tokens.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "shared/ops/domains.h"
#include "shared/ops/sites.h"
#include "shared/ops/tokens.h"
#include "shared/store/deployments.h"
#include "tests/support/panel.h"

using namespace rpm;
using namespace rpm::test;
using namespace std::chrono_literals;
using web::PanelKind;

namespace {

bool has(const http::Response& response, const std::string& text) {
    return response.body.find(text) != std::string::npos;
}
std::string location(const http::Response& response) {
    const std::string* value = response.find("Location");
    return value ? *value : "";
}

struct Tenants : PanelFixture {
    NodeId node = add_node("edge-1");
    UserId carl = add_user("carl", Role::client);
    Browser client = sign_in(PanelKind::client, "carl");
    Browser anna = sign_in(PanelKind::admin, "anna");

    SiteId draft(const std::string& domain) {
        const auto definition = SiteDefinition::parse(
            Json::parse(R"({"version":1,"domains":[")" + domain +
                        R"("],"upstream":{"scheme":"http","servers":[{"host":"10.0.0.1","port":8080}]}})"));
        return rpm::ops::create_site(
            ops, viewer(carl, Role::client),
            {.definition = definition, .owner = {}, .targets = std::nullopt, .reason = {}});
    }
    // Reads the review and presses its button.
    http::Response deploy(Browser& browser, SiteId site, const std::string& reason = "") {
        const auto review = browser.get("/review?site=" + site.text());
        return browser.post(
            "/review",
            {{"site", site.text()}, {"plan", input_value(review.body, "plan")}, {"reason", reason}});
    }
    std::string state(const std::string& page) {
        const auto id = DeploymentId::parse(page.substr(page.rfind('/') + 1));
        return store::get_deployment(db, Scope::everything(), id.value()).state;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(panel_tenants, Tenants)

BOOST_AUTO_TEST_CASE(the_page_of_a_site_says_what_to_do_until_its_names_are_proven) {
    set(Setting::domains_proof, "required");
    const SiteId site = draft("shop.example.com");
    const std::string page = "/sites/" + site.text();
    const auto proof = store::list_proofs(db, carl).at(0);
    const auto shown = client.get(page);
    for (const std::string& text :
         {std::string("Proof of names"), std::string("_rpmgr-challenge.shop.example.com"), proof.token,
          "http://shop.example.com/.well-known/rpmgr-proof/" + proof.token,
          std::string("data-copy=\"#token-1\""), std::string("/names\""), std::string("Check now")})
        BOOST_TEST(has(shown, text), text);
    BOOST_TEST(!has(shown, "Vouch for it"));
    const auto review = client.get("/review?site=" + site.text());
    BOOST_TEST(has(review, "shop.example.com is not proven yet"));
    BOOST_TEST(has(review, "disabled>Deploy"));
    BOOST_TEST(deploy(client, site).status == 422);
    BOOST_TEST(location(client.post(page + "/names/check", {})) == page);

    const auto live = client.get(page + "/names");
    BOOST_TEST(has(live, "Not looked yet"));
    const std::string tag = *live.find("HX-PTag");
    BOOST_TEST(client.get(page + "/names", {{"hx-ptag", tag}}).status == 304);
    BOOST_TEST(has(anna.get(page), "Vouch for it"));
    BOOST_TEST(anna.post(page + "/names/vouch", {{"domain", "other.example.com"}}).status == 422);
    BOOST_TEST(anna.post(page + "/names/vouch", {{"domain", "shop.example.com"}}).status == 303);
    const auto done = client.get(page + "/names", {{"hx-ptag", tag}});
    BOOST_TEST(done.status == 200);
    BOOST_TEST(has(done, "An administrator vouched"));
    BOOST_TEST(!has(client.get(page), "Proof of names"));
    BOOST_TEST(location(deploy(client, site)).starts_with("/deployments/"));
}

BOOST_AUTO_TEST_CASE(a_clients_deployment_waits_and_is_approved_as_it_was_seen) {
    set(Setting::approval_clients, "on");
    const SiteId site = draft("shop.example.com");
    BOOST_TEST(has(client.get("/review?site=" + site.text()), "Ask for approval"));
    const std::string waiting = location(deploy(client, site, "please"));
    BOOST_TEST(state(waiting) == "awaiting_approval");
    const auto own = client.get(waiting);
    BOOST_TEST(has(own, "This waits for approval"));
    BOOST_TEST(has(own, "Withdraw"));
    BOOST_TEST(!has(client.get(waiting + "/plan"), "Approve and deploy"));
    BOOST_TEST(has(anna.get("/"), "waits for approval"));
    BOOST_TEST(has(anna.get("/approvals"), "please"));
    const auto plan = anna.get(waiting + "/plan");
    BOOST_TEST(has(plan, "Approve and deploy"));
    BOOST_TEST(has(plan, "shop.example.com"));
    BOOST_TEST(has(plan, "server_name"));  // every line that would change
    const std::string basis = input_value(plan.body, "plan");
    BOOST_TEST(anna.post(waiting + "/approve", {{"plan", std::string(64, '0')}, {"reason", ""}}).status ==
               409);
    BOOST_TEST(anna.post(waiting + "/reject", {{"plan", basis}, {"reason", ""}}).status == 422);
    BOOST_TEST(anna.post(waiting + "/approve", {{"plan", basis}, {"reason", "fine"}}).status == 303);
    BOOST_TEST(state(waiting) == "queued");
    BOOST_TEST(has(client.get(waiting), "Approved by anna"));
    BOOST_TEST(!has(anna.get("/approvals"), "please"));
}

BOOST_AUTO_TEST_CASE(a_plan_that_changed_is_void_and_asked_for_anew) {
    set(Setting::approval_clients, "on");
    const SiteId site = draft("shop.example.com");
    const std::string waiting = location(deploy(client, site));
    const std::string basis = input_value(anna.get(waiting + "/plan").body, "plan");
    rpm::ops::deploy_sites(ops, Viewer::system(),
                           {add_site(add_user("dora", Role::client), "dora.example.com")}, "", {});
    BOOST_TEST(anna.post(waiting + "/approve", {{"plan", basis}, {"reason", ""}}).status == 303);
    BOOST_TEST(state(waiting) == "voided");
    BOOST_TEST(has(client.get(waiting), "What the nodes serve has changed."));
    const std::string next = location(client.post(waiting + "/retry", {}));
    BOOST_TEST(next != waiting);
    BOOST_TEST(state(next) == "awaiting_approval");
    BOOST_TEST(client.post(next + "/withdraw", {}).status == 303);
    BOOST_TEST(state(next) == "cancelled");
}

BOOST_AUTO_TEST_CASE(limits_are_shown_and_set) {
    draft("one.example.com");
    BOOST_TEST(has(client.get("/sites"), "1 of 100 sites, 1 of 500 names"));
    const std::string page = "/users/" + carl.text();
    BOOST_TEST(has(anna.get(page), "1 of 100 sites"));
    BOOST_TEST(
        anna.post(page, {{"role", "client"}, {"mail", ""}, {"max_sites", "1"}, {"max_domains", ""}}).status ==
        303);
    BOOST_TEST(has(client.get("/sites"), "1 of 1 site,"));
    BOOST_CHECK_THROW(draft("two.example.com"), Invalid);
}

BOOST_AUTO_TEST_CASE(plans_are_not_computed_without_end) {
    set(Setting::clients_plans, "2");
    const SiteId site = draft("shop.example.com");
    const std::string review = "/review?site=" + site.text();
    BOOST_TEST(client.get(review).status == 200);
    BOOST_TEST(client.get(review).status == 200);
    const auto refused = client.get(review);
    BOOST_TEST(refused.status == 429);
    BOOST_TEST(refused.find("Retry-After") != nullptr);
    BOOST_TEST(anna.get(review).status == 200);
}

BOOST_AUTO_TEST_CASE(a_foreign_site_that_cannot_be_rendered_is_not_in_the_way) {
    const UserId dora = add_user("dora", Role::client);
    const SiteId broken = add_site(dora, "broken.example.com");
    rpm::ops::deploy_sites(ops, Viewer::system(), {broken}, "", {});
    // No form says this; a hand on the rows may.
    db::transact(db, [&](db::Transaction& tx) {
        tx.execute("UPDATE sites SET state = 'blocked', block_status = 500 WHERE id = ?", broken);
    });
    const SiteId site = draft("shop.example.com");
    const auto mine = client.get("/review?site=" + site.text());
    BOOST_TEST(!has(mine, "disabled>Deploy"));
    BOOST_TEST(!has(mine, "cannot serve this"));
    BOOST_TEST(has(mine, "server_name"));
    BOOST_TEST(location(deploy(client, site)).starts_with("/deployments/"));
    BOOST_TEST(has(anna.get("/review?site=" + site.text()), "cannot serve this"));
}

BOOST_AUTO_TEST_CASE(a_token_is_made_shown_once_and_revoked) {
    const auto made = client.post("/account/tokens", {{"name", "ci"},
                                                      {"scope", "sites:read"},
                                                      {"scope", "account"},
                                                      {"days", "7"},
                                                      {"networks", "192.0.2.0/24\n2001:db8::/32"}});
    BOOST_TEST(made.status == 200);
    const auto at = made.body.find("rpmgr_");
    BOOST_REQUIRE(at != std::string::npos);
    const std::string token = made.body.substr(at, 55);
    BOOST_TEST(
        (rpm::ops::find_token_visitor(ops, token, "192.0.2.9", "").result == rpm::ops::TokenResult::known));
    const auto list = client.get("/account/tokens");
    BOOST_TEST(!has(list, token));
    BOOST_TEST(has(list, token.substr(0, 10)));
    BOOST_TEST(has(list, "account sites:read"));
    BOOST_TEST(has(list, "2001:db8::/32"));
    BOOST_TEST(!has(list, "nodes:manage"));  // is not offered to a client
    for (const auto& [field, value] :
         {std::pair{"scope", "nodes:manage"}, {"scope", "x"}, {"networks", "here"}, {"days", "9999"}}) {
        const auto wrong = client.post("/account/tokens", {{"name", "kept"}, {field, value}});
        BOOST_TEST(wrong.status == 422, field);
        BOOST_TEST(has(wrong, "value=\"kept\""));
    }
    const auto id = store::list_api_tokens(db, carl).at(0).id.text();
    BOOST_TEST(anna.post("/account/tokens/" + id + "/revoke", {}).status == 404);
    BOOST_TEST(has(anna.get("/users/" + carl.text()), token.substr(0, 10)));
    BOOST_TEST(anna.post("/users/" + carl.text() + "/tokens/" + id + "/revoke", {}).status == 303);
    BOOST_TEST(has(client.get("/account/tokens"), "Revoked"));
    BOOST_TEST(
        (rpm::ops::find_token_visitor(ops, token, "192.0.2.9", "").result == rpm::ops::TokenResult::wrong));
}

BOOST_AUTO_TEST_SUITE_END()
