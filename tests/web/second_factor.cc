// SPDX-License-Identifier: MIT
// Half a sign-in reaches nothing: every route of both panels, asked between the two steps.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>
#include <set>
#include <string>

#include "shared/crypto/totp.h"
#include "shared/ops/settings.h"
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
    Browser begin() {
        Browser browser(*this, PanelKind::admin);
        browser.get("/login");
        const auto answer = browser.post("/login", {{"name", "anna"}, {"password", kPassword}});
        BOOST_TEST(answer.status == 303);
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
    owner.get("/account/factors");
    BOOST_TEST(owner.post("/account/factors/totp/start", {}).status == 303);
    const auto page = owner.get("/account/factors/totp");
    BOOST_TEST(page.body.find("<svg class=\"qr\"") != std::string::npos);
    const Secret raw = vault.decrypt(
        [&] {
            auto row = db.query("SELECT sealed FROM user_totp");
            row.first();
            return row.text("sealed");
        }(),
        "totp:" + anna.text());
    BOOST_TEST(seed(page.body) == crypto::totp::shown(raw).reveal());
    const std::string first(crypto::totp::code(raw, clock.now()).reveal());
    const auto codes = owner.post("/account/factors/totp", {{"code", first}});
    BOOST_TEST(codes.status == 200);
    BOOST_TEST(codes.body.find("id=\"codes\"") != std::string::npos);

    Browser half = begin();
    half.get("/login/second");
    reaches_nothing(half, {});
    clock.advance(std::chrono::seconds(60));
    half.get("/login/second");
    const std::string code(crypto::totp::code(raw, clock.now()).reveal());
    BOOST_TEST(half.post("/login/second", {{"code", "000000"}}).status == 422);
    BOOST_TEST(half.post("/login/second", {{"code", code}}).status == 303);
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

BOOST_AUTO_TEST_SUITE_END()
