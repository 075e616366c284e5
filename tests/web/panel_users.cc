// SPDX-License-Identifier: MIT
// Accounts in the administrators' panel: their page, the links that set passwords, and seeing the clients'
// panel as a client does.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "shared/ops/accounts.h"
#include "shared/ops/settings.h"
#include "shared/ops/tokens.h"
#include "shared/store/audit.h"
#include "tests/support/panel.h"

using namespace rpm;
using namespace rpm::test;
using namespace std::chrono_literals;
using web::PanelKind;

namespace {

bool has(const http::Response& response, const std::string& text) {
    return response.body.find(text) != std::string::npos;
}

std::string link_in(const http::Response& response) {
    const std::string mark = "/login/link/";
    const auto at = response.body.find(mark);
    return at == std::string::npos ? "" : response.body.substr(at, mark.size() + 43);
}

struct Users : PanelFixture {
    Browser anna = sign_in(PanelKind::admin, "anna");
    UserId carl = add_user("carl", Role::client);
    const std::string page = "/users/" + carl.text();

    store::User user(UserId id) { return store::get_user(db, id); }
    std::uint64_t count(const char* sql) {
        auto row = db.query_once(std::string("SELECT CAST((") + sql + ") AS UNSIGNED) AS n");
        row.first();
        return row.uint64("n");
    }
    void mail_on() {
        rpm::ops::change_settings(ops, Viewer::system(),
                                  {{Setting::mail_enabled, "on"},
                                   {Setting::panel_admin_url, "https://admin.example.com"},
                                   {Setting::panel_client_url, "https://panel.example.com"}});
    }
    // anna's link into the clients' panel, used in a browser of its own.
    Browser through_carls_eyes() { return through_carls_eyes(anna); }
    Browser through_carls_eyes(Browser& administrator) {
        const auto made = administrator.post(page + "/impersonate", {});
        const std::string link = link_in(made);
        Browser browser(*this, PanelKind::client);
        browser.get(link);
        if (browser.post(link, {}).status != 303) throw Error("cannot begin");
        browser.get("/");
        return browser;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(panel_users, Users)

BOOST_AUTO_TEST_CASE(an_account_is_shown_and_changed) {
    BOOST_TEST(has(anna.get("/users"), "href=\"" + page + "\""));
    const auto shown = anna.get(page);
    BOOST_TEST(shown.status == 200);
    BOOST_TEST(has(shown, "carl"));
    const auto saved = anna.post(
        page, {{"role", "client"}, {"mail", "carl@example.com"}, {"max_sites", "3"}, {"max_domains", ""}});
    BOOST_TEST(saved.status == 303);
    BOOST_TEST(user(carl).email == "carl@example.com");
    BOOST_TEST(user(carl).max_sites.value_or(0) == 3U);
    BOOST_TEST(!user(carl).max_domains);
    BOOST_TEST(has(anna.get(page), "value=\"carl@example.com\""));
    BOOST_TEST(count("SELECT COUNT(*) FROM audit_log WHERE action = 'user.update'") == 1U);
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_told_at_its_field_and_changes_nothing) {
    const auto refused = [&](http::Values form, const char* mark) {
        const auto answer = anna.post(page, std::move(form));
        BOOST_TEST(answer.status == 422, mark);
        BOOST_TEST(has(answer, mark), mark);
    };
    refused({{"role", "client"}, {"mail", "no address"}}, "id=\"mail-e\"");
    refused({{"role", "client"}, {"mail", ""}, {"max_sites", "many"}}, "id=\"max_sites-e\"");
    refused({{"role", "operator"}, {"mail", ""}, {"max_sites", "3"}}, "id=\"max_sites-e\"");
    refused({{"role", "client_read_only"}, {"mail", ""}}, "id=\"tenant-e\"");
    refused({{"role", "client"}, {"mail", ""}, {"tenant", carl.text()}}, "id=\"tenant-e\"");
    const auto own =
        anna.post("/users/" + store::find_user(db, "anna")->id.text(), {{"role", "operator"}, {"mail", ""}});
    BOOST_TEST(own.status == 422);
    BOOST_TEST(has(own, "id=\"role-e\""));
    BOOST_TEST((user(carl).role == Role::client));
    BOOST_TEST(count("SELECT COUNT(*) FROM audit_log WHERE action = 'user.update'") == 0U);
}

BOOST_AUTO_TEST_CASE(a_client_with_colleagues_stays_one) {
    rpm::ops::create_user(
        ops, Viewer::system(),
        {.username = "cora", .email = {}, .role = Role::client_read_only, .password = {}, .tenant = carl});
    const auto answer = anna.post(page, {{"role", "operator"}, {"mail", ""}});
    BOOST_TEST(answer.status == 422);
    BOOST_TEST(has(answer, "id=\"role-e\""));
}

BOOST_AUTO_TEST_CASE(another_role_ends_the_sessions) {
    Browser client = sign_in(PanelKind::client, "carl");
    BOOST_TEST(has(anna.get(page), "Sign out everywhere"));
    BOOST_TEST(anna.post(page, {{"role", "operator"}, {"mail", ""}}).status == 303);
    BOOST_TEST(client.get("/").status == 303);
}

BOOST_AUTO_TEST_CASE(an_administrator_signs_a_user_out_everywhere) {
    Browser client = sign_in(PanelKind::client, "carl");
    BOOST_TEST(anna.post(page + "/sign-out", {}).status == 303);
    BOOST_TEST(client.get("/").status == 303);
    // Of oneself the session at hand stays.
    BOOST_TEST(anna.post("/users/" + store::find_user(db, "anna")->id.text() + "/sign-out", {}).status ==
               303);
    BOOST_TEST(anna.get("/users").status == 200);
}

BOOST_AUTO_TEST_CASE(a_link_to_set_a_password_is_shown_once_and_works_once) {
    const auto made = anna.post(page + "/link", {{"purpose", "reset"}});
    BOOST_TEST(made.status == 200);
    const std::string link = link_in(made);
    BOOST_REQUIRE(!link.empty());
    BOOST_TEST(link_in(anna.get(page)).empty());
    Browser browser(*this, PanelKind::client);
    const auto form = browser.get(link);
    BOOST_TEST(has(form, "Choose a new password"));
    BOOST_TEST(has(form, "carl"));
    const auto weak = browser.post(link, {{"password", "password1234"}});
    BOOST_TEST(weak.status == 422);
    BOOST_TEST(has(weak, "id=\"password-e\""));
    const auto done = browser.post(link, {{"password", "a new and better one"}});
    BOOST_TEST(done.status == 303);
    BOOST_TEST(*done.find("Location") == "/login");
    BOOST_TEST(has(browser.follow(done), "Your password is set."));
    BOOST_TEST(browser.post("/login", {{"name", "carl"}, {"password", "a new and better one"}}).status ==
               303);
    Browser late(*this, PanelKind::client);
    late.get(link);
    BOOST_TEST(late.post(link, {{"password", "a third one, too late"}}).status == 422);
    BOOST_TEST(anna.post(page + "/link", {{"purpose", "impersonation"}}).status == 422);
}

BOOST_AUTO_TEST_CASE(a_reset_link_signs_nobody_in) {
    const std::string link = link_in(anna.post(page + "/link", {{"purpose", "reset"}}));
    Browser browser(*this, PanelKind::client);
    browser.get(link);
    BOOST_TEST(browser.post(link, {}).status == 422);
    BOOST_TEST(browser.get("/").status == 303);
    Browser wrong_panel(*this, PanelKind::admin);
    wrong_panel.get(link);
    BOOST_TEST(wrong_panel.post(link, {{"password", "a new and better one"}}).status == 422);
}

BOOST_AUTO_TEST_CASE(an_invitation_is_a_link_too) {
    const auto added = anna.post("/users", {{"name", "dora"}, {"role", "client"}});
    BOOST_TEST(added.status == 303);
    const std::string dora = *added.find("Location");
    const std::string link = link_in(anna.post(dora + "/link", {{"purpose", "invitation"}}));
    Browser browser(*this, PanelKind::client);
    BOOST_TEST(has(browser.get(link), "Choose your password"));
    clock.advance(std::chrono::days(2));
    BOOST_TEST(browser.post(link, {{"password", "a first and long one"}}).status == 303);
}

BOOST_AUTO_TEST_CASE(mail_is_offered_only_when_it_can_be_sent) {
    BOOST_TEST(has(anna.get(page), "The account has no mail address."));
    anna.post(page, {{"role", "client"}, {"mail", "carl@example.com"}});
    BOOST_TEST(has(anna.get(page), "Mail is off"));
    BOOST_TEST(anna.post(page + "/send", {{"purpose", "invitation"}}).status == 422);
    mail_on();
    BOOST_TEST(has(anna.get(page), "Send an invitation"));
    BOOST_TEST(anna.post(page + "/send", {{"purpose", "invitation"}}).status == 303);
    BOOST_TEST(count("SELECT COUNT(*) FROM notifications WHERE kind = 'invitation'") == 1U);
    BOOST_TEST(count("SELECT COUNT(*) FROM sign_in_links") == 0U);  // the worker makes it
}

BOOST_AUTO_TEST_CASE(forgotten_passwords_are_asked_for_without_telling_who_exists) {
    Browser browser(*this, PanelKind::client);
    BOOST_TEST(!has(browser.get("/login"), "Forgot your password?"));
    BOOST_TEST(browser.get("/login/forgot").status == 404);
    mail_on();
    BOOST_TEST(has(browser.get("/login"), "Forgot your password?"));
    browser.get("/login/forgot");
    BOOST_TEST(browser.post("/login/forgot", {{"name", ""}}).status == 422);
    const auto known = browser.post("/login/forgot", {{"name", "carl"}});
    browser.get("/login/forgot");
    const auto unknown = browser.post("/login/forgot", {{"name", "nobody"}});
    BOOST_TEST(known.status == 200);
    BOOST_TEST(unknown.status == 200);
    BOOST_TEST(known.body == unknown.body);
    browser.get("/login/forgot");
    for (int i = 0; i < 8; ++i) browser.post("/login/forgot", {{"name", "x" + std::to_string(i)}});
    browser.get("/login/forgot");
    const auto much = browser.post("/login/forgot", {{"name", "carl"}});
    BOOST_TEST(much.status == 429);
    BOOST_TEST(much.find("Retry-After") != nullptr);
}

BOOST_AUTO_TEST_CASE(an_administrator_sees_what_a_client_sees_and_every_page_says_so) {
    add_site(carl, "shop.example.com");
    Browser eyes = through_carls_eyes();
    const auto seen = eyes.get("/sites");
    BOOST_TEST(seen.status == 200);
    BOOST_TEST(has(seen, "shop.example.com"));
    for (const char* path : {"/", "/sites", "/account", "/deployments"}) {
        const auto answer = eyes.get(path);
        BOOST_TEST(has(answer, "You are anna and see what carl sees."), path);
    }
    BOOST_TEST(!has(anna.get("/users"), "You are anna and see"));
    const auto ended = eyes.post("/logout", {});
    BOOST_TEST(ended.status == 303);
    BOOST_TEST(eyes.get("/").status == 303);
    BOOST_TEST(anna.get("/").status == 200);
}

BOOST_AUTO_TEST_CASE(the_audit_log_names_both) {
    const SiteId site = add_site(carl, "shop.example.com");
    Browser eyes = through_carls_eyes();
    BOOST_TEST(eyes.post("/sites/" + site.text() + "/pause", {{"version", "1"}}).status == 303);
    BOOST_TEST(count("SELECT COUNT(*) FROM audit_log WHERE action = 'site.pause' AND username = 'carl' AND "
                     "impersonator = 'anna'") == 1U);
    BOOST_TEST(
        count("SELECT COUNT(*) FROM audit_log WHERE action = 'user.impersonate' AND username = 'anna' AND "
              "object_name = 'carl'") == 1U);
    BOOST_TEST(count("SELECT COUNT(*) FROM audit_log WHERE action = 'user.sign_in' AND username = 'carl' AND "
                     "impersonator = 'anna'") == 1U);
}

BOOST_AUTO_TEST_CASE(what_is_personal_stays_the_clients) {
    Browser client = sign_in(PanelKind::client, "carl");
    Browser eyes = through_carls_eyes();
    BOOST_TEST(eyes.post("/account/password", {{"current", kPassword}, {"password", "a new and better one"}})
                   .status == 403);
    BOOST_TEST(eyes.post("/account/sessions/revoke-others", {}).status == 403);
    BOOST_TEST(eyes.post("/prefs/theme", {{"theme", "dark"}}).status == 403);
    BOOST_TEST(client.get("/").status == 200);
    BOOST_TEST(client.post("/login", {{"name", "carl"}, {"password", kPassword}}).status == 303);
    Viewer both = viewer(carl, Role::client);
    both.impersonator = store::find_user(db, "anna")->id;
    BOOST_CHECK_THROW(rpm::ops::create_api_token(ops, both, carl, "x", std::nullopt), Forbidden);
    BOOST_CHECK_THROW(rpm::ops::begin_impersonation(ops, both, carl), Forbidden);
}

BOOST_AUTO_TEST_CASE(it_ends_by_itself_and_with_the_administrators_rights) {
    Browser eyes = through_carls_eyes();
    clock.advance(59min);
    BOOST_TEST(eyes.get("/").status == 200);
    clock.advance(2min);
    BOOST_TEST(eyes.get("/").status == 303);

    Browser again = sign_in(PanelKind::admin, "anna");
    const UserId id = store::find_user(db, "anna")->id;
    Browser demoted = through_carls_eyes(again);
    BOOST_TEST(demoted.get("/").status == 200);
    rpm::ops::AccountChange change;
    change.role = Role::operator_;
    rpm::ops::update_user(ops, Viewer::system(), id, change);
    BOOST_TEST(demoted.get("/").status == 303);

    change.role = Role::admin;
    rpm::ops::update_user(ops, Viewer::system(), id, change);
    Browser third = sign_in(PanelKind::admin, "anna");
    Browser disabled = through_carls_eyes(third);
    rpm::ops::set_user_active(ops, Viewer::system(), id, false);
    BOOST_TEST(disabled.get("/").status == 303);
}

BOOST_AUTO_TEST_CASE(the_link_works_once_soon_and_only_for_clients) {
    const std::string link = link_in(anna.post(page + "/impersonate", {}));
    Browser first(*this, PanelKind::client);
    BOOST_TEST(has(first.get(link), "See the panel as carl"));
    BOOST_TEST(first.post(link, {}).status == 303);
    Browser second(*this, PanelKind::client);
    second.get(link);
    BOOST_TEST(second.post(link, {}).status == 422);
    const std::string slow = link_in(anna.post(page + "/impersonate", {}));
    clock.advance(61s);
    second.get(slow);
    BOOST_TEST(second.post(slow, {}).status == 422);
    const UserId otto = add_user("otto", Role::operator_);
    BOOST_TEST(anna.post("/users/" + otto.text() + "/impersonate", {}).status == 422);
    const std::string again = link_in(anna.post(page + "/impersonate", {}));
    Browser admin(*this, PanelKind::admin);
    admin.get(again);
    BOOST_TEST(admin.post(again, {}).status == 422);
}

// The clients' panel knows no password of an administrator: only the other panel can ask for it.
BOOST_AUTO_TEST_CASE(dangerous_acts_are_done_soon_or_begun_anew) {
    const SiteId site = add_site(carl, "shop.example.com");
    const std::string remove = "/sites/" + site.text() + "/delete";
    const http::Values form{{"version", "1"}, {"confirm", "shop.example.com"}};
    Browser eyes = through_carls_eyes();
    clock.advance(20min);
    const auto asked = eyes.post(remove, form);
    BOOST_TEST(asked.status == 403);
    BOOST_TEST(has(asked, "which asks who you are"));
    BOOST_TEST(!has(asked, "confirm_password"));
    http::Values with_password = form;
    with_password.add("confirm_password", kPassword);
    BOOST_TEST(eyes.post(remove, with_password).status == 422);
    BOOST_TEST(anna.post(page + "/impersonate", {}).status == 403);
    const auto link = link_in(anna.post(page + "/impersonate", {{"confirm_password", kPassword}}));
    Browser again(*this, PanelKind::client);
    again.get(link);
    BOOST_TEST(again.post(link, {}).status == 303);
    again.get("/");
    BOOST_TEST(again.post(remove, form).status == 303);
}

BOOST_AUTO_TEST_CASE(who_never_signed_in_is_said_so) {
    BOOST_TEST(has(anna.get(page), "Last sign-in never"));
    BOOST_TEST(has(anna.get("/users"), "Last sign-in\">never"));
    sign_in(PanelKind::client, "carl");
    BOOST_TEST(!has(anna.get(page), "Last sign-in never"));
}

BOOST_AUTO_TEST_SUITE_END()
