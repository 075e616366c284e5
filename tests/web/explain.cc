// SPDX-License-Identifier: MIT
// Requests explained in the panels and by the API: to whom, and where it leads.
#define BOOST_TEST_DYN_LINK
#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "shared/ops/sites.h"
#include "shared/plan/line_fields.h"
#include "shared/render/renderer.h"
#include "shared/store/nodes.h"
#include "shared/store/sites.h"
#include "tests/support/panel.h"
#include "tests/web/api_support.h"

using namespace rpm;
using namespace rpm::test;
using web::PanelKind;

namespace {

bool has(const http::Response& response, const std::string& text) {
    return response.body.find(text) != std::string::npos;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
    return text;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(panel_explain, PanelFixture)

BOOST_AUTO_TEST_CASE(what_is_deployed_is_explained_without_sending_anything) {
    add_node("edge-1");
    const SiteId id = add_site(add_user("carl", Role::client), "mine.example");
    Browser admin_browser = sign_in(PanelKind::admin, "admin");
    const std::string ask = "/explain?url=http%3A%2F%2Fmine.example%2Fcart%3Fx%3D1&from=192.0.2.7";
    BOOST_TEST(has(admin_browser.get("/explain"), "Explain a request"));
    BOOST_TEST(has(admin_browser.get(ask), "Answers 404"));  // not deployed yet
    rpm::ops::deploy_sites(ops, Viewer::system(), {id}, "");
    const auto page = admin_browser.get(ask);
    BOOST_TEST(page.status == 200);
    BOOST_TEST(has(page, "Passes it on to http://10.0.0.1:8080 as /cart?x=1"));
    BOOST_TEST(has(page, "edge-1 (nginx)"));
    BOOST_TEST(has(page, "/sites/" + id.text() + "/edit#domains"));
    BOOST_TEST(has(page, "server 10.0.0.1:8080"));  // the rendered line
    BOOST_TEST(has(page, "192.0.2.7"));
    BOOST_TEST(has(admin_browser.get("/sites/" + id.text()), "/explain?url=http%3A//mine.example/"));
}

BOOST_AUTO_TEST_CASE(a_foreign_site_is_explained_like_a_missing_one) {
    add_node("edge-secret");
    const SiteId mine = add_site(add_user("carl", Role::client), "mine.example");
    const SiteId other = add_site(add_user("dora", Role::client), "other.example");
    rpm::ops::deploy_sites(ops, Viewer::system(), {mine, other}, "");
    Browser carl = sign_in(PanelKind::client, "carl");
    const auto own = carl.get("/explain?url=http%3A%2F%2Fmine.example%2F");
    BOOST_TEST(has(own, "Passes it on to"));
    BOOST_TEST(!has(own, "edge-secret"));
    const auto foreign = carl.get("/explain?url=http%3A%2F%2Fother.example%2F");
    const auto missing = carl.get("/explain?url=http%3A%2F%2Fother.invalid%2F");
    BOOST_TEST(!has(foreign, "edge-secret"));
    BOOST_TEST(has(foreign, "Answers 404"));
    BOOST_TEST(replaced(foreign.body, "other.example", "other.invalid") == missing.body);
}

BOOST_AUTO_TEST_CASE(faults_of_the_request_are_told_by_field) {
    Browser carl = (add_user("carl", Role::client), sign_in(PanelKind::client, "carl"));
    const auto bad = carl.get("/explain?url=ftp%3A%2F%2Fx&from=nowhere&headers=no-colon");
    BOOST_TEST(bad.status == 422);
    BOOST_TEST(has(bad, "ust begin with http"));
    BOOST_TEST(has(bad, "is no IP address"));
    BOOST_TEST(has(bad, "#headers"));
    const auto evil =
        carl.get("/explain?url=%22%3E%3Csvg%20onload%3Dalert(1)%3E&headers=%3C%2Ftextarea%3E%3Csvg%3E");
    BOOST_TEST(!has(evil, "<svg onload"));
    BOOST_TEST(!has(evil, "</textarea><svg>"));
}

BOOST_AUTO_TEST_CASE(lines_of_the_preview_lead_to_their_fields) {
    add_node("edge-1");
    const SiteId id = add_site(add_user("carl", Role::client), "mine.example");
    const auto page = sign_in(PanelKind::client, "carl").get("/sites/" + id.text() + "/edit");
    BOOST_TEST(has(page, "<a href=\"#upstream.servers.0.host\" title=\""));
}

BOOST_AUTO_TEST_CASE(a_refused_line_leads_to_its_field) {
    const NodeId node = add_node("edge-1");
    const SiteId id = add_site(add_user("carl", Role::client), "mine.example");
    const store::Site site = store::get_site(db, Scope::everything(), id);
    DeployableSite drawn;
    drawn.id = id;
    drawn.revision_number = 1;
    drawn.owner = "carl";
    drawn.definition =
        std::make_shared<const SiteDefinition>(store::get_revision(db, id, site.head).definition);
    const auto templates = render::load_templates("proxy_templates");
    const NodeProfile profile = store::get_node(db, node).profile();
    const std::string text = plan::drawing(*templates, profile)(drawn).begin()->second;
    const auto before = text.substr(0, text.find("server 10.0.0.1:8080"));
    const auto line = static_cast<unsigned>(std::ranges::count(before, '\n')) + 1;
    BOOST_REQUIRE(line > 1U);
    db::transact(db, [&](db::Transaction& tx) {
        store::upsert_quarantine(tx, node, id, site.head, "host not found", line, clock.now());
    });
    const auto page = sign_in(PanelKind::client, "carl").get("/sites/" + id.text());
    BOOST_TEST(has(page, "host not found"));
    BOOST_TEST(has(page, "/sites/" + id.text() + "/edit#upstream.servers.0.host"));
    BOOST_TEST(has(page, "Server 1"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(api_explain, ApiWorld)

BOOST_AUTO_TEST_CASE(the_api_explains_too) {
    add_node("edge-1");
    const SiteId id = add_site(alice, "shop.example");
    ops::deploy_sites(context, admin, {id}, "");
    const std::string ask = "/explain?url=http%3A%2F%2Fshop.example%2Fx&header=X-A%3A%201&header=X-B%3A%202";
    const auto told = get(alice, ask);
    BOOST_TEST(told.status == 200);
    const Json& item = told.body.at("items").items().at(0);
    BOOST_TEST(item.at("site").at("id").integer() == static_cast<std::int64_t>(id.value()));
    BOOST_TEST(item.at("endings").items().at(0).at("kind").text() == "passed");
    BOOST_TEST(!item.at("lines").items().empty());
    BOOST_TEST(item.at("nodes").is_null());
    BOOST_TEST(get(admin, ask).body.at("items").items().at(0).at("nodes").items().at(0).text() == "edge-1");
    BOOST_TEST(get(bob, ask).body.at("items").items().at(0).at("site").is_null());
    BOOST_TEST(get(alice, "/explain").error("url") == "is required");
    BOOST_TEST(get(alice, "/explain?url=x").status == 422);
    BOOST_TEST(get(alice, ask + "&form=1").status == 422);
}

BOOST_AUTO_TEST_SUITE_END()
