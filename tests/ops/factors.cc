// SPDX-License-Identifier: MIT
#include "shared/ops/factors.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "shared/base/text.h"
#include "shared/crypto/totp.h"
#include "shared/ops/settings.h"
#include "shared/store/audit.h"
#include "tests/support/world.h"

using namespace rpm;
using namespace std::chrono_literals;
using ops::SignInResult;

namespace {

constexpr const char* kPassword = "correct horse battery";

struct Person : test::World {
    crypto::Vault vault = crypto::Vault::generate();
    UserId carol{};
    ops::SignInFrom from{.panel = "client", .address = "192.0.2.1", .user_agent = "test", .request_id = "r"};
    std::vector<Secret> codes;

    Person() {
        context.vault = &vault;
        carol = ops::create_user(
            context, admin,
            {.username = "carol", .email = {}, .role = Role::client, .password = Secret(kPassword)});
    }
    ops::SignIn sign_in() { return ops::sign_in(context, "carol", Secret(kPassword), from); }
    store::Session session(const Secret& of) {
        return ops::find_session(context, std::string(of.reveal()), "client").value();
    }
    bool alive(const Secret& of) {
        return ops::find_session(context, std::string(of.reveal()), "client").has_value();
    }
    Secret seed() {
        return vault.decrypt(text("SELECT sealed FROM user_totp WHERE user_id = " + carol.text()),
                             "totp:" + carol.text());
    }
    std::string code() { return std::string(crypto::totp::code(seed(), clock.now()).reveal()); }
    void set_up_totp() {
        const auto in = session(sign_in().token);
        ops::start_totp(context, in);
        codes = ops::confirm_totp(context, in, code(), from).recovery_codes;
        clock.advance(90s);
    }
    void require(const char* role) {
        ops::change_settings(context, admin,
                             {{get_setting(std::string("sign_in.second_factor.") + role), "required"}});
    }
    ops::SignIn show(const Secret& of, const std::string& typed) {
        return ops::show_code(context, session(of), typed, from);
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(factors, Person)

BOOST_AUTO_TEST_CASE(a_code_completes_the_sign_in_with_a_new_session) {
    set_up_totp();
    BOOST_TEST(codes.size() == 10U);
    const auto first = sign_in();
    BOOST_TEST(first.stage == "second_factor");
    BOOST_TEST(session(first.token).stage == "second_factor");
    const auto second = show(first.token, code());
    BOOST_REQUIRE((second.result == SignInResult::signed_in));
    BOOST_TEST(!alive(first.token));
    BOOST_TEST(session(second.token).stage == "full");
    BOOST_TEST(session(second.token).second_factor == "totp");
    BOOST_TEST(session(second.token).method == "password");
}

BOOST_AUTO_TEST_CASE(a_code_works_once) {
    set_up_totp();
    const std::string now = code();
    const auto first = sign_in();
    const auto other = sign_in();
    BOOST_CHECK(show(first.token, now).result == SignInResult::signed_in);
    BOOST_CHECK(show(other.token, now).result == SignInResult::wrong);
    BOOST_TEST(alive(other.token));
    clock.advance(30s);
    BOOST_CHECK(show(other.token, code()).result == SignInResult::signed_in);
}

BOOST_AUTO_TEST_CASE(the_code_that_confirmed_the_setup_does_not_sign_in) {
    const auto in = session(sign_in().token);
    ops::start_totp(context, in);
    const std::string used = code();
    ops::confirm_totp(context, in, used, from);
    BOOST_CHECK(show(sign_in().token, used).result == SignInResult::wrong);
}

BOOST_AUTO_TEST_CASE(a_recovery_code_works_once_however_it_is_typed) {
    set_up_totp();
    std::string typed = rpm::text::lower(codes[3].reveal());
    std::erase(typed, '-');
    const auto second = show(sign_in().token, typed);
    BOOST_REQUIRE((second.result == SignInResult::signed_in));
    BOOST_TEST(session(second.token).second_factor == "recovery");
    BOOST_TEST(store::count_factors(db, carol).recovery_codes == 9U);
    BOOST_CHECK(show(sign_in().token, std::string(codes[3].reveal())).result == SignInResult::wrong);
}

BOOST_AUTO_TEST_CASE(renewed_recovery_codes_end_the_earlier) {
    set_up_totp();
    Viewer viewer = ops::viewer_of(store::get_user(db, carol), "192.0.2.1", "r");
    const auto fresh = ops::renew_recovery_codes(context, viewer);
    BOOST_CHECK(show(sign_in().token, std::string(codes[0].reveal())).result == SignInResult::wrong);
    BOOST_CHECK(show(sign_in().token, std::string(fresh[0].reveal())).result == SignInResult::signed_in);
}

BOOST_AUTO_TEST_CASE(wrong_codes_are_throttled_for_the_account_wherever_they_come_from) {
    set_up_totp();
    const auto first = sign_in();
    const auto second = sign_in();
    for (int i = 0; i < 4; ++i) {
        BOOST_CHECK(show(first.token, "000000").result == SignInResult::wrong);
        BOOST_CHECK(show(second.token, "000000").result == SignInResult::wrong);
    }
    BOOST_CHECK(show(first.token, code()).result == SignInResult::throttled);
    BOOST_CHECK(show(second.token, code()).result == SignInResult::throttled);
    BOOST_CHECK(show(sign_in().token, code()).result == SignInResult::throttled);
    clock.advance(16min);
    BOOST_CHECK(show(first.token, code()).result == SignInResult::signed_in);
}

BOOST_AUTO_TEST_CASE(a_role_that_must_have_a_factor_sets_one_up_first) {
    require("client");
    const auto first = sign_in();
    BOOST_TEST(first.stage == "enrolment");
    const auto pending = session(first.token);
    ops::start_totp(context, pending);
    BOOST_CHECK_THROW(ops::confirm_totp(context, pending, "000000", from), Invalid);
    const auto added = ops::confirm_totp(context, pending, code(), from);
    BOOST_REQUIRE(added.session.has_value());
    BOOST_TEST(!alive(first.token));
    BOOST_TEST(session(added.session->token).stage == "full");
    BOOST_TEST(added.recovery_codes.size() == 10U);
}

// Else whoever has the password alone could wait in it until the owner has a factor, and go around that.
BOOST_AUTO_TEST_CASE(a_session_that_must_set_one_up_is_no_way_around_one_that_is_there_since) {
    require("client");
    const auto pending = session(sign_in().token);
    ops::start_totp(context, pending);
    db::transact(db, [&](db::Transaction& tx) {
        tx.execute(
            "INSERT INTO passkeys (user_id, credential_id, credential_hash, public_key, algorithm, "
            "sign_count, "
            "aaguid, rp_id, name, created_at) VALUES (?, 'id', REPEAT('h', 32), 'key', -7, 0, REPEAT('a', "
            "16), "
            "'panel.example', 'phone', ?)",
            carol, clock.now());
    });
    BOOST_CHECK_THROW(ops::confirm_totp(context, pending, code(), from), Conflict);
    BOOST_TEST(session(sign_in().token).stage == "second_factor");
    BOOST_TEST(number("SELECT COUNT(*) FROM user_totp WHERE confirmed_at IS NOT NULL") == 0U);
}

BOOST_AUTO_TEST_CASE(links_are_a_first_step_too) {
    set_up_totp();
    const Secret link = ops::create_sign_in_link(context, admin, carol, 15min);
    BOOST_TEST(ops::sign_in_by_link(context, std::string(link.reveal()), from).stage == "second_factor");
}

BOOST_AUTO_TEST_CASE(a_half_signed_in_session_ends_after_half_an_hour) {
    set_up_totp();
    const auto first = sign_in();
    clock.advance(29min);
    BOOST_TEST(alive(first.token));
    clock.advance(2min);
    BOOST_TEST(!alive(first.token));
}

BOOST_AUTO_TEST_CASE(a_sealed_seed_of_somebody_else_does_not_open) {
    set_up_totp();
    db::transact(db, [&](db::Transaction& tx) {
        tx.execute(
            "INSERT INTO user_totp (user_id, sealed, confirmed_at, created_at) "
            "SELECT ?, sealed, confirmed_at, created_at FROM user_totp WHERE user_id = ?",
            alice.id, carol);
    });
    store::Session pending;
    pending.user = store::get_user(db, alice.id);
    BOOST_CHECK_THROW(ops::show_code(context, pending, "123456", from), Error);
}

BOOST_AUTO_TEST_CASE(an_administrator_takes_lost_factors_away) {
    set_up_totp();
    const auto before = show(sign_in().token, code());
    BOOST_CHECK_THROW(ops::reset_factors(context, alice, carol), Forbidden);
    ops::reset_factors(context, admin, carol);
    BOOST_TEST(!alive(before.token));
    BOOST_TEST(sign_in().stage == "full");
    BOOST_TEST(number("SELECT COUNT(*) FROM recovery_codes") == 0U);
    BOOST_TEST(store::list_audit(db, Scope::everything(), {.action_prefix = "user.factors_reset"}).size() ==
               1U);
}

BOOST_AUTO_TEST_CASE(passkeys_say_what_they_lack) {
    const auto in = session(sign_in().token);
    BOOST_CHECK_THROW(ops::start_adding_passkey(context, in), Conflict);
    ops::change_settings(context, admin, {{Setting::panel_client_url, "https://192.0.2.1"}});
    BOOST_CHECK_THROW(ops::start_adding_passkey(context, in), Conflict);
    ops::change_settings(context, admin, {{Setting::panel_client_url, "https://panel.example"}});
    const auto ceremony = ops::start_adding_passkey(context, in);
    BOOST_TEST(ceremony.options.at("rp").at("id").text() == "panel.example");
    const std::string once(ceremony.token.reveal());
    // A wrong answer uses the challenge up.
    BOOST_CHECK_THROW(ops::add_passkey(context, in, once, {"{}", "x"}, "laptop", from), Invalid);
    try {
        ops::add_passkey(context, in, once, {"{}", "x"}, "laptop", from);
        BOOST_ERROR("taken twice");
    } catch (const Invalid& invalid) {
        BOOST_TEST(invalid.problems.entries().at("passkey") == "came too late or twice: try again");
    }
}

BOOST_AUTO_TEST_SUITE_END()
