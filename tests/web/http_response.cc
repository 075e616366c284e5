// SPDX-License-Identifier: MIT
#define BOOST_TEST_DYN_LINK
#include "web/http/response.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "shared/base/log.h"
#include "tests/support/written.h"
#include "web/http/server.h"

using namespace rpm::http;
namespace data = boost::unit_test::data;

namespace {

Request request_with_id() {
    Request request;
    request.id = "0123456789abcdef";
    request.method = "GET";
    request.scheme = "https";
    return request;
}

template <class E>
class Throwing : public Handler {
  public:
    explicit Throwing(E error) : error_(std::move(error)) {}
    Response handle(const Request&) override { throw error_; }

  private:
    E error_;
};

template <class E>
Response answer_to(E error) {
    Throwing<E> handler(std::move(error));
    return answer(handler, request_with_id());
}

struct BrokenErrorPage : Handler {
    Response handle(const Request&) override { throw rpm::NotFound("no such site"); }
    Response error_response(const Request&, const Failure&) override { throw std::runtime_error("secret"); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(http_response)

BOOST_DATA_TEST_CASE(header_injection_is_refused, data::make({"a\r\nX: y", "a\nb", "a\x01", "\x7f"}), value) {
    Response response;
    BOOST_CHECK_THROW(response.set("X-Test", value), rpm::Error);
    BOOST_CHECK_THROW(response.set(value, "x"), rpm::Error);
    BOOST_CHECK_THROW(response.set_cookie({.name = "a", .value = value}), rpm::Error);
}

BOOST_AUTO_TEST_CASE(header_names_are_replaced_in_any_case) {
    Response response;
    response.set("ETag", "1").set("etag", "2");
    BOOST_TEST(response.headers().size() == 1u);
    BOOST_TEST(*response.find("ETAG") == "2");
}

BOOST_AUTO_TEST_CASE(cookies_follow_the_host_prefix_rules) {
    Response response;
    response.set_cookie({.name = "session", .value = "abc", .max_age = std::chrono::hours(1)});
    BOOST_TEST(*response.find("Set-Cookie") ==
               "__Host-session=abc; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=3600");
    response.set_cookie(
        {.name = "session", .value = "def", .same_site = SameSite::strict, .http_only = false});
    BOOST_TEST(*response.find("Set-Cookie") == "__Host-session=def; Path=/; Secure; SameSite=Strict");
    response.drop_cookie("other");
    BOOST_TEST(response.headers().size() == 2u);
    BOOST_TEST(response.headers().at(1).second.ends_with("Max-Age=0"));
    for (const auto* value : {"a;b", "a b", "a,b", "\"a\"", "ü"})
        BOOST_CHECK_THROW(response.set_cookie({.name = "a", .value = value}), rpm::Error);
}

BOOST_DATA_TEST_CASE(redirects_stay_on_this_server,
                     data::make({"//evil.example", "/\\evil.example", "https://evil.example", "evil", "",
                                 "/a\r\nb", "\\\\evil", "/a b", "javascript:alert(1)", "/\tevil"}),
                     path) {
    BOOST_CHECK_THROW(see_other(path), HttpError);
}

BOOST_AUTO_TEST_CASE(local_redirects_work) {
    const Response response = see_other("/sites/7?tab=tls");
    BOOST_TEST(response.status == 303);
    BOOST_TEST(*response.find("Location") == "/sites/7?tab=tls");
}

BOOST_AUTO_TEST_CASE(every_answer_carries_the_security_headers) {
    struct Ok : Handler {
        Response handle(const Request&) override {
            return html("x")
                .set("Content-Security-Policy", "default-src *")
                .set("Cache-Control", "max-age=60");
        }
    } handler;
    Request request = request_with_id();
    const Response response = answer(handler, request);
    BOOST_TEST(
        response.find("Content-Security-Policy")->starts_with("default-src 'none'; script-src 'self';"));
    const std::string& policy = *response.find("Content-Security-Policy");
    BOOST_TEST(policy.find("unsafe") == std::string::npos);
    for (const char* part :
         {"frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'", "object-src 'none'",
          "require-trusted-types-for 'script'", "report-uri /csp-report", "report-to csp"})
        BOOST_TEST(policy.find(part) != std::string::npos, part);
    BOOST_TEST(*response.find("Reporting-Endpoints") == "csp=\"/csp-report\"");
    BOOST_TEST(response.find("Permissions-Policy")->find("camera=()") != std::string::npos);
    BOOST_TEST(*response.find("X-Frame-Options") == "DENY");
    BOOST_TEST(*response.find("Cross-Origin-Resource-Policy") == "same-origin");
    BOOST_TEST(*response.find("X-Content-Type-Options") == "nosniff");
    BOOST_TEST(*response.find("Referrer-Policy") == "same-origin");
    BOOST_TEST(*response.find("Cross-Origin-Opener-Policy") == "same-origin");
    BOOST_TEST(*response.find("Strict-Transport-Security") == "max-age=31536000; includeSubDomains");
    BOOST_TEST(*response.find("X-Request-Id") == request.id);
    BOOST_TEST(*response.find("Cache-Control") == "max-age=60");
    request.scheme = "http";
    BOOST_TEST(!answer(handler, request).find("Strict-Transport-Security"));
    BOOST_TEST(*answer_to(rpm::NotFound("x")).find("Cache-Control") == "no-store");
}

BOOST_AUTO_TEST_CASE(failures_have_their_status) {
    BOOST_TEST(answer_to(rpm::NotFound("no such site")).status == 404);
    BOOST_TEST(answer_to(rpm::Forbidden("no")).status == 403);
    BOOST_TEST(answer_to(rpm::Conflict("stale")).status == 409);
    BOOST_TEST(answer_to(HttpError(429, "slow down", {{"Retry-After", "9"}})).status == 429);
    BOOST_TEST(*answer_to(HttpError(429, "slow down", {{"Retry-After", "9"}})).find("Retry-After") == "9");
    const Response invalid = answer_to(rpm::Invalid("port", "is not a port"));
    BOOST_TEST(invalid.status == 422);
    BOOST_TEST(invalid.body.find("port: is not a port") != std::string::npos);
}

// Many of them are an attack; what somebody mistyped is none.
BOOST_AUTO_TEST_CASE(refusals_are_logged_with_who_was_refused) {
    const auto log_of = [](auto error) {
        return rpm::test::written([&] {
            const rpm::log::Context context({rpm::log::Field("req", "r1")});
            rpm::log::add_to_context({"user", "carl"});
            answer_to(std::move(error));
        });
    };
    const std::string line = log_of(rpm::Forbidden("needs nodes:manage"));
    BOOST_TEST(line.find("level=warning") != std::string::npos, line);
    BOOST_TEST(line.find("req=r1 user=carl msg=refused status=403 error=\"needs nodes:manage\"") !=
                   std::string::npos,
               line);
    BOOST_TEST(log_of(HttpError(401, "the token is not valid")).find("status=401") != std::string::npos);
    BOOST_TEST(log_of(HttpError(429, "slow down")).find("status=429") != std::string::npos);
    BOOST_TEST(log_of(rpm::NotFound("no such site")) == "");
    BOOST_TEST(log_of(rpm::Invalid("port", "is not a port")) == "");
}

BOOST_AUTO_TEST_CASE(inner_failures_show_an_id_and_nothing_else) {
    const Response down = answer_to(rpm::Unavailable("db.internal:3306 refused"));
    BOOST_TEST(down.status == 503);
    BOOST_TEST(*down.find("Retry-After") == "5");
    BOOST_TEST(down.body.find("db.internal") == std::string::npos);
    for (const Response& broken : {answer_to(std::runtime_error("SELECT secret")),
                                   answer_to(rpm::Error("SELECT secret")), answer_to(42)}) {
        BOOST_TEST(broken.status == 500);
        BOOST_TEST(broken.body.find("SELECT") == std::string::npos);
        BOOST_TEST(broken.body.find("0123456789abcdef") != std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(a_broken_error_page_falls_back_to_plain_text) {
    BrokenErrorPage handler;
    const Response response = answer(handler, request_with_id());
    BOOST_TEST(response.status == 404);
    BOOST_TEST(response.find("Content-Type")->starts_with("text/plain"));
    BOOST_TEST(response.body.find("secret") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
