// SPDX-License-Identifier: MIT
// The audit log in both panels: filters, exports, and what a client may see of it.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "shared/ops/sites.h"
#include "shared/store/audit.h"
#include "tests/support/panel.h"

using namespace rpm;
using namespace rpm::test;
using web::PanelKind;

namespace {

struct Log : PanelFixture {
    Browser root = sign_in(PanelKind::admin, "root");
    Browser carl = sign_in(PanelKind::client, "carl");
    UserId carl_id = add_user("carl", Role::client);

    void write(const std::string& who, const std::string& action, const std::string& object, UserId owner,
               const std::string& at, const std::string& address = "192.0.2.77") {
        Viewer viewer;
        viewer.username = who;
        viewer.address = address;
        db::transact(db, [&](db::Transaction& tx) {
            store::insert_audit(tx, viewer, action, {.type = "site", .id = 5, .name = object, .owner = owner},
                                Json::object({{"note", "old"}}), Json::object({{"note", "new"}}),
                                from_sql(at));
        });
    }
};

bool has(const http::Response& response, const std::string& text) {
    return response.body.find(text) != std::string::npos;
}
std::size_t lines(const http::Response& response) {
    return static_cast<std::size_t>(std::ranges::count(response.body, '\n'));
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(audit_pages, Log)

BOOST_AUTO_TEST_CASE(every_filter_narrows_the_list) {
    write("dora", "site.update", "one.example", {}, "2026-01-10 12:00:00", "198.51.100.9");
    write("emil", "site.remove", "two.example", {}, "2026-01-11 12:00:00");
    const auto only = [&](const std::string& query, const char* wanted, const char* other) {
        const auto page = root.get("/audit?" + query);
        BOOST_TEST(page.status == 200, query);
        BOOST_TEST(has(page, wanted), query);
        BOOST_TEST(!has(page, other), query);
    };
    only("user=dora", "one.example", "two.example");
    only("object=two", "two.example", "one.example");
    only("action=site.remove", "two.example", "one.example");
    only("address=198.51.", "one.example", "two.example");
    only("until=2026-01-11T00%3A00", "one.example", "two.example");
    only("from=2026-01-11&until=2026-01-12", "two.example", "one.example");
    only("q=emil", "two.example", "one.example");
    BOOST_TEST(has(root.get("/audit?user=dora&object=two"), "Nothing found"));
    const auto page = root.get("/audit?user=dora&from=2026-01-01T00%3A00");
    BOOST_TEST(has(page, "value=\"2026-01-01T00:00\""));  // what was typed stays
    BOOST_TEST(has(page, "/audit/export?from=2026-01-01T00%3A00&amp;user=dora&amp;format=csv"));
}

BOOST_AUTO_TEST_CASE(a_wrong_time_is_named_and_kept) {
    const auto page = root.get("/audit?from=yesterday");
    BOOST_TEST(page.status == 422);
    BOOST_TEST(has(page, "Must be a time like 2026-11-22T20:34 (UTC)."));
    BOOST_TEST(has(page, "value=\"yesterday\""));
    BOOST_TEST(root.get("/audit?from=2026-01-02&until=2026-01-01").status == 422);
    BOOST_TEST(root.get("/audit/export?format=csv&from=x").status == 422);
    BOOST_TEST(root.get("/audit/export?format=xml").status == 422);
    BOOST_TEST(root.get("/audit/export").find("Content-Type")->starts_with("text/csv"));
}

BOOST_AUTO_TEST_CASE(pages_follow_each_other_with_the_filter) {
    for (int i = 0; i < 60; ++i) write("dora", "site.update", "many.example", {}, "2026-01-10 12:00:00");
    write("emil", "site.update", "other.example", {}, "2026-01-10 12:00:00");
    const auto first = root.get("/audit?user=dora");
    const auto at = first.body.find("/audit?user=dora&amp;before=");
    BOOST_REQUIRE(at != std::string::npos);
    const std::string next =
        "/audit?user=dora&before=" + first.body.substr(at + 28, first.body.find('"', at) - at - 28);
    const auto second = root.get(next);
    BOOST_TEST(has(second, "10 entries"));
    BOOST_TEST(!has(second, "other.example"));
}

BOOST_AUTO_TEST_CASE(exports_have_all_rows_and_are_inert) {
    for (int i = 0; i < 60; ++i) write("dora", "site.update", "many.example", {}, "2026-01-10 12:00:00");
    write("=cmd|' /C calc'!A0", "site.update", "a,\"b\"", {}, "2026-01-10 13:00:00");
    const auto csv = root.get("/audit/export?format=csv&until=2026-02-01");
    BOOST_TEST(csv.status == 200);
    BOOST_TEST(csv.find("Content-Type")->starts_with("text/csv"));
    BOOST_TEST(csv.find("Content-Disposition")->starts_with("attachment; filename=\"audit-"));
    BOOST_TEST(lines(csv) == 62U);
    BOOST_TEST(csv.body.starts_with(
        "id,at,username,impersonator,address,action,object_type,object_id,object_name,"));
    BOOST_TEST(
        has(csv, ",\"'=cmd|' /C calc'!A0\",,192.0.2.77,site.update,site,5,\"a,\"\"b\"\"\",\"{\"\"note\"\":"));
    const auto json = root.get("/audit/export?format=jsonl&user=dora");
    BOOST_TEST(lines(json) == 60U);
    const Json entry = Json::parse(json.body.substr(0, json.body.find('\n')));
    BOOST_TEST(entry.at("object").at("name").text() == "many.example");
    BOOST_TEST(entry.at("before").at("note").text() == "old");
    BOOST_TEST(entry.at("impersonator").is_null());
}

BOOST_AUTO_TEST_CASE(an_export_has_no_limit) {
    db::transact(db, [&](db::Transaction& tx) {
        tx.execute(
            "INSERT INTO audit_log (at, username, action, object_type, object_name) "
            "SELECT '2026-01-10 12:00:00', 'dora', 'site.update', 'site', seq FROM seq_1_to_60000");
    });
    const auto csv = root.get("/audit/export?format=csv&user=dora");
    BOOST_TEST(csv.status == 200);
    BOOST_TEST(lines(csv) == 60'001U);
    BOOST_TEST(has(csv, ",site,,1,"));
}

BOOST_AUTO_TEST_CASE(a_client_sees_its_own_and_no_strangers_address) {
    write("root", "site.block", "carls.example", carl_id, "2026-01-10 12:00:00");
    write("root", "site.block", "bobs.example", add_user("bob", Role::client), "2026-01-10 12:00:00");
    const auto page = carl.get("/audit");
    BOOST_TEST(page.status == 200);
    BOOST_TEST(has(page, "carls.example"));
    BOOST_TEST(!has(page, "bobs.example"));
    BOOST_TEST(!has(page, "192.0.2.77"));
    BOOST_TEST(has(page, "192.0.2.1"));  // from where carl signed in
    for (const char* guess : {"/audit?q=192.0.2.77", "/audit?address=192.0.2.77", "/audit?q=bobs"})
        BOOST_TEST(has(carl.get(guess), "Nothing found"), guess);
    const auto csv = carl.get("/audit/export?format=csv");
    BOOST_TEST(has(csv, "carls.example"));
    BOOST_TEST(!has(csv, "bobs.example"));
    BOOST_TEST(!has(csv, "192.0.2.77"));
}

BOOST_AUTO_TEST_CASE(who_acted_as_somebody_else_is_named) {
    Viewer viewer;
    viewer.id = carl_id;
    viewer.username = "carl";
    viewer.impersonator = UserId(99);
    viewer.impersonator_name = "helpful-admin";
    db::transact(db, [&](db::Transaction& tx) {
        store::insert_audit(tx, viewer, "site.update",
                            {.type = "site", .id = 1, .name = "x.example", .owner = carl_id}, nullptr,
                            nullptr, clock.now());
    });
    BOOST_TEST(has(root.get("/audit"), "helpful-admin <span class=\"muted\">as</span> carl"));
    BOOST_TEST(has(root.get("/audit?user=helpful-admin"), "x.example"));
}

BOOST_AUTO_TEST_SUITE_END()
