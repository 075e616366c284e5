// SPDX-License-Identifier: MIT
// Sites of equal shape in one server block: which, as what, and that they are served as by servers of their
// own.
#define BOOST_TEST_DYN_LINK
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <set>

#include "shared/base/config.h"
#include "shared/base/text.h"
#include "shared/plan/release.h"
#include "shared/render/nginx.h"
#include "shared/render/nginx_dense.h"
#include "tests/render/support.h"

using namespace rpm;
using namespace rpm::test;
using render::nginx::kDenseFrom;
using render::nginx::may_be_dense;

namespace {

NodeProfile able_node(ListenOn listen = {}) {
    NodeProfile node = a_node(std::move(listen));
    node.facts.version = {1, 22, 1};
    node.facts.modules.emplace(render::nginx::kReleaseFolder);
    return node;
}

Bundle dense(const std::vector<DeployableSite>& sites, std::size_t from = 2,
             const NodeProfile& node = able_node(), render::Cache* cache = nullptr) {
    return render::NginxRenderer(from).render(templates(), node, sites, cache);
}

Json encrypted(std::string_view domain, std::string_view host = "10.0.0.1", int port = 8080) {
    Json json = a_definition(domain, host, port);
    json["tls"] = Json::object({{"mode", "self_signed"}, {"redirect_http", true}});
    return json;
}

std::string name(unsigned i) {
    return "s" + std::to_string(i) + ".example.com";
}

std::vector<DeployableSite> equal_sites(unsigned count, bool tls = true) {
    std::vector<DeployableSite> sites;
    for (unsigned i = 1; i <= count; ++i) {
        const std::string host = "10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250 + 1);
        sites.push_back(tls ? with_certificate(a_site(i, encrypted(name(i), host)))
                            : a_site(i, a_definition(name(i), host)));
    }
    return sites;
}

std::set<std::string> groups_of(const Bundle& bundle) {
    std::set<std::string> out;
    for (const auto& [path, file] : bundle.files)
        if (path.starts_with("dense/")) out.insert(path.substr(6, 16));
    return out;
}

std::size_t members_of(const Bundle& bundle) {
    return static_cast<std::size_t>(std::ranges::count_if(
        bundle.files, [](const auto& entry) { return entry.first.ends_with(".names"); }));
}

std::set<std::string> changed(const Bundle& before, const Bundle& after) {
    std::set<std::string> out;
    for (const auto& change : plan::compare(plan::seal(after).manifest, plan::seal(before).manifest).changes)
        out.insert(change.path);
    return out;
}

void check_golden(const std::string& file_name, const std::string& text) {
    const std::filesystem::path file = "tests/golden/nginx/" + file_name;
    if (std::getenv("UPDATE_GOLDEN") != nullptr) write_file(file, text);
    BOOST_TEST(text == read_file(file), file_name);
}

// What one change to a site does to its being in a group.
struct Special {
    const char* name;
    bool may;
    void (*make)(Json&);
};
std::ostream& operator<<(std::ostream& out, const Special& s) {
    return out << s.name;
}

Json a_rate() {
    return Json::object({{"key", "address"}, {"requests", 5}});
}

const Special specials[] = {
    {"plain", true, [](Json&) {}},
    {"several names", true, [](Json& j) { j["domains"].push("www.plain.example.com"); }},
    {"a wildcard", false, [](Json& j) { j["domains"].push("*.wild.example.com"); }},
    {"several servers", true, [](Json& j) { j["upstream"]["servers"].push(a_server("10.0.0.2", 80)); }},
    {"a server by name", true,
     [](Json& j) { j["upstream"]["servers"] = Json::array({a_server("app.internal", 80)}); }},
    {"https upstream", true, [](Json& j) { j["upstream"]["scheme"] = "https"; }},
    {"a redirecting route", true,
     [](Json& j) {
         j["routes"].push(Json::object(
             {{"path", "/old"}, {"action", "redirect"}, {"redirect", Json::object({{"to", "/new"}})}}));
     }},
    {"addresses", true, [](Json& j) { j["access"]["deny"].push("10.0.0.0/8"); }},
    {"response headers", true, [](Json& j) { j["headers"]["security"]["no_sniff"] = true; }},
    {"names with another to try", false, [](Json& j) { j = with_names("shop.example.com"); }},
    {"sticky", false,
     [](Json& j) {
         j["upstream"]["balancing"] = "sticky_cookie";
         j["upstream"]["servers"].push(a_server("10.0.0.2", 80));
     }},
    {"raw", false, [](Json& j) { j["raw"]["nginx"] = "gzip off;"; }},
    {"rates", false, [](Json& j) { j["limits"]["rates"].push(a_rate()); }},
    {"connections", false, [](Json& j) { j["limits"]["connections"] = 5; }},
    {"robots", false, [](Json& j) { j["pages"]["robots_txt"] = "User-agent: *\n"; }},
    {"maintenance", false, [](Json& j) { j["pages"]["maintenance"]["on"] = true; }},
    {"cors", false, [](Json& j) { j["headers"]["cors"]["origins"].push("https://a.example.com"); }},
    {"an added header", false,
     [](Json& j) {
         j["headers"]["request"].push(Json::object({{"action", "add"}, {"name", "X-A"}, {"value", "b"}}));
     }},
    {"users", false,
     [](Json& j) {
         j["access"]["basic"]["users"].push(Json::object(
             {{"name", "anna"}, {"hash", "$2y$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234"}}));
     }},
    {"a route of its own upstream", false,
     [](Json& j) {
         Json route = Json::object({{"path", "/api"}});
         route["upstream"]["servers"].push(a_server("10.0.0.3", 80));
         j["routes"].push(route);
     }},
    {"a route with rates", false,
     [](Json& j) {
         Json route = Json::object({{"path", "/api"}});
         route["rates"].push(a_rate());
         j["routes"].push(route);
     }},
};

boost::test_tools::assertion_result have_programs(boost::unit_test::test_unit_id) {
    return have_program("nginx") && have_program("openssl") && have_program("curl");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(dense_groups)

BOOST_DATA_TEST_CASE(what_stands_beside_the_server_keeps_a_site_apart, boost::unit_test::data::make(specials),
                     s) {
    Json first = a_definition("shop.example.com");
    first["version"] = 2;
    Json second = first;
    s.make(first);
    s.make(second);
    second["domains"] = Json::array({"other.example.com"});
    const std::vector<DeployableSite> sites = {a_site(1, first), a_site(2, second)};
    BOOST_TEST(may_be_dense(sites[0]) == s.may);
    BOOST_TEST(members_of(dense(sites)) == (s.may ? 2U : 0U));
    // And it never joins plain ones, unless it is told from them by names and servers only.
    const Bundle mixed =
        dense({sites[0], a_site(3, a_definition("a.example.com")), a_site(4, a_definition("b.example.com"))});
    BOOST_TEST(groups_of(mixed).size() == 1U);
}

BOOST_AUTO_TEST_CASE(only_active_sites_and_only_where_the_node_can) {
    auto sites = equal_sites(3);
    sites[0].state = SiteState::paused;
    sites[1].state = SiteState::blocked;
    BOOST_TEST(members_of(dense(sites, 1)) == 1U);
    NodeProfile old = able_node();
    old.facts.modules.clear();
    BOOST_TEST(members_of(dense(equal_sites(3), 1, old)) == 0U);
}

BOOST_AUTO_TEST_CASE(the_product_groups_from_its_threshold_on) {
    const auto in_groups = [](unsigned count) {
        return members_of(
            render::renderer(Engine::nginx).render(templates(), able_node(), equal_sites(count)));
    };
    BOOST_TEST(in_groups(kDenseFrom - 1) == 0U);
    BOOST_TEST(in_groups(kDenseFrom) == kDenseFrom);
}

BOOST_AUTO_TEST_CASE(a_site_that_comes_goes_or_changes_leaves_the_others_files) {
    const auto sites = equal_sites(5);
    auto more = sites;
    more.push_back(with_certificate(a_site(6, encrypted(name(6)))));
    const std::string group = *groups_of(dense(sites)).begin();
    const auto own = [&](const std::string& site) {
        return std::set<std::string>{"sites/" + site + ".conf", "sites/" + group + "/" + site + ".map",
                                     "sites/" + group + "/" + site + ".names"};
    };
    BOOST_TEST(changed(dense(sites), dense(more)) == own("6-s6.example.com"),
               boost::test_tools::per_element());
    BOOST_TEST(changed(dense(more), dense(sites)) == own("6-s6.example.com"),
               boost::test_tools::per_element());
    auto moved = sites;
    moved[2].definition =
        std::make_shared<const SiteDefinition>(SiteDefinition::parse(encrypted(name(3), "10.9.9.9")));
    const std::set<std::string> pool = {"sites/3-s3.example.com.conf"};
    BOOST_TEST(changed(dense(sites), dense(moved)) == pool, boost::test_tools::per_element());
    moved = sites;
    moved[2].certificate->fingerprint = std::string(64, 'c');
    const std::set<std::string> renewed = {"certs/cccccccccccccccc.crt", "certs/cccccccccccccccc.key",
                                           "sites/" + group + "/3-s3.example.com.map"};
    BOOST_TEST(changed(dense(sites), dense(moved)) == renewed, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(order_and_cache_do_not_change_a_byte) {
    auto sites = equal_sites(6);
    sites.push_back(a_site(7, a_definition(name(7))));
    sites.push_back(a_site(8, a_definition(name(8))));
    const std::string id = plan::seal(dense(sites)).id;
    const auto cache = render::make_cache();
    for (int i = 0; i < 2; ++i) BOOST_TEST(plan::seal(dense(sites, 2, able_node(), cache.get())).id == id);
    std::ranges::reverse(sites);
    BOOST_TEST(plan::seal(dense(sites)).id == id);
    BOOST_TEST(groups_of(dense(sites)).size() == 2U);
}

BOOST_AUTO_TEST_CASE(every_file_tells_its_site_and_fits_into_an_archive) {
    const std::string label(63, 'a');
    std::vector<DeployableSite> sites;
    for (const std::uint64_t id : {18446744073709551614U, 18446744073709551615U})
        sites.push_back(
            a_site(id, a_definition("x" + std::to_string(id % 10) + "." + label + "." + label + ".com")));
    for (const auto& [path, file] : dense(sites).files) {
        BOOST_TEST(path.substr(path.rfind('/') + 1).size() <= 100U);
        if (path.starts_with("sites/")) BOOST_TEST(file.site.value() >= 18446744073709551614U);
    }
    const auto culprit = render::renderer(Engine::nginx)
                             .culprit(
                                 "nginx: [emerg] conflicting parameter \"a.example.com\" in "
                                 "/x/sites/0123456789abcdef/12-a.example.com.map:2\n");
    BOOST_REQUIRE(culprit);
    BOOST_TEST(culprit->site.value() == 12U);
    BOOST_TEST(culprit->file == "sites/0123456789abcdef/12-a.example.com.map");
}

BOOST_AUTO_TEST_CASE(a_group_reads_as_expected) {
    Json direct = encrypted("direct.example.com");
    direct["upstream"]["keepalive"] = 0;
    Json names = encrypted("shop.example.com");
    names["domains"].push("www.shop.example.com");
    const Bundle bundle = dense({with_certificate(a_site(7, names)), with_certificate(a_site(8, direct))});
    const std::string group = *groups_of(bundle).begin();
    std::string all;
    for (const auto& [path, file] : bundle.files)
        if (path != "nginx.conf" && !path.starts_with("certs/")) all += "==> " + path + "\n" + *file.content;
    BOOST_TEST(all.find("8-direct.example.com.conf") == std::string::npos);
    check_golden("dense.txt", all);
}

BOOST_AUTO_TEST_CASE(visitors_get_what_servers_of_their_own_would_give,
                     *boost::unit_test::precondition(have_programs)) {
    // Each backend is a site of its own that tells where it is.
    const auto [certificate, key] = a_certificate({"*.example.com"});
    TemporaryFolder behind;
    const Port a = free_port();
    const Port b = free_port();
    const auto answering = [](Port port, const char* word) {
        return "server { listen 127.0.0.1:" + port.text() + "; return 200 \"" + word +
               " host=$http_host fhost=$http_x_forwarded_host uri=$request_uri\\n\"; }\n";
    };
    write_file(behind.path() / "current/nginx.conf",
               "pid run/nginx.pid; error_log logs/error.log; events {} http { access_log off;\n"
               "client_body_temp_path run/b; proxy_temp_path run/p; fastcgi_temp_path run/f; "
               "uwsgi_temp_path run/u; scgi_temp_path run/s;\n" +
                   answering(a, "A") + answering(b, "B") + "}\n");
    for (const char* folder : {"run", "logs"}) std::filesystem::create_directories(behind.path() / folder);
    const RunningEngine backends(behind.path(), a);

    Json closed = a_definition("closed.example.com", "127.0.0.1", a.value());
    closed["access"]["deny"].push("0.0.0.0/0");
    Json open = encrypted("b.example.com", "127.0.0.1", b.value());
    open["domains"].push("x.b.example.com");
    const std::vector<DeployableSite> sites = {
        with_certificate(a_site(1, encrypted("a.example.com", "127.0.0.1", a.value())), certificate),
        with_certificate(a_site(2, open), certificate), a_site(3, closed)};
    // Name of the handshake, Host, protocol: each way must answer the same from both renderings.
    struct Ask {
        const char* sni;
        const char* host;
        const char* scheme;
    };
    const Ask asks[] = {
        {"a.example.com", "a.example.com", "https"},
        {"b.example.com", "b.example.com", "https"},
        {"A.EXAMPLE.com", "A.example.COM", "https"},
        {"x.b.example.com", "x.b.example.com", "https"},
        {"a.example.com", "b.example.com", "https"},
        {"a.example.com", "nobody.example.com", "https"},
        {"a.example.com", "closed.example.com", "https"},
        {"nobody.example.com", "a.example.com", "https"},
        {"a.example.com", "a.example.com", "http"},
        {"closed.example.com", "closed.example.com", "http"},
        {"nobody.example.com", "nobody.example.com", "http"},
    };
    const auto answers = [&](std::size_t from, std::size_t members) {
        const NodeProfile node = able_node(private_ports());
        const TemporaryFolder folder;
        const Bundle bundle = dense(sites, from, node);
        BOOST_TEST(members_of(bundle) == members);
        write_release(folder.path(), bundle, a_marker(node), key);
        const RunningEngine engine(folder.path(), node.listen.http);
        std::vector<std::string> out;
        for (const Ask& ask : asks) {
            const bool tls = std::string_view(ask.scheme) == "https";
            const std::string port = (tls ? node.listen.https : node.listen.http).text();
            std::string text = run({"curl", "-sk", "-m", "10", "-H", std::string("Host: ") + ask.host, "-w",
                                    "%{http_code} %{exitcode} %{redirect_url}", "--resolve",
                                    std::string(ask.sni) + ":" + port + ":127.0.0.1",
                                    std::string(ask.scheme) + "://" + ask.sni + ":" + port + "/p%20q?r=1"})
                                   .output;
            for (const Port each : {node.listen.http, node.listen.https})
                for (auto at = text.find(each.text()); at != std::string::npos; at = text.find(each.text()))
                    text.replace(at, each.text().size(), "PORT");
            out.push_back(std::string(ask.sni) + " " + ask.host + ": " + text);
        }
        const std::string log = read_file(folder.path() / "logs/error.log");
        BOOST_TEST(log.find("[emerg]") == std::string::npos, log);
        BOOST_TEST(log.find("cannot load certificate") == std::string::npos, log);
        return out;
    };
    const auto own = answers(100, 0);
    const auto together = answers(1, 3);
    BOOST_TEST(own == together, boost::test_tools::per_element());
    BOOST_TEST(own.at(0).find("A host=a.example.com") != std::string::npos, own.at(0));
    BOOST_TEST(own.at(6).find("closed") != std::string::npos, own.at(6));
}

BOOST_AUTO_TEST_SUITE_END()
