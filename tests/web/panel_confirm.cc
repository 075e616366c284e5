// SPDX-License-Identifier: MIT
// Dangerous acts ask who one is when that was shown too long ago, and lose nothing of what was entered.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <set>

#include "shared/crypto/totp.h"
#include "shared/ops/people.h"
#include "tests/support/panel.h"
#include "web/admin/routes.h"
#include "web/client/routes.h"
#include "web/panel/confirm.h"

using namespace rpm;
using namespace rpm::test;
using namespace std::chrono_literals;
using web::PanelKind;

namespace {

bool has(const http::Response& response, const std::string& text) {
    return response.body.find(text) != std::string::npos;
}

struct Confirming : PanelFixture {
    Browser anna = sign_in(PanelKind::admin, "anna");
    UserId carl = add_user("carl", Role::client);
    const std::string disable = "/users/" + carl.text() + "/disable";
    bool active() { return store::get_user(db, carl).active; }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(panel_confirm, Confirming)

BOOST_AUTO_TEST_CASE(soon_after_signing_in_nothing_is_asked) {
    clock.advance(14min);
    BOOST_TEST(anna.post(disable, {}).status == 303);
    BOOST_TEST(!active());
}

BOOST_AUTO_TEST_CASE(later_the_password_is_asked_for_and_the_act_happens_with_it) {
    clock.advance(16min);
    const auto asked = anna.post(disable, {});
    BOOST_TEST(asked.status == 403);
    BOOST_TEST(has(asked, "action=\"" + disable + "\""));
    BOOST_TEST(active());
    const auto wrong = anna.post(disable, {{"confirm_password", "not this one at all"}});
    BOOST_TEST(wrong.status == 422);
    BOOST_TEST(has(wrong, "The password is wrong."));
    BOOST_TEST(active());
    Browser copy = anna;
    BOOST_TEST(anna.post(disable, {{"confirm_password", kPassword}}).status == 303);
    BOOST_TEST(!active());
    // The session has another name from now on.
    BOOST_TEST(anna.get("/users").status == 200);
    BOOST_TEST(copy.get("/users").status == 303);
    clock.advance(14min);
    BOOST_TEST(anna.post("/users/" + carl.text() + "/enable", {}).status == 303);
}

BOOST_AUTO_TEST_CASE(what_was_entered_is_carried_along_but_no_secret) {
    clock.advance(16min);
    const auto asked = anna.post("/users", {{"name", "dora"},
                                            {"mail", "dora@example.com"},
                                            {"role", "operator"},
                                            {"password", "three small <boats> & a \"sail\""},
                                            {"note", "one\ntwo <b>\"'&"}});
    BOOST_TEST(asked.status == 403);
    BOOST_TEST(has(asked, "name=\"name\" value=\"dora\""));
    BOOST_TEST(has(asked, "name=\"role\" value=\"operator\""));
    BOOST_TEST(has(asked, "name=\"note\" value=\"one\ntwo &lt;b&gt;&quot;&#39;&amp;\""));
    BOOST_TEST(!has(asked, "boats"));
    BOOST_TEST(has(asked, "name=\"password\" type=\"password\""));
    BOOST_TEST(anna.post("/users", {{"name", "dora"},
                                    {"mail", "dora@example.com"},
                                    {"role", "operator"},
                                    {"password", "three small <boats> & a \"sail\""},
                                    {"confirm_password", kPassword}})
                   .status == 303);
    BOOST_TEST((store::find_user(db, "dora")->role == Role::operator_));
}

BOOST_AUTO_TEST_CASE(a_failed_act_leaves_one_signed_in) {
    clock.advance(16min);
    anna.post(disable, {});
    const auto gone = anna.post("/users/999999/disable", {{"confirm_password", kPassword}});
    BOOST_TEST(gone.status == 404);
    BOOST_TEST(anna.get("/users").status == 200);
    BOOST_TEST(anna.post(disable, {}).status == 303);
}

BOOST_AUTO_TEST_CASE(guesses_end_soon) {
    clock.advance(16min);
    anna.post(disable, {});
    for (int i = 0; i < 5; ++i)
        BOOST_TEST(anna.post(disable, {{"confirm_password", "wrong wrong wrong"}}).status == 422);
    const auto answer = anna.post(disable, {{"confirm_password", kPassword}});
    BOOST_TEST(answer.status == 429);
    BOOST_TEST(*answer.find("Retry-After") == "900");
    BOOST_TEST(active());
}

BOOST_AUTO_TEST_CASE(whoever_has_no_password_signs_in_again) {
    const UserId olaf = rpm::ops::create_user(
        ops, Viewer::system(), {.username = "olaf", .email = {}, .role = Role::admin, .password = {}});
    const Secret token = rpm::ops::create_sign_in_link(ops, Viewer::system(), olaf, 10min);
    Browser browser(*this, PanelKind::admin);
    browser.get("/login/link/" + std::string(token.reveal()));
    BOOST_TEST(browser.post("/login/link/" + std::string(token.reveal()), {}).status == 303);
    browser.get("/account");
    clock.advance(16min);
    const auto asked = browser.post(disable, {});
    BOOST_TEST(asked.status == 403);
    BOOST_TEST(has(asked, "Sign out, sign in again"));
    BOOST_TEST(browser.post(disable, {{"confirm_password", ""}}).status == 422);
    BOOST_TEST(active());
}

BOOST_AUTO_TEST_CASE(whoever_has_no_password_shows_a_code) {
    for (const auto kind : {PanelKind::admin, PanelKind::client}) {
        const bool admin = kind == PanelKind::admin;
        const std::string name = admin ? "olaf" : "cleo";
        const UserId id = rpm::ops::create_user(
            ops, Viewer::system(),
            {.username = name, .email = {}, .role = admin ? Role::admin : Role::client, .password = {}});
        const Secret token = rpm::ops::create_sign_in_link(ops, Viewer::system(), id, 10min);
        const std::string link = "/login/link/" + std::string(token.reveal());
        Browser browser(*this, kind);
        browser.get(link);
        BOOST_TEST(browser.post(link, {}).status == 303);
        browser.get("/account");
        BOOST_TEST(browser.post("/account/factors/totp/start", {}).status == 303);
        const auto code = [&] {
            auto row = db.query("SELECT sealed FROM user_totp WHERE user_id = ?", id);
            row.first();
            const Secret seed = vault.decrypt(row.text("sealed"), "totp:" + id.text());
            return std::string(crypto::totp::code(seed, clock.now()).reveal());
        };
        BOOST_TEST(browser.post("/account/factors/totp", {{"code", code()}}).status == 200);
        browser.get("/account");
        clock.advance(16min);
        const std::string act = "/account/tokens";
        const auto form = [](const std::string& title, const std::string& shown) {
            http::Values values = {{"name", title}, {"scope", "account"}, {"days", "7"}};
            if (!shown.empty()) values.add("confirm_code", shown);
            return values;
        };
        const auto asked = browser.post(act, form("one", ""));
        BOOST_TEST(asked.status == 403);
        BOOST_TEST(has(asked, "name=\"confirm_code\""));
        BOOST_TEST(!has(asked, "confirm_password"));
        const auto wrong = browser.post(act, form("one", "000000"));
        BOOST_TEST(wrong.status == 422);
        BOOST_TEST(has(wrong, "The code is wrong"));
        const std::string right = code();
        BOOST_TEST(browser.post(act, form("one", right)).status == 200);
        browser.get("/account");
        clock.advance(16min);
        BOOST_TEST(browser.post(act, form("two", right)).status == 422);  // none works twice
    }
}

BOOST_AUTO_TEST_CASE(a_code_does_not_stand_in_for_a_password) {
    anna.post("/account/factors/totp/start", {});
    auto row = db.query("SELECT sealed FROM user_totp");
    row.first();
    const UserId id = store::find_user(db, "anna")->id;
    const Secret seed = vault.decrypt(row.text("sealed"), "totp:" + id.text());
    const auto code = [&] { return std::string(crypto::totp::code(seed, clock.now()).reveal()); };
    BOOST_TEST(anna.post("/account/factors/totp", {{"code", code()}}).status == 200);
    anna.get("/account");
    clock.advance(16min);
    BOOST_TEST(!has(anna.post(disable, {}), "confirm_code"));
    BOOST_TEST(anna.post(disable, {{"confirm_code", code()}}).status == 422);
    BOOST_TEST(active());
}

BOOST_AUTO_TEST_CASE(after_a_confirmed_look_one_is_back_where_one_was) {
    clock.advance(16min);
    const auto asked = anna.post("/account/confirm", {{"next", "/audit?action=user."}});
    BOOST_TEST(asked.status == 403);
    BOOST_TEST(has(asked, "name=\"next\" value=\"/audit?action=user.\""));
    const auto back =
        anna.post("/account/confirm", {{"next", "/audit?action=user."}, {"confirm_password", kPassword}});
    BOOST_TEST(back.status == 303);
    BOOST_TEST(*back.find("Location") == "/audit?action=user.");
    anna.get("/account");
    BOOST_TEST(*anna.post("/account/confirm", {{"next", "//evil.example"}}).find("Location") == "/account");
}

BOOST_AUTO_TEST_CASE(the_dangerous_routes_are_marked) {
    std::set<std::string> admin, client;
    for (const web::Route& route : web::admin_routes())
        if (route.fresh == web::Fresh::yes) admin.emplace(route.pattern);
    for (const web::Route& route : web::client_routes())
        if (route.fresh == web::Fresh::yes) client.emplace(route.pattern);
    for (const char* path :
         {"/users", "/users/{id}/enable", "/users/{id}/disable", "/nodes/{id}/trust", "/sites/{id}/delete"})
        BOOST_TEST(admin.contains(path), path);
    BOOST_TEST(client.contains("/sites/{id}/delete"));
}

BOOST_AUTO_TEST_CASE(names_of_secrets_are_known) {
    for (const char* name : {"password", "new_password", "oidc.client_secret", "passphrase", "private_key"})
        BOOST_TEST(web::holds_secret(name), name);
    for (const char* name : {"name", "mail", "role", "fingerprint"})
        BOOST_TEST(!web::holds_secret(name), name);
}

BOOST_AUTO_TEST_SUITE_END()
