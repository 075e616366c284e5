// SPDX-License-Identifier: MIT
#define BOOST_TEST_DYN_LINK
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "web/http/error.h"
#include "web/http/request.h"

using namespace rpm::http;
namespace data = boost::unit_test::data;

namespace {

Request read(std::vector<std::string> params, const Limits& limits = {}) {
    params.insert(params.end(), {"REQUEST_METHOD=GET", "HTTP_HOST=panel.example", "REMOTE_ADDR=192.0.2.1"});
    const std::vector<std::string_view> views(params.begin(), params.end());
    Request request;
    read_params(request, views, limits);
    return request;
}

Request get(const std::string& target) {
    return read({"REQUEST_URI=" + target});
}

Request form(const std::string& type, const std::string& body, const Limits& limits = {}) {
    Request request;
    request.method = "POST";
    request.headers.add("content-type", type);
    request.body = body;
    read_form(request, limits);
    return request;
}

Request urlencoded(const std::string& body, const Limits& limits = {}) {
    return form("application/x-www-form-urlencoded", body, limits);
}

const std::string kMultipart = "multipart/form-data; boundary=XX";

std::string part(const std::string& disposition, const std::string& value) {
    return "--XX\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\n" + value + "\r\n";
}

template <class F>
int status_thrown(F f) {
    try {
        f();
    } catch (const HttpError& error) {
        return error.status;
    }
    return 0;
}

Request post_with(Values headers) {
    Request request;
    request.method = "POST";
    request.scheme = "https";
    request.host = "panel.example:8443";
    request.headers = std::move(headers);
    return request;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(http_request)

BOOST_AUTO_TEST_CASE(parameters_become_a_plain_value) {
    const Request r = read({"REQUEST_URI=/sites/7?page=2&q=a%20b+c", "HTTPS=on", "HTTP_USER_AGENT=Test/1",
                            "HTTP_COOKIE=__Host-session=abc; theme=dark", "CONTENT_TYPE=text/plain",
                            "HTTP_X_REQUEST_ID=0123456789abcdef"});
    BOOST_TEST(r.method == "GET");
    BOOST_TEST(r.path == "/sites/7");
    BOOST_TEST(r.query.text("q") == "a b c");
    BOOST_TEST(r.header("user-agent") == "Test/1");
    BOOST_TEST(r.header("content-type") == "text/plain");
    BOOST_TEST(r.cookie("session").value() == "abc");
    BOOST_TEST(!r.cookie("theme"));
    BOOST_TEST(r.cookies.text("theme") == "dark");
    BOOST_TEST(r.scheme == "https");
    BOOST_TEST(r.host == "panel.example");
    BOOST_TEST(r.remote_address == "192.0.2.1");
    BOOST_TEST(r.id == "0123456789abcdef");
}

BOOST_AUTO_TEST_CASE(odd_request_ids_are_replaced) {
    const Request a = read({"REQUEST_URI=/", "HTTP_X_REQUEST_ID=x\" level=error"});
    const Request b = read({"REQUEST_URI=/"});
    BOOST_TEST(a.id.size() == 24u);
    BOOST_TEST(a.id != b.id);
}

BOOST_DATA_TEST_CASE(
    paths_are_decoded_and_normalised,
    data::make({"/", "//", "/sites", "/sites/", "//sites//", "/s%69tes", "/b%C3%BCro", "/a+b", "/a%20b"}) ^
        data::make({"/", "/", "/sites", "/sites", "/sites", "/sites", "/büro", "/a+b", "/a b"}),
    target, path) {
    BOOST_TEST(get(target).path == std::string(path));
}

BOOST_DATA_TEST_CASE(hostile_addresses_are_refused,
                     data::make({"", "sites", "*", "http://other/", "/../etc", "/a/%2e%2E/b", "/a/./b",
                                 "/a%2fb", "/a%00", "/%", "/%4", "/%zz", "/%ff", "/a%0ab", "/?a=%", "/?a=%00",
                                 "/?%ff=1"}),
                     target) {
    BOOST_TEST(status_thrown([&] { get(target); }) == 400);
}

BOOST_AUTO_TEST_CASE(a_request_without_method_is_refused) {
    Request request;
    BOOST_TEST(status_thrown([&] { read_params(request, {}, {}); }) == 400);
    BOOST_TEST(!request.id.empty());
}

BOOST_AUTO_TEST_CASE(hosts_lose_the_port_of_their_scheme) {
    const auto host = [](const std::string& value, const std::string& https) {
        Request r;
        const std::string host_param = "HTTP_HOST=" + value, https_param = "HTTPS=" + https;
        const std::vector<std::string_view> params{"REQUEST_METHOD=GET", "REQUEST_URI=/", host_param,
                                                   https_param};
        read_params(r, params, {});
        return r.host;
    };
    BOOST_TEST(host("Panel.Example:443", "on") == "panel.example");
    BOOST_TEST(host("panel.example:443", "") == "panel.example:443");
    BOOST_TEST(host("[2001:db8::1]:8443", "on") == "[2001:db8::1]:8443");
    BOOST_TEST(status_thrown([&] { host("a\" onload=", "on"); }) == 400);
}

BOOST_AUTO_TEST_CASE(headers_beyond_the_limits_are_431_and_long_addresses_414) {
    BOOST_TEST(status_thrown([] { read({"REQUEST_URI=/", "HTTP_X=" + std::string(70000, 'x')}); }) == 431);
    BOOST_TEST(status_thrown([] { read(std::vector<std::string>(300, "HTTP_X=1")); }) == 431);
    BOOST_TEST(status_thrown([] { get("/" + std::string(9000, 'x')); }) == 414);
    std::string many = "/?";
    for (int i = 0; i < 201; ++i) many += "a=&";
    BOOST_TEST(status_thrown([&] { get(many); }) == 413);
}

BOOST_AUTO_TEST_CASE(header_values_cannot_carry_controls_or_broken_text) {
    const Request r = read({"REQUEST_URI=/", "HTTP_USER_AGENT=a\xff\x01z"});
    BOOST_TEST(r.header("user-agent") == "a??z");
}

BOOST_AUTO_TEST_CASE(query_parameters_keep_their_order_and_repeats) {
    const Request r = get("/?b=2&a=1&b=3&c&=x&&d=a=b");
    BOOST_TEST(r.query.size() == 6u);
    BOOST_TEST(r.query.all("b") == (std::vector<std::string_view>{"2", "3"}),
               boost::test_tools::per_element());
    BOOST_TEST(r.query.has("c"));
    BOOST_TEST(r.query.text("d") == "a=b");
}

BOOST_AUTO_TEST_CASE(content_length_is_checked_before_anything_is_read) {
    const auto length = [](const std::string& value) {
        Request r;
        r.headers.add("content-length", value);
        return content_length(r, {});
    };
    BOOST_TEST(length("") == 0u);
    BOOST_TEST(length("12") == 12u);
    BOOST_TEST(status_thrown([&] { length("-1"); }) == 400);
    BOOST_TEST(status_thrown([&] { length("1e3"); }) == 400);
    BOOST_TEST(status_thrown([&] { length("99999999999"); }) == 413);
    BOOST_TEST(status_thrown([&] { length("99999999999999999999999999"); }) == 413);
}

BOOST_AUTO_TEST_CASE(urlencoded_forms_keep_order_repeats_and_odd_values) {
    const Request r = urlencoded("b=2&a=x%26y+z&b=3&sql=a;b=c&empty=&last");
    BOOST_TEST(r.form.all("b") == (std::vector<std::string_view>{"2", "3"}),
               boost::test_tools::per_element());
    BOOST_TEST(r.form.text("a") == "x&y z");
    BOOST_TEST(r.form.text("sql") == "a;b=c");
    BOOST_TEST(r.form.has("empty"));
    BOOST_TEST(r.form.has("last"));
    BOOST_TEST(r.body.empty());
}

BOOST_AUTO_TEST_CASE(the_query_never_mixes_into_the_form) {
    Request r = get("/?role=admin");
    r.method = "POST";
    r.headers.add("content-type", "application/x-www-form-urlencoded");
    r.body = "name=x";
    read_form(r, {});
    BOOST_TEST(!r.form.has("role"));
    BOOST_TEST(r.query.text("role") == "admin");
}

BOOST_DATA_TEST_CASE(malformed_urlencoded_forms_are_refused,
                     data::make({"a=%", "a=%4", "a=%zz", "a=%00", "a=%ff", "%ff=a", "a=%c0%80",
                                 "a=%ed%a0%80"}),
                     body) {
    BOOST_TEST(status_thrown([&] { urlencoded(body); }) == 400);
}

BOOST_AUTO_TEST_CASE(too_many_fields_are_refused) {
    std::string body;
    for (int i = 0; i < 20001; ++i) body += "a=1&";
    BOOST_TEST(status_thrown([&] { urlencoded(body); }) == 413);
    std::string multipart;
    for (int i = 0; i < 20001; ++i) multipart += part("name=\"a\"", "1");
    BOOST_TEST(status_thrown([&] { form(kMultipart, multipart + "--XX--\r\n"); }) == 413);
}

BOOST_AUTO_TEST_CASE(multipart_forms_give_fields_and_file_contents) {
    const std::string body = part("name=\"a\"", "ü\r\n2") +
                             part("name=\"f\"; filename=\"../../etc/passwd\"", std::string("bin\0\xff", 5)) +
                             part("name=\"none\"; filename=\"\"", "");
    for (const std::string& type :
         {kMultipart, std::string("multipart/form-data; charset=utf-8; boundary=\"XX\"")})
        for (const std::string end : {"--XX--\r\n", "--XX--"}) {
            const Request r = form(type, body + end);
            BOOST_TEST(r.form.text("a") == "ü\r\n2");
            BOOST_TEST(r.files.text("f") == std::string_view("bin\0\xff", 5));
            BOOST_TEST(r.form.has("none"));
        }
}

BOOST_AUTO_TEST_CASE(broken_multipart_is_refused_not_silently_emptied) {
    const std::string good = part("name=\"a\"", "1");
    BOOST_TEST(status_thrown([&] { form(kMultipart, "garbage"); }) == 400);
    BOOST_TEST(status_thrown([&] { form(kMultipart, good); }) == 400);
    BOOST_TEST(status_thrown([&] { form(kMultipart, "--XX\r\n--XX--\r\n"); }) == 400);
    BOOST_TEST(status_thrown([&] { form("multipart/form-data", good + "--XX--"); }) == 400);
    BOOST_TEST(status_thrown([&] { form("multipart/form-data; boundary=", good + "--XX--"); }) == 400);
    BOOST_TEST(status_thrown([&] { form(kMultipart, part("name=\"a\"", "\xff") + "--XX--"); }) == 400);
}

BOOST_AUTO_TEST_CASE(other_bodies_are_left_alone) {
    const Request r = form("application/json", R"({"a":1})");
    BOOST_TEST(r.body == R"({"a":1})");
    BOOST_TEST(r.form.empty());
}

BOOST_AUTO_TEST_CASE(cross_site_requests_are_told_apart) {
    BOOST_TEST(same_origin(post_with({})));
    BOOST_TEST(same_origin(post_with({{"sec-fetch-site", "same-origin"}})));
    BOOST_TEST(same_origin(post_with({{"sec-fetch-site", "none"}})));
    BOOST_TEST(!same_origin(post_with({{"sec-fetch-site", "cross-site"}})));
    BOOST_TEST(!same_origin(post_with({{"sec-fetch-site", "same-site"}})));
    BOOST_TEST(same_origin(post_with({{"origin", "https://panel.example:8443"}})));
    BOOST_TEST(!same_origin(post_with({{"origin", "http://panel.example:8443"}})));
    BOOST_TEST(!same_origin(post_with({{"origin", "https://panel.example:8443.evil.example"}})));
    BOOST_TEST(!same_origin(post_with({{"origin", "null"}})));
    // One that fits does not outweigh one that does not.
    BOOST_TEST(same_origin(
        post_with({{"sec-fetch-site", "same-origin"}, {"origin", "https://panel.example:8443"}})));
    BOOST_TEST(
        !same_origin(post_with({{"sec-fetch-site", "same-origin"}, {"origin", "https://evil.example"}})));
    BOOST_TEST(!same_origin(
        post_with({{"sec-fetch-site", "cross-site"}, {"origin", "https://panel.example:8443"}})));
    BOOST_TEST(!same_origin(post_with({{"sec-fetch-site", "nonsense"}})));
    Request get = post_with({{"sec-fetch-site", "cross-site"}});
    get.method = "GET";
    BOOST_TEST(same_origin(get));
}

BOOST_AUTO_TEST_CASE(secrets_compare_whole) {
    BOOST_TEST(equal_constant_time("abc", "abc"));
    BOOST_TEST(!equal_constant_time("abc", "abd"));
    BOOST_TEST(!equal_constant_time("abc", "ab"));
    BOOST_TEST(equal_constant_time("", ""));
}

BOOST_AUTO_TEST_SUITE_END()
