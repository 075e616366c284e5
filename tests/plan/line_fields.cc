// SPDX-License-Identifier: MIT
#define BOOST_TEST_DYN_LINK
#include "shared/plan/line_fields.h"

#include <algorithm>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <set>

#include "shared/base/config.h"
#include "shared/base/text.h"
#include "shared/model/capabilities.h"
#include "shared/render/renderer.h"
#include "tests/support/sites.h"

using namespace rpm;
using namespace rpm::test;

namespace {

const TemplateSet& templates() {
    static const auto set = render::load_templates("proxy_templates");
    return *set;
}

NodeProfile node_with(Engine engine) {
    NodeProfile node = a_node();
    node.engine = engine;
    return node;
}

constexpr const char* kHash = "$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a";

// Uses most of what a definition may say.
Json rich() {
    return Json::parse(std::string(R"({"version":2, "domains":["shop.example.com","www.shop.example.com"],
      "upstream":{"servers":[{"host":"10.0.0.1","port":8080,"weight":2},{"host":"10.0.0.2","port":8081}],
                  "connect_timeout":7, "read_timeout":90, "keepalive":8, "max_fails":3, "host_header":"app.internal"},
      "tls":{"mode":"self_signed","redirect_http":true,"hsts_seconds":300,"minimum":"1.3"},
      "limits":{"max_body_mib":64,"connections":10,"rates":[{"requests":5},{"key":"header","header":"X-Key"}]},
      "headers":{"request":[{"name":"X-Team","value":"blue"},{"action":"remove","name":"X-Debug"}],
                 "response":[{"name":"X-Tag","value":"one"}],
                 "security":{"no_sniff":true,"frame":"deny","referrer_policy":"no-referrer"},
                 "cors":{"origins":["https://app.example.com","https://b.example.com"],"headers":["X-Key"]}},
      "access":{"deny":["192.0.2.0/24","198.51.100.7"],"basic":{"users":[{"name":"anna","hash":")") +
                       kHash + R"("}]},"no_sign_in_from":["10.0.0.0/8"]},
      "pages":{"errors":[{"statuses":[404,500],"html":"<p>no</p>"}],"robots_txt":"User-agent: *\n",
               "maintenance":{"on":true,"bypass":["10.1.0.0/16"],"html":"<p>later</p>","retry_after":60}},
      "routes":[{"path":"/api","upstream":{"scheme":"https","servers":[{"host":"10.0.1.1","port":443}],
                                           "tls":{"verify":false}},"strip_prefix":true},
                {"match":"exact","path":"/old","action":"redirect","redirect":{"to":"/new","status":301}},
                {"match":"regex","path":"^/u/([0-9]+)$","rewrite":"/user/$1"},
                {"path":"/admin","access":{"allow":["10.2.0.0/16"]},"rates":[{"requests":2}]}]})");
}

DeployableSite site_of(const Json& json) {
    DeployableSite site = a_site(7, json);
    site.certificate.reset();
    return site;
}

// The definition without what the engine cannot say.
DeployableSite sayable(Json json, const NodeProfile& node) {
    for (const Limitation& each : limitations(*site_of(json).definition, node.engine, node.facts)) {
        const auto parts = text::split(each.field, '.');
        Json* place = &json;
        std::size_t i = 0;
        for (; i + 1 < parts.size() && place->find(parts[i])->is_object(); ++i) place = &(*place)[parts[i]];
        std::erase_if(place->members(), [&](const auto& member) { return member.first == parts[i]; });
    }
    return site_of(json);
}

bool has_letters(std::string_view line) {
    return std::ranges::any_of(line, [](unsigned char c) { return std::isalnum(c) != 0; });
}

std::set<std::string> lines_of_a_bare_site(const plan::Draw& draw) {
    std::set<std::string> out;
    for (const char* tls : {"none", "self_signed"}) {
        Json json = a_definition("bare.example.com", "10.9.9.9");
        json["tls"]["mode"] = tls;
        for (const auto& [path, content] : draw(site_of(json)))
            for (const auto line : text::lines(content)) out.emplace(text::trim(line));
    }
    return out;
}

// "path:line text" of lines without a member that are no boilerplate.
std::vector<std::string> orphans(const DeployableSite& site, const plan::Draw& draw) {
    const plan::Files drawn = draw(site);
    const plan::LineTable table = plan::trace_lines(site, drawn, draw);
    BOOST_TEST(table.complete());
    const auto usual = lines_of_a_bare_site(draw);
    std::vector<std::string> out;
    for (const auto& [path, content] : drawn) {
        std::size_t number = 0;
        for (const auto line : text::lines(content))
            if (table.of(path, ++number).empty() && has_letters(line) &&
                !usual.contains(std::string(text::trim(line))))
                out.push_back(path + ":" + std::to_string(number) + " " + std::string(line));
    }
    return out;
}

// The nearest member of the line with this text.
std::string nearest(const DeployableSite& site, const plan::Draw& draw, std::string_view wanted) {
    const plan::Files drawn = draw(site);
    const plan::LineTable table = plan::trace_lines(site, drawn, draw);
    for (const auto& [path, content] : drawn) {
        std::size_t number = 0;
        for (const auto line : text::lines(content)) {
            ++number;
            if (line.find(wanted) == std::string_view::npos) continue;
            const auto& fields = table.of(path, number);
            return fields.empty() ? "none" : fields.front();
        }
    }
    return "no such line";
}

constexpr Engine kEngines[] = {Engine::nginx, Engine::caddy, Engine::traefik};

}  // namespace

BOOST_AUTO_TEST_SUITE(line_fields)

BOOST_DATA_TEST_CASE(every_line_of_its_own_has_a_member, boost::unit_test::data::make({0, 1, 2}), which) {
    const NodeProfile node = node_with(kEngines[which]);
    const plan::Draw draw = plan::drawing(templates(), node);
    const DeployableSite site = sayable(rich(), node);
    for (const std::string& line : orphans(site, draw)) BOOST_ERROR(name_of(node.engine) << " " << line);
}

BOOST_AUTO_TEST_CASE(lines_name_the_nearest_member) {
    struct Case {
        Engine engine;
        const char* line;
        const char* field;
    };
    const Case cases[] = {
        {Engine::nginx, "server 10.0.0.2:8081", "upstream.servers.1"},
        {Engine::nginx, "client_max_body_size 64m", "limits.max_body_mib"},
        {Engine::nginx, "198.51.100.7", "access.deny.1"},
        {Engine::nginx, "add_header X-Tag", "headers.response.0"},
        {Engine::nginx, "rewrite \"^/u/", "routes.2"},
        {Engine::nginx, "proxy_read_timeout 90s", "upstream.read_timeout"},
        {Engine::nginx, "keepalive 8", "upstream.keepalive"},
        {Engine::nginx, "/https/", "no such line"},
        {Engine::caddy, "10.0.0.2:8081", "upstream.servers."},
        {Engine::traefik, "10.0.0.2:8081", "upstream.servers.1"},
        {Engine::traefik, "X-Tag", "headers.response.0"},
    };
    for (const Case& each : cases) {
        const NodeProfile node = node_with(each.engine);
        const plan::Draw draw = plan::drawing(templates(), node);
        const std::string found = nearest(sayable(rich(), node), draw, each.line);
        BOOST_TEST(found.starts_with(each.field), each.line << ": " << found << ", not " << each.field);
    }
}

BOOST_AUTO_TEST_CASE(a_state_is_told_too) {
    const NodeProfile node = node_with(Engine::nginx);
    const plan::Draw draw = plan::drawing(templates(), node);
    DeployableSite site = site_of(a_definition("shop.example.com"));
    site.state = SiteState::paused;
    BOOST_TEST(nearest(site, draw, "return 503") == "state");
}

BOOST_AUTO_TEST_CASE(work_is_bounded) {
    const NodeProfile node = node_with(Engine::nginx);
    const plan::Draw draw = plan::drawing(templates(), node);
    const DeployableSite site = sayable(rich(), node);
    std::size_t drawn = 0;
    const plan::Draw counted = [&](const DeployableSite& each) {
        ++drawn;
        return draw(each);
    };
    const plan::Files files = draw(site);
    BOOST_TEST(!plan::trace_lines(site, files, counted, 40'000).complete());
    BOOST_TEST(drawn < 20);
    BOOST_TEST(plan::LineTable().of("sites/none", 1).empty());
}

BOOST_AUTO_TEST_CASE(lines_of_members_are_found) {
    const NodeProfile node = node_with(Engine::nginx);
    const plan::Draw draw = plan::drawing(templates(), node);
    const DeployableSite site = sayable(rich(), node);
    const plan::Files files = draw(site);
    const plan::LineTable table = plan::trace_lines(site, files, draw);
    const std::vector<std::string> wanted = {"access.deny.1"};
    bool found = false;
    for (const auto& line : plan::lines_of(files, table, wanted))
        found = found || line.text.find("198.51.100.7") != std::string::npos;
    BOOST_TEST(found);
    BOOST_TEST(plan::lines_of(files, table, std::vector<std::string>{"note"}).empty());
}

BOOST_AUTO_TEST_SUITE_END()
