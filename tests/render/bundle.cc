// SPDX-License-Identifier: MIT
#define BOOST_TEST_DYN_LINK
#include <algorithm>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <set>

#include "shared/base/config.h"
#include "shared/plan/release.h"
#include "shared/render/quoting.h"
#include "tests/render/support.h"

using namespace rpm;
using namespace rpm::test;

namespace {

std::vector<DeployableSite> some_sites() {
    std::vector<DeployableSite> sites;
    for (unsigned i = 1; i <= 20; ++i)
        sites.push_back(a_site(i, a_definition("s" + std::to_string(i) + ".example.com")));
    sites.push_back(with_certificate(a_site(21, everything("x.example.com"))));
    return sites;
}

std::string id_of(std::span<const DeployableSite> sites, render::Cache* cache = nullptr) {
    return plan::seal(rendered(a_node(), sites, cache)).id;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(bundle)

BOOST_AUTO_TEST_CASE(one_file_per_site_named_after_it) {
    Json wild = a_definition("*.example.com");
    const std::vector<DeployableSite> sites = {a_site(12, wild),
                                               with_certificate(a_site(3, everything("x.example.com")))};
    const Bundle bundle = rendered(a_node(), sites);
    std::vector<std::string> paths;
    for (const auto& [path, file] : bundle.files) paths.push_back(path);
    const std::vector<std::string> expected = {"certs/aaaaaaaaaaaaaaaa.crt", "certs/aaaaaaaaaaaaaaaa.key",
                                               "nginx.conf", "sites/12-_wild.example.com.conf",
                                               "sites/3-x.example.com.conf"};
    BOOST_CHECK_EQUAL_COLLECTIONS(paths.begin(), paths.end(), expected.begin(), expected.end());
    BOOST_TEST(bundle.files.at("certs/aaaaaaaaaaaaaaaa.key").private_key_of.value() == 5U);
    BOOST_TEST(!bundle.files.at("certs/aaaaaaaaaaaaaaaa.key").content);
    BOOST_TEST(bundle.files.at("sites/3-x.example.com.conf").site.value() == 3U);
}

BOOST_AUTO_TEST_CASE(names_of_files_fit_into_an_archive) {
    const std::string label(63, 'a');
    const auto site = a_site(18446744073709551615U, a_definition(label + "." + label + "." + label + ".com"));
    for (const auto& [path, file] : rendered(a_node(), {&site, 1}).files)
        BOOST_TEST(path.size() <= 106U);  // sites/ + 100
}

BOOST_AUTO_TEST_CASE(order_and_cache_do_not_change_a_byte) {
    auto sites = some_sites();
    const std::string id = id_of(sites);
    const auto cache = render::make_cache();
    BOOST_TEST(id_of(sites, cache.get()) == id);
    std::ranges::reverse(sites);
    BOOST_TEST(id_of(sites, cache.get()) == id);
    BOOST_TEST(id_of(sites) == id);
}

BOOST_AUTO_TEST_CASE(the_cache_notices_all_that_a_text_depends_on) {
    const auto cache = render::make_cache();
    std::vector<DeployableSite> sites = {with_certificate(a_site(1, everything("x.example.com")))};
    std::set<std::string> ids = {id_of(sites, cache.get())};
    const auto expect_new = [&] {
        const std::string id = id_of(sites, cache.get());
        BOOST_TEST(id == id_of(sites));
        BOOST_TEST(ids.insert(id).second);
    };
    sites[0].owner = "bob", expect_new();
    sites[0].revision_number = 4, expect_new();
    sites[0].certificate->fingerprint[0] = 'b', expect_new();
    sites[0].state = SiteState::paused, expect_new();
    sites[0].state = SiteState::blocked, expect_new();
    sites[0].block_status = 451, expect_new();
    sites[0].definition = a_site(1, everything("y.example.com")).definition;
    sites[0].revision = RevisionId(5000), expect_new();
    NodeProfile other = a_node();
    other.listen.http = *Port::from(8080);
    BOOST_TEST(plan::seal(rendered(other, sites, cache.get())).id == plan::seal(rendered(other, sites)).id);
}

BOOST_AUTO_TEST_CASE(definitions_without_a_revision_are_not_cached) {
    const auto cache = render::make_cache();
    DeployableSite site = a_site(1, a_definition("a.example.com"));
    site.revision = RevisionId();
    const std::string before = id_of({&site, 1}, cache.get());
    site.definition = a_site(1, a_definition("a.example.com", "10.9.9.9")).definition;
    BOOST_TEST(id_of({&site, 1}, cache.get()) != before);
}

BOOST_AUTO_TEST_CASE(what_nginx_cannot_do_names_site_and_field) {
    Json json = with_names("a.example.com");
    json["upstream"]["balancing"] = "least_connections";
    DeployableSite no_certificate = a_site(9, everything("a.example.com"));
    DeployableSite bad_owner = a_site(9, a_definition("a.example.com"));
    bad_owner.owner = "x\n}";
    DeployableSite bad_status = a_site(9, a_definition("a.example.com"));
    bad_status.state = SiteState::blocked;
    bad_status.block_status = 200;
    const std::vector<std::pair<DeployableSite, std::string>> cases = {
        {a_site(9, json), "upstream.balancing"},
        {no_certificate, "tls.mode"},
        {bad_owner, "value"},
        {bad_status, "block_status"}};
    for (const auto& [site, field] : cases)
        BOOST_CHECK_EXCEPTION(rendered(a_node(), {&site, 1}), render::InvalidSite,
                              [&](const render::InvalidSite& error) {
                                  return error.site == SiteId(9) && error.problems.has(field);
                              });
}

BOOST_AUTO_TEST_CASE(every_variable_of_a_template_ends_in_a_known_modifier) {
    unsigned seen = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator("proxy_templates")) {
        if (!entry.is_regular_file()) continue;
        const std::string text = read_file(entry.path());
        for (std::size_t at = 0; (at = text.find("{{", at)) != std::string::npos;) {
            const auto end = text.find("}}", at);
            BOOST_REQUIRE_MESSAGE(end != std::string::npos, entry.path());
            const std::string marker = text.substr(at + 2, end - at - 2);
            at = end + 2;
            if (std::string_view("#/>%!").find(marker.front()) != std::string_view::npos) continue;
            ++seen;
            const bool known = std::ranges::any_of(render::kModifiers, [&](const auto& modifier) {
                return marker.ends_with(std::string(":") + modifier.first);
            });
            BOOST_TEST((known && std::ranges::count(marker, ':') == 1),
                       entry.path().string() + ": {{" + marker + "}}");
        }
    }
    BOOST_TEST(seen > 20U);
}

BOOST_AUTO_TEST_CASE(a_certificate_for_servers_goes_out_with_its_key) {
    const std::string fingerprint(64, 'c');
    Json json = a_definition("shop.example.com");
    json["version"] = 2;
    json["upstream"]["scheme"] = "https";
    json["upstream"]["tls"] =
        Json::object({{"certificate", "-----BEGIN CERTIFICATE-----\nTUlJ\n-----END CERTIFICATE-----\n"},
                      {"key", "stored:" + fingerprint}});
    Json other = Json::object({{"path", "/other"}});
    other["upstream"]["scheme"] = "https";
    other["upstream"]["servers"].push(a_server("10.0.0.2", 443));
    json["routes"].push(std::move(other));
    auto site = a_site(7, json);
    const std::pair<Engine, const char*> said[] = {
        {Engine::nginx, "    proxy_ssl_certificate_key certs/cccccccccccccccc.key;\n"},
        {Engine::caddy, "\"client_certificate_key_file\": \"current/certs/cccccccccccccccc.key\""},
        {Engine::traefik, "keyFile: \"current/certs/cccccccccccccccc.key\""}};
    for (const auto& [engine, words] : said) {
        NodeProfile node = a_node();
        node.engine = engine;
        const auto& renderer = render::renderer(engine);
        site.upstream_certificates.clear();
        BOOST_CHECK_EXCEPTION(
            renderer.render(templates(), node, {&site, 1}), render::InvalidSite,
            [](const render::InvalidSite& error) { return error.problems.has("upstream.tls.key"); });
        site.upstream_certificates[fingerprint] =
            CertificateFiles{CertificateId(9), fingerprint, std::string(64, 'd'),
                             std::make_shared<const std::string>("chain\n")};
        const Bundle bundle = renderer.render(templates(), node, {&site, 1});
        BOOST_TEST(*bundle.files.at("certs/cccccccccccccccc.crt").content == "chain\n");
        BOOST_TEST(bundle.files.at("certs/cccccccccccccccc.key").private_key_of.value() == 9U);
        std::string text;
        for (const auto& [path, file] : bundle.files)
            if (path.starts_with("sites/")) text = *file.content;
        const auto at = text.find(words);
        BOOST_TEST((at != std::string::npos && text.find(words, at + 1) == std::string::npos), text);
        if (engine == Engine::nginx)
            BOOST_TEST(text.find("        proxy_ssl_certificate $site7_nothing;\n") != std::string::npos,
                       text);
    }
}

BOOST_AUTO_TEST_SUITE_END()
