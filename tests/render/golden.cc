// SPDX-License-Identifier: MIT
// Rendered text against tests/golden/nginx/*.conf. UPDATE_GOLDEN=1 writes them anew; look at the difference
// before you commit it.
#define BOOST_TEST_DYN_LINK
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdlib>

#include "shared/base/config.h"
#include "tests/render/support.h"

using namespace rpm;
using namespace rpm::test;

namespace {

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

Json with_tls(Json json, bool redirect, int hsts) {
    json["tls"] =
        Json::object({{"mode", "self_signed"}, {"redirect_http", redirect}, {"hsts_seconds", hsts}});
    return json;
}

std::vector<Golden> golden() {
    const Json plain = a_definition("shop.example.com");
    Json certified = Json::parse(kFullSite);
    certified["tls"]["http3"] = false;
    certified["upstream"]["proxy_protocol"] = "off";
    certified["raw"] = Json::object();
    Json hashed = plain;
    hashed["upstream"]["balancing"] = "ip_hash";
    hashed["upstream"]["servers"].push(a_server("10.0.0.2", 8080, 4));
    Json name = a_definition("shop.example.com", "app.internal");
    name["upstream"]["scheme"] = "https";
    Json backup = name;
    backup["upstream"]["servers"].push(a_server("spare.internal", 8080, 1, true));
    return {
        {"plain", a_site(7, plain)},
        {"tls", with_certificate(a_site(7, with_tls(plain, true, 31536000)))},
        {"certified_route", with_certificate(a_site(7, certified))},
        {"tls_without_redirect", with_certificate(a_site(7, with_tls(plain, false, 0)))},
        {"tls_hsts_without_redirect", with_certificate(a_site(7, with_tls(plain, false, 300)))},
        {"everything", with_certificate(a_site(7, everything("shop.example.com")))},
        {"ip_hash", a_site(7, hashed)},
        {"name", a_site(7, name)},
        {"name_with_backup", a_site(7, backup)},
        {"names", a_site(7, with_names("shop.example.com"))},
        {"paused", with_certificate(in_state(a_site(7, with_tls(plain, true, 300)), SiteState::paused))},
        {"blocked", in_state(a_site(7, plain), SiteState::blocked, 451)},
    };
}

void check_golden(const std::string& name, const std::string& text) {
    const std::filesystem::path file = "tests/golden/nginx/" + name + ".conf";
    if (std::getenv("UPDATE_GOLDEN") != nullptr) write_file(file, text);
    BOOST_TEST(text == read_file(file), name);
}

std::string site_file(const Bundle& bundle) {
    for (const auto& [path, file] : bundle.files)
        if (path.starts_with("sites/")) return *file.content;
    return "";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(golden_files)

BOOST_DATA_TEST_CASE(sites_read_as_expected, boost::unit_test::data::make(golden()), g) {
    check_golden(g.name, site_file(rendered(a_node(), {&g.site, 1})));
}

BOOST_AUTO_TEST_CASE(the_shared_file_reads_as_expected) {
    check_golden("nginx", *rendered(a_node(), {}).files.at("nginx.conf").content);
    check_golden("release", a_marker(a_node()).second);
}

BOOST_AUTO_TEST_CASE(names_that_no_site_has_are_answered_as_the_node_says) {
    NodeProfile node = a_node();
    const auto main = [&] { return *rendered(node, {}).files.at("nginx.conf").content; };
    const auto count = [](const std::string& text, const std::string& part) {
        std::size_t found = 0;
        for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
        return found;
    };
    node.default_site.answer = DefaultAnswer::drop;
    BOOST_TEST(count(main(), "        return 444;\n") == 2U);
    BOOST_TEST(count(main(), "return 404;") == 0U);
    node.default_site = {DefaultAnswer::redirect, {"https://www.example.com/", 302, true}, ""};
    BOOST_TEST(count(main(), "        return 302 \"https://www.example.com$request_uri\";\n") == 2U);
    node.default_site = {DefaultAnswer::page, {}, "<h1>Nobody</h1>\n"};
    check_golden("default_page", main());
    BOOST_TEST(*rendered(node, {}).files.at("files/default.html").content == "<h1>Nobody</h1>\n");
    BOOST_TEST(count(main(), "ssl_reject_handshake on;") == 1U);
}

BOOST_AUTO_TEST_CASE(modules_of_the_node_add_brotli_and_http3) {
    NodeProfile node = a_node();
    node.facts = {{1, 26, 3}, {"ngx_http_brotli_filter_module.so", "http_v3_module"}};
    Json json = with_tls(a_definition("shop.example.com"), false, 0);
    json["version"] = 2;
    json["tls"]["http3"] = true;
    json["compression"] = false;
    const auto site = with_certificate(a_site(7, json));
    const Bundle bundle = rendered(node, {&site, 1});
    check_golden("http3", site_file(bundle));
    const std::string& main = *bundle.files.at("nginx.conf").content;
    for (const char* part : {"load_module \"/usr/lib/nginx/modules/ngx_http_brotli_filter_module.so\";\n",
                             "    brotli on;\n", "        listen 443 quic reuseport default_server;\n"})
        BOOST_TEST(main.find(part) != std::string::npos, part);
    node.facts = {{1, 22, 1}, {}};
    BOOST_CHECK_EXCEPTION(rendered(node, {&site, 1}), render::InvalidSite,
                          [](const render::InvalidSite& e) { return e.problems.has("tls.http3"); });
}

BOOST_AUTO_TEST_CASE(addresses_and_ports_are_those_of_the_node) {
    NodeProfile node =
        a_node({IpAddress::parse("::1"), *Port::from(8080), *Port::from(8443), *Port::from(9000)});
    node.resolvers = {*IpAddress::parse("192.0.2.53"), *IpAddress::parse("2001:db8::53")};
    const auto site = with_certificate(a_site(7, with_tls(a_definition("shop.example.com"), true, 0)));
    const std::string text = site_file(rendered(node, {&site, 1}));
    for (const char* part :
         {"listen [::1]:8080;", "listen [::1]:8443 ssl http2;", "https://$host:8443$request_uri"})
        BOOST_TEST(text.find(part) != std::string::npos, part);
    BOOST_TEST(
        rendered(node, {}).files.at("nginx.conf").content->find("resolver 192.0.2.53 [2001:db8::53];") !=
        std::string::npos);
    BOOST_TEST(a_marker(node).second.find("listen [::1]:9000;") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
