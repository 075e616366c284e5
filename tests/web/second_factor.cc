// SPDX-License-Identifier: MIT
// Half a sign-in reaches nothing: every route of both panels, asked between the two steps.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>
#include <set>
#include <string>

#include "shared/crypto/totp.h"
#include "shared/ops/settings.h"
#include "shared/store/factors.h"
#include "tests/support/panel.h"
#include "web/admin/routes.h"

using namespace rpm;
using namespace rpm::test;
using web::PanelKind;

namespace {

struct HalfWay : PanelFixture {
    UserId anna = add_user("anna", Role::admin);

    std::string seed(const std::string& page) {
        const auto at = page.find("id=\"secret\">") + 12;
        return page.substr(at, page.find('<', at) - at);
    }
    // With an application for codes; answers its seed.
    Secret set_up(Browser& owner) {
        owner.get("/account/factors");
        BOOST_TEST(owner.post("/account/factors/totp/start", {}).status == 303);
        const auto page = owner.get("/account/factors/totp");
        BOOST_TEST(page.body.find("<svg class=\"qr\"") != std::string::npos);
        auto row = db.query("SELECT sealed FROM user_totp");
        row.first();
        Secret raw = vault.decrypt(row.text("sealed"), "totp:" + anna.text());
        BOOST_TEST(seed(page.body) == crypto::totp::shown(raw).reveal());
        const auto codes = owner.post("/account/factors/totp", {{"code", code(raw)}});
        BOOST_TEST(codes.status == 200);
        BOOST_TEST(codes.body.find("id=\"codes\"") != std::string::npos);
        return raw;
    }
    std::string code(const Secret& raw) { return std::string(crypto::totp::code(raw, clock.now()).reveal()); }
    Browser begin() {
        Browser browser(*this, PanelKind::admin);
        browser.get("/login");
        const auto answer = browser.post("/login", {{"name", "anna"}, {"password", kPassword}});
        BOOST_TEST(answer.status == 303);
        return browser;
    }
    Browser sign_in_wholly(const std::string& with) {
        Browser browser = begin();
        browser.get("/login/second");
        BOOST_TEST(browser.post("/login/second", {{"code", with}}).status == 303);
        return browser;
    }
    // Every route but those that serve this stage.
    void reaches_nothing(Browser& browser, const std::set<std::string>& open) {
        for (const web::Route& route : web::admin_routes()) {
            std::string path(route.pattern);
            for (auto at = path.find('{'); at != std::string::npos; at = path.find('{'))
                path.replace(at, path.find('}') - at + 1, "1");
            const std::string name = std::string(route.method) + " " + std::string(route.pattern);
            if (open.contains(name) || path.starts_with("/login") || path == "/health" || path == "/logout" ||
                path == "/csp-report")
                continue;
            const auto answer = route.method == "GET" ? browser.get(path) : browser.post(path, {});
            const std::string* to = answer.find("Location");
            const bool away = answer.status == 403 || answer.status == 404 ||
                              (answer.status == 303 && to != nullptr &&
                               (to->starts_with("/login") || *to == "/account/factors"));
            BOOST_TEST(away, name << " answered " << answer.status);
        }
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(second_factor, HalfWay)

BOOST_AUTO_TEST_CASE(between_the_steps_nothing_else_answers) {
    Browser owner = sign_in(PanelKind::admin, "anna");
    const Secret raw = set_up(owner);

    Browser half = begin();
    half.get("/login/second");
    reaches_nothing(half, {});
    clock.advance(std::chrono::seconds(60));
    half.get("/login/second");
    BOOST_TEST(half.post("/login/second", {{"code", "000000"}}).status == 422);
    BOOST_TEST(half.post("/login/second", {{"code", code(raw)}}).status == 303);
    BOOST_TEST(half.get("/sites").status == 200);
}

BOOST_AUTO_TEST_CASE(whoever_must_set_up_a_factor_reaches_only_that) {
    rpm::ops::change_settings(ops, Viewer::system(), {{Setting::second_factor_admin, "required"}});
    Browser half = begin();
    BOOST_TEST(half.get("/account/factors").status == 200);
    reaches_nothing(half, {"GET /account/factors", "POST /account/factors/totp/start",
                           "GET /account/factors/totp", "POST /account/factors/totp",
                           "POST /account/factors/passkeys/options", "POST /account/factors/passkeys"});
    half.get("/account/factors");
    const auto out = half.post("/logout", {});
    BOOST_TEST(out.status == 303);
    BOOST_TEST(*out.find("Location") == "/login");
}

// OWASP ASVS 5.0, 7.5.1: the password alone is one factor only.
BOOST_AUTO_TEST_CASE(what_changes_how_one_signs_in_wants_a_whole_sign_in) {
    Browser owner = sign_in(PanelKind::admin, "anna");
    const Secret raw = set_up(owner);
    BOOST_TEST(owner.get("/account/factors").status == 200);
    clock.advance(std::chrono::minutes(16));
    const auto asked = owner.get("/account/factors");
    BOOST_TEST(asked.status == 403);
    BOOST_TEST(input_value(asked.body, "next") == "/account/factors");
    const http::Values by_password{{"confirm_password", kPassword}};
    BOOST_TEST(owner.post("/account/confirm", by_password).status == 303);  // enough for other acts
    owner.get("/account");
    for (const web::Route& route : web::admin_routes())
        if (route.fresh == web::Fresh::sign_in && route.method == "POST")
            BOOST_TEST(owner.post(std::string(route.pattern), by_password).status == 403, route.pattern);
    BOOST_TEST(store::count_factors(db, anna).totp);
    const auto out = owner.post("/logout", {{"next", "/account/factors"}});
    BOOST_TEST(*out.find("Location") == "/login?next=%2Faccount%2Ffactors");
    Browser again = sign_in_wholly(code(raw));
    BOOST_TEST(again.get("/account/factors").status == 200);
    BOOST_TEST(again.post("/account/factors/totp/remove", {}).status == 303);
    BOOST_TEST(!store::count_factors(db, anna).any());
}

BOOST_AUTO_TEST_CASE(the_way_back_after_signing_out_is_one_of_ours) {
    Browser owner = sign_in(PanelKind::admin, "anna");
    BOOST_TEST(*owner.post("/logout", {{"next", "//evil.example"}}).find("Location") == "/login");
}

BOOST_AUTO_TEST_SUITE_END()
