// SPDX-License-Identifier: MIT
#include "shared/model/node_settings.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "shared/model/address_list.h"
#include "shared/model/capabilities.h"
#include "shared/model/member_doc.h"

using namespace rpm;

namespace {

constexpr char kFull[] =
    R"j({"default_site":{"answer":"redirect","redirect":{"to":"https://www.example.com","status":302,"keep_path":true}},)j"
    R"j("trusted_lists":{"presets":["cloudflare"],"urls":["https://cdn.example.net/ranges.txt"]}})j";

NodeSettings parsed(std::string_view json) {
    return NodeSettings::parse(Json::parse(json));
}

struct Broken {
    const char* json;
    const char* field;
    const char* message;
};
std::ostream& operator<<(std::ostream& out, const Broken& b) {
    return out << b.json;
}
const Broken broken[] = {
    {R"({"default_site":{"answer":"teapot"}})", "default_site.answer", "not_found, drop, redirect, page"},
    {R"({"default_site":{"answer":"redirect"}})", "default_site.redirect.to", "is missing"},
    {R"({"default_site":{"answer":"redirect","redirect":{"to":"/here"}}})", "default_site.redirect.to",
     "must be a URL"},
    {R"({"default_site":{"answer":"redirect","redirect":{"to":"https://a.example/$1"}}})",
     "default_site.redirect.to", "$"},
    {R"({"default_site":{"redirect":{"to":"https://a.example"}}})", "default_site.redirect.to", "only by"},
    {R"({"default_site":{"answer":"page"}})", "default_site.html", "is missing"},
    {R"({"default_site":{"html":"x"}})", "default_site.html", "only by"},
    {R"({"default_site":{"answer":"drop","port":1}})", "default_site.port", "not a setting"},
    {R"({"trusted_lists":{"presets":["nobody"]}})", "trusted_lists.presets.0", "cloudflare"},
    {R"({"trusted_lists":{"urls":["http://cdn.example.net/x"]}})", "trusted_lists.urls.0", "https://"},
    {R"({"trusted_lists":{"urls":["ftp://cdn.example.net/x"]}})", "trusted_lists.urls.0", "no URL"},
    {R"({"trusted_lists":{"urls":["http://127.0.0.1.example.net/x"]}})", "trusted_lists.urls.0", "https://"},
};

std::vector<std::string> refused(std::string_view json, Engine engine, const EngineFacts& facts = {}) {
    std::vector<std::string> out;
    for (const Limitation& each : limitations(parsed(json), engine, facts)) out.push_back(each.capability);
    return out;
}
using Words = std::vector<std::string>;

std::string refusal(std::string_view list) {
    try {
        AddressList::parse(list);
    } catch (const Invalid& error) {
        return error.problems.entries().begin()->second;
    }
    return "";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(settings_of_nodes)

BOOST_AUTO_TEST_CASE(they_are_written_as_they_were_read) {
    BOOST_TEST(parsed(kFull).to_json().dump() == kFull);
    BOOST_TEST(NodeSettings().to_json().dump() == "{}");
    BOOST_CHECK(parsed("{}") == NodeSettings());
    BOOST_TEST(node_settings_members().find("default_site.redirect.keep_path")->label == "Keep the path");
}

BOOST_DATA_TEST_CASE(what_is_wrong_names_the_field, boost::unit_test::data::make(broken), b) {
    BOOST_CHECK_EXCEPTION(parsed(b.json), Invalid, [&](const Invalid& error) {
        const auto found = error.problems.entries().find(b.field);
        BOOST_REQUIRE_MESSAGE(found != error.problems.entries().end(), error.what());
        BOOST_TEST(found->second.find(b.message) != std::string::npos, found->second);
        return true;
    });
}

BOOST_AUTO_TEST_CASE(a_list_on_this_machine_needs_no_tls) {
    for (const char* url : {"http://127.0.0.1:8080/x", "http://localhost/x", "http://[::1]/x"})
        BOOST_TEST(why_not_list_url(url) == "", url);
}

BOOST_AUTO_TEST_CASE(presets_come_first_and_none_comes_twice) {
    auto lists = parsed(kFull).trusted_lists;
    lists.urls.push_back("https://www.cloudflare.com/ips-v6");
    BOOST_CHECK(
        (lists.all_urls() == Words{"https://www.cloudflare.com/ips-v4", "https://www.cloudflare.com/ips-v6",
                                   "https://cdn.example.net/ranges.txt"}));
}

BOOST_AUTO_TEST_CASE(engines_refuse_what_they_cannot_do) {
    const char* drop = R"({"default_site":{"answer":"drop"}})";
    const char* page = R"({"default_site":{"answer":"page","html":"<h1>x</h1>"}})";
    const char* kept =
        R"({"default_site":{"answer":"redirect","redirect":{"to":"https://a.example","keep_path":true}}})";
    for (const char* each : {drop, page, kept}) {
        BOOST_TEST(refused(each, Engine::nginx).empty(), each);
        BOOST_TEST(refused(each, Engine::caddy).empty(), each);
    }
    BOOST_CHECK((refused(drop, Engine::traefik) == Words{"default_site.drop"}));
    BOOST_CHECK((refused(page, Engine::traefik) == Words{"default_site.page"}));
    BOOST_CHECK((refused(kept, Engine::traefik) == Words{"default_site.redirect.status"}));
    const char* lists = R"({"trusted_lists":{"presets":["cloudflare"]}})";
    BOOST_TEST(refused(lists, Engine::nginx).empty());
    BOOST_CHECK((refused(lists, Engine::traefik) == Words{"trusted_lists"}));
    BOOST_CHECK((refused(lists, Engine::caddy, {{2, 6, 2}, {}}) == Words{"trusted_lists"}));
    BOOST_TEST(refused(lists, Engine::caddy, {{2, 8, 0}, {}}).empty());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(lists_of_addresses)

BOOST_AUTO_TEST_CASE(comments_and_repetitions_are_left_out) {
    const auto list =
        AddressList::parse("# ours\n192.0.2.0/24 # one\r\n\n2001:db8::/32\n192.0.2.0/24\n198.51.100.7");
    BOOST_TEST(list.text() == "192.0.2.0/24 2001:db8::/32 198.51.100.7/32");
}

BOOST_AUTO_TEST_CASE(what_would_let_visitors_lie_is_refused) {
    BOOST_TEST(refusal("10.0.0.0/8") == "");
    BOOST_TEST(refusal("192.0.2.0/24\n0.0.0.0/0").find("line 2: '0.0.0.0/0' is too wide") == 0U);
    BOOST_TEST(refusal("128.0.0.0/1").find("too wide") != std::string::npos);
    BOOST_TEST(refusal("::/0").find("too wide") != std::string::npos);
    BOOST_TEST(refusal("2000::/3").find("too wide") != std::string::npos);
    BOOST_TEST(refusal("<!doctype html>").find("line 1: '<!doctype html>' is no address") == 0U);
    BOOST_TEST(refusal(std::string(kMostListBytes + 1, '\n')).find("256 KiB") != std::string::npos);
    std::string many;
    for (unsigned i = 0; i <= kMostListEntries; ++i)
        many += "10." + std::to_string(i / 65536) + "." + std::to_string(i / 256 % 256) + "." +
                std::to_string(i % 256) + "\n";
    BOOST_TEST(refusal(many).find("more than 5000") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_list_that_melts_is_not_taken) {
    const auto list = [](unsigned count) {
        std::string text;
        for (unsigned i = 0; i < count; ++i) text += "192.0.2." + std::to_string(i) + "\n";
        return AddressList::parse(text);
    };
    BOOST_TEST(why_not_replace(list(0), list(1)) == "");
    BOOST_TEST(why_not_replace(list(10), list(5)) == "");
    BOOST_TEST(why_not_replace(list(10), list(4)) == "has shrunk from 10 networks to 4");
    BOOST_TEST(why_not_replace(list(0), list(0)) == "is empty");
}

BOOST_AUTO_TEST_SUITE_END()
