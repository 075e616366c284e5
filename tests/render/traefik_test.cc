// SPDX-License-Identifier: MIT
// What is rendered for Traefik, without Traefik: files, quoting, rules, refusals, and texts against
// tests/golden/traefik/*.yml (UPDATE_GOLDEN=1 writes them anew; look at the difference before you commit it).
#define BOOST_TEST_DYN_LINK
#include <algorithm>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstdlib>
#include <set>

#include "shared/base/config.h"
#include "shared/plan/release.h"
#include "shared/render/traefik_rules.h"
#include "shared/render/yaml.h"
#include "tests/render/support.h"

using namespace rpm;
using namespace rpm::test;
using namespace rpm::render;
namespace data = boost::unit_test::data;

namespace {

Bundle bundle_of(std::span<const DeployableSite> sites, render::Cache* cache = nullptr,
                 const NodeProfile& node = a_node()) {
    return renderer(Engine::traefik).render(templates(), node, sites, cache);
}
std::string id_of(std::span<const DeployableSite> sites, render::Cache* cache = nullptr,
                  const NodeProfile& node = a_node()) {
    return plan::seal(bundle_of(sites, cache, node)).id;
}
std::string text_of(const DeployableSite& site, const NodeProfile& node = a_node()) {
    return *bundle_of({&site, 1}, nullptr, node)
                .files.at("sites/" + site.id.text() + "-shop.example.com.yml")
                .content;
}

Json from_text(const std::string& more) {
    Json json = a_definition("shop.example.com");
    json["version"] = 2;
    const Json given = Json::parse(more);
    for (const auto& [name, value] : given.members()) {
        if (name != "upstream") {
            json[name] = value;
            continue;
        }
        for (const auto& [inner, member] : value.members()) json["upstream"][inner] = member;
    }
    return json;
}

constexpr const char* kHash = "$2y$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234";
const std::string kCa = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

// Everything that Traefik can say.
Json everything_in_traefik() {
    Json json = from_text(R"j({
        "domains": ["shop.example.com", "*.shop.example.com"],
        "upstream": {"scheme": "https", "balancing": "sticky_cookie", "cookie": "node", "keepalive": 0,
            "connect_timeout": 7, "read_timeout": 3600, "max_fails": 3, "fail_timeout": 20, "host_header": "inner:8443",
            "servers": [{"host": "10.0.0.1", "port": 8443, "weight": 3}, {"host": "app.internal", "port": 8443},
                {"host": "2001:db8::1", "port": 443}],
            "tls": {"server_name": "inner.example.com"}, "health": {"path": "/up/100%é", "status": 204}},
        "tls": {"mode": "self_signed", "hsts_seconds": 31536000, "hsts_subdomains": true, "hsts_preload": true,
            "minimum": "1.3", "clients": {"mode": "optional"}},
        "limits": {"connections": 9, "rates": [{"requests": 10, "burst": 20},
            {"key": "header", "header": "X-Key", "requests": 60, "per": "minute", "burst": 0}]},
        "headers": {"request": [{"name": "X-A", "value": "a \"b\" \\ {{c}} é"}, {"action": "remove", "name": "Cookie"}],
            "response": [{"name": "x-frame-options", "value": "DENY"}, {"action": "remove", "name": "Server"}],
            "security": {"no_sniff": true, "frame": "same_origin", "referrer_policy": "no-referrer",
                "permissions_policy": "camera=()", "content_policy": "default-src 'self'"},
            "cors": {
    "origins" : ["https://a.example.com"], "headers" : ["X-B"], "expose" : ["X-C"], "credentials" : true
}
}
, "access" : {
    "allow" : ["10.0.0.0/8"],
    "deny" : ["10.1.0.0/16"],
    "satisfy" : "any",
    "basic" : {"realm" : "Shop", "users" : [ {"name" : "al`ice", "hash" : ""} ]},
    "no_sign_in_from" : ["2001:db8::/32"]
},
             "pages" : {"maintenance" : {"on" : true, "bypass" : ["192.0.2.0/24"], "retry_after" : 600}},
                       "routes"
    : [
        {
            "path" : "/api",
            "strip_prefix" : true,
            "rates" : [ {"requests" : 1} ],
            "upstream" : {
                "scheme" : "grpcs",
                "servers" : [ {"host" : "a", "port" : 1}, {"host" : "b", "port" : 1, "backup" : true} ],
                "health" : {"path" : "/"}
            }
        },
        {"match" : "exact", "path" : "/a`b/c.d", "access" : {"deny" : ["0.0.0.0/1"]}},
        {"match" : "regex", "path" : "^/u/([^/]+)/(\\d+)$", "rewrite" : "/user/$2/$1"}, {
            "match" : "regex",
            "path" : "(?i)^/x|^/y.z",
            "action" : "redirect",
            "redirect" : {"to" : "/q", "status" : 301, "keep_path" : true}
        },
        {"path" : "/gone", "action" : "redirect", "redirect" : {"to" : "https://n.example.com/"}}, {
            "path" : "/login",
            "access" : {
                "forward" : {
                    "url" : "https://auth.example.com/verify",
                    "copy_headers" : ["Remote-User"]
                }
            }
        }
    ]
})j");
    json["access"]["basic"]["users"].items()[0]["hash"] = kHash;
    json["tls"]["clients"]["ca"] = kCa;
    json["upstream"]["tls"]["ca"] = kCa;
    json["limits"]["max_body_mib"] = 0;  // a route speaks gRPC
    return json;
}

struct Golden {
    std::string name;
    DeployableSite site;
};
std::ostream& operator<<(std::ostream& out, const Golden& g) {
    return out << g.name;
}
DeployableSite in_state(DeployableSite site, SiteState state, unsigned status = 403) {
    site.state = state;
    site.block_status = status;
    return site;
}
std::vector<Golden> golden() {
    const Json tls =
        from_text(R"j({"tls": {"mode": "self_signed", "redirect_http": true, "hsts_seconds": 300}})j");
    Json certified = from_text(
        R"j({"tls": {"mode": "self_signed", "clients": {"mode": "optional"}}, "routes": [{"path": "/a",
        "client_certificate": "required", "access": {"no_sign_in_from": ["192.0.2.1"], "forward": {"url": "https://a.example.com/"}}}]})j");
    certified["tls"]["clients"]["ca"] = kCa;
    return {
        {"plain", a_site(7, from_text("{}"))},
        {"tls", with_certificate(a_site(7, tls))},
        {"redirect",
         a_site(7, Json::parse(R"j({"version": 2, "kind": "redirect", "domains": ["shop.example.com"],
            "redirect": {"to": "https://n.example.com/", "status": 301, "keep_path": true}})j"))},
        {"everything", with_certificate(a_site(7, everything_in_traefik()))},
        {"certified_route", with_certificate(a_site(7, certified))},
        {"paused", with_certificate(in_state(a_site(7, tls), SiteState::paused))},
        {"blocked", in_state(a_site(7, from_text("{}")), SiteState::blocked, 451)},
    };
}
void check_golden(const std::string& name, const std::string& text) {
    const std::filesystem::path file = "tests/golden/traefik/" + name + ".yml";
    if (std::getenv("UPDATE_GOLDEN") != nullptr) write_file(file, text);
    BOOST_TEST(text == read_file(file), name);
}

IpNetwork network(const char* text) {
    return *IpNetwork::parse(text);
}
std::string allowed(std::vector<IpNetwork> allow, std::vector<IpNetwork> deny) {
    std::string out;
    for (const std::string& each : traefik::allowed_networks(allow, deny)) out += each + " ";
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(traefik_files)

BOOST_DATA_TEST_CASE(sites_read_as_expected, data::make(golden()), g) {
    check_golden(g.name, text_of(g.site));
}

BOOST_AUTO_TEST_CASE(the_shared_file_reads_as_expected) {
    const NodeProfile node =
        a_node({IpAddress::parse("::1"), *Port::from(8080), *Port::from(8443), *Port::from(9000)});
    check_golden("base", *bundle_of({}, nullptr, node).files.at("base.yml").content);
    const auto [path, text] = renderer(Engine::traefik).marker(templates(), node, "0123456789abcdef");
    BOOST_TEST(path == "release.yml");
    check_golden("release", text);
}

BOOST_AUTO_TEST_CASE(names_that_no_site_has_are_redirected) {
    NodeProfile node = a_node();
    node.default_site = {DefaultAnswer::redirect, {"https://www.example.com/", 302, true}, ""};
    check_golden("default_redirect", *bundle_of({}, nullptr, node).files.at("base.yml").content);
}

BOOST_AUTO_TEST_CASE(trusted_proxies_are_said_wherever_addresses_count) {
    NodeProfile node = a_node();
    node.trusted_proxies = {network("192.0.2.0/24")};
    Json json = from_text(
        R"j({"limits": {"connections": 1, "rates": [{"requests": 1}]}, "access": {"deny": ["10.0.0.1"]},
        "pages": {"maintenance": {"on": true, "bypass": ["10.0.0.2"]}}})j");
    const std::string text = text_of(a_site(7, json), node);
    std::size_t count = 0;
    for (auto at = text.find("excludedIPs:"); at != std::string::npos; at = text.find("excludedIPs:", at + 1))
        ++count;
    BOOST_TEST(count == 4U);
}

BOOST_AUTO_TEST_CASE(one_file_per_site_named_after_it) {
    const std::vector<DeployableSite> sites = {a_site(12, a_definition("*.example.com")),
                                               with_certificate(a_site(3, everything_in_traefik()))};
    const Bundle bundle = bundle_of(sites);
    std::vector<std::string> paths;
    for (const auto& [path, file] : bundle.files) paths.push_back(path);
    const std::vector<std::string> expected = {"base.yml", "certs/aaaaaaaaaaaaaaaa.crt",
                                               "certs/aaaaaaaaaaaaaaaa.key", "sites/12-_wild.example.com.yml",
                                               "sites/3-shop.example.com.yml"};
    BOOST_CHECK_EQUAL_COLLECTIONS(paths.begin(), paths.end(), expected.begin(), expected.end());
    BOOST_TEST(bundle.files.at("sites/3-shop.example.com.yml").site.value() == 3U);
}

BOOST_AUTO_TEST_CASE(order_and_cache_do_not_change_a_byte) {
    std::vector<DeployableSite> sites;
    for (unsigned i = 1; i <= 20; ++i)
        sites.push_back(a_site(i, a_definition("s" + std::to_string(i) + ".example.com")));
    sites.push_back(with_certificate(a_site(21, everything_in_traefik())));
    const std::string id = id_of(sites);
    const auto cache = make_cache();
    BOOST_TEST(id_of(sites, cache.get()) == id);
    std::ranges::reverse(sites);
    BOOST_TEST(id_of(sites, cache.get()) == id);
    BOOST_TEST(id_of(sites) == id);
}

BOOST_AUTO_TEST_CASE(the_cache_notices_all_that_a_text_depends_on) {
    const auto cache = make_cache();
    std::vector<DeployableSite> sites = {with_certificate(
        a_site(1, from_text(R"j({"tls": {"mode": "self_signed"}, "access": {"deny": ["10.0.0.1"]}})j")))};
    std::set<std::string> ids = {id_of(sites, cache.get())};
    const auto expect_new = [&](const NodeProfile& node = a_node()) {
        const std::string id = id_of(sites, cache.get(), node);
        BOOST_TEST(id == id_of(sites, nullptr, node));
        BOOST_TEST(ids.insert(id).second);
    };
    sites[0].owner = "bob", expect_new();
    sites[0].revision_number = 4, expect_new();
    sites[0].certificate->fingerprint[0] = 'b', expect_new();
    NodeProfile other = a_node();
    other.trusted_proxies = {network("192.0.2.0/24")};
    expect_new(other);
    other.listen.https = *Port::from(8443), expect_new(other);
    sites[0].state = SiteState::paused, expect_new();
    sites[0].state = SiteState::blocked, expect_new();
    sites[0].block_status = 451, expect_new();
    sites[0].definition = a_site(1, a_definition("shop.example.com")).definition;
    sites[0].revision = RevisionId(5000), sites[0].state = SiteState::active, expect_new();
    other.facts.version = {3, 6, 0};
    BOOST_CHECK_THROW(id_of(sites, cache.get(), other), InvalidSite);
}

BOOST_AUTO_TEST_CASE(ten_thousand_sites_are_rendered_at_once) {
    std::vector<DeployableSite> sites;
    for (unsigned i = 1; i <= 10'000; ++i)
        sites.push_back(a_site(i, a_definition("s" + std::to_string(i) + ".example.com")));
    const auto cache = make_cache();
    bundle_of(sites, cache.get());
    const auto start = std::chrono::steady_clock::now();
    bundle_of(sites, cache.get());
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    BOOST_TEST(took.count() < 2.0);  // 0.05 s where nothing else runs
}

BOOST_AUTO_TEST_CASE(what_traefik_cannot_do_names_site_and_field) {
    struct Refused {
        const char* more;
        const char* field;
    };
    const Refused cases[] = {
        {R"j({"upstream": {"servers": [{"host": "a", "port": 1}, {"host": "b", "port": 1, "backup": true}]}})j",
         "upstream.health.path"},
        {R"j({"upstream": {"balancing": "least_connections", "servers": [{"host": "a", "port": 1, "weight": 2}, {"host": "b", "port": 1}]}})j",
         "upstream.balancing"},
        {R"j({"upstream": {"send_timeout": 5}})j", "upstream.send_timeout"},
        {R"j({"upstream": {"scheme": "grpc"}})j", "limits.max_body_mib"},
        {R"j({"limits": {"buffer_requests": false, "buffer_responses": false}})j", "limits.max_body_mib"},
        {R"j({"limits": {"buffer_responses": false}})j", "limits.max_body_mib"},
        {R"j({"limits": {"rates": [{"key": "path", "requests": 1}]}})j", "limits.rates.0.key"},
        {R"j({"limits": {"rates": [{"requests": 1, "status": 503}]}})j", "limits.rates.0.status"},
        {R"j({"headers": {"response": [{"action": "add", "name": "A", "value": "b"}]}})j",
         "headers.response.0.action"},
        {R"j({"routes": [{"path": "/a", "action": "redirect", "redirect": {"to": "/b", "keep_path": true}}]})j",
         "routes.0.redirect.status"},
        {R"j({"routes": [{"match": "regex", "path": "/é(.)", "rewrite": "/$1"}]})j", "routes.0.path"},
        {R"j({"routes": [{"match": "regex", "path": "/a(^/b)?", "action": "redirect", "redirect": {"to": "/$1", "status": 301}}]})j",
         "routes.0.path"},
        {R"j({"access": {"forward": {"url": "https://a.example.com/", "sign_in": "/in"}}})j",
         "access.forward.sign_in"},
        {R"j({"pages": {"robots_txt": "x"}})j", "pages.robots_txt"},
        {R"j({"raw": {"nginx": "gzip off;"}})j", "raw.nginx"},
        {R"j({"tls": {"mode": "self_signed", "http3": true}})j", "tls.http3"},
    };
    for (const Refused& each : cases) {
        const auto site = with_certificate(a_site(9, from_text(each.more)));
        BOOST_CHECK_EXCEPTION(bundle_of({&site, 1}), InvalidSite, [&](const InvalidSite& error) {
            BOOST_TEST(error.problems.has(each.field), std::string(each.field) + ": " + error.what());
            return error.site == SiteId(9);
        });
        const auto paused = in_state(site, SiteState::paused);
        BOOST_CHECK_NO_THROW(bundle_of({&paused, 1}));
    }
}

BOOST_AUTO_TEST_CASE(with_one_buffer_off_nothing_is_buffered) {
    for (const char* which : {"buffer_requests", "buffer_responses"}) {
        Json json = from_text(R"j({"limits": {"max_body_mib": 0}})j");
        BOOST_TEST(text_of(a_site(7, json)).find("buffering:") != std::string::npos);
        json["limits"][which] = false;
        BOOST_TEST(text_of(a_site(7, json)).find("buffering:") == std::string::npos, which);
    }
}

BOOST_AUTO_TEST_CASE(what_cannot_be_said_on_one_node_names_the_field) {
    NodeProfile node = a_node();
    node.trusted_proxies = {network("192.0.2.0/24")};
    Json json = from_text(
        R"j({"access": {"no_sign_in_from": ["10.0.0.1"], "forward": {"url": "https://a.example.com/"}}})j");
    const auto free = a_site(9, json);
    BOOST_CHECK_EXCEPTION(bundle_of({&free, 1}, nullptr, node), InvalidSite,
                          [](const InvalidSite& e) { return e.problems.has("access.no_sign_in_from"); });
    auto owner = a_site(9, a_definition("a.example.com"));
    for (const char* name : {"x\ny", "{{env}}"}) {
        owner.owner = name;
        BOOST_CHECK_THROW(bundle_of({&owner, 1}), InvalidSite);
    }
    const auto no_certificate = a_site(9, everything_in_traefik());
    BOOST_CHECK_EXCEPTION(bundle_of({&no_certificate, 1}), InvalidSite,
                          [](const InvalidSite& e) { return e.problems.has("tls.mode"); });
}

// ---- Syntax ----

BOOST_AUTO_TEST_CASE(texts_have_one_meaning) {
    const auto quoted = [](std::string_view in) {
        std::string out;
        quote_yaml(in, out);
        return out;
    };
    BOOST_TEST(quoted("a \"b\" \\ # : é") == R"("a \"b\" \\ # : é")");
    BOOST_TEST(quoted("{{{ x }}") == R"("{\u007b\u007b x }}")");
    BOOST_TEST(quoted("\n\t\x7f\xc2\x85\xe2\x80\xa8\xef\xbb\xbf") ==
               R"("\u000a\u0009\u007f\u0085\u2028\ufeff")");
    for (const char* bad : {"\xff", "a\xe2\x95\x91z"}) BOOST_CHECK_THROW(quoted(bad), Invalid);
    const Json json = Json::object({{"on", Json::array({Json::object({{"x", 1}, {"y", true}}), "no"})},
                                    {"N0", Json::object()},
                                    {"aB", kCa},
                                    {"empty", Json::array()}});
    BOOST_TEST(yaml(json) ==
               "\"on\":\n  - x: 1\n    \"y\": true\n  - \"no\"\n\"N0\": {}\naB: |\n"
               "  -----BEGIN CERTIFICATE-----\n  MIIB\n  -----END CERTIFICATE-----\nempty: []\n");
}

BOOST_AUTO_TEST_CASE(no_file_is_a_template) {
    Json json = from_text(R"j({"access": {"basic": {"realm": "{{env}}", "users": [{"name": "{{u}}"}]}},
        "headers": {"response": [{"name": "X", "value": "{{ env \"HOME\" }}"}]}, "routes": [{"path": "/{{x}}/{{{"}]})j");
    json["access"]["basic"]["users"].items()[0]["hash"] = kHash;
    BOOST_TEST(text_of(a_site(7, json)).find("{{") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(rules_take_both_spellings_of_a_path) {
    const auto rule = [](PathMatch match, const char* path) {
        Route route;
        route.match = match;
        route.path = path;
        return traefik::path_rule(route);
    };
    BOOST_TEST(rule(PathMatch::exact, "/login.html") == "Path(`/login.html`)");
    BOOST_TEST(rule(PathMatch::exact, "/a/b") == "PathRegexp(`^/a(?:/|%2F)b$`)");
    BOOST_TEST(rule(PathMatch::exact, "/100%+") == "PathRegexp(`^/100%25(?:\\+|%2B)$`)");
    BOOST_TEST(rule(PathMatch::prefix, "/") == "PathPrefix(`/`)");
    BOOST_TEST(rule(PathMatch::prefix, "/a.b") == "PathRegexp(`^/a\\.b(?:$|/|%2F)`)");
    BOOST_TEST(rule(PathMatch::prefix, "/a/") == "PathRegexp(`^/a(?:/|%2F)`)");
    BOOST_TEST(rule(PathMatch::exact, "/`\"") == "Path(\"/`\\\"\")");
    BOOST_TEST(rule(PathMatch::regex, "`\\d") == "PathRegexp(\"`\\\\d\")");
}

BOOST_AUTO_TEST_CASE(prefixes_are_replaced_as_they_were_sent) {
    const auto found = traefik::prefix_replacement("/a.b@é%/", "/new/");
    BOOST_TEST(found.regex == "^(?:/|%2F)a\\.b(?:@|%40)%C3%A9%25(.*)$");
    BOOST_TEST(found.text == "/new${1}");
    BOOST_TEST(traefik::prefix_replacement("/", "/").text == "${1}");
}

BOOST_AUTO_TEST_CASE(expressions_for_paths_become_ones_for_urls) {
    Redirect redirect;
    redirect.to = "/n/$1";
    const auto regex = [&](const char* in) {
        const auto found = traefik::url_replacement(in, redirect);
        return found ? found->regex : "";
    };
    BOOST_TEST(regex("^/a/(.*)$") == "^https?://[^/]+(?:/a/([^?]*)(?:\\?.*)?$).*$");
    BOOST_TEST(regex("/a([^/]+)") == "^https?://[^/]+[^?]*?(?:/a([^/?]+)).*$");
    BOOST_TEST(regex("(?i)^/a|^/(b)") == "^https?://[^/]+(?:(?i)/a|/(b)).*$");
    BOOST_TEST(regex("[]^$.]\\S\\.\\Q^\\E[[:alpha:]^]()") ==
               "^https?://[^/]+[^?]*?(?:[]^$.][^\\s?]\\.\\Q^\\E[[:alpha:]^]()).*$");
    BOOST_TEST(regex("[^]a]()") == "^https?://[^/]+[^?]*?(?:[^]a?]()).*$");
    for (const char* bad : {"^/a|/b", "/a^", "(^/a)", "x?^/(a)"}) BOOST_TEST(regex(bad) == "", bad);
    redirect.keep_path = true;
    redirect.to = "https://n.example.com/$1/";
    const auto kept = traefik::url_replacement("^/(a)", redirect);
    BOOST_REQUIRE(kept);
    BOOST_TEST(kept->regex == "^https?://[^/]+((?:/(a)).*)$");
    BOOST_TEST(kept->text == "https://n.example.com/${2}${1}");
}

BOOST_AUTO_TEST_CASE(lists_that_only_allow_say_what_is_denied) {
    BOOST_TEST(allowed({network("10.0.0.0/8")}, {}) == "10.0.0.0/8 ");
    BOOST_TEST(allowed({network("10.0.0.0/8"), network("192.0.2.1")}, {network("10.128.0.0/9")}) ==
               "10.0.0.0/9 192.0.2.1/32 ");
    BOOST_TEST(allowed({network("10.0.0.0/30")}, {network("10.0.0.1")}) == "10.0.0.2/31 10.0.0.0/32 ");
    BOOST_TEST(allowed({network("10.0.0.1")}, {network("10.0.0.0/8")}) == "255.255.255.255/32 ");
    BOOST_TEST(allowed({}, {network("0.0.0.0/1"), network("::/1")}) == "128.0.0.0/1 8000::/1 ");
    BOOST_TEST(traefik::address_rule({network("10.0.0.0/8"), network("192.0.2.1")}, {network("10.0.0.1")}) ==
               "(ClientIP(`10.0.0.0/8`) || ClientIP(`192.0.2.1/32`)) && !(ClientIP(`10.0.0.1/32`))");
    // Every address: allowed exactly when no list denies it.
    const std::vector<IpNetwork> deny = {network("1.2.3.0/24"), network("1.2.3.128/25"),
                                         network("200.0.0.0/5")};
    std::vector<IpNetwork> left;
    for (const std::string& each : traefik::allowed_networks({}, deny))
        left.push_back(*IpNetwork::parse(each));
    for (const char* address :
         {"0.0.0.0", "1.2.2.255", "1.2.3.0", "1.2.3.255", "1.2.4.0", "199.255.255.255", "200.0.0.0",
          "207.255.255.255", "208.0.0.0", "255.255.255.255", "::1", "2001:db8::1"}) {
        const auto one = *IpAddress::parse(address);
        BOOST_TEST((find_network(left, one) != nullptr) == (find_network(deny, one) == nullptr), address);
    }
}

// ---- Messages ----

BOOST_AUTO_TEST_CASE(messages_name_the_site) {
    const std::pair<const char*, const char*> cases[] = {
        {"LOG sites/12-shop.example.com.yml: site12-r0: error while parsing rule",
         "12|sites/12-shop.example.com.yml|0|site12-r0: error while parsing rule"},
        {"sites/7-_wild.example.com.yml: bad", "7|sites/7-_wild.example.com.yml|0|bad"},
        {"LOG base.yml: no", "0|base.yml|0|no"},
        {"ERR Error while building configuration error=\"/r/current/sites/3-a.b.yml: yaml: line 5: did not "
         "find\"",
         "3|sites/3-a.b.yml|5|yaml: line 5: did not find\""},
        {"{\"level\":\"error\",\"routerName\":\"site12-r1@file\",\"error\":\"x\"}",
         "12|sites/12-|0|{\"level\":\"error\",\"routerName\":\"site12-r1@file\",\"error\":\"x\"}"},
        {"2026-11-25T22:00:00Z ERR error=\"no\" entryPointName=web routerName=site4-r1@file",
         "4|sites/4-|0|2026-11-25T22:00:00Z ERR error=\"no\" entryPointName=web routerName=site4-r1@file"},
        {"2026-11-25T22:00:00Z WRN routerName=site4-r1@file", ""},
        {"ERR website4-r1@file", ""},
        {"ERR siteX-r1@file", ""},
        {"", ""},
    };
    for (const auto& [output, expected] : cases) {
        const auto found = renderer(Engine::traefik).culprit(output);
        BOOST_TEST((found ? found->site.text() + "|" + found->file + "|" + std::to_string(found->line) + "|" +
                                found->message
                          : "") == expected);
    }
}

BOOST_AUTO_TEST_SUITE_END()
