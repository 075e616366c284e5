// SPDX-License-Identifier: MIT
// What nginx itself says to rendered releases (nginx -t).
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "tests/render/support.h"

using namespace rpm;
using namespace rpm::test;

namespace {

boost::test_tools::assertion_result have_nginx(boost::unit_test::test_unit_id) {
    return have_program("nginx") && have_program("openssl");
}

Finished tested(const std::vector<DeployableSite>& sites, const std::string& key = "") {
    const NodeProfile node = a_node(private_ports());
    const TemporaryFolder folder;
    write_release(folder.path(), rendered(node, sites), a_marker(node), key);
    return test_config(folder.path());
}

void expect_good(const Finished& test) {
    BOOST_TEST(test.status == 0, test.output);
    BOOST_TEST(test.output.find("[warn]") == std::string::npos, test.output);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(nginx_accepts, *boost::unit_test::precondition(have_nginx))

BOOST_AUTO_TEST_CASE(no_site) {
    expect_good(tested({}));
}

BOOST_AUTO_TEST_CASE(every_answer_for_unknown_names) {
    for (const DefaultSite& answer :
         {DefaultSite{DefaultAnswer::drop, {}, ""},
          DefaultSite{DefaultAnswer::redirect, {"https://www.example.com", 302, true}, ""},
          DefaultSite{DefaultAnswer::page, {}, "<h1>x</h1>"}}) {
        NodeProfile node = a_node(private_ports());
        node.default_site = answer;
        const TemporaryFolder folder;
        write_release(folder.path(), rendered(node, {}), a_marker(node), "");
        const Finished test = test_config(folder.path());
        BOOST_TEST(test.status == 0, test.output);
    }
}

BOOST_AUTO_TEST_CASE(one_site) {
    expect_good(tested({a_site(1, a_definition("shop.example.com"))}));
}

BOOST_AUTO_TEST_CASE(every_option) {
    const auto [certificate, key] = a_certificate({"shop.example.com"});
    Json hashed = a_definition("h.example.com");
    hashed["upstream"]["balancing"] = "ip_hash";
    hashed["upstream"]["servers"].push(a_server("::1", 80, 1000));
    Json backups = with_names("b.example.com");
    backups["upstream"]["servers"].push(a_server("spare-1", 80, 1, true));
    backups["upstream"]["servers"].push(a_server("spare-2", 80, 1000, true));
    Json name = a_definition("n.example.com", "does-not-exist.invalid");
    name["upstream"]["scheme"] = "https";
    Json unequal = with_names("u.example.com");
    for (int i = 0; i < 40; ++i)
        unequal["upstream"]["servers"].push(a_server("n" + std::to_string(i), 80, i % 2 ? 1000 : 1));
    std::vector<DeployableSite> sites = {
        with_certificate(a_site(1, everything("shop.example.com")), certificate),
        a_site(2, hashed),
        a_site(3, with_names("names.example.com")),
        a_site(4, backups),
        a_site(5, name),
        a_site(6, unequal),
        a_site(7, a_definition("p.example.com")),
        a_site(8, a_definition("q.example.com"))};
    sites[6].state = SiteState::paused;
    sites[7].state = SiteState::blocked;
    expect_good(tested(sites, key));
}

BOOST_AUTO_TEST_CASE(long_names_and_many_of_them) {
    const std::string label(63, 'a');
    Json json = a_definition(label + "." + label + "." + label + "." + std::string(57, 'b') + ".com");
    for (int i = 0; i < 99; ++i) json["domains"].push("d" + std::to_string(i) + ".example.com");
    expect_good(tested({a_site(1, json)}));
}

BOOST_AUTO_TEST_CASE(two_hundred_sites) {
    std::vector<DeployableSite> sites;
    for (unsigned i = 1; i <= 200; ++i)
        sites.push_back(a_site(i, a_definition("s" + std::to_string(i) + ".example.com")));
    expect_good(tested(sites));
}

BOOST_AUTO_TEST_CASE(all_addresses_of_the_machine) {
    NodeProfile node = a_node({std::nullopt, free_port(), free_port(), free_port()});
    const TemporaryFolder folder;
    const std::vector<DeployableSite> sites = {a_site(1, a_definition("shop.example.com"))};
    write_release(folder.path(), rendered(node, sites), a_marker(node));
    expect_good(test_config(folder.path()));
}

BOOST_AUTO_TEST_CASE(a_refusal_names_the_site) {
    Json bad = a_definition("bad.example.com");
    bad["raw"]["nginx"] = "gzip off;\ngzip_types;\n";
    const Finished test = tested({a_site(1, a_definition("good.example.com")), a_site(2, bad)});
    BOOST_TEST(test.status != 0);
    const auto culprit = render::renderer(Engine::nginx).culprit(test.output);
    BOOST_REQUIRE(culprit);
    BOOST_TEST(culprit->site.value() == 2U);
    BOOST_TEST(culprit->file == "sites/2-bad.example.com.conf");
    BOOST_TEST(culprit->message == "invalid number of arguments in \"gzip_types\" directive");
}

BOOST_AUTO_TEST_CASE(a_broken_certificate_names_its_file) {
    Json json = a_definition("shop.example.com");
    json["tls"]["mode"] = "self_signed";
    const Finished test = tested({with_certificate(a_site(1, json), "not a certificate\n")});
    const auto culprit = render::renderer(Engine::nginx).culprit(test.output);
    BOOST_REQUIRE_MESSAGE(culprit, test.output);
    BOOST_TEST(culprit->file == "certs/aaaaaaaaaaaaaaaa.crt");
    BOOST_TEST(!culprit->site);
}

BOOST_AUTO_TEST_SUITE_END()
