// SPDX-License-Identifier: MIT
#include "shared/store/users.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <latch>
#include <thread>

#include "shared/crypto/digest.h"
#include "tests/support/world.h"

using namespace rpm;
using namespace std::chrono_literals;

namespace {

struct Users : test::World {
    std::string hash(std::string_view text) { return crypto::sha256(text); }
    void write(const std::function<void(db::Transaction&)>& change) { db::transact(db, change); }
    SessionId add_session(const Viewer& viewer, std::string_view secret, std::string agent = "test") {
        store::Session session;
        session.user = store::get_user(db, viewer.id);
        session.panel = "client";
        session.address = "192.0.2.7";
        session.user_agent = std::move(agent);
        session.created_at = session.last_seen_at = clock.now();
        session.expires_at = clock.now() + 1h;
        return db::transact(
            db, [&](db::Transaction& tx) { return store::insert_session(tx, session, hash(secret)); });
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(users, Users)

BOOST_AUTO_TEST_CASE(what_is_stored_is_read_back) {
    const auto id = db::transact(db, [&](db::Transaction& tx) {
        store::User user;
        user.username = "Carol";
        user.email = "carol@example.com";
        user.role = Role::admin;
        user.theme = "dark";
        return store::insert_user(tx, user, clock.now());
    });
    const auto read = store::get_user(db, id);
    BOOST_TEST(read.username == "Carol");
    BOOST_TEST(read.email == "carol@example.com");
    BOOST_TEST(store::find_password_hash(db, id) == "");
    BOOST_TEST((read.role == Role::admin));
    BOOST_TEST(read.active);
    BOOST_TEST(read.theme == "dark");
    BOOST_TEST((read.created_at == clock.now()));
    BOOST_TEST(!read.last_login);
    BOOST_TEST((store::find_user(db, "cAROL")->id == id));
    BOOST_TEST(store::list_users(db).size() == 4U);
    BOOST_CHECK_THROW(store::get_user(db, UserId(999'999)), NotFound);
}

BOOST_AUTO_TEST_CASE(names_of_any_script_are_just_not_found) {
    BOOST_TEST(!store::find_user(db, "jürgen"));
    BOOST_TEST(!store::find_user(db, std::string(5000, 'x')));
}

BOOST_AUTO_TEST_CASE(a_name_is_taken_in_any_case) {
    BOOST_CHECK_THROW(add_user("ALICE", Role::client), Conflict);
}

BOOST_AUTO_TEST_CASE(changes_to_users_are_stored) {
    write([&](db::Transaction& tx) {
        store::update_password(tx, alice.id, "new", clock.now());
        store::update_theme(tx, alice.id, "light");
        store::update_active(tx, alice.id, false);
        store::update_last_login(tx, alice.id, clock.now());
    });
    const auto user = store::get_user(db, alice.id);
    BOOST_TEST(store::find_password_hash(db, alice.id) == "new");
    BOOST_TEST(user.theme == "light");
    BOOST_TEST(!user.active);
    BOOST_TEST((user.last_login == clock.now()));
    BOOST_CHECK_THROW(write([](db::Transaction& tx) { store::update_active(tx, UserId(999'999), true); }),
                      NotFound);
}

BOOST_AUTO_TEST_CASE(a_session_is_found_by_its_token_in_its_panel_until_it_expires) {
    const auto id = add_session(alice, "token");
    const auto found = store::find_session(db, hash("token"), "client", clock.now());
    BOOST_REQUIRE(found);
    BOOST_TEST((found->id == id));
    BOOST_TEST(found->user.username == "alice");
    BOOST_TEST(found->address == "192.0.2.7");
    BOOST_TEST(!store::find_session(db, hash("token"), "admin", clock.now()));
    BOOST_TEST(!store::find_session(db, hash("other"), "client", clock.now()));
    BOOST_TEST(!store::find_session(db, hash("token"), "client", clock.now() + 1h));
    write([&](db::Transaction& tx) { store::update_session_seen(tx, id, clock.now() + 1min); });
    BOOST_TEST(
        (store::find_session(db, hash("token"), "client", clock.now())->last_seen_at == clock.now() + 1min));
    write([&](db::Transaction& tx) { store::update_active(tx, alice.id, false); });
    BOOST_TEST(!store::find_session(db, hash("token"), "client", clock.now()));
}

BOOST_AUTO_TEST_CASE(long_names_of_browsers_are_cut_between_characters) {
    std::string agent(254, 'a');
    agent += "äöü";
    add_session(alice, "token", agent);
    add_session(alice, "second", std::string(400, 'b'));
    const auto session = store::find_session(db, hash("token"), "client", clock.now());
    BOOST_REQUIRE(session);
    BOOST_TEST(session->user_agent == std::string(252, 'a') + "…");
}

BOOST_AUTO_TEST_CASE(sessions_are_removed_by_their_owner_only) {
    const auto first = add_session(alice, "1");
    const auto second = add_session(alice, "2");
    add_session(bob, "3");
    write([&](db::Transaction& tx) {
        BOOST_TEST(!store::remove_session(tx, bob.id, first));
        BOOST_TEST(store::remove_session(tx, alice.id, first));
        BOOST_TEST(!store::remove_session(tx, alice.id, first));
    });
    BOOST_TEST(store::list_sessions(db, alice.id, clock.now()).size() == 1U);
    add_session(alice, "4");
    write([&](db::Transaction& tx) { store::remove_sessions(tx, alice.id, second); });
    BOOST_TEST((store::list_sessions(db, alice.id, clock.now()).front().id == second));
    write([&](db::Transaction& tx) { store::remove_sessions(tx, alice.id); });
    BOOST_TEST(store::list_sessions(db, alice.id, clock.now()).empty());
    BOOST_TEST(store::list_sessions(db, bob.id, clock.now()).size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_link_works_once_and_in_time) {
    write([&](db::Transaction& tx) {
        store::insert_link(tx, {.user = alice.id}, hash("once"), clock.now(), clock.now() + 1min);
        store::insert_link(tx, {.user = alice.id}, hash("late"), clock.now(), clock.now() + 1min);
    });
    write([&](db::Transaction& tx) {
        BOOST_TEST((store::use_link(tx, hash("once"), "sign_in", clock.now())->user == alice.id));
        BOOST_TEST(!store::use_link(tx, hash("once"), "sign_in", clock.now()));
        BOOST_TEST(!store::use_link(tx, hash("late"), "sign_in", clock.now() + 1min));
        BOOST_TEST(!store::use_link(tx, hash("unknown"), "sign_in", clock.now()));
    });
}

BOOST_AUTO_TEST_CASE(of_many_that_use_a_link_at_once_one_succeeds) {
    constexpr int kThreads = 6;
    for (int round = 0; round < 5; ++round) {
        const std::string secret = hash("link " + std::to_string(round));
        write([&](db::Transaction& tx) {
            store::insert_link(tx, {.user = alice.id}, secret, clock.now(), clock.now() + 1min);
        });
        std::latch ready(kThreads);
        std::atomic<int> used = 0;
        std::vector<std::jthread> threads;
        for (int i = 0; i < kThreads; ++i) {
            threads.emplace_back([&] {
                db::Connection own(test::database_settings());
                own.ping();
                ready.arrive_and_wait();
                db::transact(own, [&](db::Transaction& tx) {
                    if (store::use_link(tx, secret, "sign_in", clock.now())) ++used;
                });
            });
        }
        threads.clear();
        BOOST_TEST(used == 1);
    }
}

BOOST_AUTO_TEST_CASE(a_client_without_id_sees_nothing) {
    BOOST_CHECK_THROW(Scope::of(Viewer{}), Forbidden);
}

BOOST_AUTO_TEST_SUITE_END()
