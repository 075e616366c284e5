// SPDX-License-Identifier: MIT
// Reports of browsers: taken from anybody, believed in nothing.
#include "shared/ops/csp_reports.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "tests/support/panel.h"

using namespace rpm;
using namespace rpm::test;
using web::PanelKind;

namespace {

constexpr const char* kOld = R"({"csp-report":{"document-uri":"https://panel.example/login/link/SeCret-9?x=1",
    "violated-directive":"script-src-elem 'self'","blocked-uri":"https://evil.example:8443/a.js?token=1"}})";
constexpr const char* kNew = R"([{"type":"csp-violation","url":"https://panel.example/sites/12","body":
    {"documentURL":"https://panel.example/sites/12/edit","effectiveDirective":"script-src-attr","blockedURL":"inline"}},
    {"type":"deprecation","body":{}}])";

struct Reports : PanelFixture {
    http::Response send(const std::string& type, const std::string& body, PanelKind kind = PanelKind::admin,
                        const http::Values& more = {}) {
        http::Request request;
        request.id = "0123456789abcdef";
        request.method = "POST";
        request.path = "/csp-report";
        request.scheme = "https";
        request.host = "panel.example";
        request.headers = more;
        request.headers.add("content-type", type);
        request.body = body;
        return http::answer(handler(kind), request);
    }
    std::size_t kinds() { return store::list_csp_reports(db, 1000).size(); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(csp_reports, Reports)

BOOST_AUTO_TEST_CASE(both_forms_are_taken_and_counted) {
    BOOST_TEST(send("application/csp-report", kOld).status == 204);
    BOOST_TEST(send("application/csp-report", kOld).status == 204);
    BOOST_TEST(send("application/reports+json", kNew, PanelKind::client).status == 204);
    const auto reports = store::list_csp_reports(db, 10);
    BOOST_REQUIRE(reports.size() == 2U);
    for (const auto& report : reports) {
        const bool old_form = report.panel == "admin";
        BOOST_TEST(report.document == (old_form ? "/login/link/…" : "/sites/…/edit"));
        BOOST_TEST(report.directive == (old_form ? "script-src-elem" : "script-src-attr"));
        BOOST_TEST(report.blocked == (old_form ? "https://evil.example:8443" : "inline"));
        BOOST_TEST(report.times == (old_form ? 2U : 1U));
    }
    Browser root = sign_in(PanelKind::admin, "root");
    const auto page = root.get("/csp-reports");
    BOOST_TEST(page.body.find("https://evil.example:8443") != std::string::npos);
    BOOST_TEST(page.body.find("SeCret") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_is_no_report_is_refused) {
    BOOST_TEST(send("application/x-www-form-urlencoded", "a=1").status == 415);
    BOOST_TEST(send("application/csp-report", "{").status == 400);
    BOOST_TEST(send("application/csp-report", std::string(17000, ' ')).status == 413);
    for (const char* odd :
         {"{}", "[]", "[1,null]", "null", R"({"csp-report":3})", R"({"csp-report":{}})",
          R"([{"type":"csp-violation","body":7}])", R"({"csp-report":{"violated-directive":"<b>"}})"})
        BOOST_TEST(send("application/csp-report", odd).status == 204, odd);
    BOOST_TEST(kinds() == 0U);
    BOOST_TEST(
        send("application/csp-report", kOld, PanelKind::admin, {{"sec-fetch-site", "cross-site"}}).status ==
        403);
    BOOST_TEST(kinds() == 0U);
}

BOOST_AUTO_TEST_CASE(nothing_long_or_secret_is_kept) {
    BOOST_TEST(rpm::ops::plain_document("https://p.example/login/link/AbCd_9") == "/login/link/…");
    BOOST_TEST(rpm::ops::plain_document("https://p.example/a/b/c/d/e/f/g/h") == "/a/b/c/d/e/f");
    BOOST_TEST(rpm::ops::plain_document("https://p.example") == "/");
    BOOST_TEST(rpm::ops::plain_document("") == "/");
    BOOST_TEST(rpm::ops::plain_document("/search?q=secret#x") == "/search");
    BOOST_TEST(rpm::ops::plain_blocked("https://u:p@evil.example/x") == "something else");
    BOOST_TEST(rpm::ops::plain_blocked("https://evil.example/x?y") == "https://evil.example");
    BOOST_TEST(rpm::ops::plain_blocked("data:text/html,<b>") == "data");
    BOOST_TEST(rpm::ops::plain_blocked("<script>") == "something else");
    BOOST_TEST(rpm::ops::plain_blocked(std::string(300, 'a')) == "something else");
}

BOOST_AUTO_TEST_CASE(strangers_fill_neither_table_nor_processor) {
    rpm::ops::Context& context = ops;
    for (int i = 0; i < 60; ++i) {
        std::vector<store::CspReport> many;
        for (int n = 0; n < 10; ++n)
            many.push_back({.panel = "admin",
                            .document = "/",
                            .directive = "img-src",
                            .blocked = "https://" + std::to_string(i * 10 + n) + ".example"});
        rpm::ops::note_csp_reports(context, many);
    }
    BOOST_TEST(kinds() == 500U);
    int refused = 0;
    for (int i = 0; i < 70; ++i) refused += send("application/csp-report", kOld).status == 429 ? 1 : 0;
    BOOST_TEST(refused >= 10);
}

BOOST_AUTO_TEST_SUITE_END()
