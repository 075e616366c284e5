// SPDX-License-Identifier: MIT
#include "shared/ops/tokens.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "shared/store/audit.h"
#include "tests/support/world.h"

using namespace rpm;
using namespace std::chrono_literals;
using ops::TokenResult;

namespace {

struct Tokens : test::World {
    std::string make(const Viewer& viewer, ops::NewToken wanted = {}) {
        if (wanted.name.empty()) wanted.name = "ci";
        return std::string(ops::create_api_token(context, viewer, viewer.id, wanted).reveal());
    }
    ops::TokenVisitor visit(const std::string& given, const std::string& from = "192.0.2.9") {
        return ops::find_token_visitor(context, given, from, "r9");
    }
    bool works(const std::string& given, const std::string& from = "192.0.2.9") {
        return visit(given, from).result == TokenResult::known;
    }
    store::ApiToken newest(const Viewer& of) { return store::list_api_tokens(db, of.id).front(); }
};

auto says(const std::string& field) {
    return [=](const Invalid& error) { return error.problems.has(field); };
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(tokens, Tokens)

BOOST_AUTO_TEST_CASE(a_token_stands_for_its_user) {
    BOOST_CHECK_THROW(ops::create_api_token(context, alice, bob.id, "x", std::nullopt), Forbidden);
    BOOST_CHECK_EXCEPTION(ops::create_api_token(context, alice, alice.id, "", std::nullopt), Invalid,
                          says("name"));
    const auto text = make(alice);
    const auto found = visit(text);
    BOOST_REQUIRE((found.result == TokenResult::known));
    BOOST_TEST(found.viewer.username == "alice");
    BOOST_TEST(found.viewer.address == "192.0.2.9");
    BOOST_TEST(!found.viewer.is_staff());
    BOOST_TEST(text.starts_with(newest(alice).hint));
    BOOST_TEST(newest(alice).hint.size() == 10U);
    BOOST_TEST(newest(alice).last_address == "192.0.2.9");
    const auto used = *newest(alice).last_used_at;
    clock.advance(59s);
    visit(text, "192.0.2.10");
    BOOST_TEST((*newest(alice).last_used_at == used));  // one write a minute at most
    clock.advance(2s);
    visit(text, "192.0.2.10");
    BOOST_TEST(newest(alice).last_address == "192.0.2.10");
    BOOST_TEST(!works("rpmgr_guess"));
    const auto audit = store::list_audit(db, Scope::everything(), {.action_prefix = "user.create_token"});
    BOOST_REQUIRE(audit.size() == 1U);
    BOOST_TEST(audit[0].after.find(text) == std::string::npos);
}

BOOST_AUTO_TEST_CASE(it_does_no_more_than_its_scopes_and_its_role) {
    const auto reads = make(alice, {.name = "r", .scopes = PermissionSet::parse("sites:read")});
    const Viewer viewer = visit(reads).viewer;
    BOOST_TEST(viewer.may(Permission::sites_read));
    BOOST_TEST(!viewer.may(Permission::sites_edit));
    BOOST_CHECK_THROW(viewer.demand(Permission::sites_edit), InsufficientScope);
    BOOST_CHECK_EXCEPTION(make(alice, {.name = "x", .scopes = PermissionSet::parse("nodes:manage")}), Invalid,
                          says("scopes"));
    // Whoever becomes less takes the token along.
    const auto manages = make(admin, {.name = "m", .scopes = PermissionSet::parse("nodes:manage")});
    BOOST_TEST(visit(manages).viewer.may(Permission::nodes_manage));
    db::transact(db, [&](db::Transaction& tx) {
        tx.execute("UPDATE users SET role = 'read_only' WHERE id = ?", admin.id);
    });
    BOOST_TEST(!visit(manages).viewer.may(Permission::nodes_manage));
}

BOOST_AUTO_TEST_CASE(a_token_makes_no_tokens) {
    Viewer limited = alice;
    limited.limit = PermissionSet::parse("account sites:read");
    BOOST_CHECK_THROW(make(limited), Forbidden);
    Viewer watched = alice;
    watched.impersonator = admin.id;
    BOOST_CHECK_THROW(make(watched), Forbidden);
}

BOOST_AUTO_TEST_CASE(it_ends_with_its_time) {
    const auto usual = make(alice);
    BOOST_TEST((*newest(alice).expires_at == clock.now() + 90 * 24h));
    const auto hour = make(alice, {.name = "h", .life = 1h});
    BOOST_CHECK_EXCEPTION(make(alice, {.name = "x", .life = 366 * 24h}), Invalid, says("days"));
    set(Setting::tokens_days, "30");
    make(alice, {.name = "short"});
    BOOST_TEST((*newest(alice).expires_at == clock.now() + 30 * 24h));
    clock.advance(1h);
    BOOST_TEST(!works(hour));
    BOOST_TEST(works(usual));
    clock.advance(90 * 24h);
    BOOST_TEST(!works(usual));
}

BOOST_AUTO_TEST_CASE(it_works_from_its_networks) {
    const auto made =
        make(alice, {.name = "n", .networks = parse_networks("n", "192.0.2.0/24 2001:db8::/32")});
    for (const char* from : {"192.0.2.200", "::ffff:192.0.2.200", "2001:db8::9"})
        BOOST_TEST(works(made, from), from);
    for (const char* from : {"192.0.3.1", "2001:db9::1", "", "unix"}) BOOST_TEST(!works(made, from), from);
}

BOOST_AUTO_TEST_CASE(it_is_revoked_for_good) {
    const auto made = make(alice);
    const TokenId id = newest(alice).id;
    BOOST_CHECK_THROW(ops::revoke_api_token(context, bob, id), NotFound);
    ops::revoke_api_token(context, alice, id);
    BOOST_TEST(!works(made));
    ops::revoke_api_token(context, alice, id);
    BOOST_TEST(store::list_audit(db, Scope::everything(), {.action_prefix = "user.revoke_token"}).size() ==
               1U);
    const auto other = make(bob);
    ops::revoke_api_token(context, admin, newest(bob).id);
    BOOST_TEST(!works(other));
    BOOST_CHECK_THROW(ops::list_api_tokens(context, alice, bob.id), Forbidden);
    BOOST_TEST(ops::list_api_tokens(context, admin, bob.id).size() == 1U);
}

BOOST_AUTO_TEST_CASE(wrong_ones_are_counted_per_network_and_neighbours_stay_in) {
    const auto good = make(alice);
    const auto guess = [&](int i, const char* from) {
        return visit("rpmgr_" + std::to_string(i), from).result;
    };
    for (int i = 0; i < 30; ++i) BOOST_TEST((guess(i, "192.0.2.66") == TokenResult::wrong));
    BOOST_TEST((guess(31, "192.0.2.66") == TokenResult::throttled));
    BOOST_TEST((guess(32, "192.0.2.67") == TokenResult::wrong));
    BOOST_TEST(works(good, "192.0.2.66"));
    clock.advance(16min);
    BOOST_TEST((guess(33, "192.0.2.66") == TokenResult::wrong));
}

BOOST_AUTO_TEST_SUITE_END()
