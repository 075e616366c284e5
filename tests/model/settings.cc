// SPDX-License-Identifier: MIT
#include "shared/model/settings.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>
#include <set>

#include "shared/base/error.h"

using namespace rpm;

namespace {

std::string refusal(Setting setting, std::string_view value) {
    try {
        check_setting(setting, value);
        return "";
    } catch (const Invalid& invalid) {
        const auto& [field, text] = *invalid.problems.entries().begin();
        BOOST_TEST(field == row_of(setting).name);
        return text;
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(settings_table)

BOOST_AUTO_TEST_CASE(every_row_can_be_kept_and_shown) {
    std::set<std::string_view> sections;
    for (const SettingSection& section : setting_sections()) sections.insert(section.word);
    std::set<std::string_view> names;
    for (const SettingRow& row : settings()) {
        BOOST_TEST(names.insert(row.name).second, row.name);
        BOOST_TEST(row.name.size() <= 64U, row.name);
        BOOST_TEST(sections.contains(row.section()), row.name);
        BOOST_TEST((!row.title.empty() && row.meaning.ends_with('.')), row.name);
        BOOST_TEST(refusal(row.setting, row.fallback) == "", row.name);
        BOOST_TEST(check_setting(row.setting, row.fallback) == row.fallback, row.name);
        BOOST_CHECK(get_setting(row.name) == row.setting);
    }
}

BOOST_AUTO_TEST_CASE(defaults_hold_until_somebody_decides) {
    Settings now;
    BOOST_TEST(!now.on(Setting::oidc_enabled));
    for (const Role role : kRoles) BOOST_TEST(demands_second_factor(now, role) == is_staff(role));
    now.set(Setting::second_factor_admin, "off");
    BOOST_TEST(!demands_second_factor(now, Role::admin));
    BOOST_TEST(demands_second_factor(now, Role::operator_));
    BOOST_TEST(!now.is_default(Setting::second_factor_admin));
    now.reset(Setting::second_factor_admin);
    BOOST_TEST(demands_second_factor(now, Role::admin));
}

BOOST_AUTO_TEST_CASE(values_are_refused_with_the_reason) {
    BOOST_TEST(refusal(Setting::oidc_enabled, "maybe") == "must be off or on");
    BOOST_TEST(refusal(Setting::oidc_second_factor, "") == "must be never, always or claim");
    BOOST_TEST(refusal(Setting::oidc_scopes, "profile") ==
               "must contain openid (OpenID Connect Core 3.1.2.1)");
    BOOST_TEST(refusal(Setting::oidc_label, "") == "is missing");
    BOOST_TEST(refusal(Setting::oidc_label, "a\nb") == "must not hold control characters");
    BOOST_TEST(refusal(Setting::oidc_label, std::string(41, 'x')) == "must have at most 40 characters");
    BOOST_TEST(refusal(Setting::oidc_client_id, "m\xc3\xa4h") == "must be plain ASCII");
    BOOST_TEST(refusal(Setting::oidc_label, "\xff") == "is not UTF-8 text");
}

BOOST_AUTO_TEST_CASE(addresses_are_https_and_nothing_but_an_address) {
    for (const char* good :
         {"https://id.example.com", "https://id.example.com:8443/realms/x", "https://[::1]/",
          "http://127.0.0.1:3000", "http://localhost:1/a", "https://10.0.0.1"})
        BOOST_TEST(refusal(Setting::oidc_issuer, good) == "", good);
    for (const char* bad :
         {"id.example.com", "http://id.example.com", "https://", "https://a b", "https://u:p@id.example.com",
          "https://id.example.com?x=1", "https://id.example.com#x", "https://id.example.com:0",
          "https://id.example.com:x", "https://::1/", "ftp://a", "https://a//b", "javascript:alert(1)",
          "http://127.0.0.1.example.com"})
        BOOST_TEST(refusal(Setting::oidc_issuer, bad) != "", bad);
    BOOST_TEST(check_setting(Setting::panel_admin_url, " https://a.example/ ") == "https://a.example");
    BOOST_TEST(refusal(Setting::panel_admin_url, "https://a.example/x") ==
               "must end after the host name: no path");
    // OpenID Connect Discovery 4.3: the issuer is compared as it is.
    BOOST_TEST(check_setting(Setting::oidc_issuer, "https://a.example/") == "https://a.example/");
}

BOOST_AUTO_TEST_CASE(lists_keep_order_and_lose_empty_lines) {
    Settings now;
    now.set(Setting::oidc_groups_admin, check_setting(Setting::oidc_groups_admin, " b \r\n\n cn=a,dc=x\n"));
    BOOST_TEST(now.list(Setting::oidc_groups_admin) == (std::vector<std::string>{"b", "cn=a,dc=x"}),
               boost::test_tools::per_element());
    BOOST_TEST(now.list(Setting::oidc_groups_client).empty());
}

BOOST_AUTO_TEST_CASE(a_bad_row_is_told_instead_of_guessed_at) {
    Settings now;
    now.set(Setting::second_factor_admin, "requird");  // a hand in the database
    BOOST_CHECK_THROW(demands_second_factor(now, Role::admin), Error);
    BOOST_CHECK_THROW(now.text(Setting::oidc_enabled), Error);
    BOOST_CHECK_THROW(now.on(Setting::oidc_second_factor), Error);
    BOOST_CHECK_THROW(now.secret(Setting::oidc_label), Error);
}

BOOST_AUTO_TEST_CASE(single_sign_on_wants_what_it_needs) {
    Settings now;
    BOOST_TEST(why_not_together(now).empty());
    now.set(Setting::oidc_enabled, "on");
    const auto problems = why_not_together(now);
    BOOST_TEST(problems.has("oidc.issuer"));
    BOOST_TEST(problems.has("oidc.client_id"));
    BOOST_TEST(problems.has("oidc.enabled"));
    now.set(Setting::oidc_issuer, "https://id.example.com");
    now.set(Setting::oidc_client_id, "rpmgr");
    now.set(Setting::panel_client_url, "https://panel.example.com");
    BOOST_TEST(why_not_together(now).empty());
}

BOOST_AUTO_TEST_CASE(an_unknown_name_is_met_with_the_near_one) {
    try {
        get_setting("oidc.isuer");
        BOOST_ERROR("taken");
    } catch (const Invalid& invalid) {
        BOOST_TEST(invalid.problems.entries().at("setting") ==
                   "'oidc.isuer' is unknown; did you mean oidc.issuer?");
    }
}

BOOST_AUTO_TEST_SUITE_END()
