// SPDX-License-Identifier: MIT
// The pages that only administrators have.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "shared/ops/node_settings.h"
#include "shared/ops/nodes.h"
#include "shared/ops/people.h"
#include "shared/ops/sites.h"
#include "shared/store/audit.h"
#include "shared/store/jobs.h"
#include "shared/store/nodes.h"
#include "shared/store/users.h"
#include "tests/support/panel.h"

using namespace rpm;
using namespace rpm::test;
using web::PanelKind;

namespace {

struct Admin : PanelFixture {
    NodeId node = add_node("edge-1");
    Browser root = sign_in(PanelKind::admin, "root");

    std::string path(const std::string& more = {}) const { return "/nodes/" + node.text() + more; }
    void offer(const char* fingerprint) {
        db::transact(db, [&](db::Transaction& tx) {
            store::insert_offered_host_key(tx, node, "ssh-ed25519", "blob", fingerprint, clock.now());
        });
    }
    std::string trusted() {
        const auto key = store::find_trusted_host_key(db, node);
        return key ? key->fingerprint : "";
    }
};

bool has(const http::Response& response, const std::string& text) {
    return response.body.find(text) != std::string::npos;
}

std::string location(const http::Response& response) {
    const auto* found = response.find("Location");
    return found ? *found : "";
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(admin_pages, Admin)

BOOST_AUTO_TEST_CASE(clients_find_none_of_them) {
    Browser carl = sign_in(PanelKind::client, "carl");
    for (const char* page : {"/nodes", "/nodes/1", "/jobs", "/csp-reports", "/users"})
        BOOST_TEST(carl.get(page).status == 404, page);
    for (const char* form :
         {"/nodes/1/check", "/nodes/1/trust", "/jobs/1/cancel", "/users", "/users/1/disable"})
        BOOST_TEST(carl.post(form, {}).status == 404, form);
    Browser nobody(*this, PanelKind::admin);
    BOOST_TEST(nobody.get("/nodes").status == 303);
}

BOOST_AUTO_TEST_CASE(forms_without_their_token_change_nothing) {
    for (const char* verb : {"/check", "/enable", "/disable", "/trust"})
        BOOST_TEST(root.post_without_token(path(verb), {{"fingerprint", "x"}, {"compared", "1"}}).status ==
                   403);
    BOOST_TEST(root.post_without_token("/users", {{"name", "eve"}}).status == 403);
    BOOST_TEST(store::get_node(db, node).active);
    BOOST_TEST(!store::find_user(db, "eve"));
}

BOOST_AUTO_TEST_CASE(nodes_are_listed_with_how_they_stand) {
    const auto page = root.get("/nodes");
    BOOST_TEST(page.status == 200);
    BOOST_TEST(has(page, "edge-1"));
    BOOST_TEST(has(page, "Not contacted"));
    BOOST_TEST(has(page, "Nothing deployed"));
    db::transact(db, [](db::Transaction& tx) { tx.execute("DELETE FROM nodes"); });
    BOOST_TEST(has(root.get("/nodes"), "nodes.yaml"));
}

BOOST_AUTO_TEST_CASE(a_node_tells_its_facts_sites_and_problems) {
    const auto site = add_site(add_user("carl", Role::client), "shop.example");
    db::transact(db, [&](db::Transaction& tx) {
        store::update_node_state(tx, node, "unreachable", "connection refused <b>", false, clock.now());
    });
    const auto page = root.get(path());
    BOOST_TEST(page.status == 200);
    BOOST_TEST(has(page, "Connection refused &lt;b&gt;."));
    BOOST_TEST(has(page, "192.0.2.10"));
    BOOST_TEST(has(page, "shop.example"));
    BOOST_TEST(has(page, "/sites/" + site.text()));
    BOOST_TEST(has(page, "No SSH key"));
    BOOST_TEST(has(page, "Not trusted yet"));
    BOOST_TEST(root.get("/nodes/999999").status == 404);
    BOOST_TEST(root.get("/nodes/x").status == 404);
}

BOOST_AUTO_TEST_CASE(a_first_key_is_trusted_only_when_compared) {
    offer("SHA256:one");
    const auto page = root.get(path());
    BOOST_TEST(has(page, "SHA256:one"));
    BOOST_TEST(has(page, "ssh_host_ed25519_key.pub"));
    const auto hasty = root.post(path("/trust"), {{"fingerprint", "SHA256:one"}});
    BOOST_TEST(hasty.status == 422);
    BOOST_TEST(has(hasty, "tick the box"));
    BOOST_TEST(root.post(path("/trust"), {{"fingerprint", "SHA256:two"}, {"compared", "1"}}).status == 422);
    BOOST_TEST(root.post(path("/trust"), {{"compared", "1"}}).status == 422);
    BOOST_TEST(trusted().empty());
    const auto done = root.post(path("/trust"), {{"fingerprint", "SHA256:one"}, {"compared", "1"}});
    BOOST_TEST(done.status == 303);
    BOOST_TEST(location(done) == path());
    BOOST_TEST(trusted() == "SHA256:one");
}

BOOST_AUTO_TEST_CASE(a_changed_key_needs_a_reason_that_is_audited) {
    offer("SHA256:one");
    root.post(path("/trust"), {{"fingerprint", "SHA256:one"}, {"compared", "1"}});
    offer("SHA256:two");
    const auto page = root.get(path());
    BOOST_TEST(has(page, "The host key has changed"));
    BOOST_TEST(root.post(path("/trust"), {{"fingerprint", "SHA256:two"}, {"compared", "1"}}).status == 422);
    BOOST_TEST(trusted() == "SHA256:one");
    BOOST_TEST(root.post(path("/trust"), {{"fingerprint", "SHA256:two"}, {"reason", "new disk"}}).status ==
               303);
    BOOST_TEST(trusted() == "SHA256:two");
    const auto entry =
        store::list_audit(db, Scope::everything(), {.action_prefix = "node.trust_key", .limit = 1}).at(0);
    BOOST_TEST(entry.before == R"({"fingerprint":"SHA256:one"})");
    BOOST_TEST(entry.after == R"({"fingerprint":"SHA256:two","reason":"new disk"})");
}

BOOST_AUTO_TEST_CASE(settings_of_a_node_are_a_form) {
    const auto form = root.get(path("/settings"));
    BOOST_TEST(form.status == 200);
    BOOST_TEST(has(form, "name=\"default_site.answer\""));
    BOOST_TEST(has(root.get(path()), "href=\"/nodes/" + node.text() + "/settings\""));
    const auto bad = root.post(path("/settings"), {{"default_site.answer", "page"},
                                                   {"trusted_lists.urls", "ftp://x/\nhttps://y.example/l"}});
    BOOST_TEST(bad.status == 422);
    BOOST_TEST(has(bad, "Entry 1 is no URL"));
    BOOST_TEST(has(bad, "id=\"default_site.html-e\""));
    BOOST_TEST(has(bad, "https://y.example/l"));  // what was typed is still there
    const auto saved =
        root.post(path("/settings"), {{"seen", rpm::ops::settings_version(store::get_node(db, node))},
                                      {"default_site.answer", "page"},
                                      {"default_site.html", "<h1>Nobody</h1>"},
                                      {"trusted_lists.presets", "cloudflare"}});
    BOOST_TEST(saved.status == 303);
    const auto settings = store::get_node(db, node).node_settings();
    BOOST_TEST(settings.default_site.html == "<h1>Nobody</h1>");
    BOOST_TEST(settings.trusted_lists.presets.size() == 1U);
    BOOST_TEST(has(root.get(path()), "https://www.cloudflare.com/ips-v4"));
    BOOST_TEST(
        root.post(path("/settings"),
                  {{"seen", "0000000000000000"}, {"default_site.answer", "drop"}, {"default_site.html", ""}})
            .status == 409);
    BOOST_TEST(root.get("/nodes/999999/settings").status == 404);
}

BOOST_AUTO_TEST_CASE(a_node_is_checked_disabled_and_enabled) {
    const auto checked = root.post(path("/check"), {});
    BOOST_TEST(checked.status == 303);
    BOOST_TEST(location(checked).starts_with("/deployments/"));
    BOOST_TEST(root.follow(checked).status == 200);
    BOOST_TEST(has(root.get(path()), "Waiting"));
    const auto off = root.post(path("/disable"), {});
    BOOST_TEST(has(root.follow(off), "keeps serving"));
    BOOST_TEST(!store::get_node(db, node).active);
    BOOST_TEST(root.post(path("/check"), {}).status == 422);
    root.post(path("/enable"), {});
    BOOST_TEST(store::get_node(db, node).active);
    BOOST_TEST(root.post("/nodes/999999/disable", {}).status == 404);
}

BOOST_AUTO_TEST_CASE(jobs_are_listed_cancelled_and_retried) {
    BOOST_TEST(has(root.get("/jobs"), "No jobs yet"));
    root.post(path("/check"), {});
    const auto job = store::list_jobs(db, {}).at(0).id;
    const auto page = root.get("/jobs?state=queued");
    BOOST_TEST(has(page, "Bring the node up to date"));
    BOOST_TEST(has(page, "/jobs/" + job.text() + "/cancel"));
    BOOST_TEST(has(root.get("/jobs?state=running"), "None of these"));
    BOOST_TEST(has(root.get("/jobs?state=<script>"), "Bring the node up to date"));
    BOOST_TEST(root.post("/jobs/" + job.text() + "/retry", {}).status == 409);
    BOOST_TEST(has(root.follow(root.post("/jobs/" + job.text() + "/cancel", {})), "is cancelled"));
    BOOST_TEST(root.post("/jobs/" + job.text() + "/cancel", {}).status == 409);
    BOOST_TEST(root.post("/jobs/" + job.text() + "/retry", {}).status == 303);
    BOOST_TEST(store::list_jobs(db, {.state = "queued"}).size() == 1U);
    BOOST_TEST(root.post("/jobs/999999/cancel", {}).status == 404);
}

BOOST_AUTO_TEST_CASE(the_audit_log_shows_changes_field_by_field) {
    const auto carl = add_user("carl", Role::client);
    const auto site = add_site(carl, "shop.example");
    auto definition = SiteDefinition::parse(Json::parse(
        R"({"version":1,"domains":["shop.example"],"upstream":{"servers":[{"host":"10.0.0.1","port":8080}]}})"));
    definition.note = "<i>new</i>";
    ops::update_site(ops, Viewer::system(), site, 1,
                     {.definition = definition, .owner = {}, .targets = std::nullopt, .reason = {}});
    const auto page = root.get("/audit");
    BOOST_TEST(page.status == 200);
    BOOST_TEST(has(page, "1 field"));
    BOOST_TEST(has(page, "&lt;i&gt;new&lt;/i&gt;"));
    BOOST_TEST(!has(page, "<i>new"));
    BOOST_TEST(has(page, "upstream.servers.1.port"));
    BOOST_TEST(has(root.get("/audit?q=SHOP&action=site."), "shop.example"));
    BOOST_TEST(has(root.get("/audit?q=192.0.2.1&action=user.sign_in"), "signed in"));
    BOOST_TEST(has(root.get("/audit?q=%25"), "Nothing found"));
    BOOST_TEST(has(root.get("/audit?q=j%C3%BCrgen"), "Nothing found"));
    BOOST_TEST(!has(root.get("/audit?action=node."), "shop.example"));
}

BOOST_AUTO_TEST_CASE(users_are_added_disabled_and_enabled) {
    const auto added = root.post("/users", {{"name", "eve"},
                                            {"mail", "eve@example.com"},
                                            {"role", "client"},
                                            {"password", "correct horse battery"}});
    BOOST_TEST(added.status == 303);
    const auto id = store::find_user(db, "eve")->id;
    const auto page = root.get("/users");
    BOOST_TEST(has(page, "eve@example.com"));
    BOOST_TEST(has(page, "/users/" + id.text() + "/disable"));
    BOOST_TEST(!has(page, "/users/" + store::find_user(db, "root")->id.text() + "/disable"));
    Browser eve = sign_in(PanelKind::client, "eve");
    BOOST_TEST(eve.get("/sites").status == 200);
    root.post("/users/" + id.text() + "/disable", {});
    BOOST_TEST(eve.get("/sites").status == 303);
    BOOST_TEST(has(root.get("/users"), "/users/" + id.text() + "/enable"));
    root.post("/users/" + id.text() + "/enable", {});
    BOOST_TEST(store::get_user(db, id).active);
    BOOST_TEST(root.post("/users/999999/disable", {}).status == 404);
}

BOOST_AUTO_TEST_CASE(a_wrong_user_form_comes_back_as_typed) {
    const auto wrong = root.post(
        "/users", {{"name", "e ve"}, {"mail", "eve@example.com"}, {"role", "admin"}, {"password", "short"}});
    BOOST_TEST(wrong.status == 422);
    BOOST_TEST(has(wrong, "value=\"e ve\""));
    BOOST_TEST(has(wrong, "name-e"));
    BOOST_TEST(!has(wrong, "value=\"short\""));
    BOOST_TEST(root.post("/users", {{"name", "root"}, {"role", "client"}}).status == 422);
    BOOST_TEST(root.post("/users", {{"name", "x"}, {"role", "king"}}).status == 422);
    BOOST_TEST(store::list_users(db).size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
