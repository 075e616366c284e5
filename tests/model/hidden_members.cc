// SPDX-License-Identifier: MIT
#include "shared/model/hidden_members.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "shared/base/error.h"
#include "tests/support/sites.h"

using namespace rpm;

namespace {

std::string hash_of(char sign) {
    return "$2y$10$" + std::string(53, sign);
}

Json user(std::string_view name, const Json& hash = {}) {
    Json out = Json::object({{"name", name}});
    if (!hash.is_null()) out["hash"] = hash;
    return out;
}

// Users of the site, and of a route below each of two paths.
SiteDefinition stored() {
    Json json = test::a_definition("shop.example");
    json["access"]["basic"]["users"] = Json::array({user("anna", hash_of('a')), user("berta", hash_of('b'))});
    json["routes"] = Json::array();
    for (const auto& [path, sign] : {std::pair("/a", 'x'), std::pair("/b", 'y')}) {
        Json route = Json::object({{"path", path}});
        route["access"]["basic"]["users"] = Json::array({user("anna", hash_of(sign))});
        json["routes"].push(std::move(route));
    }
    json["raw"]["nginx"] = "gzip off;";
    return SiteDefinition::parse(json);
}

SiteDefinition sent_back(const Json& json, bool staff = true) {
    const auto before = stored();
    return SiteDefinition::parse(with_hidden_members(json, &before, staff));
}

std::string problem_of(const Json& json, const std::string& field) {
    try {
        sent_back(json);
    } catch (const Invalid& invalid) {
        for (const auto& [name, message] : invalid.problems.entries())
            if (name == field) return message;
    }
    return {};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(hidden_members)

BOOST_AUTO_TEST_CASE(no_hash_is_shown_and_what_is_sent_back_is_the_same) {
    for (const bool staff : {true, false}) {
        const Json shown = shown_definition(stored(), staff);
        BOOST_TEST(shown.dump().find("$2y$") == std::string::npos);
        BOOST_TEST(shown.at("access").at("basic").at("users").items().at(1).at("hash").text() == "set");
        BOOST_TEST((shown.find("raw") != nullptr) == staff);
        BOOST_TEST((sent_back(shown, staff) == stored()));
    }
    const auto full = SiteDefinition::parse(Json::parse(test::kFullSite));
    BOOST_TEST(
        (SiteDefinition::parse(with_hidden_members(shown_definition(full, false), &full, false)) == full));
}

BOOST_AUTO_TEST_CASE(a_password_stays_with_its_name_at_its_place) {
    Json json = shown_definition(stored(), true);
    json["access"]["basic"]["users"] =
        Json::array({user("berta"), user("carla", hash_of('c')), user("anna", "set")});
    std::swap(json["routes"].items()[0], json["routes"].items()[1]);
    const auto saved = sent_back(json);
    BOOST_TEST(saved.access.basic.users.at(0).hash == hash_of('b'));
    BOOST_TEST(saved.access.basic.users.at(1).hash == hash_of('c'));
    BOOST_TEST(saved.access.basic.users.at(2).hash == hash_of('a'));
    BOOST_TEST(saved.routes.at(0).access->basic.users.at(0).hash == hash_of('y'));
    BOOST_TEST(saved.routes.at(1).access->basic.users.at(0).hash == hash_of('x'));
    json["access"]["basic"]["users"].items()[2]["hash"] = hash_of('n');
    BOOST_TEST(sent_back(json).access.basic.users.at(2).hash == hash_of('n'));
}

BOOST_AUTO_TEST_CASE(what_is_not_stored_there_is_missing) {
    Json json = shown_definition(stored(), true);
    json["access"]["basic"]["users"] = Json::array({user("dora", "set")});
    BOOST_TEST(problem_of(json, "access.basic.users.0.hash") == "is missing");
    json["access"]["basic"]["users"] = Json::array({user("anna", "a plain word")});
    BOOST_TEST(!problem_of(json, "access.basic.users.0.hash").empty());
    json["access"]["basic"]["users"] = Json::array({user("anna"), Json("anna")});
    BOOST_TEST(!problem_of(json, "access.basic.users.1").empty());
    json["access"] = "none";
    BOOST_TEST(!problem_of(json, "access").empty());
    // Nothing is kept of a user of another place.
    Json moved = shown_definition(stored(), true);
    moved["routes"].items()[0]["path"] = "/new";
    BOOST_TEST(problem_of(moved, "routes.0.access.basic.users.0.hash") == "is missing");
    BOOST_CHECK_THROW(
        SiteDefinition::parse(with_hidden_members(shown_definition(stored(), true), nullptr, true)), Invalid);
}

BOOST_AUTO_TEST_CASE(members_of_the_staff_stay_for_who_did_not_see_them) {
    Json json = shown_definition(stored(), false);
    json["note"] = "mine";
    BOOST_TEST(sent_back(json, false).raw.nginx == "gzip off;");
    BOOST_TEST(sent_back(json, true).raw.nginx.empty());
    json["raw"] = Json::object();
    BOOST_TEST(sent_back(json, false).raw.nginx == "gzip off;");
    json["raw"]["nginx"] = "gzip on;";  // which is for the verb to refuse
    BOOST_TEST(sent_back(json, false).raw.nginx == "gzip on;");
}

BOOST_AUTO_TEST_SUITE_END()
