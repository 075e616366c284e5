// SPDX-License-Identifier: MIT
// A site goes from a node of one engine to one of another, and a node from one engine to another: visitors
// see no difference, and nothing stays behind.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <memory>

#include "shared/base/text.h"
#include "tests/support/fleet.h"

using namespace rpm;
using namespace rpm::test;

namespace {

constexpr Engine kEngines[] = {Engine::nginx, Engine::caddy, Engine::traefik};

std::string program_of(Engine engine) {
    return engine == Engine::nginx ? std::string() : tool(std::string(to_word(engine)));
}

boost::test_tools::assertion_result have_all(boost::unit_test::test_unit_id) {
    static const bool all = !program_of(Engine::caddy).empty() && !program_of(Engine::traefik).empty();
    return all;
}

// What the three engines can all say, in ten requests.
constexpr char kSite[] = R"j({"version": 2, "domains": ["shop.example.test", "*.shop.example.test"],
    "limits": {"max_body_mib": 1},
    "headers": {"request": [{"name": "X-Team", "value": "a {b} $c"}], "response": [{"name": "X-Tag", "value": "one"}],
        "security": {"no_sniff": true, "frame": "deny"}},
    "routes": [{"path": "/api", "strip_prefix": true},
        {"match": "exact", "path": "/old", "action": "redirect", "redirect": {"to": "https://new.example.com/x", "status": 302}},
        {"match": "regex", "path": "^/u/([0-9]+)$", "rewrite": "/user/$1"},
        {"path": "/office", "access": {"allow": ["192.0.2.0/24"]}},
        {"path": "/admin", "access": {"basic": {"realm": "Shop", "users": [{"name": "anna",
            "hash": "$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a"}]}}}]})j";

struct Asked {
    const char* host;
    const char* arguments;  // of curl, with the path last
};
constexpr Asked kRequests[] = {
    {"shop.example.test", "/x?y=1"},      {"www.shop.example.test", "/"},
    {"shop.example.test", "/api/list"},   {"shop.example.test", "/old"},
    {"shop.example.test", "/u/12"},       {"shop.example.test", "/office/x"},
    {"shop.example.test", "/admin/"},     {"shop.example.test", "-u anna:secret /admin/"},
    {"shop.example.test", "/status/503"}, {"nobody.example.test", "/"},
};

struct Machines : Fleet {
    Machines() : Fleet(of(Engine::nginx)) {
        std::vector<ops::DiscoveredNode> all = machines.discovered();
        for (const Engine engine : {Engine::caddy, Engine::traefik}) {
            auto more = of(engine).discovered();
            more.front().name = to_word(engine);
            all.push_back(more.front());
        }
        ops::apply_discovered(ops, Viewer::system(), all, false);
        names = {
            {Engine::nginx, machines.node(0).name}, {Engine::caddy, "caddy"}, {Engine::traefik, "traefik"}};
    }

    // One node each, for all cases.
    static Lab& of(Engine engine) {
        static std::map<Engine, std::unique_ptr<Lab>> labs;
        auto& place = labs[engine];
        if (place == nullptr) place = std::make_unique<Lab>(1, engine, program_of(engine));
        return *place;
    }
    store::Node node(Engine engine) { return store::find_node(db, names.at(engine)).value(); }

    ops::SiteInput site_on(std::vector<NodeId> targets) {
        Json json = Json::parse(kSite);
        json["upstream"]["servers"].push(
            Json::object({{"host", "127.0.0.1"}, {"port", machines.backend_port()}}));
        return {.definition = SiteDefinition::parse(json),
                .owner = {},
                .targets = std::move(targets),
                .reason = "moves"};
    }

    // What a visitor gets, and what the server was told, less what names the node.
    static std::vector<std::string> answers(const Lab& lab) {
        const Lab::Node& to = lab.node(0);
        const std::string port = std::to_string(to.http_port);
        std::vector<std::string> out;
        for (const auto& [host, arguments] : kRequests) {
            const std::string words = arguments;
            const auto cut = words.rfind(' ') + 1;  // 0 without one
            // Of a name that no site has the engine itself answers, as it likes.
            if (std::string_view(host).starts_with("nobody")) {
                out.push_back(lab.fetch(0, host).substr(0, 4));
                continue;
            }
            const std::string told =
                shell("curl -si -m 5 --resolve " + std::string(host) + ":" + port + ":" + to.address + " " +
                      words.substr(0, cut) + "http://" + host + ":" + port + words.substr(cut));
            out.push_back(std::string(host) + words + ":\n" + kept(told, ":" + port));
        }
        return out;
    }

    std::map<Engine, std::string> names;

  private:
    static std::string kept(std::string_view told, std::string_view port) {
        std::string out;
        for (const std::string_view line : text::lines(told)) {
            const std::string name = text::lower(line.substr(0, line.find(':')));
            for (const char* wanted :
                 {"location", "x-tag", "x-content-type-options", "x-frame-options", "www-authenticate",
                  "backend", "request", "host", "x-forwarded-proto", "authorization"})
                if (name == wanted) out.append(name).append(line.substr(name.size())).append("\n");
            if (name.starts_with("http/")) out.append(line.substr(9, 3)).append("\n");
        }
        for (auto at = out.find(port); at != std::string::npos; at = out.find(port))
            out.erase(at, port.size());
        return out;
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(move, *boost::unit_test::precondition(have_all))

BOOST_FIXTURE_TEST_CASE(a_site_goes_from_engine_to_engine, Machines) {
    const SiteId id = ops::create_site(ops, admin, site_on({node(Engine::nginx).id}));
    std::vector<std::string> before;
    unsigned revision = 0;
    for (const Engine engine : kEngines) {
        if (revision > 0)
            revision = ops::update_site(ops, admin, id, revision, site_on({node(engine).id}));
        else
            revision = 1;
        const auto number = deploy(id);
        work();
        BOOST_TEST(deployment(number).state == "succeeded", name_of(engine));
        const auto now = answers(of(engine));
        if (before.empty()) before = now;
        BOOST_REQUIRE(now.size() == before.size());
        for (std::size_t i = 0; i < now.size(); ++i)
            BOOST_TEST(now[i] == before[i], name_of(engine) << " answers\n"
                                                            << now[i] << "in place of\n"
                                                            << before[i]);
        BOOST_TEST(before.front().find("backend: lab") != std::string::npos, before.front());
        for (const Engine other : kEngines) {
            if (other == engine) continue;
            // Nothing of it is left where it was.
            BOOST_TEST(!of(other).fetch(0, "shop.example.test").starts_with("200 "), name_of(other));
            const auto folder = of(other).folder() / of(other).node(0).name / "node/root/current/sites";
            for (const char* ending : {"conf", "part", "yml"})
                BOOST_TEST(!std::filesystem::exists(
                    folder / (id.text() + "-shop.example.test." + std::string(ending))));
            BOOST_TEST(node(other).state != "failed");
        }
        BOOST_TEST(node(engine).current_release == of(engine).release(0));
    }
}

BOOST_FIXTURE_TEST_CASE(a_node_goes_from_engine_to_engine, Machines) {
    Lab& lab = of(Engine::nginx);
    const std::string name = machines.node(0).name;
    const SiteId id = ops::create_site(ops, admin, site_on({node(Engine::nginx).id}));
    std::vector<std::string> before;
    const Engine ways[] = {Engine::nginx, Engine::caddy, Engine::traefik, Engine::nginx};
    for (const Engine engine : ways) {
        if (!before.empty()) {
            lab.command("engine", name + " " + std::string(to_word(engine)) + " " + program_of(engine));
            auto found = lab.discovered();
            found.front().engine = engine;
            ops::apply_discovered(ops, Viewer::system(), found, false);
            BOOST_TEST(!node(Engine::nginx).profile().facts.known());  // they were the other engine's
        }
        const auto number = deploy(id);
        work();
        BOOST_TEST(deployment(number).state == "succeeded",
                   store::list_deployment_nodes(db, number).at(0).steps);
        const auto now = answers(lab);
        if (before.empty()) before = now;
        BOOST_REQUIRE(now.size() == before.size());
        for (std::size_t i = 0; i < now.size(); ++i)
            BOOST_TEST(now[i] == before[i], name_of(engine) << " answers\n"
                                                            << now[i] << "in place of\n"
                                                            << before[i]);
        const store::Node record = node(Engine::nginx);
        BOOST_TEST((record.engine == engine));
        BOOST_TEST(record.state == "ok");
        BOOST_TEST(record.current_release == lab.release(0));
        // Of the engine before there are no files.
        const auto root = lab.folder() / name / "node/root";
        const std::map<Engine, std::string> markers = {{Engine::nginx, "release.conf"},
                                                       {Engine::caddy, "release.part"},
                                                       {Engine::traefik, "release.yml"}};
        for (const auto& [other, marker] : markers)
            for (const auto& release : std::filesystem::directory_iterator(root / "releases"))
                BOOST_TEST(std::filesystem::exists(release.path() / marker) == (other == engine),
                           release.path().string() << "/" << marker);
        BOOST_TEST(std::filesystem::exists(root / "traefik.yml") == (engine == Engine::traefik));
    }
}

BOOST_FIXTURE_TEST_CASE(init_waits_for_the_engine_before_to_stop, Machines) {
    Lab& lab = of(Engine::nginx);
    const auto folder = lab.folder() / machines.node(0).name / "node";
    deploy(ops::create_site(ops, admin, site_on({node(Engine::nginx).id})));
    work();
    shell("sed 's/^engine=.*/engine=caddy/' " + (folder / "node.conf").string() + " >" +
          (folder / "other.conf").string());
    const std::string said =
        shell((folder / "rpmgr-node").string() + " -c " + (folder / "other.conf").string() + " init n1 || :");
    BOOST_TEST(said.find("nginx still runs") != std::string::npos, said);
    BOOST_TEST(lab.fetch(0, "shop.example.test").starts_with("200 "));
}

BOOST_AUTO_TEST_SUITE_END()
