// SPDX-License-Identifier: MIT
// Releases for Caddy: their text against tests/golden/caddy (UPDATE_GOLDEN=1 writes it anew; look at the
// difference before you commit it), what depends on what, and what is refused.
#define BOOST_TEST_DYN_LINK
#include <algorithm>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <set>

#include "shared/base/config.h"
#include "shared/plan/release.h"
#include "shared/render/caddy_json.h"
#include "shared/render/release_files.h"
#include "tests/render/caddy_support.h"

using namespace rpm;
using namespace rpm::test;
namespace caddy = rpm::render::caddy;

namespace {

struct Golden {
    std::string name;
    DeployableSite site;
};
std::ostream& operator<<(std::ostream& out, const Golden& g) {
    return out << g.name;
}

// Certificates are made anew by each run: golden files hold a word in their place.
std::string without_certificates(std::string text) {
    const Json der = caddy::certificates(a_certificate({"authority.example.com"}).first);
    for (std::size_t at; (at = text.find(der.items().front().text())) != std::string::npos;)
        text.replace(at, der.items().front().text().size(), "DER");
    return text;
}

void check_golden(const std::string& name, const std::string& text) {
    const std::filesystem::path file = "tests/golden/caddy/" + name;
    const std::string now = without_certificates(text);
    if (std::getenv("UPDATE_GOLDEN") != nullptr) write_file(file, now);
    BOOST_TEST(now == read_file(file), name);
}

std::vector<Golden> golden() {
    const Json plain = a_definition("shop.example.com");
    Json tls = plain;
    tls["tls"] = Json::object({{"mode", "self_signed"}, {"redirect_http", true}, {"hsts_seconds", 300}});
    Json rated = plain;
    rated["version"] = 2;
    rated["upstream"]["servers"] = Json::array({a_server("a.internal", 80, 3), a_server("b.internal", 80)});
    rated["limits"]["rates"].push(
        Json::object({{"requests", 30}, {"per", "minute"}, {"burst", 9}, {"status", 503}}));
    rated["access"]["deny"].push("192.0.2.0/24");
    Json route = Json::object({{"path", "/login"}});
    route["rates"].push(Json::object({{"key", "header"}, {"header", "X-Key"}, {"burst", 0}}));
    rated["routes"].push(route);
    DeployableSite paused = with_certificate(a_site(7, tls));
    paused.state = SiteState::paused;
    DeployableSite blocked = a_site(7, plain);
    blocked.state = SiteState::blocked;
    blocked.block_status = 451;
    return {{"plain.part", a_site(7, plain)},
            {"tls.part", with_certificate(a_site(7, tls))},
            {"everything.part", with_certificate(a_site(7, all_of_caddy("shop.example.com")))},
            {"guarded.part", a_site(107, rated)},
            {"paused.part", paused},
            {"blocked.part", blocked}};
}

std::string site_file(const Bundle& bundle) {
    for (const auto& [path, file] : bundle.files)
        if (path.starts_with("sites/")) return *file.content;
    return "";
}

std::vector<DeployableSite> some_sites(unsigned count) {
    std::vector<DeployableSite> sites;
    for (unsigned i = 1; i <= count; ++i)
        sites.push_back(a_site(i, a_definition("s" + std::to_string(i) + ".example.com")));
    sites.push_back(with_certificate(a_site(count + 1, all_of_caddy("x.example.com"))));
    return sites;
}

std::string id_of(const NodeProfile& node, std::span<const DeployableSite> sites,
                  render::Cache* cache = nullptr) {
    return plan::seal(by_caddy(node, sites, cache)).id;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(caddy_releases)

BOOST_DATA_TEST_CASE(sites_read_as_expected, boost::unit_test::data::make(golden()), g) {
    check_golden(g.name, site_file(by_caddy(a_caddy(), {&g.site, 1})));
}

BOOST_AUTO_TEST_CASE(the_shared_files_read_as_expected) {
    const Bundle bundle = by_caddy(a_caddy(), {});
    check_golden("caddy.json", *bundle.files.at("caddy.json").content);
    check_golden("base.part", *bundle.files.at("base.part").content);
    check_golden("release.part", caddy_marker(a_caddy()).second);
    NodeProfile node =
        a_caddy({IpAddress::parse("::1"), *Port::from(8080), *Port::from(8443), *Port::from(9000)});
    node.trusted_proxies = parse_networks("x", "192.0.2.0/24 2001:db8::/32");
    check_golden("caddy-behind-proxies.json", *by_caddy(node, {}).files.at("caddy.json").content);
    BOOST_TEST(caddy_marker(node).second.find("\"listen\": [\"[::1]:9000\"]") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(names_that_no_site_has_are_answered_as_the_node_says) {
    NodeProfile node = a_caddy();
    const auto last = [&] {
        const std::string text = *by_caddy(node, {}).files.at("base.part").content;
        return text.substr(text.find("@ default\n"));
    };
    node.default_site.answer = DefaultAnswer::drop;
    BOOST_TEST(last() == "@ default\n{\"handler\": \"static_response\", \"abort\": true}\n");
    node.default_site = {DefaultAnswer::redirect, {"https://www.example.com/", 302, true}, ""};
    BOOST_TEST(last().find("https://www.example.com{http.request.uri}") != std::string::npos, last());
    node.default_site = {DefaultAnswer::page, {}, "<h1>{env.HOME}</h1>"};
    BOOST_TEST(last().find("<h1>\\\\{env.HOME}</h1>") != std::string::npos, last());
}

BOOST_AUTO_TEST_CASE(http3_is_announced_by_the_sites_that_want_it) {
    Json json = a_definition("shop.example.com");
    json["version"] = 2;
    json["tls"] = Json::object({{"mode", "self_signed"}, {"http3", true}});
    const auto site = with_certificate(a_site(7, json));
    const Bundle bundle = by_caddy(a_caddy(), {&site, 1});
    check_golden("http3.part", site_file(bundle));
    const std::string& main = *bundle.files.at("caddy.json").content;
    BOOST_TEST(main.find(R"("protocols": ["h1", "h2", "h3"])") != std::string::npos);
    BOOST_TEST(main.find(R"("delete": ["Alt-Svc"])") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(many_sites_stand_in_groups) {
    const auto sites = some_sites(300);
    const Bundle bundle = by_caddy(a_caddy(), sites);
    const std::string& main = *bundle.files.at("caddy.json").content;
    for (const char* line : {"                @ hosts_00\n", "                @ sites_99\n"})
        BOOST_TEST(main.find(line) != std::string::npos, line);
    // Which group it is depends on the site alone, so that a growing node does not change all files.
    BOOST_TEST(*bundle.files.at("sites/107-s107.example.com.part").content ==
               site_file(by_caddy(a_caddy(), {&sites[106], 1})));
}

BOOST_AUTO_TEST_CASE(one_file_per_site_named_after_it) {
    const std::vector<DeployableSite> sites = {a_site(12, a_definition("*.example.com")),
                                               with_certificate(a_site(3, all_of_caddy("x.example.com")))};
    std::vector<std::string> paths;
    for (const auto& [path, file] : by_caddy(a_caddy(), sites).files) paths.push_back(path);
    const std::vector<std::string> expected = {"base.part",
                                               "caddy.json",
                                               "certs/aaaaaaaaaaaaaaaa.crt",
                                               "certs/aaaaaaaaaaaaaaaa.key",
                                               "sites/12-_wild.example.com.part",
                                               "sites/3-x.example.com.part"};
    BOOST_CHECK_EQUAL_COLLECTIONS(paths.begin(), paths.end(), expected.begin(), expected.end());
}

BOOST_AUTO_TEST_CASE(order_and_cache_do_not_change_a_byte) {
    auto sites = some_sites(20);
    const NodeProfile node = a_caddy();
    const std::string id = id_of(node, sites);
    const auto cache = render::make_cache();
    BOOST_TEST(id_of(node, sites, cache.get()) == id);
    std::ranges::reverse(sites);
    BOOST_TEST(id_of(node, sites, cache.get()) == id);
}

BOOST_AUTO_TEST_CASE(the_cache_notices_all_that_a_text_depends_on) {
    const auto cache = render::make_cache();
    std::vector<DeployableSite> sites = {with_certificate(a_site(1, all_of_caddy("x.example.com")))};
    NodeProfile node = a_caddy();
    std::set<std::string> ids = {id_of(node, sites, cache.get())};
    const auto expect_new = [&] {
        const std::string id = id_of(node, sites, cache.get());
        BOOST_TEST(id == id_of(node, sites));
        BOOST_TEST(ids.insert(id).second);
    };
    node.listen.https = *Port::from(8443), expect_new();
    node.resolvers = {*IpAddress::parse("192.0.2.53")}, expect_new();
    node.trusted_proxies = parse_networks("x", "192.0.2.0/24"), expect_new();
    node.facts.version = {2, 8, 4}, expect_new();
    sites[0].owner = "bob", expect_new();
    sites[0].revision_number = 4, expect_new();
    sites[0].certificate->fingerprint[0] = 'b', expect_new();
    sites[0].state = SiteState::paused, expect_new();
    sites[0].state = SiteState::blocked, expect_new();
    sites[0].block_status = 451, expect_new();
    sites[0].definition = a_site(1, all_of_caddy("y.example.com")).definition;
    sites[0].revision = RevisionId(5000), expect_new();
}

BOOST_AUTO_TEST_CASE(what_caddy_cannot_do_names_site_and_field) {
    const Json plain = a_definition("a.example.com");
    std::vector<std::pair<DeployableSite, std::string>> cases;
    const auto add = [&](const std::string& field, auto change) {
        Json json = plain;
        json["version"] = 2;
        change(json);
        cases.emplace_back(a_site(9, json), field);
    };
    add("raw.nginx", [](Json& json) { json["raw"]["nginx"] = "gzip off;"; });
    add("limits.connections", [](Json& json) { json["limits"]["connections"] = 5; });
    add("limits.rates.0.requests", [](Json& json) {
        json["limits"]["rates"].push(Json::object({{"burst", 1}}));
    });
    add("upstream.servers",
        [](Json& json) { json["upstream"]["servers"].push(a_server("10.0.0.2", 80, 2)); });
    add("headers.response.1.name", [](Json& json) {
        for (const char* action : {"set", "add"})
            json["headers"]["response"].push(
                Json::object({{"action", action}, {"name", "Set-Cookie"}, {"value", "a=b"}}));
    });
    add("redirect.keep_path", [](Json& json) {
        json["kind"] = "redirect";
        json["upstream"] = Json::object();
        json["redirect"] = Json::object({{"to", "/"}, {"keep_path", true}});
    });
    add("routes.0.rewrite", [](Json& json) {
        json["routes"].push(
            Json::object({{"match", "regex"}, {"path", "^/(.*)$"}, {"rewrite", "/a%20b/$1"}}));
    });
    cases.emplace_back(a_site(9, plain), "owner");
    cases.back().first.owner = "x\"y";
    cases.emplace_back(a_site(9, all_of_caddy("a.example.com")), "tls.mode");
    const NodeProfile node = a_caddy({}, {{2, 6, 2}, {}});
    for (const auto& [site, field] : cases)
        BOOST_CHECK_EXCEPTION(by_caddy(node, {&site, 1}), render::InvalidSite,
                              [&](const render::InvalidSite& error) {
                                  BOOST_TEST(error.problems.has(field), field);
                                  return error.site == SiteId(9);
                              });
}

BOOST_AUTO_TEST_CASE(old_versions_cannot_stand_behind_proxies) {
    NodeProfile node = a_caddy({}, {{2, 6, 2}, {}});
    node.trusted_proxies = parse_networks("x", "192.0.2.0/24");
    BOOST_CHECK_EXCEPTION(by_caddy(node, {}), Invalid,
                          [](const Invalid& error) { return error.problems.has("trusted_proxies"); });
}

BOOST_AUTO_TEST_CASE(the_nodes_words_name_the_site) {
    const auto& renderer = render::renderer(Engine::caddy);
    const auto found =
        renderer.culprit("sites/12-shop.example.com.part: loading certificates: no such file\n");
    BOOST_REQUIRE(found);
    BOOST_TEST(found->site.value() == 12U);
    BOOST_TEST(found->file == "sites/12-shop.example.com.part");
    BOOST_TEST(found->message == "loading certificates: no such file");
    const auto main = renderer.culprit("caddy.json: unexpected end of JSON input");
    BOOST_REQUIRE(main);
    BOOST_TEST(!main->site);
    BOOST_TEST(main->file == "caddy.json");
    for (const char* nobody : {"", "Error: x", "sites/12", "port 80 is taken: by nginx"})
        BOOST_TEST(!renderer.culprit(nobody), nobody);
}

// ---- Words --------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(numbers_above_a_limit_are_told_by_an_expression) {
    BOOST_TEST(
        caddy::above(1048576) ==
        "^0*(?:[1-9][0-9]{7,}|[2-9][0-9]{6}|1[1-9][0-9]{5}|10[5-9][0-9]{4}|104[9-9][0-9]{3}|1048[6-9][0-9]{2}"
        "|10485[8-9][0-9]{1}|104857[7-9])$");
}

BOOST_AUTO_TEST_CASE(paths_are_encoded) {
    BOOST_TEST(caddy::encoded_path("/a b/{c}%é?") == "/a%20b/%7Bc%7D%25%C3%A9%3F");
    BOOST_TEST(render::quoted_regex("/a.b(c)[d]{e}^$|\\*+?") ==
               "/a\\.b\\(c\\)\\[d\\]\\{e\\}\\^\\$\\|\\\\\\*\\+\\?");
    BOOST_TEST(caddy::with_groups("/x/$12$3") == "/x/{http.regexp.r.1}2{http.regexp.r.3}");
    BOOST_TEST(caddy::canonical_header("x-USER-id") == "X-User-Id");
}

BOOST_AUTO_TEST_CASE(what_fits_stands_on_one_line) {
    Json json = Json::object({{"short", Json::array({1, "a\"\n", nullptr})}, {"empty", Json::object()}});
    std::string out;
    caddy::lay_out(json, out);
    BOOST_TEST(out == R"({"short": [1, "a\"\n", null], "empty": {}})");
    json["long"] = Json::array({std::string(60, 'x'), std::string(60, 'y')});
    out.clear();
    caddy::lay_out(json, out);
    BOOST_TEST(out == "{\n  \"short\": [1, \"a\\\"\\n\", null],\n  \"empty\": {},\n  \"long\": [\n    \"" +
                          std::string(60, 'x') + "\",\n    \"" + std::string(60, 'y') + "\"\n  ]\n}");
    BOOST_TEST(Json::parse(out).dump() == json.dump());
}

BOOST_AUTO_TEST_CASE(rules_of_one_header_are_folded) {
    caddy::HeaderOps ops;
    ops.apply({{HeaderAction::add, "X-A", "1"},
               {HeaderAction::set, "x-a", "2"},
               {HeaderAction::add, "X-A", "3"},
               {HeaderAction::add, "X-B", "4"},
               {HeaderAction::set, "X-C", "5"},
               {HeaderAction::remove, "X-C", ""}},
              "headers.response");
    BOOST_TEST(ops.json().dump() == R"({"add":{"X-B":["4"]},"set":{"X-A":["2","3"]},"delete":["X-C"]})");
}

BOOST_AUTO_TEST_SUITE_END()
