// SPDX-License-Identifier: MIT
// Password hashes are for nodes only, an administrator's directives for the staff.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "shared/ops/sites.h"
#include "shared/store/shared_pieces.h"
#include "tests/support/sites.h"
#include "tests/web/api_support.h"

using namespace rpm;

namespace {

const std::string kHash = "$2y$10$" + std::string(53, 'a');

struct Hidden : test::ApiWorld {
    NodeId node = add_node("edge-1");

    Json definition(std::string_view note) {
        Json json = test::a_definition("shop.example");
        json["note"] = note;
        json["access"]["basic"]["users"] = Json::array({Json::object({{"name", "anna"}, {"hash", kHash}})});
        json["raw"]["nginx"] = "add_header X-Secret 1;";
        return json;
    }
    SiteId site = SiteId(0);

    Hidden() {
        site = ops::create_site(context, admin,
                                {.definition = SiteDefinition::parse(definition("one")),
                                 .owner = alice.id,
                                 .targets = std::nullopt,
                                 .reason = {}});
    }
    std::string path(const std::string& more = {}) { return "/sites/" + site.text() + more; }
    SiteDefinition saved() { return store::get_revision(db, site, the_site(site).head).definition; }
    Json put_back(const Json& definition) { return Json::object({{"definition", definition}}); }
    Viewer add_reader(const std::string& name, Role role) {
        const UserId id = add_user(name, role);
        if (role == Role::client_read_only)
            db::transact(db, [&](db::Transaction& tx) {
                tx.execute("UPDATE users SET tenant_id = ? WHERE id = ?", alice.id, id);
            });
        return {.id = id, .username = name, .role = role};
    }
    Viewer rita = add_reader("rita", Role::read_only);
    Viewer ann = add_reader("ann", Role::client_read_only);
};

bool has(const test::ApiWorld::Answer& answer, std::string_view text) {
    return answer.raw.body.find(text) != std::string::npos;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(hidden_members, Hidden)

BOOST_AUTO_TEST_CASE(hashes_are_shown_to_nobody) {
    for (const Viewer& viewer : {admin, rita, alice, ann})
        for (const std::string& from : {path(), path("/revisions"), std::string("/audit")}) {
            const auto answer = get(viewer, from);
            BOOST_TEST(answer.status == 200);
            BOOST_TEST(!has(answer, "$2y$"));
            BOOST_TEST(has(answer, "anna") == true);
        }
    BOOST_TEST(get(alice, path())
                   .body.at("definition")
                   .at("access")
                   .at("basic")
                   .at("users")
                   .items()
                   .at(0)
                   .at("hash")
                   .text() == "set");
}

BOOST_AUTO_TEST_CASE(directives_are_shown_to_the_staff_alone) {
    for (const std::string& from : {path(), path("/revisions"), std::string("/audit")}) {
        BOOST_TEST(has(get(admin, from), "X-Secret"), from);
        BOOST_TEST(has(get(rita, from), "X-Secret"), from);
        BOOST_TEST(!has(get(alice, from), "X-Secret"), from);
        BOOST_TEST(!has(get(ann, from), "X-Secret"), from);
    }
}

BOOST_AUTO_TEST_CASE(what_was_read_and_sent_back_keeps_both) {
    unsigned version = 1;
    for (const Viewer& viewer : {alice, admin}) {
        const auto shown = get(viewer, path());
        Json next = shown.body.at("definition");
        next["note"] = "by " + viewer.username;
        const auto answer = call(viewer, "PUT", path(), put_back(next), shown.header("ETag"));
        BOOST_TEST(answer.status == 200);
        BOOST_TEST(answer.header("ETag") == "\"v" + std::to_string(++version) + "\"");
        BOOST_TEST(!has(answer, "$2y$"));
        BOOST_TEST(saved().note == "by " + viewer.username);
        BOOST_TEST(saved().access.basic.users.at(0).hash == kHash);
        BOOST_TEST(saved().raw.nginx == "add_header X-Secret 1;");
    }
    // Sent back as it was read: no new version.
    const auto same = get(alice, path());
    BOOST_TEST(call(alice, "PUT", path(), put_back(same.body.at("definition")), same.header("ETag")).status ==
               200);
    BOOST_TEST(the_site(site).head_number == version);
    Json next = same.body.at("definition");
    next["access"]["basic"]["users"].push(Json::object({{"name", "berta"}}));
    BOOST_TEST(call(alice, "PUT", path(), put_back(next), same.header("ETag"))
                   .error("definition.access.basic.users.1.hash") == "is missing");
    next = same.body.at("definition");
    next["raw"]["nginx"] = "add_header X-Mine 1;";
    BOOST_TEST(!call(alice, "PUT", path(), put_back(next), same.header("ETag"))
                    .error("definition.raw.nginx")
                    .empty());
}

// Also of shared pieces that an administrator keeps for a client.
BOOST_AUTO_TEST_CASE(directives_in_pieces_stay_hidden_and_stay) {
    for (const std::string kind : {"snippet", "template"}) {
        const auto made =
            call(admin, "POST", "/pieces",
                 Json::object({{"kind", kind},
                               {"name", "for-alice"},
                               {"owner", alice.id.value()},
                               {"definition", Json::parse(R"j({"raw":{"nginx":"set $x secret;"},"access":)j"
                                                          R"j({"basic":{"users":[{"name":"anna","hash":")j" +
                                                          kHash + R"j("}]}}})j")}}));
        BOOST_REQUIRE_EQUAL(made.status, 201);
        const std::string piece = "/pieces/" + std::to_string(made.body.at("id").integer());
        for (const std::string& from :
             {piece, piece + "/revisions", std::string("/templates"), std::string("/audit")}) {
            BOOST_TEST(!has(get(alice, from), "secret"), from);
            BOOST_TEST(!has(get(alice, from), "$2y$"), from);
        }
        BOOST_TEST(has(get(admin, "/audit"), "secret"));
        auto shown = get(alice, piece);
        Json next = shown.body.at("definition");
        next["compression"] = false;
        BOOST_TEST(call(alice, "PUT", piece, put_back(next), shown.header("ETag")).status == 200);
        const auto saved = store::get_piece(
            db, Scope::everything(), PieceId(static_cast<std::uint64_t>(made.body.at("id").integer())));
        BOOST_TEST(saved.part.at("raw").at("nginx").text() == "set $x secret;");
        BOOST_TEST(saved.part.dump().find(kHash) != std::string::npos);
        shown = get(alice, piece);
        next = shown.body.at("definition");
        next["raw"]["nginx"] = "set $x mine;";
        BOOST_TEST(!call(alice, "PUT", piece, put_back(next), shown.header("ETag"))
                        .error("definition.raw.nginx")
                        .empty());
    }
}

// An engine quotes what it refuses.
BOOST_AUTO_TEST_CASE(words_of_engines_about_them_are_for_the_staff) {
    const auto deployment = "/deployments/" + deploy(alice, {site}).text();
    const std::string words =
        "unknown directive \"X-Secret\" in sites/" + site.text() + "-shop.example.conf:3";
    db::transact(db, [&](db::Transaction& tx) {
        tx.execute("UPDATE deployment_nodes SET state = 'failed', error = ?", words);
        store::upsert_quarantine(tx, node, site, the_site(site).head, words, 3, clock.now());
    });
    for (const std::string& from : {deployment, path()}) {
        BOOST_TEST(has(get(admin, from), "X-Secret"), from);
        BOOST_TEST(!has(get(alice, from), "X-Secret"), from);
        BOOST_TEST(has(get(alice, from), "the operator, who set directives of this site, can read why"),
                   from);
    }
}

BOOST_AUTO_TEST_SUITE_END()
