// SPDX-License-Identifier: MIT
#include "shared/ops/people.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "shared/crypto/password.h"
#include "shared/ops/sessions.h"
#include "shared/ops/settings.h"
#include "shared/ops/tokens.h"
#include "shared/store/audit.h"
#include "tests/support/world.h"

using namespace rpm;
using namespace std::chrono_literals;
using ops::SignInResult;

namespace {

struct People : test::World {
    UserId carol = ops::create_user(context, admin,
                                    {.username = "carol",
                                     .email = "carol@example.com",
                                     .role = Role::client,
                                     .password = Secret("correct horse battery")});
    ops::SignInFrom from{.panel = "client", .address = "192.0.2.1", .user_agent = "test", .request_id = "r"};

    ops::SignIn sign_in(const char* password, const char* name = "carol") {
        return ops::sign_in(context, name, Secret(password), from);
    }
    std::optional<store::Session> session(const Secret& with, const char* panel = "client") {
        return ops::find_session(context, std::string(with.reveal()), panel);
    }
    std::size_t audited(const std::string& action) {
        return store::list_audit(db, Scope::everything(), {.action_prefix = action}).size();
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(people, People)

BOOST_AUTO_TEST_CASE(the_right_password_opens_a_session) {
    const auto in = sign_in("correct horse battery");
    BOOST_TEST((in.result == SignInResult::signed_in));
    const auto found = session(in.token);
    BOOST_REQUIRE(found);
    BOOST_TEST((found->user.id == carol));
    BOOST_TEST(!session(in.token, "admin"));
    BOOST_TEST(!session(Secret("")));
    BOOST_TEST(audited("user.sign_in") == 1U);
    ops::sign_out(context, *found);
    BOOST_TEST(!session(in.token));
    BOOST_TEST(audited("user.sign_out") == 1U);
}

BOOST_AUTO_TEST_CASE(a_session_ends_when_idle_and_when_old) {
    const auto idle = sign_in("correct horse battery").token;
    clock.advance(2h + 1s);
    BOOST_TEST(!session(idle));
    const auto busy = sign_in("correct horse battery").token;
    for (int i = 0; i < 11; ++i) {
        clock.advance(1h);
        BOOST_TEST(session(busy).has_value());
    }
    clock.advance(1h);
    BOOST_TEST(!session(busy));
}

BOOST_AUTO_TEST_CASE(clients_do_not_enter_the_panel_of_administrators) {
    from.panel = "admin";
    BOOST_TEST((sign_in("correct horse battery").result == SignInResult::wrong));
}

BOOST_AUTO_TEST_CASE(wrong_names_and_passwords_are_told_alike_and_throttled) {
    BOOST_TEST((sign_in("wrong", "nobody").result == SignInResult::wrong));
    BOOST_TEST((sign_in("wrong", "jürgen").result == SignInResult::wrong));
    BOOST_TEST((sign_in("wrong", "alice").result == SignInResult::wrong));  // signs in by link only
    for (int i = 0; i < 5; ++i) BOOST_TEST((sign_in("wrong").result == SignInResult::wrong));
    BOOST_TEST((sign_in("correct horse battery").result == SignInResult::throttled));
    from.address = "192.0.2.2";
    BOOST_TEST((sign_in("correct horse battery").result == SignInResult::signed_in));
    from.address = "192.0.2.1";
    clock.advance(16min);
    BOOST_TEST((sign_in("correct horse battery").result == SignInResult::signed_in));
    for (int i = 0; i < 30; ++i) sign_in("wrong", ("n" + std::to_string(i)).c_str());
    BOOST_TEST((sign_in("correct horse battery").result == SignInResult::throttled));
}

BOOST_AUTO_TEST_CASE(a_network_of_addresses_counts_as_one) {
    for (int i = 0; i < 5; ++i) {
        from.address = "2001:db8:0:1::" + std::to_string(i);
        BOOST_TEST((sign_in("wrong").result == SignInResult::wrong));
    }
    from.address = "2001:db8:0:1:ffff::1";
    BOOST_TEST((sign_in("correct horse battery").result == SignInResult::throttled));
    for (const char* other : {"2001:db8:0:2::1", "::ffff:192.0.2.9", "192.0.2.9"}) {
        from.address = other;
        BOOST_TEST((sign_in("correct horse battery").result == SignInResult::signed_in), other);
    }
}

BOOST_AUTO_TEST_CASE(the_old_password_is_not_guessed_in_an_open_browser) {
    const auto current = *session(sign_in("correct horse battery").token);
    const auto viewer = ops::viewer_of(current.user, from.address, "r");
    const auto change = [&](const char* old) {
        ops::change_password(context, current, Secret(old), Secret("a new long password"), viewer);
    };
    for (int i = 0; i < 5; ++i) BOOST_CHECK_THROW(change("wrong"), Invalid);
    BOOST_CHECK_THROW(change("correct horse battery"), Invalid);
    clock.advance(16min);
    BOOST_CHECK_NO_THROW(change("correct horse battery"));
}

BOOST_AUTO_TEST_CASE(a_link_signs_in_once) {
    const auto link = ops::create_sign_in_link(context, admin, alice.id, 10min);
    const std::string secret(link.reveal());
    BOOST_CHECK_THROW(ops::create_sign_in_link(context, alice, alice.id, 10min), Forbidden);
    const auto in = ops::sign_in_by_link(context, secret, from);
    BOOST_TEST((in.result == SignInResult::signed_in));
    BOOST_TEST((session(in.token)->user.id == alice.id));
    BOOST_TEST((ops::sign_in_by_link(context, secret, from).result == SignInResult::wrong));
    for (int i = 0; i < 5; ++i) ops::sign_in_by_link(context, "guess", from);
    BOOST_TEST((ops::sign_in_by_link(context, "guess", from).result == SignInResult::throttled));
}

BOOST_AUTO_TEST_CASE(new_users_are_checked) {
    const auto create = [&](std::string name, const char* password, const Viewer& by) {
        return ops::create_user(
            context, by,
            {.username = std::move(name), .email = "", .role = Role::client, .password = Secret(password)});
    };
    BOOST_CHECK_THROW(create("dave", "", alice), Forbidden);
    BOOST_CHECK_THROW(create("d ave", "", admin), Invalid);
    BOOST_CHECK_THROW(create("CAROL", "", admin), Invalid);
    BOOST_CHECK_THROW(create("dave", "too short", admin), Invalid);
    BOOST_CHECK_NO_THROW(create("dave", "", admin));
    BOOST_TEST(audited("user.create") == 2U);
    BOOST_TEST(text("SELECT GROUP_CONCAT(COALESCE(after_json, '')) FROM audit_log").find("horse") ==
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(passwords_that_others_guess_are_refused) {
    const auto refused = [&](const char* password) {
        try {
            ops::create_user(context, admin,
                             {.username = "gustav",
                              .email = "gus.meier@example.com",
                              .role = Role::client,
                              .password = Secret(password)});
        } catch (const Invalid& invalid) {
            return invalid.problems.entries().contains("password") &&
                   !store::find_user(db, "gustav").has_value();
        }
        return false;
    };
    for (const char* wrong :
         {"eleven char", "password1234", "Gustav goes home", "write gus.meier@example.com",
          "GUS.MEIER is here", "the rpmgr of all", "My Proxy Manager 7", "qwertyqwertyqwerty"})
        BOOST_TEST(refused(wrong), wrong);
    BOOST_TEST(refused(std::string(1025, 'x').c_str()));
    BOOST_TEST(!refused("seven small words in a row"));
    // Nor when it is changed.
    const auto current = *session(sign_in("correct horse battery").token);
    BOOST_CHECK_THROW(
        ops::change_password(context, current, Secret("correct horse battery"),
                             Secret("carol likes long walks"), ops::viewer_of(current.user, "", "")),
        Invalid);
}

BOOST_AUTO_TEST_CASE(imported_hashes_work_and_are_replaced_at_the_first_sign_in) {
    ops::NewUser user{.username = "ingrid", .email = {}, .role = Role::client, .password = {}};
    user.password_hash = "$1$md5$is-refused";
    BOOST_CHECK_THROW(ops::create_user(context, admin, user), Invalid);
    user.password_hash = "$2b$04$abcdefghijklmnopqrstuuqREtd3VJD2QVZbuFskFSLk6eRIrQoOS";
    const auto id = ops::create_user(context, admin, user);
    BOOST_TEST((sign_in("correct horse batterx", "ingrid").result == SignInResult::wrong));
    BOOST_TEST((sign_in("correct horse battery", "ingrid").result == SignInResult::signed_in));
    BOOST_TEST(store::find_password_hash(db, id).starts_with("$argon2id$"));
    BOOST_TEST((sign_in("correct horse battery", "ingrid").result == SignInResult::signed_in));
    BOOST_TEST((sign_in("correct horse batterx", "ingrid").result == SignInResult::wrong));
}

BOOST_AUTO_TEST_CASE(every_refusal_costs_the_same_work) {
    const auto work = [&](const char* name, const char* password, const char* panel) {
        from.panel = panel;
        const auto before = crypto::hashes_made();
        BOOST_TEST((sign_in(password, name).result == SignInResult::wrong));
        return crypto::hashes_made() - before;
    };
    BOOST_TEST(work("carol", "wrong", "client") == 1U);
    BOOST_TEST(work("nobody", "wrong", "client") == 1U);
    BOOST_TEST(work("nobody@example.com", "wrong", "client") == 1U);
    BOOST_TEST(work("alice", "wrong", "client") == 1U);                 // has no password
    BOOST_TEST(work("carol", "correct horse battery", "admin") == 1U);  // may not use this panel
    ops::set_user_active(context, admin, carol, false);
    BOOST_TEST(work("carol", "correct horse battery", "client") == 1U);
}

BOOST_AUTO_TEST_CASE(a_changed_password_ends_the_other_sessions) {
    const auto here = sign_in("correct horse battery").token;
    const auto there = sign_in("correct horse battery").token;
    const auto current = *session(here);
    const auto viewer = ops::viewer_of(current.user, "192.0.2.1", "r");
    BOOST_CHECK_THROW(
        ops::change_password(context, current, Secret("wrong"), Secret("another long one"), viewer), Invalid);
    BOOST_CHECK_THROW(
        ops::change_password(context, current, Secret("correct horse battery"), Secret("short"), viewer),
        Invalid);
    const auto renewed = ops::change_password(context, current, Secret("correct horse battery"),
                                              Secret("another long one"), viewer);
    BOOST_TEST(session(renewed).has_value());
    BOOST_TEST(!session(here));
    BOOST_TEST(!session(there));
    BOOST_TEST((sign_in("another long one").result == SignInResult::signed_in));
}

BOOST_AUTO_TEST_CASE(administrators_decide_how_long_sessions_last) {
    const auto in = sign_in("correct horse battery").token;
    ops::change_settings(context, admin, {{Setting::session_idle, "5"}, {Setting::session_life, "1"}});
    clock.advance(4min);
    BOOST_TEST(session(in).has_value());
    clock.advance(6min);
    BOOST_TEST(!session(in));  // also a session that was there before
    const auto busy = sign_in("correct horse battery").token;
    for (int i = 0; i < 14; ++i) {
        clock.advance(4min);
        BOOST_TEST(session(busy).has_value(), i);
    }
    clock.advance(5min);
    BOOST_TEST(!session(busy));
}

BOOST_AUTO_TEST_CASE(every_step_up_gives_the_session_another_name) {
    const auto old = sign_in("correct horse battery").token;
    const auto current = *session(old);
    const auto viewer = ops::viewer_of(current.user, "192.0.2.1", "r");
    const auto changed = ops::change_password(context, current, Secret("correct horse battery"),
                                              Secret("another long one"), viewer);
    BOOST_TEST(!session(old));
    BOOST_REQUIRE(session(changed));
    BOOST_TEST((session(changed)->id == current.id));
    clock.advance(1h);
    BOOST_TEST(!ops::is_fresh(context, *session(changed)));
    const auto proven =
        ops::confirm_identity(context, *session(changed), {.password = Secret("another long one")}, viewer);
    BOOST_TEST((proven.result == ops::ConfirmResult::confirmed));
    BOOST_TEST(!session(changed));
    BOOST_REQUIRE(session(proven.token));
    BOOST_TEST(ops::is_fresh(context, *session(proven.token)));
    BOOST_TEST(audited("user.confirm") == 1U);
}

BOOST_AUTO_TEST_CASE(proofs_are_guessed_five_times_in_a_session) {
    const auto in = sign_in("correct horse battery").token;
    const auto current = *session(in);
    const auto viewer = ops::viewer_of(current.user, "192.0.2.1", "r");
    const auto show = [&](const char* password) {
        return ops::confirm_identity(context, current, {.password = Secret(password)}, viewer).result;
    };
    BOOST_TEST((show("") == ops::ConfirmResult::wrong));
    for (int i = 0; i < 4; ++i) BOOST_TEST((show("wrong") == ops::ConfirmResult::wrong));
    BOOST_TEST((show("correct horse battery") == ops::ConfirmResult::throttled));
    BOOST_TEST(session(in).has_value());
    from.address = "192.0.2.2";
    BOOST_TEST((sign_in("correct horse battery").result == SignInResult::signed_in));
}

BOOST_AUTO_TEST_CASE(what_opens_an_account_ends_with_a_new_password_and_when_it_is_disabled) {
    const auto link = [&] { return ops::create_sign_in_link(context, admin, carol, 1h); };
    const auto use = [&](const Secret& given) {
        return ops::sign_in_by_link(context, std::string(given.reveal()), from).result;
    };
    const auto first = link();
    const auto current = *session(sign_in("correct horse battery").token);
    ops::change_password(context, current, Secret("correct horse battery"), Secret("another long one"),
                         ops::viewer_of(current.user, "", "r"));
    BOOST_TEST((use(first) == SignInResult::wrong));
    const auto second = link();
    ops::set_user_active(context, admin, carol, false);
    ops::set_user_active(context, admin, carol, true);
    BOOST_TEST((use(second) == SignInResult::wrong));
    BOOST_TEST(number("SELECT COUNT(*) FROM known_devices") == 0U);
}

BOOST_AUTO_TEST_CASE(one_is_signed_out_everywhere_by_oneself_or_an_administrator) {
    const auto here = sign_in("correct horse battery").token;
    const auto there = sign_in("correct horse battery").token;
    const auto oneself = ops::viewer_of(store::get_user(db, carol), "", "");
    BOOST_TEST(ops::sign_out_everywhere(context, oneself, carol, session(here)->id) == 1U);
    BOOST_TEST(session(here).has_value());
    BOOST_TEST(!session(there));
    BOOST_CHECK_THROW(ops::sign_out_everywhere(context, alice, carol), Forbidden);
    BOOST_TEST(ops::sign_out_everywhere(context, admin, carol) == 1U);
    BOOST_TEST(!session(here));
    BOOST_TEST(audited("user.sign_out_everywhere") == 2U);
}

BOOST_AUTO_TEST_CASE(a_disabled_user_is_out_at_once) {
    const auto in = sign_in("correct horse battery").token;
    const auto api = ops::create_api_token(context, admin, carol, "ci", std::nullopt);
    const auto works = [&] {
        return ops::find_token_visitor(context, std::string(api.reveal()), "", "").result ==
               ops::TokenResult::known;
    };
    BOOST_TEST(works());
    BOOST_CHECK_THROW(ops::set_user_active(context, alice, carol, false), Forbidden);
    BOOST_CHECK_THROW(ops::set_user_active(context, admin, admin.id, false), Invalid);
    ops::set_user_active(context, admin, carol, false);
    BOOST_TEST(!session(in));
    BOOST_TEST(!works());
    BOOST_TEST((sign_in("correct horse battery").result == SignInResult::wrong));
    ops::set_user_active(context, admin, carol, true);
    BOOST_TEST((sign_in("correct horse battery").result == SignInResult::signed_in));
}

BOOST_AUTO_TEST_CASE(people_choose_their_theme_and_end_their_own_sessions) {
    ops::set_theme(context, alice, "dark");
    BOOST_TEST(store::get_user(db, alice.id).theme == "dark");
    BOOST_CHECK_THROW(ops::set_theme(context, alice, "pink"), Invalid);
    const auto in = sign_in("correct horse battery").token;
    const auto id = session(in)->id;
    BOOST_TEST(!ops::revoke_session(context, alice, id));
    BOOST_TEST(ops::revoke_session(context, ops::viewer_of(store::get_user(db, carol), "", ""), id));
    BOOST_TEST(!session(in));
}

BOOST_AUTO_TEST_SUITE_END()
