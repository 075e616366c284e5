// SPDX-License-Identifier: MIT
#include "shared/model/shared_piece.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "shared/model/site_templates.h"

using namespace rpm;

namespace {

Json read(const char* json) {
    return Json::parse(json);
}

SiteDefinition site(const std::string& rest) {
    return SiteDefinition::parse(Json::parse(R"({"version":2,"domains":["shop.example.com"],)"
                                             R"("upstream":{"servers":[{"host":"10.0.0.1","port":80}]})" +
                                             rest + "}"));
}

NamedPiece snippet(std::string name, const char* json) {
    return {PieceKind::snippet, std::move(name), parse_piece(PieceKind::snippet, read(json))};
}
NamedPiece access_list(std::string name, const char* json) {
    return {PieceKind::access_list, std::move(name), parse_piece(PieceKind::access_list, read(json))};
}

template <class F>
Problems problems_of(F&& f) {
    try {
        f();
    } catch (const Invalid& error) {
        return error.problems;
    }
    return {};
}

std::string problem_of(PieceKind kind, const std::string& json, const std::string& field) {
    const auto problems = problems_of([&] { parse_piece(kind, Json::parse(json)); });
    const auto found = problems.entries().find(field);
    return found == problems.entries().end() ? "" : found->second;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(shared_piece)

BOOST_AUTO_TEST_CASE(a_part_keeps_what_was_given_also_at_its_default) {
    const Json part =
        parse_piece(PieceKind::snippet,
                    read(R"({"compression":true,"tls":{"hsts_seconds":0},"limits":{"max_body_mib":8}})"));
    BOOST_TEST(part.dump() ==
               R"({"version":2,"tls":{"hsts_seconds":0},"limits":{"max_body_mib":8},"compression":true})");
    BOOST_TEST((parse_piece(PieceKind::snippet, part) == part));
}

BOOST_AUTO_TEST_CASE(a_part_may_have_half_of_what_goes_together) {
    BOOST_TEST(problems_of([] {
                   parse_piece(PieceKind::snippet,
                               read(R"({"tls":{"redirect_http":true,"hsts_preload":true}})"));
               }).empty());
    // But an entry of a list is whole.
    BOOST_TEST(problem_of(PieceKind::snippet, R"({"headers":{"request":[{"name":"X-A"}]}})",
                          "headers.request.0.value") == "is missing");
    BOOST_TEST(problem_of(PieceKind::snippet, R"({"limits":{"max_body_mib":-1}})", "limits.max_body_mib")
                   .starts_with("must be a whole number"));
    BOOST_TEST(problem_of(PieceKind::snippet, R"({"limit":{}})", "limit").starts_with("is not a setting"));
}

BOOST_AUTO_TEST_CASE(a_part_has_nothing_of_one_site_and_no_other_part) {
    for (const char* json : {R"({"domains":["a.example"],"compression":false})", R"({"note":"x"})",
                             R"({"kind":"redirect"})", R"({"snippets":["a"]})", R"({"own":["compression"]})"})
        BOOST_TEST(!problems_of([&] { parse_piece(PieceKind::snippet, read(json)); }).empty(), json);
    BOOST_TEST(problem_of(PieceKind::snippet, R"({"access":{"list":"office"}})", "access.list") ==
               "refers to another shared piece; pieces do not nest");
    BOOST_TEST(problem_of(PieceKind::snippet, "{}", "definition") == "sets nothing");
    BOOST_TEST(problem_of(PieceKind::snippet, "[]", "definition") == "must be an object");
    BOOST_TEST(problem_of(PieceKind::access_list, R"({"compression":false,"access":{"deny":["10.0.0.1"]}})",
                          "compression") == "is no part of an access list");
    // An access list is whole by itself.
    BOOST_TEST(problem_of(PieceKind::access_list, R"({"access":{"satisfy":"any"}})", "access.satisfy")
                   .starts_with("'any' needs both"));
}

BOOST_AUTO_TEST_CASE(the_site_wins_over_later_snippets_and_they_over_earlier_ones) {
    const auto composed = compose(
        site(R"(,"snippets":["base","strict"],"limits":{"max_body_mib":64})"),
        {snippet(
             "base",
             R"({"limits":{"max_body_mib":1,"connections":5},"compression":false,"tls":{"minimum":"1.3"}})"),
         snippet("strict", R"({"limits":{"max_body_mib":2,"connections":9},"compression":true})")});
    BOOST_TEST(composed.limits.max_body_mib == 64U);
    BOOST_TEST(composed.limits.connections == 9U);
    BOOST_TEST(composed.compression);
    BOOST_TEST((composed.tls.minimum == TlsVersion::v1_3));
    BOOST_TEST(composed.snippets.empty());
    BOOST_TEST(!composed.has_pieces());
}

BOOST_AUTO_TEST_CASE(own_members_are_kept_at_their_default) {
    const auto piece = snippet("base", R"({"compression":false,"tls":{"minimum":"1.3"}})");
    const auto composed = compose(site(R"(,"snippets":["base"],"own":["compression"])"), {piece});
    BOOST_TEST(composed.compression);
    BOOST_TEST((composed.tls.minimum == TlsVersion::v1_3));
    BOOST_TEST(problems_of([] { site(R"(,"own":["domains"])"); }).has("own.0"));
    BOOST_TEST(problems_of([] { site(R"(,"own":["tls.nothing"])"); }).has("own.0"));
    BOOST_TEST(problems_of([] { site(R"(,"own":["routes.0.path"])"); }).has("own.0"));
}

BOOST_AUTO_TEST_CASE(lists_with_keys_are_joined_and_others_replaced) {
    const auto composed = compose(
        site(R"(,"snippets":["base"],"headers":{"response":[{"name":"x-frame","value":"own"}]},)"
             R"("routes":[{"path":"/a","rewrite":"/b"}],"access":{"deny":["10.0.0.1"]})"),
        {snippet(
            "base",
            R"({"headers":{"response":[{"name":"X-Frame","value":"shared"},{"name":"X-Team","value":"web"}]},)"
            R"("routes":[{"path":"/a"},{"match":"exact","path":"/.env","access":{"deny":["0.0.0.0/0"]}}],)"
            R"("access":{"deny":["10.0.0.2","10.0.0.3"]}})")});
    BOOST_REQUIRE(composed.headers.response.size() == 2U);
    BOOST_TEST(composed.headers.response[0].value == "own");
    BOOST_TEST(composed.headers.response[1].name == "X-Team");
    BOOST_REQUIRE(composed.routes.size() == 2U);
    BOOST_TEST(composed.routes[0].rewrite == "/b");
    BOOST_TEST(composed.routes[1].path == "/.env");
    BOOST_REQUIRE(composed.access.deny.size() == 1U);
    BOOST_TEST(composed.access.deny[0].text() == "10.0.0.1/32");
}

BOOST_AUTO_TEST_CASE(what_does_not_go_together_names_the_field) {
    // The site has no TLS, which the snippet's redirect wants.
    const auto piece = snippet("https", R"({"tls":{"redirect_http":true}})");
    const auto problems = problems_of([&] { compose(site(R"(,"snippets":["https"])"), {piece}); });
    BOOST_REQUIRE(problems.has("tls.redirect_http"));
    BOOST_TEST(problems.entries()
                   .at("tls.redirect_http")
                   .ends_with("together with the shared pieces that are used here"));
    BOOST_TEST(
        compose(site(R"(,"snippets":["https"],"tls":{"mode":"self_signed"})"), {piece}).tls.redirect_http);
}

BOOST_AUTO_TEST_CASE(servers_may_come_from_a_snippet_but_must_come) {
    const auto own =
        SiteDefinition::parse(read(R"({"version":2,"domains":["a.example"],"snippets":["pool"]})"));
    const auto pool = snippet("pool", R"({"upstream":{"servers":[{"host":"10.0.0.9","port":81}]}})");
    BOOST_TEST(compose(own, {pool}).upstream.servers.size() == 1U);
    const auto empty = snippet("pool", R"({"compression":false})");
    BOOST_TEST(problems_of([&] { compose(own, {empty}); }).has("upstream.servers"));
}

BOOST_AUTO_TEST_CASE(a_missing_piece_is_named_where_it_is_referred_to) {
    BOOST_TEST(problems_of([] { compose(site(R"(,"snippets":["gone"])"), {}); }).entries().at("snippets.0") ==
               "there is no snippet named 'gone'");
    const auto own = site(R"(,"routes":[{"path":"/x","access":{"list":"office"}}])");
    BOOST_TEST(problems_of([&] { compose(own, {}); }).entries().at("routes.0.access.list") ==
               "there is no access list named 'office'");
    // A snippet of that name is no access list.
    BOOST_TEST(!problems_of([&] { compose(own, {snippet("office", R"({"compression":false})")}); }).empty());
}

BOOST_AUTO_TEST_CASE(an_access_list_goes_below_the_rules_of_site_and_route) {
    const auto office = access_list(
        "office", R"({"access":{"allow":["192.0.2.0/24"],"satisfy":"any","basic":{"users":[{"name":"anna",)"
                  R"("hash":"$2y$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234"}]}}})");
    const auto composed = compose(
        site(
            R"(,"access":{"list":"office","deny":["192.0.2.7"]},"routes":[{"path":"/in","access":{"list":"office"}},)"
            R"({"path":"/out","access":{}}])"),
        {office});
    BOOST_TEST(composed.access.list.empty());
    BOOST_TEST((composed.access.satisfy == Satisfy::any));
    BOOST_TEST(composed.access.allow.size() == 1U);
    BOOST_TEST(composed.access.deny.size() == 1U);
    BOOST_REQUIRE(composed.routes[0].access.has_value());
    BOOST_TEST(composed.routes[0].access->basic.users.size() == 1U);
    BOOST_TEST(composed.routes[1].access->open());
}

BOOST_AUTO_TEST_CASE(an_access_list_wins_over_snippets) {
    const auto composed =
        compose(site(R"(,"snippets":["base"],"access":{"list":"office"})"),
                {snippet("base", R"({"access":{"allow":["10.0.0.0/8"],"deny":["10.0.0.1"]}})"),
                 access_list("office", R"({"access":{"allow":["192.0.2.0/24"]}})")});
    BOOST_TEST(composed.access.allow.front().text() == "192.0.2.0/24");
    BOOST_TEST(composed.access.deny.size() == 1U);
}

BOOST_AUTO_TEST_CASE(changes_are_told_whoever_made_them) {
    const auto own = site(R"(,"snippets":["base"])");
    const auto before = compose(own, {snippet("base", R"({"limits":{"max_body_mib":1}})")});
    const auto after = compose(own, {snippet("base", R"({"limits":{"max_body_mib":2}})")});
    const auto lines = describe_changes({own, before}, {own, after});
    BOOST_REQUIRE(lines.size() == 1U);
    BOOST_TEST(lines[0].ends_with("1 MiB -> 2 MiB"));
    const auto without = site("");
    BOOST_TEST(describe_changes({own, before}, {without, without}).size() == 2U);
}

BOOST_AUTO_TEST_CASE(names_of_pieces_are_short_words) {
    for (const char* name : {"a", "web-defaults", "tls13"}) BOOST_TEST(why_not_piece_name(name) == "");
    for (const char* name : {"", "-a", "a-", "Web", "a b", "ä"})
        BOOST_TEST(why_not_piece_name(name) != "", name);
    BOOST_TEST(why_not_piece_name(std::string(65, 'a')) != "");
}

BOOST_AUTO_TEST_CASE(every_built_in_template_makes_a_site) {
    for (const SiteTemplate& each : built_in_templates()) {
        BOOST_TEST_CONTEXT(std::string(each.name)) {
            const Json json = fill_template(each.definition,
                                            {.domains = {"shop.example.com"}, .upstream = "10.0.0.1:8080"});
            const auto definition = SiteDefinition::parse(json);
            BOOST_TEST(definition.primary().text() == "shop.example.com");
            BOOST_TEST(json.dump().find('{' + std::string("domain}")) == std::string::npos);
            BOOST_TEST((definition.kind == SiteKind::redirect) == definition.upstream.servers.empty());
            BOOST_TEST((parse_piece(PieceKind::site_template, each.definition) == each.definition));
        }
    }
    BOOST_TEST(find_built_in_template("wordpress") != nullptr);
    BOOST_TEST(find_built_in_template("nothing") == nullptr);
}

BOOST_AUTO_TEST_CASE(a_site_becomes_a_template_and_a_site_again) {
    auto definition = site(R"(,"headers":{"cors":{"origins":["https://shop.example.com"]}},"note":"n")");
    const Json made = parse_piece(PieceKind::site_template, template_of(definition));
    BOOST_TEST(made.find("domains") == nullptr);
    const auto other = SiteDefinition::parse(fill_template(
        made, {.domains = {"b.example", "www.b.example"}, .upstream = "https://[2001:db8::1]:8443"}));
    BOOST_TEST(other.domains.size() == 2U);
    BOOST_TEST(other.headers.cors.origins.front() == "https://b.example");
    BOOST_TEST(other.upstream.servers.front().host.text() == "2001:db8::1");
    BOOST_TEST((other.upstream.scheme == UpstreamScheme::https));
    BOOST_TEST(other.note == "n");
    BOOST_TEST(problems_of([&] { fill_template(made, {.upstream = "no server"}); }).has("upstream"));
    BOOST_TEST(problem_of(PieceKind::site_template, R"({"domains":["a.example"]})", "domains") != "");
}

BOOST_AUTO_TEST_CASE(no_piece_has_a_private_key) {
    const std::string clear =
        R"({"upstream":{"servers":[{"host":"a.example","port":443}],"tls":{"certificate":"-----BEGIN CERTIFICATE-----\nTUlJ\n)"
        R"(-----END CERTIFICATE-----\n","key":"-----BEGIN PRIVATE KEY-----\nTUlJ\n)"
        R"(-----END PRIVATE KEY-----\n"}}})";
    const std::string route =
        R"({"routes":[{"path":"/x","upstream":)" + Json::parse(clear).at("upstream").dump() + "}]}";
    const std::string stored = R"({"upstream":{"tls":{"key":"stored:)" + std::string(64, 'a') + R"("}}})";
    for (const PieceKind kind : {PieceKind::snippet, PieceKind::site_template}) {
        BOOST_TEST(problem_of(kind, clear, "upstream.tls.key").find("stored:") != std::string::npos);
        BOOST_TEST(problem_of(kind, route, "routes.0.upstream.tls.key").find("stored:") != std::string::npos);
        BOOST_TEST(parse_piece(kind, Json::parse(stored)).at("upstream").at("tls").at("key").text() ==
                   "stored:" + std::string(64, 'a'));
    }
}

BOOST_AUTO_TEST_CASE(tags_are_small_sorted_and_few) {
    BOOST_TEST((parse_tags({"Prod", "eu.west", "prod"}) == std::vector<std::string>{"eu.west", "prod"}));
    BOOST_CHECK_THROW(parse_tags({"two words"}), Invalid);
    BOOST_CHECK_THROW(parse_tags({""}), Invalid);
    BOOST_CHECK_THROW(parse_tags({std::string(33, 'a')}), Invalid);
    std::vector<std::string> many;
    for (int i = 0; i < 21; ++i) many.push_back("t" + std::to_string(i));
    BOOST_CHECK_THROW(parse_tags(many), Invalid);
}

BOOST_AUTO_TEST_SUITE_END()
