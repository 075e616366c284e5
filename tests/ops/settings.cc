// SPDX-License-Identifier: MIT
#include "shared/ops/settings.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "shared/store/audit.h"
#include "shared/store/settings.h"
#include "tests/support/world.h"

using namespace rpm;

namespace {

struct Changing : test::World {
    crypto::Vault vault = crypto::Vault::generate();
    Changing() {
        context.vault = &vault;
        db::transact(db, [&](db::Transaction& tx) { store::remove_setting(tx, Setting::domains_proof); });
    }
    Settings now() { return store::load_settings(db); }
    void change(const std::map<Setting, std::string>& wanted) {
        ops::change_settings(context, admin, wanted);
    }
    std::vector<store::AuditEntry> audited() {
        return store::list_audit(db, Scope::everything(), {.action_prefix = "settings."});
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(settings, Changing)

BOOST_AUTO_TEST_CASE(a_change_is_kept_and_told) {
    change({{Setting::second_factor_client, "required"}, {Setting::oidc_label, " Example ID "}});
    BOOST_TEST(demands_second_factor(now(), Role::client));
    BOOST_TEST(now().text(Setting::oidc_label) == "Example ID");
    BOOST_REQUIRE(audited().size() == 1U);
    BOOST_TEST(audited()[0].action == "settings.change");
    BOOST_TEST(audited()[0].username == "root");
    BOOST_TEST(audited()[0].before ==
               R"({"sign_in.second_factor.client":"off","oidc.label":"Single sign-on"})");
    BOOST_TEST(audited()[0].after ==
               R"({"sign_in.second_factor.client":"required","oidc.label":"Example ID"})");
}

BOOST_AUTO_TEST_CASE(what_is_as_it_was_is_no_change_and_the_default_is_no_row) {
    change({{Setting::second_factor_client, "off"}});
    BOOST_TEST(audited().empty());
    change({{Setting::second_factor_client, "required"}});
    change({{Setting::second_factor_client, "off"}});
    BOOST_TEST(number("SELECT COUNT(*) FROM settings") == 0U);
    BOOST_TEST(audited().size() == 2U);
}

BOOST_AUTO_TEST_CASE(only_administrators_change_them) {
    for (const Role role : kRoles) {
        Viewer viewer = alice;
        viewer.role = role;
        const auto attempt = [&] { ops::change_settings(context, viewer, {{Setting::oidc_label, "x"}}); };
        if (role == Role::admin)
            attempt();
        else
            BOOST_CHECK_THROW(attempt(), Forbidden);
    }
}

BOOST_AUTO_TEST_CASE(one_bad_value_changes_nothing_and_all_are_named) {
    try {
        change({{Setting::oidc_label, "fine"}, {Setting::oidc_create, "x"}, {Setting::oidc_issuer, "x"}});
        BOOST_ERROR("taken");
    } catch (const Invalid& invalid) {
        BOOST_TEST(invalid.problems.entries().size() == 2U);
        BOOST_TEST(invalid.problems.has("oidc.create"));
        BOOST_TEST(invalid.problems.has("oidc.issuer"));
    }
    BOOST_CHECK_THROW(change({{Setting::oidc_label, "fine"}, {Setting::oidc_enabled, "on"}}), Invalid);
    BOOST_TEST(number("SELECT COUNT(*) FROM settings") == 0U);
    BOOST_TEST(audited().empty());
}

BOOST_AUTO_TEST_CASE(a_secret_is_encrypted_and_never_told) {
    change({{Setting::oidc_client_secret, "hunter2-hunter2"}});
    BOOST_TEST(now().secret(Setting::oidc_client_secret).starts_with("v1:"));
    BOOST_CHECK(ops::open_setting(context, now(), Setting::oidc_client_secret).reveal() == "hunter2-hunter2");
    BOOST_TEST(audited()[0].after == R"({"oidc.client_secret":"set"})");
    BOOST_TEST(number("SELECT COUNT(*) FROM audit_log WHERE CONCAT(IFNULL(before_json, ''), "
                      "IFNULL(after_json, '')) LIKE '%hunter2%'") == 0U);
    change({{Setting::oidc_client_secret, ""}});
    BOOST_TEST(ops::open_setting(context, now(), Setting::oidc_client_secret).empty());
    BOOST_TEST(number("SELECT COUNT(*) FROM settings") == 0U);
}

BOOST_AUTO_TEST_CASE(without_the_panels_key_a_secret_is_refused) {
    context.vault = nullptr;
    BOOST_CHECK_THROW(change({{Setting::oidc_client_secret, "x"}}), Unavailable);
    change({{Setting::oidc_label, "x"}});  // the rest works
}

BOOST_AUTO_TEST_CASE(somebody_elses_change_is_not_overwritten) {
    const auto seen = ops::settings_version(now(), "oidc");
    change({{Setting::oidc_label, "theirs"}});
    BOOST_CHECK_THROW(ops::change_settings(context, admin, {{Setting::oidc_scopes, "openid"}}, seen),
                      Conflict);
    ops::change_settings(context, admin, {{Setting::second_factor_admin, "off"}},
                         ops::settings_version(now(), "sign_in"));
    BOOST_TEST(now().text(Setting::oidc_label) == "theirs");
}

BOOST_AUTO_TEST_CASE(a_name_of_another_version_is_passed_over) {
    db::transact(db, [&](db::Transaction& tx) {
        tx.execute("INSERT INTO settings (name, value, updated_at) VALUES ('of.tomorrow', 'x', NOW(6))");
    });
    BOOST_TEST(now().is_default(Setting::oidc_label));
}

BOOST_AUTO_TEST_SUITE_END()
