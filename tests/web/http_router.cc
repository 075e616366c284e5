// SPDX-License-Identifier: MIT
#define BOOST_TEST_DYN_LINK
#include "web/http/router.h"

#include <boost/test/unit_test.hpp>

#include "shared/base/id.h"

using namespace rpm::http;

namespace {

enum class Needs { nothing, user };
struct Context {
    Captures captures;
};

Response home(Context&) {
    return text("home");
}
Response site(Context& context) {
    return text("site " + context.captures.id<rpm::SiteId>("id").text());
}
Response fresh(Context&) {
    return text("new");
}
Response save(Context&) {
    return text("saved");
}
Response domain(Context& context) {
    return text("domain " + std::string(context.captures.text("name")));
}

constexpr Route<Context, Needs> kRoutes[] = {
    {"GET", "/", &home, Needs::nothing},
    {"GET", "/sites/{id}", &site, Needs::user},
    {"POST", "/sites/{id}", &save, Needs::user},
    {"GET", "/sites/new", &fresh, Needs::user},
    {"GET", "/sites/{id}/domains/{name}", &domain, Needs::user},
    {"POST", "/sites/new/check", &save, Needs::user},
};
const Router<Context, Needs> kRouter(kRoutes);

std::string visit(std::string_view method, std::string_view path) {
    const auto match = kRouter.match(method, path);
    Context context{match.captures};
    return match.route->handler(context).body;
}

std::string allowed(std::string_view method, std::string_view path) {
    try {
        kRouter.match(method, path);
    } catch (const HttpError& error) {
        BOOST_TEST(error.status == 405);
        return error.headers.at(0).second;
    }
    return "";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(http_router)

BOOST_AUTO_TEST_CASE(segments_are_captured) {
    BOOST_TEST(visit("GET", "/") == "home");
    BOOST_TEST(visit("GET", "/sites/7") == "site 7");
    BOOST_TEST(visit("POST", "/sites/7") == "saved");
    BOOST_TEST(visit("GET", "/sites/7/domains/shop.example") == "domain shop.example");
}

BOOST_AUTO_TEST_CASE(literals_win_whatever_the_order_of_the_table) {
    BOOST_TEST(visit("GET", "/sites/new") == "new");
}

BOOST_AUTO_TEST_CASE(head_follows_get) {
    BOOST_TEST(visit("HEAD", "/sites/7") == "site 7");
}

BOOST_AUTO_TEST_CASE(unknown_paths_are_404_and_unknown_methods_405) {
    for (const auto* path : {"/nope", "/sites", "/sites/7/x", "/sites/7/domains", "", "sites",
                             "/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r"})
        BOOST_CHECK_THROW(kRouter.match("GET", path), rpm::NotFound);
    BOOST_TEST(allowed("DELETE", "/sites/7") == "GET, HEAD, POST");
    BOOST_TEST(allowed("POST", "/") == "GET, HEAD");
    for (const auto* method : {"TRACE", "CONNECT", "get", "PROPFIND"})
        BOOST_TEST(allowed(method, "/") == "GET, HEAD", method);
    BOOST_TEST(allowed("HEAD", "/sites/new/check") == "POST");
    BOOST_CHECK_THROW(visit("GET", "/sites/abc"), rpm::NotFound);
}

BOOST_AUTO_TEST_CASE(the_whole_table_can_be_walked) {
    std::size_t users = 0;
    for (const auto& route : kRouter.routes()) users += route.needs == Needs::user ? 1 : 0;
    BOOST_TEST(users == 5u);
}

BOOST_AUTO_TEST_CASE(mistakes_in_a_table_are_found_at_start) {
    using R = Route<Context, Needs>;
    const auto make = [](std::vector<R> routes) { Router<Context, Needs> router{routes}; };
    BOOST_CHECK_THROW(make({{"GET", "/a/{x}", &home, {}}, {"GET", "/a/{y}", &home, {}}}), rpm::Error);
    BOOST_CHECK_THROW(make({{"GET", "a", &home, {}}}), rpm::Error);
    BOOST_CHECK_THROW(make({{"GET", "/a//b", &home, {}}}), rpm::Error);
    BOOST_CHECK_THROW(make({{"GET", "/a/", &home, {}}}), rpm::Error);
    BOOST_CHECK_THROW(make({{"HEAD", "/a", &home, {}}}), rpm::Error);
}

BOOST_AUTO_TEST_SUITE_END()
