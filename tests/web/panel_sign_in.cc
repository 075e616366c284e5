// SPDX-License-Identifier: MIT
// Who gets in, who does not, and what nobody may do.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "shared/ops/people.h"
#include "tests/support/panel.h"
#include "web/admin/routes.h"
#include "web/client/routes.h"

using namespace rpm;
using namespace rpm::test;
using web::PanelKind;

namespace {

std::string location(const http::Response& response) {
    const std::string* value = response.find("Location");
    return value ? *value : "";
}

bool has(const http::Response& response, const std::string& text) {
    return response.body.find(text) != std::string::npos;
}

// A pattern with its captures filled in.
std::string example_of(std::string_view pattern) {
    std::string path(pattern);
    for (auto open = path.find('{'); open != std::string::npos; open = path.find('{'))
        path.replace(open, path.find('}') - open + 1, "1");
    return path;
}

std::uint64_t rows_in(db::Connection& db, const char* sql) {
    auto row = db.query(sql);
    row.first();
    return row.uint64("n");
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(panel_sign_in, PanelFixture)

BOOST_AUTO_TEST_CASE(a_right_password_opens_a_session) {
    Browser anna = sign_in(PanelKind::admin, "anna");
    const auto answer = anna.get("/");
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(has(answer, "anna"));
}

BOOST_AUTO_TEST_CASE(the_session_cookie_is_bound_and_hidden_from_scripts) {
    add_user("anna", Role::admin);
    Browser anna(*this, PanelKind::admin);
    anna.get("/login");
    const auto answer = anna.post("/login", {{"name", "anna"}, {"password", kPassword}});
    std::string cookie;
    for (const auto& [name, value] : answer.headers())
        if (name == "Set-Cookie" && value.starts_with("__Host-rpmgr_admin=")) cookie = value;
    for (const char* part : {"Path=/", "Secure", "HttpOnly", "SameSite=Lax"})
        BOOST_TEST(cookie.find(part) != std::string::npos, part);
}

BOOST_AUTO_TEST_CASE(the_browser_is_known_by_a_cookie_for_the_sign_in_form_only) {
    add_user("anna", Role::admin);
    Browser anna(*this, PanelKind::admin);
    anna.get("/login");
    const auto answer = anna.post("/login", {{"name", "anna"}, {"password", kPassword}});
    std::string cookie;
    for (const auto& [name, value] : answer.headers())
        if (name == "Set-Cookie" && value.starts_with("__Host-rpmgr_device=")) cookie = value;
    for (const char* part : {"Path=/", "Secure", "HttpOnly", "SameSite=Strict", "Max-Age=15552000"})
        BOOST_TEST(cookie.find(part) != std::string::npos, part);
}

BOOST_AUTO_TEST_CASE(signing_in_again_ends_the_session_before) {
    Browser anna = sign_in(PanelKind::admin, "anna");
    Browser copy = anna;
    BOOST_TEST(anna.post("/login", {{"name", "anna"}, {"password", kPassword}}).status == 303);
    BOOST_TEST(copy.get("/account").status == 303);
    BOOST_TEST(anna.get("/account").status == 200);
}

BOOST_AUTO_TEST_CASE(a_changed_password_gives_the_browser_a_new_cookie) {
    Browser anna = sign_in(PanelKind::admin, "anna");
    Browser copy = anna;
    const auto changed =
        anna.post("/account/password", {{"current", kPassword}, {"password", "a whole new phrase"}});
    BOOST_TEST(changed.status == 303);
    BOOST_TEST(anna.get("/account").status == 200);
    BOOST_TEST(copy.get("/account").status == 303);
}

BOOST_AUTO_TEST_CASE(a_wrong_password_and_an_unknown_name_look_the_same) {
    add_user("anna", Role::admin);
    Browser someone(*this, PanelKind::admin);
    someone.get("/login");
    const auto wrong = someone.post("/login", {{"name", "anna"}, {"password", "not this one at all"}});
    const auto unknown = someone.post("/login", {{"name", "nobody"}, {"password", "not this one at all"}});
    BOOST_TEST(wrong.status == 422);
    BOOST_TEST(unknown.status == 422);
    BOOST_TEST(has(wrong, "The user name or the password is wrong."));
    BOOST_TEST(has(unknown, "The user name or the password is wrong."));
    BOOST_TEST(has(wrong, "value=\"anna\""));
}

BOOST_AUTO_TEST_CASE(many_wrong_passwords_are_throttled) {
    add_user("anna", Role::admin);
    Browser someone(*this, PanelKind::admin);
    someone.get("/login");
    for (int i = 0; i < 5; ++i) someone.post("/login", {{"name", "anna"}, {"password", "wrong wrong wrong"}});
    const auto answer = someone.post("/login", {{"name", "anna"}, {"password", kPassword}});
    BOOST_TEST(answer.status == 429);
    BOOST_TEST(*answer.find("Retry-After") == "900");
    BOOST_TEST(has(answer, "Wait 15 minutes"));
    clock.advance(std::chrono::minutes(16));
    BOOST_TEST(someone.post("/login", {{"name", "anna"}, {"password", kPassword}}).status == 303);
}

BOOST_AUTO_TEST_CASE(a_client_does_not_get_into_the_administrators_panel) {
    add_user("carl", Role::client);
    Browser carl(*this, PanelKind::admin);
    carl.get("/login");
    BOOST_TEST(carl.post("/login", {{"name", "carl"}, {"password", kPassword}}).status == 422);
}

BOOST_AUTO_TEST_CASE(the_page_after_sign_in_is_always_one_of_ours) {
    add_user("anna", Role::admin);
    const auto go = [&](const std::string& next) {
        Browser anna(*this, PanelKind::admin);
        anna.get("/login");
        return location(anna.post("/login", {{"name", "anna"}, {"password", kPassword}, {"next", next}}));
    };
    BOOST_TEST(go("/sites?state=failed") == "/sites?state=failed");
    for (const char* elsewhere : {"https://evil.example/", "//evil.example/", "/\\evil.example",
                                  "javascript:1", "/\r\nSet-Cookie: a=b", "/logout", ""})
        BOOST_TEST(go(elsewhere) == "/", elsewhere);
}

BOOST_AUTO_TEST_CASE(forms_without_the_right_token_change_nothing) {
    Browser anna = sign_in(PanelKind::admin, "anna");
    Browser other = sign_in(PanelKind::admin, "otto");
    const http::Values form{
        {"domains", "a.example"}, {"upstream.servers.0.host", "10.0.0.1"}, {"upstream.servers.0.port", "80"}};
    http::Values stolen = form;
    stolen.add("csrf", other.token());
    BOOST_TEST(anna.post_without_token("/sites/new", form).status == 403);
    BOOST_TEST(anna.post_without_token("/sites/new", stolen).status == 403);
    BOOST_TEST(anna.post("/sites/new", form, {{"sec-fetch-site", "cross-site"}}).status == 403);
    BOOST_TEST(anna.post("/sites/new", form, {{"origin", "https://evil.example"}}).status == 403);
    BOOST_TEST(rows_in(db, "SELECT COUNT(*) AS n FROM sites") == 0u);
    BOOST_TEST(anna.post_without_token("/login", {{"name", "anna"}, {"password", kPassword}}).status == 403);
}

BOOST_AUTO_TEST_CASE(every_route_asks_strangers_to_sign_in) {
    for (const auto kind : {PanelKind::admin, PanelKind::client}) {
        for (const web::Route& route :
             kind == PanelKind::admin ? web::admin_routes() : web::client_routes()) {
            if (route.needs == web::Needs::nothing) continue;
            Browser stranger(*this, kind);
            const std::string path = example_of(route.pattern);
            if (route.method == "GET") {
                const auto answer = stranger.get(path);
                BOOST_TEST(answer.status == 303, path);
                BOOST_TEST(location(answer).starts_with("/login"), path);
                BOOST_TEST(stranger.get(path, {{"hx-request", "true"}}).status == 403, path);
            } else {
                BOOST_TEST(stranger.post_without_token(path, {}).status == 403, path);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(every_page_answers_its_user_and_never_breaks) {
    const UserId anna = add_user("anna", Role::admin);
    add_node("n1");
    add_site(anna, "a.example");
    Browser browser = sign_in(PanelKind::admin, "anna");
    for (const web::Route& route : web::admin_routes()) {
        if (route.method != "GET") continue;
        const auto answer = browser.get(example_of(route.pattern));
        BOOST_TEST((answer.status == 200 || answer.status == 303 || answer.status == 404),
                   std::string(route.pattern) << " " << answer.status);
    }
}

BOOST_AUTO_TEST_CASE(opening_a_sign_in_link_does_not_use_it_up) {
    const UserId carl = add_user("carl", Role::client);
    const Secret token =
        rpm::ops::create_sign_in_link(ops, Viewer::system(), carl, std::chrono::seconds(600));
    const std::string path = "/login/link/" + std::string(token.reveal());
    Browser scanner(*this, PanelKind::client);
    BOOST_TEST(scanner.get(path).status == 200);
    Browser browser(*this, PanelKind::client);
    browser.get(path);
    BOOST_TEST(browser.post(path, {}).status == 303);
    BOOST_TEST(browser.get("/").status == 200);
    Browser late(*this, PanelKind::client);
    late.get(path);
    BOOST_TEST(late.post(path, {}).status == 422);
}

BOOST_AUTO_TEST_CASE(signing_out_ends_the_session_on_the_server) {
    Browser anna = sign_in(PanelKind::admin, "anna");
    Browser copy = anna;  // somebody kept the cookie
    const auto answer = anna.post("/logout", {});
    BOOST_TEST(answer.status == 303);
    BOOST_REQUIRE(answer.find("Clear-Site-Data") != nullptr);
    BOOST_TEST(*answer.find("Clear-Site-Data") == R"("cache", "storage")");
    BOOST_TEST(copy.get("/").status == 303);
}

BOOST_AUTO_TEST_CASE(a_changed_password_ends_other_sessions) {
    Browser first = sign_in(PanelKind::admin, "anna");
    Browser second = sign_in(PanelKind::admin, "anna");
    const auto wrong =
        first.post("/account/password", {{"current", "no"}, {"password", "a whole new phrase"}});
    BOOST_TEST(wrong.status == 422);
    BOOST_TEST(has(wrong, "id=\"current-e\""));
    const auto right =
        first.post("/account/password", {{"current", kPassword}, {"password", "a whole new phrase"}});
    BOOST_TEST(right.status == 303);
    BOOST_TEST(has(first.follow(right), "Password changed."));
    BOOST_TEST(second.get("/").status == 303);
}

BOOST_AUTO_TEST_CASE(the_theme_is_kept_and_the_way_back_is_local) {
    Browser anna = sign_in(PanelKind::admin, "anna");
    BOOST_TEST(location(anna.post("/prefs/theme", {{"theme", "dark"}, {"back", "/sites"}})) == "/sites");
    BOOST_TEST(has(anna.get("/sites"), "data-theme=\"dark\""));
    BOOST_TEST(location(anna.post("/prefs/theme", {{"theme", "light"}, {"back", "//evil.example"}})) == "/");
    BOOST_TEST(anna.post("/prefs/theme", {{"theme", "pink"}}).status == 422);
}

BOOST_AUTO_TEST_CASE(what_strangers_begin_is_limited) {
    set(Setting::panel_admin_url, "https://admin.example.com");
    Browser stranger(*this, PanelKind::admin);
    stranger.get("/login");
    for (int i = 0; i < 60; ++i) BOOST_TEST(stranger.post("/login/passkey/options", {}).status == 200);
    const auto refused = stranger.post("/login/passkey/options", {});
    BOOST_TEST(refused.status == 429);
    BOOST_TEST(refused.find("Retry-After") != nullptr);
    const auto single = stranger.get("/login/oidc");
    BOOST_TEST(single.status == 429);
    BOOST_TEST(has(single, "Too many failed attempts"));
    BOOST_TEST(rows_in(db, "SELECT COUNT(*) AS n FROM sign_in_challenges") == 60u);
    clock.advance(std::chrono::minutes(16));
    BOOST_TEST(stranger.post("/login/passkey/options", {}).status == 200);
}

BOOST_AUTO_TEST_CASE(each_panel_is_for_those_whom_it_is_made_for) {
    for (const auto& [kind, role] : {std::pair{PanelKind::client, Role::admin},
                                     {PanelKind::client, Role::operator_},
                                     {PanelKind::admin, Role::client}}) {
        add_user("u" + std::string(to_word(role)), role);
        Browser browser(*this, kind);
        browser.get("/login");
        BOOST_TEST(
            browser.post("/login", {{"name", "u" + std::string(to_word(role))}, {"password", kPassword}})
                .status == 422);
    }
}

BOOST_AUTO_TEST_CASE(health_needs_nobody) {
    Browser balancer(*this, PanelKind::admin);
    const auto answer = balancer.get("/health");
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(answer.body.starts_with("ok\n"));
}

BOOST_AUTO_TEST_SUITE_END()
