// SPDX-License-Identifier: MIT
// Definitions of streams: what they may have, and what is refused with which field.
#define BOOST_TEST_DYN_LINK
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "shared/model/capabilities.h"
#include "tests/support/sites.h"

using namespace rpm;
namespace data = boost::unit_test::data;

namespace {

Problems problems_of(const Json& json) {
    try {
        SiteDefinition::parse(json);
    } catch (const Invalid& error) {
        return error.problems;
    }
    return {};
}

struct Refused {
    const char* more;  // members that replace or join those of a plain stream
    const char* field;
    const char* words;
};
std::ostream& operator<<(std::ostream& out, const Refused& each) {
    return out << each.more;
}

// Members of objects are joined, other values replaced.
void merge(Json& into, const Json& more) {
    for (const auto& [name, value] : more.members()) {
        if (value.is_object() && into.find(name) != nullptr && into[name].is_object())
            merge(into[name], value);
        else
            into[name] = value;
    }
}

const Refused kRefused[] = {
    {R"({"stream":{"ports":[]}})", "stream.ports", "at least one port"},
    {R"({"stream":{"ports":["0"]}})", "stream.ports.0", "no port"},
    {R"({"stream":{"ports":["70000"]}})", "stream.ports.0", "no port"},
    {R"({"stream":{"ports":["6010-6000"]}})", "stream.ports.0", "no range"},
    {R"({"stream":{"ports":["5432-"]}})", "stream.ports.0", "no range"},
    {R"({"stream":{"ports":["6000-6010","6010"]}})", "stream.ports.1", "above the ones before"},
    {R"({"stream":{"ports":["6000-6100"]}})", "stream.ports", "101 ports; 100 are the most"},
    {R"({"stream":{"ports":["6000","6099"]},"upstream":{"servers":[{"host":"10.0.0.1","port":65500}]}})",
     "upstream.servers.0.port", "too high"},
    {R"({"stream":{"idle_timeout":0}})", "stream.idle_timeout", "from 1 to 86400"},
    {R"({"upstream":{"servers":[]}})", "upstream.servers", "at least one server"},
    {R"({"upstream":{"scheme":"https"}})", "upstream.scheme", "does not apply to a stream"},
    {R"({"upstream":{"keepalive":3}})", "upstream.keepalive", "does not apply to a stream"},
    {R"({"upstream":{"health":{"path":"/up"}}})", "upstream.health", "does not apply to a stream"},
    {R"({"upstream":{"balancing":"sticky_cookie"}})", "upstream.balancing", "by cookie"},
    {R"({"upstream":{"tls":{"server_name":"a.example"}}})", "stream.tls_to_servers", "is off"},
    {R"({"stream":{"tls_to_servers":true}})", "upstream.tls.server_name", "which name"},
    {R"({"routes":[{"path":"/a"}]})", "routes", "does not apply to a stream"},
    {R"({"redirect":{"to":"/x"}})", "redirect", "does not apply to a stream"},
    {R"({"headers":{"security":{"no_sniff":true}}})", "headers", "does not apply to a stream"},
    {R"({"pages":{"robots_txt":"x"}})", "pages", "does not apply to a stream"},
    {R"({"compression":false})", "compression", "does not apply to a stream"},
    {R"({"raw":{"nginx":"gzip off;"}})", "raw", "does not apply to a stream"},
    {R"({"limits":{"max_body_mib":3}})", "limits.max_body_mib", "does not apply to a stream"},
    {R"({"limits":{"rates":[{"requests":3}]}})", "limits.rates", "does not apply to a stream"},
    {R"({"access":{"basic":{"realm":"X"}}})", "access.basic", "does not apply to a stream"},
    {R"({"tls":{"mode":"self_signed","redirect_http":true}})", "tls.redirect_http", "does not apply"},
    {R"({"tls":{"mode":"self_signed"},"stream":{"protocol":"udp"}})", "tls.mode", "needs TCP"},
    {R"({"stream":{"protocol":"udp","tls_to_servers":true}})", "stream.tls_to_servers", "needs TCP"},
    {R"({"stream":{"protocol":"udp","proxy_protocol_from":["10.0.0.1"]}})", "stream.proxy_protocol_from",
     "needs TCP"},
    {R"({"stream":{"protocol":"udp"},"upstream":{"proxy_protocol":"v1"}})", "upstream.proxy_protocol",
     "needs TCP"},
    {R"({"kind":"proxy"})", "stream.ports", "only by a site of kind stream"},
    {R"({"kind":"redirect","redirect":{"to":"/"},"upstream":{"servers":[]}})", "stream.ports",
     "only by a site of kind stream"},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(streams)

BOOST_AUTO_TEST_CASE(definitions_keep_every_byte) {
    const auto full = SiteDefinition::parse(Json::parse(test::kFullStream));
    BOOST_TEST(full.to_json().dump() == test::kFullStream);
}

BOOST_DATA_TEST_CASE(what_does_not_apply_is_refused_by_name, data::make(kRefused), each) {
    Json json = test::a_stream("db.example.com");
    BOOST_REQUIRE(problems_of(json).empty());
    merge(json, Json::parse(each.more));
    const Problems problems = problems_of(json);
    const auto found = problems.entries().find(each.field);
    BOOST_REQUIRE_MESSAGE(found != problems.entries().end(), problems.text());
    BOOST_TEST(found->second.find(each.words) != std::string::npos, found->second);
}

BOOST_AUTO_TEST_CASE(each_port_leads_as_far_above_the_servers_as_it_is_above_the_first) {
    const auto site = SiteDefinition::parse(Json::parse(test::kFullStream));
    std::string out;
    for (const Stream::Listen& each : site.stream.listens())
        out += each.port.text() + "+" + std::to_string(each.offset) + " ";
    BOOST_TEST(out == "5432+0 6000+568 6001+569 ");
}

BOOST_AUTO_TEST_CASE(changes_are_told_in_words) {
    const auto from = SiteDefinition::parse(test::a_stream("db.example.com"));
    Json json = test::a_stream("db.example.com", "5432-5433");
    json["stream"]["protocol"] = "udp";
    const auto lines = describe_changes(from, SiteDefinition::parse(json));
    BOOST_TEST(lines.size() == 3U);
    BOOST_TEST(lines.at(0) == "Stream \u203a Protocol: TCP -> UDP");
    BOOST_TEST(lines.at(1) == "Stream \u203a Ports: adds 5432-5433");
}

BOOST_AUTO_TEST_CASE(engines_need_their_modules) {
    const auto site = SiteDefinition::parse(test::a_stream("db.example.com"));
    for (const Engine engine : {Engine::nginx, Engine::caddy, Engine::traefik}) {
        EngineFacts facts{{3, 7, 0}, {}};
        const auto found = limitations(site, engine, facts);
        BOOST_REQUIRE_MESSAGE(found.size() == 1U, to_word(engine));
        BOOST_TEST(found.front().field == "kind");
        facts.modules = {"stream", "layer4", "restart"};
        BOOST_TEST(limitations(site, engine, facts).empty(), to_word(engine));
    }
}

BOOST_AUTO_TEST_SUITE_END()
