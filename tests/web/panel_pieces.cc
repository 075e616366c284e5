// SPDX-License-Identifier: MIT
// Shared settings, copies, tags, templates and changes of many sites through the panels.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "shared/ops/sites.h"
#include "shared/store/shared_pieces.h"
#include "shared/store/sites.h"
#include "tests/support/panel.h"

using namespace rpm;
using namespace rpm::test;
using web::PanelKind;

namespace {

bool has(const http::Response& response, const std::string& text) {
    return response.body.find(text) != std::string::npos;
}
std::string location(const http::Response& response) {
    const std::string* value = response.find("Location");
    return value ? *value : "";
}

struct Pieces : PanelFixture {
    UserId carl = add_user("carl", Role::client);
    NodeId node = add_node("n1");
    Browser browser = sign_in(PanelKind::client, "carl");

    store::Piece the_piece(PieceKind kind = PieceKind::snippet) {
        const auto pieces = store::list_pieces(db, Scope::everything(), kind);
        BOOST_REQUIRE(pieces.size() == 1U);
        return pieces.front();
    }
    store::Revision head(SiteId id) {
        return store::get_revision(db, id, store::get_site(db, Scope::everything(), id).head);
    }
    void use(SiteId id, const std::string& snippet) {
        auto wanted = head(id).definition;
        wanted.snippets = {snippet};
        rpm::ops::update_site(ops, viewer(carl, Role::client), id, head(id).number, {.definition = wanted});
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(panel_pieces, Pieces)

BOOST_AUTO_TEST_CASE(a_snippet_is_made_looked_at_and_changed) {
    const SiteId shop = add_site(carl, "shop.example");
    BOOST_TEST(has(browser.get("/shared/new?kind=snippet"), "New snippet"));
    auto answer = browser.post("/shared/new", {{"piece", "snippet"},
                                               {"name", "base"},
                                               {"limits.max_body_mib", "5"},
                                               {"also", "compression"},
                                               {"do", "save"}});
    BOOST_TEST(answer.status == 303, answer.body);
    const auto piece = the_piece();
    BOOST_TEST(piece.part.dump() == R"({"version":2,"limits":{"max_body_mib":5},"compression":true})");
    BOOST_TEST((piece.owner == carl));
    use(shop, "base");

    const std::string url = "/shared/" + piece.id.text();
    BOOST_TEST(has(browser.get(url), "shop.example"));
    BOOST_TEST(has(browser.get("/shared"), "base"));
    // The first post only shows what it would do.
    const http::Values change{{"version", "1"}, {"limits.max_body_mib", "7"}, {"also", "compression"}};
    answer = browser.post(url, change);
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(has(answer, "5 MiB -&gt; 7 MiB"));
    BOOST_TEST(the_piece().number == 1U);
    http::Values apply = change;
    apply.add("do", "apply");
    answer = browser.post(url, apply);
    BOOST_TEST(location(answer) == "/review?site=" + shop.text());
    BOOST_TEST(the_piece().number == 2U);
    BOOST_TEST(head(shop).composed.limits.max_body_mib == 7U);
    BOOST_TEST(has(browser.follow(answer), "shop.example"));
    // Posted once more it is an old version.
    BOOST_TEST(browser.post(url, apply).status == 409);
    BOOST_TEST(browser.post(url + "/delete", {{"version", "2"}}).status == 409);
    BOOST_TEST(has(browser.get("/sites/" + shop.text()), "Snippet, version 2"));
}

BOOST_AUTO_TEST_CASE(wrong_input_stays_in_the_form) {
    auto answer =
        browser.post("/shared/new", {{"piece", "snippet"}, {"name", "Base"}, {"limits.max_body_mib", "5"}});
    BOOST_TEST(answer.status == 422);
    BOOST_TEST(has(answer, "lower-case letters"));
    BOOST_TEST(has(answer, "value=\"5\""));
    answer = browser.post("/shared/new", {{"piece", "snippet"}, {"name", "base"}, {"also", "nothing"}});
    BOOST_TEST(has(answer, "is no single member"));
    answer =
        browser.post("/shared/new", {{"piece", "snippet"}, {"name", "base"}, {"limits.max_body_mib", "x"}});
    BOOST_TEST(answer.status == 422);
    BOOST_TEST(has(answer, "Must be a whole number"));
    answer = browser.post("/shared/new", {{"piece", "template"}, {"name", "base"}, {"template_text", "{"}});
    BOOST_TEST(answer.status == 422);
    BOOST_TEST(store::list_pieces(db, Scope::everything()).empty());
}

BOOST_AUTO_TEST_CASE(an_access_list_takes_a_password_and_never_shows_its_hash) {
    const auto answer = browser.post("/shared/new", {{"piece", "access_list"},
                                                     {"name", "office"},
                                                     {"access.allow", "192.0.2.0/24"},
                                                     {"access.basic.users", ""},
                                                     {"access.basic.users.0.name", "anna"},
                                                     {"access.basic.users.0.hash", ""},
                                                     {"access.basic.users.0.hash.new", "a long password"}});
    BOOST_TEST(answer.status == 303, answer.body);
    const auto piece = the_piece(PieceKind::access_list);
    BOOST_TEST(piece.part.dump().find("$2") != std::string::npos);
    BOOST_TEST(!has(browser.get("/shared/" + piece.id.text()), "$2"));
}

BOOST_AUTO_TEST_CASE(what_staff_offer_is_read_only_for_clients) {
    add_user("root", Role::admin);
    Browser root = sign_in(PanelKind::admin, "root");
    BOOST_TEST(
        root.post("/shared/new", {{"piece", "snippet"}, {"name", "house"}, {"compression", "0"}}).status ==
        303);
    const std::string url = "/shared/" + the_piece().id.text();
    BOOST_TEST(browser.get(url).status == 404);
    BOOST_TEST(root.post(url, {{"version", "1"}, {"offered", "1"}, {"compression", "0"}}).status == 303);
    const auto page = browser.get(url);
    BOOST_TEST(page.status == 200);
    BOOST_TEST(has(page, "What it says"));
    BOOST_TEST(browser.post(url, {{"version", "2"}}).status == 404);
    BOOST_TEST(browser.post(url + "/delete", {{"version", "2"}}).status == 404);
}

BOOST_AUTO_TEST_CASE(ticked_sites_are_changed_after_a_look) {
    const SiteId a = add_site(carl, "a.example");
    const SiteId b = add_site(carl, "b.example");
    const auto list = browser.get("/sites");
    BOOST_TEST(has(list, "name=\"site\" value=\"" + a.text() + "\" form=\"bulk\""), list.body);
    BOOST_TEST(location(browser.get("/sites/bulk")) == "/sites");
    const auto chosen =
        browser.get("/sites/bulk?site=" + a.text() + "&site=" + b.text() + "&member=limits.max_body_mib");
    BOOST_TEST(has(chosen, "Change 2 sites"));
    BOOST_TEST(has(chosen, "name=\"limits.max_body_mib\""));
    auto look = browser.post("/sites/bulk", {{"site", a.text()},
                                             {"site", b.text()},
                                             {"action", "set_member"},
                                             {"member", "limits.max_body_mib"},
                                             {"limits.max_body_mib", "9"},
                                             {"do", "look"}});
    BOOST_TEST(look.status == 200);
    BOOST_TEST(has(look, "16 MiB -&gt; 9 MiB"));
    BOOST_TEST(head(a).number == 1U);
    const auto done = browser.post("/sites/bulk", {{"site", a.text()},
                                                   {"site", b.text()},
                                                   {"seen", a.text() + "@1"},
                                                   {"seen", b.text() + "@5"},
                                                   {"action", "set_member"},
                                                   {"member", "limits.max_body_mib"},
                                                   {"value", "9"},
                                                   {"do", "apply"}});
    BOOST_TEST(done.status == 200);
    BOOST_TEST(head(a).definition.limits.max_body_mib == 9U);
    BOOST_TEST(head(b).number == 1U);
    BOOST_TEST(has(done, "Refused"));
    BOOST_TEST(has(done, "/review?site=" + a.text()));
    BOOST_TEST(
        browser.post("/sites/bulk", {{"site", a.text()}, {"action", "add_tag"}, {"word", "a b"}}).status ==
        422);
    const auto nodes =
        browser.post("/sites/bulk", {{"site", a.text()}, {"action", "set_nodes"}, {"node", node.text()}});
    BOOST_TEST(has(nodes, "Would be refused"));
    BOOST_TEST(has(browser.get("/sites/" + a.text()), "/sites/" + a.text() + "/tags"));
}

BOOST_AUTO_TEST_CASE(a_site_is_tagged_found_copied_and_made_a_template) {
    const SiteId a = add_site(carl, "a.example");
    add_site(carl, "other.example");
    const std::string url = "/sites/" + a.text();
    BOOST_TEST(browser.post(url + "/tags", {{"tags", "Prod eu"}}).status == 303);
    BOOST_TEST(!has(browser.get("/sites?tag=eu"), "other.example"));
    BOOST_TEST(has(browser.get("/sites?tag=eu"), "prod"));
    BOOST_TEST(has(browser.get(url), "value=\"eu prod\""));
    BOOST_TEST(browser.post(url + "/tags", {{"tags", "prod"}}).status == 303);
    BOOST_TEST(!has(browser.get("/sites?tag=eu"), "/sites/" + a.text()));
    const auto copy = browser.post(url + "/clone", {{"domains", "copy.example www.copy.example"}});
    BOOST_TEST(copy.status == 303);
    BOOST_TEST(has(browser.follow(copy), "www.copy.example"));
    BOOST_TEST(browser.post(url + "/clone", {{"domains", "not a name!"}}).status == 422);
    BOOST_TEST(browser.post(url + "/template", {{"name", "shop"}}).status == 303);
    const auto begun = browser.get("/sites/new?template=shop&domain=new.example&upstream=10.0.0.9:81");
    BOOST_TEST(has(begun, "new.example"));
    BOOST_TEST(has(begun, "10.0.0.9"));
    BOOST_TEST(has(browser.get("/sites/new?template=wordpress&domain=w.example"), "/xmlrpc.php"));
    BOOST_TEST(browser.get("/sites/new?template=nothing").status == 404);
    BOOST_TEST(has(browser.get("/sites/new?template=app&upstream=%21"), "is no server"));
}

BOOST_AUTO_TEST_SUITE_END()
