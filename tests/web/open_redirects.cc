// SPDX-License-Identifier: MIT
// No address that somebody sends leads to another site, however it is written.
#define BOOST_TEST_DYN_LINK
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/support/panel.h"

using namespace rpm;
using namespace rpm::test;
using web::PanelKind;

namespace {

constexpr const char* kHostile[] = {"https://evil.example/", "//evil.example/",
                                    "///evil.example",       "/\\evil.example",
                                    "\\\\evil.example",      "/\t/evil.example",
                                    "/\n/evil.example",      " //evil.example",
                                    "javascript:alert(1)",   "data:text/html,x",
                                    "evil.example",          "./evil.example",
                                    "http:evil.example",     "/ok\r\nLocation: https://evil.example",
                                    "/ok\xc2\xa0/evil",      "@evil.example",
                                    ".evil.example"};

// Whatever a browser would go to stays here.
void stays(const http::Response& response, const char* from) {
    const auto* to = response.find("Location");
    BOOST_TEST_CONTEXT(from) {
        if (response.status != 303) return;
        BOOST_REQUIRE(to != nullptr);
        BOOST_TEST(http::is_local_path(*to), *to);
        BOOST_TEST(to->find("evil.example") == std::string::npos, *to);
    }
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(open_redirects, PanelFixture)

BOOST_AUTO_TEST_CASE(after_signing_in) {
    add_user("root", Role::admin);
    for (const char* next : kHostile) {
        Browser browser(*this, PanelKind::admin);
        browser.get("/login");
        stays(browser.post("/login", {{"name", "root"}, {"password", kPassword}, {"next", next}}), next);
    }
}

BOOST_AUTO_TEST_CASE(when_signed_in_already) {
    Browser root = sign_in(PanelKind::admin, "root");
    for (const char* next : kHostile) {
        std::string escaped;
        for (const char* c = next; *c != 0; ++c) {
            char code[4];
            std::snprintf(code, sizeof code, "%%%02X", static_cast<unsigned char>(*c));
            escaped += code;
        }
        const auto answer = root.get("/login?next=" + escaped);
        BOOST_TEST(answer.status == 303);
        stays(answer, next);
    }
}

BOOST_AUTO_TEST_CASE(back_from_the_choice_of_a_theme) {
    Browser root = sign_in(PanelKind::admin, "root");
    for (const char* back : kHostile)
        stays(root.post("/prefs/theme", {{"theme", "dark"}, {"back", back}}), back);
}

// The page that was asked for comes back in the address of the sign-in page: as a parameter, not as a way
// out.
BOOST_AUTO_TEST_CASE(on_the_way_to_the_sign_in_page) {
    Browser nobody(*this, PanelKind::admin);
    const auto answer = nobody.get("/sites?q=https://evil.example");
    BOOST_TEST(answer.find("Location")->starts_with("/login?next=%2Fsites%3Fq%3D"));
}

BOOST_AUTO_TEST_SUITE_END()
