// SPDX-License-Identifier: MIT
// Shared pieces, templates, tags, copies and bulk changes through the API.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "shared/base/config.h"
#include "tests/support/sites.h"
#include "tests/web/api_support.h"

using namespace rpm;

namespace {

struct ApiPieces : test::ApiWorld {
    Json piece(const std::string& name, const std::string& definition, const char* kind = "snippet") {
        return Json::object({{"kind", kind}, {"name", name}, {"definition", Json::parse(definition)}});
    }
    std::string made(const Viewer& viewer, const Json& body) {
        const auto answer = post(viewer, "/pieces", body);
        BOOST_REQUIRE_MESSAGE(answer.status == 201, answer.raw.body);
        return "/pieces/" + std::to_string(answer.body.at("id").integer());
    }
    std::string site(const Viewer& viewer, std::string_view domain, const Json& snippets) {
        Json definition = test::a_definition(domain);
        definition["snippets"] = snippets;
        const auto answer = post(viewer, "/sites", Json::object({{"definition", definition}}));
        BOOST_REQUIRE_MESSAGE(answer.status == 201, answer.raw.body);
        return "/sites/" + std::to_string(answer.body.at("id").integer());
    }
    // Answers are as the document says: the same members.
    void check_schema(const Json& answer, const char* schema) {
        static const Json promised = Json::parse(read_file("docs/openapi.json"));
        std::set<std::string> want, have;
        for (const auto& [name, value] :
             promised.at("components").at("schemas").at(schema).at("properties").members())
            want.insert(name);
        for (const auto& [name, value] : answer.members()) have.insert(name);
        BOOST_TEST(want == have, schema);
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(api_pieces, ApiPieces)

BOOST_AUTO_TEST_CASE(a_snippet_is_kept_used_and_changed_once) {
    add_node("edge-1");
    const auto snippet = made(alice, piece("base", R"({"limits":{"max_body_mib":5}})"));
    const auto shop = site(alice, "shop.example", Json::array({"base"}));
    BOOST_TEST(get(alice, shop).body.at("pieces").items().at(0).at("name").text() == "base");
    const auto whole = get(alice, snippet);
    BOOST_TEST(whole.header("ETag") == "\"v1\"");
    check_schema(whole.body, "PieceWhole");
    check_schema(get(alice, "/pieces").body.at("items").items().at(0), "Piece");
    BOOST_TEST(whole.body.at("sites").items().at(0).at("domain").text() == "shop.example");

    const Json next = Json::object({{"definition", Json::parse(R"({"limits":{"max_body_mib":6}})")}});
    const auto seen = post(alice, snippet + "/preview", next);
    BOOST_TEST(seen.status == 200);
    BOOST_TEST(seen.body.at("items").items().at(0).at("changes").items().size() == 1U);
    BOOST_TEST(call(alice, "PUT", snippet, next).status == 428);
    BOOST_TEST(call(alice, "PUT", snippet, next, "\"v9\"").status == 412);
    const auto saved = call(alice, "PUT", snippet, next, "\"v1\"");
    BOOST_TEST(saved.status == 200);
    BOOST_TEST(saved.header("ETag") == "\"v2\"");
    BOOST_TEST(saved.body.at("changed_sites").items().size() == 1U);
    BOOST_TEST(get(alice, shop).body.at("version").integer() == 2);
    BOOST_TEST(get(alice, snippet + "/revisions").body.at("items").items().size() == 2U);
    BOOST_TEST(get(alice, "/sites?piece=" + snippet.substr(8)).body.at("items").items().size() == 1U);
    BOOST_TEST(call(alice, "DELETE", snippet, Json::object(), "\"v2\"").status == 409);
}

BOOST_AUTO_TEST_CASE(wrong_pieces_are_named_by_their_path) {
    const auto bad = post(alice, "/pieces", piece("base", R"({"limits":{"max_body_mib":-1}})"));
    BOOST_TEST(bad.status == 422);
    BOOST_TEST(!bad.error("definition.limits.max_body_mib").empty());
    BOOST_TEST(!post(alice, "/pieces", piece("base", R"({"domains":["a.example"]})"))
                    .error("definition.domains")
                    .empty());
    BOOST_TEST(!post(alice, "/pieces", piece("Base", R"({"compression":false})")).error("name").empty());
    BOOST_TEST(
        !post(alice, "/pieces", piece("base", R"({"compression":false})", "thing")).error("kind").empty());
    BOOST_TEST(
        post(alice, "/pieces", Json::object({{"kind", "snippet"}, {"name", "a"}})).error("definition") ==
        "is missing");
    made(alice, piece("base", R"({"compression":false})"));
    BOOST_TEST(post(alice, "/pieces", piece("base", R"({"compression":false})")).status == 409);
    Json definition = test::a_definition("shop.example");
    definition["snippets"] = Json::array({"gone"});
    BOOST_TEST(
        post(alice, "/sites", Json::object({{"definition", definition}})).error("definition.snippets.0") ==
        "there is no snippet named 'gone'");
}

BOOST_AUTO_TEST_CASE(passwords_of_access_lists_are_not_told) {
    const std::string hash = "$2y$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234";
    const auto list = made(
        alice, piece("office", R"({"access":{"basic":{"users":[{"name":"anna","hash":")" + hash + R"("}]}}})",
                     "access_list"));
    for (const std::string& path : {list, list + "/revisions"}) {
        const auto answer = get(alice, path);
        BOOST_TEST(answer.raw.body.find(hash) == std::string::npos, path);
        BOOST_TEST(answer.raw.body.find("\"set\"") != std::string::npos, path);
    }
    // Sent back as it was shown, nothing changes.
    const Json same = Json::object({{"definition", get(alice, list).body.at("definition")}});
    BOOST_TEST(call(alice, "PUT", list, same, "\"v1\"").header("ETag") == "\"v1\"");
}

BOOST_AUTO_TEST_CASE(others_pieces_are_missing) {
    const auto mine = made(alice, piece("base", R"({"compression":false})"));
    Json shared = piece("house", R"({"compression":false})");
    shared["offered"] = true;
    const auto house = made(admin, shared);
    BOOST_TEST(get(bob, mine).status == 404);
    BOOST_TEST(get(bob, house).status == 200);
    BOOST_TEST(get(bob, house + "/revisions").status == 404);
    const Json next = Json::object({{"description", "mine"}});
    BOOST_TEST(call(bob, "PUT", house, next, "\"v1\"").status == 404);
    BOOST_TEST(call(bob, "DELETE", house, Json::object(), "\"v1\"").status == 404);
    BOOST_TEST(get(bob, "/pieces").body.at("items").items().size() == 1U);
}

BOOST_AUTO_TEST_CASE(sites_are_tagged_copied_and_changed_together) {
    add_node("edge-1");
    const auto a = site(alice, "a.example", Json::array());
    const auto b = site(alice, "b.example", Json::array());
    const auto tagged = post(alice, a + "/tags", Json::object({{"add", Json::array({"Prod"})}}));
    BOOST_TEST(tagged.body.at("tags").items().at(0).text() == "prod");
    BOOST_TEST(get(alice, "/sites?tag=prod").body.at("items").items().size() == 1U);
    BOOST_TEST(get(alice, "/tags").body.at("items").items().at(0).at("sites").integer() == 1);
    BOOST_TEST(
        !post(alice, a + "/tags", Json::object({{"add", Json::array({"a b"})}})).error("tags").empty());

    const auto copy = post(alice, a + "/clone", Json::object({{"domains", Json::array({"c.example"})}}));
    BOOST_TEST(copy.status == 201);
    check_schema(copy.body, "SiteWhole");
    BOOST_TEST(copy.body.at("tags").items().size() == 1U);
    BOOST_TEST(!post(alice, a + "/clone", Json::object({{"domains", Json::array({"-"})}}))
                    .error("domains.0")
                    .empty());

    const auto id = [](const std::string& path) { return Json(std::int64_t{std::stoll(path.substr(7))}); };
    Json bulk = Json::object({{"sites", Json::array({Json::object({{"id", id(a)}, {"version", 1}}),
                                                     Json::object({{"id", id(b)}, {"version", 7}})})},
                              {"action", "set_member"},
                              {"member", "compression"},
                              {"value", false},
                              {"dry_run", true}});
    const auto seen = post(alice, "/bulk", bulk);
    BOOST_TEST(seen.status == 200);
    BOOST_TEST(get(alice, a).body.at("version").integer() == 1);
    bulk["dry_run"] = false;
    const auto done = post(alice, "/bulk", bulk).body.at("items").items();
    check_schema(done.at(0), "BulkOutcome");
    BOOST_TEST(done.at(0).at("version").integer() == 2);
    BOOST_TEST(done.at(0).at("refused").is_null());
    BOOST_TEST(done.at(1).at("refused").is_text());
    BOOST_TEST(get(alice, b).body.at("version").integer() == 1);
    BOOST_TEST(!post(alice, "/bulk", Json::object({{"action", "dance"}})).error("action").empty());
}

BOOST_AUTO_TEST_CASE(templates_are_listed_built_in_ones_first) {
    made(alice, piece("mine", R"({"note":"for {domain}"})", "template"));
    const auto all = get(alice, "/templates").body.at("items").items();
    BOOST_TEST(all.front().at("id").is_null());
    BOOST_TEST(all.back().at("name").text() == "mine");
    BOOST_TEST(get(bob, "/templates").body.at("items").items().size() == all.size() - 1);
}

BOOST_AUTO_TEST_SUITE_END()
