// SPDX-License-Identifier: MIT
#include "shared/model/site.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "shared/model/member_doc.h"
#include "tests/support/sites.h"

using namespace rpm;
namespace data = boost::unit_test::data;

namespace {

const char kGood[] =
    R"({"version":1,"domains":["shop.example.com","*.example.com"],"upstream":{"scheme":"https",)"
    R"("balancing":"least_connections","servers":[{"host":"10.0.0.1","port":8080,"weight":3,"backup":false},)"
    R"({"host":"2001:db8::1","port":81,"weight":1,"backup":true}],"connect_timeout":75,"read_timeout":86400,)"
    R"("send_timeout":1,"verify_tls":false},"tls":{"mode":"self_signed","redirect_http":true,)"
    R"("hsts_seconds":31536000},"limits":{"max_body_mib":0},"raw":{"nginx":"gzip off;\n"},"note":"für Anna"})";

struct Broken {
    std::string change;  // "path=JSON"; "-path" removes nothing but is not needed: absent is the default
    std::string field;
    std::string message;  // a part of it
};
std::ostream& operator<<(std::ostream& out, const Broken& b) {
    return out << b.change.substr(0, 120);
}

// Follows "a.b" through objects and "0" through lists.
Json& at(Json& json, std::string_view path) {
    const auto dot = path.find('.');
    const std::string_view first = path.substr(0, dot);
    Json& member = json.is_array() ? json.items().at(static_cast<std::size_t>(std::stoi(std::string(first))))
                                   : json[first];
    return dot == std::string_view::npos ? member : at(member, path.substr(dot + 1));
}

Problems problems_of(const Json& json) {
    try {
        SiteDefinition::parse(json);
    } catch (const Invalid& error) {
        return error.problems;
    }
    return {};
}

const std::string many_domains = [] {
    Json list = Json::array();
    for (int i = 0; i < 101; ++i) list.push("d" + std::to_string(i) + ".example.com");
    return list.dump();
}();

const Broken broken[] = {
    {"version=3", "version", "not one that this program reads"},
    {"version=\"1\"", "version", "not one"},
    {"colour=1", "colour", "not a setting"},
    {"domains=[]", "domains", "at least one"},
    {"domains=\"shop.example.com\"", "domains", "must be a list"},
    {"domains=" + many_domains, "domains", "more than 100"},
    {"domains.1=7", "domains.1", "must be text"},
    {"domains.1=\"SHOP.example.com.\"", "domains.1", "listed twice"},
    {"domains.1=\"a$b.example.com\"", "domains.1", "'a$b.example.com' has a character"},
    {"domains.1=\"a\\nb.example.com\"", "domains.1", "'a?b.example.com'"},
    {"upstream=[]", "upstream", "must be an object"},
    {"upstream.scheme=\"ftp\"", "upstream.scheme", "must be one of: http, https"},
    {"upstream.balancing=1", "upstream.balancing", "must be one of"},
    {"upstream.sticky=true", "upstream.sticky", "not a setting"},
    {"upstream.servers=[]", "upstream.servers", "at least one server"},
    {"upstream.servers.0=[]", "upstream.servers.0", "must be an object"},
    {"upstream.servers.0.host=\"a b\"", "upstream.servers.0.host", "neither an IP address nor a host name"},
    {"upstream.servers.0.host=\"\"", "upstream.servers.0.host", "is missing"},
    {"upstream.servers.0.host=null", "upstream.servers.0.host", "must be text"},
    {"upstream.servers.0.port=0", "upstream.servers.0.port", "from 1 to 65535"},
    {"upstream.servers.0.port=65536", "upstream.servers.0.port", "from 1 to 65535"},
    {"upstream.servers.0.port=\"8080\"", "upstream.servers.0.port", "whole number"},
    {"upstream.servers.0.port=80.5", "upstream.servers.0.port", "whole number"},
    {"upstream.servers.0.weight=0", "upstream.servers.0.weight", "from 1 to 1000"},
    {"upstream.servers.0.weight=1001", "upstream.servers.0.weight", "from 1 to 1000"},
    {"upstream.servers.0.backup=1", "upstream.servers.0.backup", "true or false"},
    {"upstream.servers.0.backup=true", "upstream.servers", "not a backup"},
    {"upstream.servers.0.path=\"/\"", "upstream.servers.0.path", "not a setting"},
    {"upstream.servers.1={\"host\":\"10.0.0.1\",\"port\":8080}", "upstream.servers.1.host", "listed twice"},
    {"upstream.balancing=\"ip_hash\"", "upstream.servers.1.backup", "ip_hash"},
    {"upstream.connect_timeout=76", "upstream.connect_timeout", "from 1 to 75"},
    {"upstream.read_timeout=0", "upstream.read_timeout", "from 1 to 86400"},
    {"upstream.send_timeout=-1", "upstream.send_timeout", "from 1 to 86400"},
    {"upstream.verify_tls=\"yes\"", "upstream.tls.verify", "true or false"},
    {"tls.mode=\"letsencrypt\"", "tls.mode", "must be one of: none, self_signed"},
    {"tls.mode=\"none\"", "tls.redirect_http", "needs a TLS mode"},
    {"tls.mode=\"none\"", "tls.hsts_seconds", "needs a TLS mode"},
    {"tls.hsts_seconds=-1", "tls.hsts_seconds", "whole number from 0"},
    {"limits.max_body_mib=1048577", "limits.max_body_mib", "whole number from 0"},
    {"raw=\"gzip off;\"", "raw", "must be an object"},
    {"raw.nginx=\"include /etc/passwd;\"", "raw.nginx", "line 1: 'include' is not allowed here"},
    {"raw.nginx=\"" + std::string(16385, ' ') + "\"", "raw.nginx", "16 KiB"},
    {"raw.apache=\"\"", "raw.apache", "not a setting"},
    {"note=\"a\\u0007b\"", "note", "control character"},
    {"note=\"" + std::string(501, 'n') + "\"", "note", "500 characters"},
};

const Broken rules[] = {
    {"upstream.servers.1.backup=true", "upstream.servers.1.backup", "sticky_cookie"},
    {"upstream.cookie=\"a b\"", "upstream.cookie", "cookie name"},
    {"upstream.cookie=\"\"", "upstream.cookie", "is missing"},
    {"upstream.host_header=\"a/b\"", "upstream.host_header", "neither a host name"},
    {"upstream.host_header=\"a:99999\"", "upstream.host_header", "port"},
    {"upstream.tls.ca=\"MIIE\"", "upstream.tls.ca", "line 1: expected '-----BEGIN CERTIFICATE-----'"},
    {"upstream.tls.ca=\"-----BEGIN CERTIFICATE-----\\nTUlJ\\n\"", "upstream.tls.ca", "ends without"},
    {"upstream.health.status=100", "upstream.health.status", "200"},
    {"upstream.health.path=\"up\"", "upstream.health.path", "start with '/'"},
    {"kind=\"redirect\"", "upstream.servers", "not used by a site that redirects"},
    {"kind=\"redirect\"", "redirect.to", "is missing"},
    {"redirect={\"to\":\"javascript:alert(1)\"}", "redirect.to", "must start with"},
    {"redirect={\"to\":\"//evil.example\"}", "redirect.to", "//"},
    {"redirect={\"to\":\"https://a.example/$1\"}", "redirect.to", "'$'"},
    {"redirect={\"status\":303}", "redirect.status", "301, 302, 307 or 308"},
    {"routes.0.path=\"api\"", "routes.0.path", "start with '/'"},
    {"routes.0.path=\"/a/../b\"", "routes.0.path", "'..'"},
    {"routes.0.path=\"/a//b\"", "routes.0.path", "'//'"},
    {"routes.0.path=\"/a b\"", "routes.0.path", "blank"},
    {"routes.1.path=\"^/a$*\"", "routes.1.path", "repeats"},
    {"routes.1.path=\"^/a\\\\b{2}\"", "routes.1.path", "repeats"},
    {"routes.0.path=\"/a\\nb\"", "routes.0.path", "control character"},
    {"routes.0.match=\"exact\"", "routes.0.strip_prefix", "prefix"},
    {"routes.0.rewrite=\"/x\"", "routes.0.rewrite", "cannot be combined"},
    {"routes.1.path=\"(\"", "routes.1.path", "no regular expression"},
    {"routes.1.path=\"(?=a)\"", "routes.1.path", "not every engine"},
    {"routes.1.path=\"(?P<x>a)\"", "routes.1.path", "not every engine"},
    {"routes.1.rewrite=\"/$2\"", "routes.1.rewrite", "names no group"},
    {"routes.1.rewrite=\"/$host\"", "routes.1.rewrite", "'$'"},
    {"routes.2.upstream={}", "routes.2.upstream", "not used by a redirect"},
    {"routes.2.redirect.to=\"https://$1/\"", "routes.2.redirect.to", "'$'"},
    {"limits.rates.0.status=500", "limits.rates.0.status", "429"},
    {"limits.rates.0.header=\"X\"", "limits.rates.0.header", "only when"},
    {"routes.0.rates.0.header=\"\"", "routes.0.rates.0.header", "is missing"},
    {"headers.request.0.name=\"Host\"", "headers.request.0.name", "belongs to the connection"},
    {"headers.request.0.name=\"a b\"", "headers.request.0.name", "header name"},
    {"headers.request.0.value=\"a\\r\\nX: y\"", "headers.request.0.value", "control character"},
    {"headers.response.1.value=\"x\"", "headers.response.1.value", "not used"},
    {"headers.response.0.value=\"\"", "headers.response.0.value", "is missing"},
    {"headers.cors.origins=[\"*\"]", "headers.cors.credentials", "all origins"},
    {"headers.cors.origins=[\"app\"]", "headers.cors.origins.0", "no origin"},
    {"headers.cors.methods=[\"get\"]", "headers.cors.methods.0", "capitals"},
    {"access.allow.0=\"10.0.0.1/8\"", "access.allow.0", "no IP address or network"},
    {"access.forward={\"url\":\"https://auth.example.com/verify\"}", "access.forward.url", "choose one"},
    {"access.forward={\"url\":\"https://u@auth.example.com/\"}", "access.forward.url", "no URL"},
    {"access.forward={\"mode\":\"api\",\"sign_in\":\"/in\"}", "access.forward.sign_in", "not used"},
    {"access.basic.users.0.hash=\"secret\"", "access.basic.users.0.hash", "bcrypt"},
    {"access.basic.users.0.name=\"a:b\"", "access.basic.users.0.name", "':'"},
    {"access.basic.realm=\"a\\\"b\"", "access.basic.realm", "quotation"},
    {"access.basic.users=[]", "access.satisfy", "both"},
    {"tls.mode=\"none\"", "tls.clients.mode", "needs a TLS mode"},
    {"tls.clients.ca=\"\"", "tls.clients.ca", "is missing"},
    {"upstream.tls.certificate=\"-----BEGIN CERTIFICATE-----\\nTUlJ\\n-----END CERTIFICATE-----\\n\"",
     "upstream.tls.key", "is missing"},
    {"upstream.tls.key=\"-----BEGIN PRIVATE KEY-----\\nTUlJ\\n-----END PRIVATE KEY-----\\n\"",
     "upstream.tls.certificate", "is missing"},
    {"upstream.tls.key=\"stored:abc\"", "upstream.tls.key", "is no private key"},
    {"tls.clients={}", "routes.0.client_certificate", "needs a site that asks"},
    {"tls.mode=\"none\"", "tls.http3", "needs a TLS mode"},
    {"tls.hsts_seconds=60", "tls.hsts_preload", "a year"},
    {"pages.errors.0.statuses=[200]", "pages.errors.0.statuses.0", "from 400 to 599"},
    {"pages.errors.0.statuses=[404,404]", "pages.errors.0.statuses", "has a page already"},
    {"pages.robots_txt=\"a\\u0000b\"", "pages.robots_txt", "control character"},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(site)

BOOST_AUTO_TEST_CASE(definitions_keep_every_byte) {
    BOOST_TEST(SiteDefinition::parse(Json::parse(test::kFullSite)).to_json().dump() == test::kFullSite);
}

BOOST_AUTO_TEST_CASE(version_1_is_read_and_becomes_version_2) {
    const auto site = SiteDefinition::parse(Json::parse(kGood));
    BOOST_TEST(!site.upstream.tls.verify);
    BOOST_TEST(site.to_json().dump() ==
               R"({"version":2,"domains":["shop.example.com","*.example.com"],"upstream":{"scheme":"https",)"
               R"("servers":[{"host":"10.0.0.1","port":8080,"weight":3},{"host":"2001:db8::1","port":81,)"
               R"("backup":true}],"balancing":"least_connections","connect_timeout":75,"read_timeout":86400,)"
               R"("send_timeout":1,"tls":{"verify":false}},"tls":{"mode":"self_signed","redirect_http":true,)"
               R"("hsts_seconds":31536000},"limits":{"max_body_mib":0},"raw":{"nginx":"gzip off;\n"},)"
               R"("note":"für Anna"})");
    BOOST_CHECK(SiteDefinition::parse(site.to_json()) == site);
    // What only version 1 called so is no member of version 2.
    Json mixed = Json::parse(kGood);
    mixed["version"] = 2;
    BOOST_TEST(problems_of(mixed).has("upstream.verify_tls"));
}

BOOST_AUTO_TEST_CASE(what_is_absent_takes_its_default) {
    const auto site = SiteDefinition::parse(test::a_definition("Shop.example.com", "app", 80));
    BOOST_TEST(site.primary().text() == "shop.example.com");
    BOOST_CHECK(site.upstream.scheme == UpstreamScheme::http);
    BOOST_TEST(site.upstream.connect_timeout.count() == 5);
    BOOST_TEST(site.limits.max_body_mib == 16U);
    BOOST_CHECK(SiteDefinition::parse(site.to_json()) == site);
}

BOOST_DATA_TEST_CASE(problems_name_their_field, data::make(broken), b) {
    Json json = Json::parse(kGood);
    const auto equals = b.change.find('=');
    at(json, b.change.substr(0, equals)) = Json::parse(b.change.substr(equals + 1));
    const Problems problems = problems_of(json);
    BOOST_REQUIRE_MESSAGE(problems.has(b.field), problems.text());
    BOOST_TEST(problems.entries().at(b.field).find(b.message) != std::string::npos, problems.text());
}

BOOST_AUTO_TEST_CASE(all_problems_come_at_once) {
    const Problems problems =
        problems_of(Json::parse(R"({"domains":["x"],"upstream":{"servers":[{}]},"tls":7})"));
    for (const char* field : {"domains.0", "upstream.servers.0.host", "upstream.servers.0.port", "tls"})
        BOOST_TEST(problems.has(field), problems.text());
}

BOOST_AUTO_TEST_CASE(anything_but_an_object_is_invalid) {
    for (const char* text : {"null", "[]", "1", "\"x\"", "{}"})
        BOOST_CHECK_THROW(SiteDefinition::parse(Json::parse(text)), Invalid);
}

BOOST_AUTO_TEST_CASE(line_ends_of_forms_are_made_plain) {
    Json json = Json::parse(kGood);
    json["raw"]["nginx"] = "gzip off;\r\ngzip_vary off;\r\n";
    BOOST_TEST(SiteDefinition::parse(json).raw.nginx == "gzip off;\ngzip_vary off;\n");
}

BOOST_AUTO_TEST_CASE(changes_are_told_in_words) {
    const auto from = SiteDefinition::parse(Json::parse(kGood));
    Json json = Json::parse(kGood);
    json["domains"].items().pop_back();
    json["domains"].push("www.example.com");
    json["upstream"]["servers"].push(test::a_server("10.0.0.2", 8080));
    json["upstream"]["servers"].items()[0]["weight"] = 5;
    json["limits"]["max_body_mib"] = 32;
    json["note"] = "";
    const std::vector<std::string> expected = {
        "Domain names: adds www.example.com",
        "Domain names: removes *.example.com",
        "Upstream \u203a Servers \u203a 10.0.0.1:8080 \u203a Weight: 3 -> 5",
        "Upstream \u203a Servers: adds 10.0.0.2:8080",
        "Limits \u203a Largest upload: 0 MiB -> 32 MiB",
        "Note: changed"};
    const auto lines = describe_changes(from, SiteDefinition::parse(json));
    BOOST_CHECK_EQUAL_COLLECTIONS(lines.begin(), lines.end(), expected.begin(), expected.end());
    BOOST_TEST(describe_changes(from, from).empty());
}

BOOST_AUTO_TEST_CASE(changes_never_show_a_password) {
    const auto from = SiteDefinition::parse(Json::parse(test::kFullSite));
    auto to = from;
    to.access.basic.users[0].hash.back() = '5';
    const auto lines = describe_changes(from, to);
    BOOST_REQUIRE(lines.size() == 1U);
    BOOST_TEST(lines[0] == "Access \u203a Password \u203a Users \u203a anna \u203a Password: changed");
}

BOOST_AUTO_TEST_CASE(every_difference_has_a_line) {
    const auto from = SiteDefinition::parse(Json::parse(kGood));
    for (const char* change :
         {"domains=[\"*.example.com\",\"shop.example.com\"]", "upstream.scheme=\"http\"",
          "upstream.balancing=\"round_robin\"", "upstream.servers.1.backup=false",
          "upstream.connect_timeout=5", "upstream.read_timeout=5", "upstream.send_timeout=5",
          "upstream.verify_tls=true", "tls.redirect_http=false", "tls.hsts_seconds=0", "raw.nginx=\"\"",
          "note=\"\""}) {
        Json json = Json::parse(kGood);
        const std::string text = change;
        at(json, text.substr(0, text.find('='))) = Json::parse(text.substr(text.find('=') + 1));
        BOOST_TEST(describe_changes(from, SiteDefinition::parse(json)).size() == 1U, change);
    }
}

// Leaves one member after the other out: each is seen, and everything that is left is still read.
BOOST_AUTO_TEST_CASE(no_member_is_forgotten) {
    const auto full = SiteDefinition::parse(Json::parse(test::kFullSite));
    const Json json = full.to_json();
    const auto documented = [](const std::string& path) {
        const MemberDoc* doc = site_members().find(path);
        return doc != nullptr && !doc->label.empty();
    };
    const auto walk = [&](const auto& self, const MemberDoc& doc, const std::string& path) -> void {
        for (const MemberDoc& member : doc.members) {
            const std::string below = path.empty() ? member.name : path + "." + member.name;
            BOOST_TEST(documented(below), below);
            const MemberDoc* inner = member.kind == MemberKind::list ? &member.members.front() : &member;
            const std::string next = member.kind == MemberKind::list ? below + ".0" : below;
            if (inner->kind == MemberKind::object) self(self, *inner, next);
        }
    };
    walk(walk, site_members(), "");
    for (const auto& [name, value] : json.members()) {
        if (name == "version" || name == "domains") continue;
        Json without = json;
        std::erase_if(without.members(), [&](const Json::Member& each) { return each.first == name; });
        if (name == "tls") {
            without["tls"]["mode"] = "self_signed";
            without["tls"]["clients"] = json.at("tls").at("clients");  // a route demands one
        }
        if (name == "upstream") without["upstream"]["servers"].push(test::a_server("10.0.0.9", 80));
        const auto parsed = SiteDefinition::parse(without);
        BOOST_TEST(!describe_changes(full, parsed).empty(), name);
        if (name != "raw" && name != "note")  // which only say that they changed
            BOOST_TEST(describe_changes(full, parsed) != describe_changes(parsed, full), name);
    }
}

BOOST_DATA_TEST_CASE(rules_between_members_name_their_field, data::make(rules), b) {
    Json json = Json::parse(test::kFullSite);
    const auto equals = b.change.find('=');
    at(json, b.change.substr(0, equals)) = Json::parse(b.change.substr(equals + 1));
    const Problems problems = problems_of(json);
    BOOST_REQUIRE_MESSAGE(problems.has(b.field), problems.text());
    BOOST_TEST(problems.entries().at(b.field).find(b.message) != std::string::npos, problems.text());
}

BOOST_AUTO_TEST_CASE(the_schema_says_what_the_reader_enforces) {
    const Json schema = json_schema(site_members());
    BOOST_TEST(schema.at("required").items().size() == 1U);
    const Json& upstream = schema.at("properties").at("upstream").at("properties");
    BOOST_TEST(upstream.at("connect_timeout").at("maximum").integer() == 75);
    BOOST_TEST(upstream.at("connect_timeout").at("default").integer() == 5);
    BOOST_TEST(upstream.at("balancing").at("enum").items().size() == 4U);
    const Json& route = schema.at("properties").at("routes").at("items").at("properties");
    BOOST_TEST(route.at("upstream").at("type").items().size() == 2U);  // may be null
}

BOOST_AUTO_TEST_CASE(states_are_known_by_word) {
    BOOST_CHECK(site_state("paused") == SiteState::paused);
    BOOST_CHECK_THROW(site_state("gone"), Error);
}

BOOST_AUTO_TEST_SUITE_END()
