// SPDX-License-Identifier: MIT
// Streams as each engine gets them: texts against tests/golden/ENGINE/stream*, and what stands around them.
// UPDATE_GOLDEN=1 writes them anew; look at the difference before you commit it.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>
#include <cstdlib>

#include "shared/base/config.h"
#include "shared/plan/release.h"
#include "tests/render/support.h"

using namespace rpm;
using namespace rpm::test;

namespace {

NodeProfile node_of(Engine engine) {
    NodeProfile node = a_node();
    node.engine = engine;
    node.facts.version = engine == Engine::nginx   ? EngineVersion{1, 22, 1}
                         : engine == Engine::caddy ? EngineVersion{2, 11, 0}
                                                   : EngineVersion{3, 7, 0};
    node.facts.modules = {"stream", "ngx_stream_module.so", "layer4",
                          "layer4.proxy.selection_policies.weighted_round_robin", "restart"};
    return node;
}

Bundle bundle_of(const NodeProfile& node, std::vector<DeployableSite> sites) {
    return render::renderer(node.engine).render(templates(), node, sites);
}

std::string text_of(const Bundle& bundle, const std::string& path) {
    const auto file = bundle.files.find(path);
    return file == bundle.files.end() ? "(not there)" : *file->second.content;
}

void check_golden(const std::string& file, const std::string& text) {
    const std::filesystem::path path = "tests/golden/" + file;
    if (std::getenv("UPDATE_GOLDEN") != nullptr) write_file(path, text);
    BOOST_TEST(text == read_file(path), file);
}

// Everything that the engine can say of a stream.
Json full(Engine engine) {
    Json json = Json::parse(kFullStream);
    if (engine == Engine::nginx) return json;
    Json& upstream = json["upstream"];
    upstream["proxy_protocol"] = "v2";
    upstream["balancing"] = "round_robin";
    upstream["servers"].items().pop_back();
    json["stream"]["idle_timeout"] = 600;
    if (engine == Engine::caddy) {
        upstream["connect_timeout"] = 5;
        json["limits"] = Json::object();
    }
    return json;
}

Json names(const char* balancing) {
    Json json = a_stream("names.example.com", "7000-7001");
    json["upstream"]["balancing"] = balancing;
    json["upstream"]["servers"] = Json::array({a_server("a.internal", 7000, 3), a_server("10.0.0.9", 7000)});
    return json;
}

Json datagrams() {
    Json json = a_stream("dns.example.com", "53");
    json["stream"]["protocol"] = "udp";
    json["stream"]["idle_timeout"] = 20;
    json["upstream"]["servers"] = Json::array({a_server("2001:db8::53", 53)});
    return json;
}

constexpr const char* kSuffix[] = {".stream", ".part", ".yml"};

}  // namespace

BOOST_AUTO_TEST_SUITE(streams)

BOOST_AUTO_TEST_CASE(streams_read_as_expected) {
    for (const Engine engine : {Engine::nginx, Engine::caddy, Engine::traefik}) {
        const NodeProfile node = node_of(engine);
        const std::string suffix = kSuffix[static_cast<int>(engine)];
        const std::string folder = std::string(to_word(engine)) + "/";
        const auto check = [&](const std::string& name, const DeployableSite& site) {
            const std::string path =
                "sites/" + site.id.text() + "-" + site.definition->primary().text() + suffix;
            check_golden(folder + name + suffix, text_of(bundle_of(node, {site}), path));
        };
        check("stream", with_certificate(a_site(12, full(engine))));
        check("stream_plain", a_site(13, a_stream("plain.example.com")));
        check("stream_udp", a_site(14, datagrams()));
        check("stream_names", a_site(15, names("round_robin")));
        if (engine == Engine::nginx) check("stream_names_by_address", a_site(15, names("ip_hash")));
        DeployableSite paused = with_certificate(a_site(12, full(engine)));
        paused.state = SiteState::paused;
        check("stream_paused", paused);
        DeployableSite blocked = a_site(14, datagrams());
        blocked.state = SiteState::blocked;
        check("stream_udp_blocked", blocked);
    }
}

BOOST_AUTO_TEST_CASE(nginx_loads_the_module_only_for_streams) {
    NodeProfile node = node_of(Engine::nginx);
    const DeployableSite site = a_site(7, a_definition("shop.example.com"));
    const DeployableSite stream = a_site(13, a_stream("plain.example.com"));
    const auto main = [&](std::vector<DeployableSite> sites) {
        return text_of(bundle_of(node, std::move(sites)), "nginx.conf");
    };
    for (const char* word : {"load_module", "\nstream {", "*.stream"})
        BOOST_TEST(main({site}).find(word) == std::string::npos);
    BOOST_TEST(main({site, stream}).find("load_module /usr/lib/nginx/modules/ngx_stream_module.so;\n") !=
               std::string::npos);
    check_golden("nginx/nginx-streams.conf", main({site, stream}));
    node.facts.modules = {"stream"};  // built in
    BOOST_TEST(main({stream}).find("load_module") == std::string::npos);
    BOOST_TEST(main({stream}).find("\nstream {\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(caddy_has_the_app_only_for_streams) {
    const NodeProfile node = node_of(Engine::caddy);
    const DeployableSite site = a_site(7, a_definition("shop.example.com"));
    BOOST_TEST(text_of(bundle_of(node, {site}), "caddy.json").find("layer4") == std::string::npos);
    const Bundle both = bundle_of(node, {site, a_site(13, a_stream("plain.example.com"))});
    BOOST_TEST(text_of(both, "caddy.json").find("@ streams") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(traefiks_entry_points_are_a_file_in_the_order_of_sites) {
    NodeProfile node = node_of(Engine::traefik);
    const DeployableSite site = a_site(7, a_definition("shop.example.com"));
    const DeployableSite full_one = with_certificate(a_site(12, full(Engine::traefik)));
    const DeployableSite udp = a_site(14, datagrams());
    BOOST_TEST(text_of(bundle_of(node, {site}), "entry_points") == "(not there)");
    const std::string expected =
        "entry site12-p5432 :5432/tcp from=192.0.2.0/24,2001:db8::/32\n"
        "entry site12-p6000 :6000/tcp from=192.0.2.0/24,2001:db8::/32\n"
        "entry site12-p6001 :6001/tcp from=192.0.2.0/24,2001:db8::/32\n"
        "entry site14-p53 :53/udp idle=20\n";
    const Bundle one = bundle_of(node, {udp, site, full_one});
    BOOST_TEST(text_of(one, "entry_points") == expected);
    BOOST_TEST(plan::seal(one).id == plan::seal(bundle_of(node, {full_one, udp, site})).id);
    // Pausing closes a port without a new start.
    DeployableSite paused = udp;
    paused.state = SiteState::paused;
    BOOST_TEST(text_of(bundle_of(node, {paused, full_one}), "entry_points") == expected);
    node.listen.address = IpAddress::parse("2001:db8::1");
    node.proxy_protocol = {*IpNetwork::parse("192.0.2.1"), *IpNetwork::parse("10.0.0.0/8")};
    BOOST_TEST(text_of(bundle_of(node, {udp}), "entry_points") ==
               "proxy 192.0.2.1/32,10.0.0.0/8\nentry site14-p53 [2001:db8::1]:53/udp idle=20\n");
}

BOOST_AUTO_TEST_CASE(the_proxy_protocol_is_read_at_the_nodes_own_ports) {
    NodeProfile node = node_of(Engine::nginx);
    node.proxy_protocol = {*IpNetwork::parse("192.0.2.1")};
    const DeployableSite site = a_site(7, a_definition("shop.example.com"));
    const Bundle nginx = bundle_of(node, {site});
    BOOST_TEST(text_of(nginx, "nginx.conf")
                   .find("    set_real_ip_from \"192.0.2.1/32\";\n"
                         "    real_ip_header proxy_protocol;\n") != std::string::npos);
    BOOST_TEST(text_of(nginx, "nginx.conf").find("listen 80 default_server proxy_protocol;") !=
               std::string::npos);
    BOOST_TEST(text_of(nginx, "sites/7-shop.example.com.conf").find("listen 80 proxy_protocol;") !=
               std::string::npos);
    NodeProfile caddy = node_of(Engine::caddy);
    caddy.proxy_protocol = node.proxy_protocol;
    BOOST_TEST(text_of(bundle_of(caddy, {site}), "caddy.json")
                   .find(R"({"wrapper": "proxy_protocol", "timeout": "5s", "allow": ["192.0.2.1/32"]})") !=
               std::string::npos);
    caddy.facts.version = {2, 6, 2};
    BOOST_CHECK_EXCEPTION(bundle_of(caddy, {site}), Invalid,
                          [](const Invalid& error) { return error.problems.has("proxy_protocol"); });
}

BOOST_AUTO_TEST_CASE(the_culprit_of_a_stream_is_found) {
    const auto found = render::renderer(Engine::nginx)
                           .culprit(
                               "nginx: [emerg] invalid port in upstream in "
                               "/x/releases/ab/sites/12-db.example.com.stream:4");
    BOOST_REQUIRE(found);
    BOOST_TEST((found->site == SiteId(12)));
    BOOST_TEST(found->line == 4U);
}

BOOST_AUTO_TEST_SUITE_END()
