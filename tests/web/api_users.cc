// SPDX-License-Identifier: MIT
// Accounts through the API.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "shared/ops/settings.h"
#include "tests/web/api_support.h"

using namespace rpm;
using namespace rpm::test;

namespace {

struct Users : ApiWorld {
    static Json made(const Answer& answer) { return answer.body; }
    std::string path(const Json& user) { return "/users/" + std::to_string(user.at("id").integer()); }
    Answer patch(const Viewer& viewer, const std::string& where, const Json& body) {
        return call(viewer, "PATCH", where, body);
    }
    void with_mail() {
        set(Setting::mail_enabled, "on");
        set(Setting::panel_client_url, "https://panel.example.com");
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(api_users, Users)

BOOST_AUTO_TEST_CASE(an_account_is_made_changed_and_disabled) {
    const auto answer =
        post(admin, "/users",
             Json::object({{"username", "dora"}, {"email", "dora@example.com"}, {"role", "client"}}));
    BOOST_TEST(answer.status == 201);
    const Json dora = answer.body;
    BOOST_TEST(answer.header("Location") == "/api/v1" + path(dora));
    BOOST_TEST((dora.at("active") == Json(true)));
    BOOST_TEST(dora.at("last_login").is_null());
    BOOST_TEST(store::find_password_hash(db, store::find_user(db, "dora")->id).empty());
    const auto limited = patch(admin, path(dora), Json::object({{"max_sites", 3}}));
    BOOST_TEST(limited.body.at("max_sites").integer() == 3);
    BOOST_TEST(limited.body.at("email").text() == "dora@example.com");
    const auto free = patch(admin, path(dora), Json::object({{"max_sites", nullptr}, {"email", nullptr}}));
    BOOST_TEST(free.body.at("max_sites").is_null());
    BOOST_TEST(free.body.at("email").is_null());
    const auto reads =
        patch(admin, path(dora), Json::object({{"role", "client_read_only"}, {"client", alice.id.value()}}));
    BOOST_TEST(reads.body.at("role").text() == "client_read_only");
    BOOST_TEST(reads.body.at("client").integer() == static_cast<std::int64_t>(alice.id.value()));
    BOOST_TEST((post(admin, path(dora) + "/disable").body.at("active") == Json(false)));
    BOOST_TEST((post(admin, path(dora) + "/enable").body.at("active") == Json(true)));
    BOOST_TEST(number("SELECT COUNT(*) FROM audit_log WHERE action IN ('user.create', 'user.update', "
                      "'user.disable', 'user.enable') AND username = 'root' AND object_name = 'dora'") == 6U);
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_named_and_nothing_is_made) {
    const auto error = [&](const Json& body, const char* field) {
        return post(admin, "/users", body).error(field);
    };
    BOOST_TEST(!error(Json::object({{"username", "a b"}, {"role", "client"}}), "username").empty());
    BOOST_TEST(!error(Json::object({{"username", "dora"}, {"role", "king"}}), "role").empty());
    BOOST_TEST(!error(Json::object({{"username", "dora"}, {"role", "client"}, {"password", "x"}}), "password")
                    .empty());
    BOOST_TEST(!error(Json::object({{"username", "dora"}, {"role", "client_read_only"}}), "client").empty());
    BOOST_TEST(
        !error(Json::object({{"username", "dora"}, {"role", "client"}, {"invite", 1}}), "invite").empty());
    BOOST_TEST(
        !error(Json::object({{"username", "dora"}, {"role", "client"}, {"invite", true}}), "email").empty());
    BOOST_TEST(
        !error(
             Json::object(
                 {{"username", "dora"}, {"email", "dora@example.com"}, {"role", "client"}, {"invite", true}}),
             "mail")
             .empty());
    BOOST_TEST(!store::find_user(db, "dora"));
    BOOST_TEST(
        !patch(admin, "/users/" + admin.id.text(), Json::object({{"role", "client"}})).error("role").empty());
    BOOST_TEST(post(admin, "/users/" + admin.id.text() + "/disable").status == 422);
    BOOST_TEST(get(admin, "/users/999999").status == 404);
}

BOOST_AUTO_TEST_CASE(who_is_invited_gets_the_link_by_mail) {
    with_mail();
    const auto answer = post(
        admin, "/users",
        Json::object(
            {{"username", "dora"}, {"email", "dora@example.com"}, {"role", "client"}, {"invite", true}}));
    BOOST_TEST(answer.status == 201);
    BOOST_TEST(number("SELECT COUNT(*) FROM notifications WHERE kind = 'invitation'") == 1U);
    BOOST_TEST(number("SELECT COUNT(*) FROM sign_in_links") == 0U);  // a worker makes it
    BOOST_TEST(post(admin, path(answer.body) + "/invite").status == 202);
    BOOST_TEST(number("SELECT COUNT(*) FROM notifications WHERE kind = 'invitation'") == 2U);
}

BOOST_AUTO_TEST_CASE(accounts_are_listed_page_by_page) {
    const auto first = get(admin, "/users?limit=2");
    BOOST_TEST(first.body.at("items").items().size() == 2U);
    const auto second = get(admin, "/users?limit=2&cursor=" + first.body.at("next").text());
    BOOST_TEST(second.body.at("items").items().size() == 1U);  // alice, bob, root
    BOOST_TEST(second.body.at("items").items().at(0).at("username").text() == "root");
    BOOST_TEST(second.body.at("next").is_null());
}

BOOST_AUTO_TEST_CASE(a_scope_for_reading_changes_nothing) {
    const auto reader = ops::create_api_token(context, admin, admin.id,
                                              {.name = "test", .scopes = PermissionSet::parse("users:read")});
    auto made = request("GET", "/users", nullptr);
    made.headers.add("authorization", "Bearer " + std::string(reader.reveal()));
    BOOST_TEST(send(made).status == 200);
    made.method = "POST";
    made.headers.add("content-type", "application/json");
    made.body = R"({"username":"dora","role":"admin"})";
    BOOST_TEST(send(made).status == 403);
    BOOST_TEST(!store::find_user(db, "dora"));
}

BOOST_AUTO_TEST_SUITE_END()
