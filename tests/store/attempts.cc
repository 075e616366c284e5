// SPDX-License-Identifier: MIT
#include "shared/store/attempts.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <mutex>
#include <set>
#include <thread>

#include "shared/crypto/digest.h"
#include "tests/support/world.h"

using namespace rpm;
using namespace std::chrono_literals;

namespace {

struct Attempts : test::World {
    const std::string key = crypto::sha256("account 7");
    store::AttemptCount count() {
        return db::transact(
            db, [&](db::Transaction& tx) { return store::count_attempt(tx, key, 15min, clock.now()); });
    }
    void write(const std::function<void(db::Transaction&)>& change) { db::transact(db, change); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(attempts, Attempts)

BOOST_AUTO_TEST_CASE(the_window_begins_with_the_first_and_is_not_drawn_out) {
    const Time end = clock.now() + 15min;
    BOOST_TEST(count().hits == 1U);
    clock.advance(10min);
    const auto second = count();
    BOOST_TEST(second.hits == 2U);
    BOOST_TEST((second.ends_at == end));
    clock.advance(5min);
    const auto later = count();
    BOOST_TEST(later.hits == 1U);
    BOOST_TEST((later.ends_at == clock.now() + 15min));
}

BOOST_AUTO_TEST_CASE(counts_are_taken_back_but_not_below_nothing) {
    count();
    count();
    write([&](db::Transaction& tx) { store::take_back_attempt(tx, key); });
    BOOST_TEST(count().hits == 2U);
    for (int i = 0; i < 5; ++i) write([&](db::Transaction& tx) { store::take_back_attempt(tx, key); });
    BOOST_TEST(count().hits == 1U);
    count();
    write([&](db::Transaction& tx) { store::forget_attempts(tx, key); });
    BOOST_TEST(count().hits == 1U);
}

BOOST_AUTO_TEST_CASE(no_two_of_many_at_once_are_given_the_same_number) {
    std::mutex mutex;
    std::multiset<unsigned> numbers;
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 8; ++t)
            threads.emplace_back([&] {
                db::Connection own(test::database_settings());
                for (int i = 0; i < 5; ++i) {
                    const auto counted = db::transact(own, [&](db::Transaction& tx) {
                        return store::count_attempt(tx, key, 15min, clock.now());
                    });
                    const std::lock_guard lock(mutex);
                    numbers.insert(counted.hits);
                }
            });
    }
    for (unsigned n = 1; n <= 40; ++n) BOOST_TEST(numbers.count(n) == 1U, n);
}

BOOST_AUTO_TEST_CASE(attempts_with_any_name_are_noted) {
    write([&](db::Transaction& tx) {
        store::insert_attempt(tx, "jürgen" + std::string(100, 'x'), "192.0.2.1", false, clock.now());
    });
    BOOST_TEST(number("SELECT COUNT(*) FROM login_attempts") == 1U);
}

BOOST_AUTO_TEST_CASE(a_device_is_known_for_its_user_until_it_is_too_old) {
    const std::string device = crypto::sha256("cookie");
    write([&](db::Transaction& tx) {
        store::insert_known_device(tx, device, alice.id, clock.now(), clock.now() + 1h);
    });
    BOOST_TEST(store::is_known_device(db, device, alice.id, clock.now()));
    BOOST_TEST(!store::is_known_device(db, device, bob.id, clock.now()));
    BOOST_TEST(!store::is_known_device(db, device, UserId(), clock.now()));
    BOOST_TEST(!store::is_known_device(db, crypto::sha256("other"), alice.id, clock.now()));
    BOOST_TEST(!store::is_known_device(db, device, alice.id, clock.now() + 1h));
    write([&](db::Transaction& tx) { store::remove_known_devices(tx, alice.id); });
    BOOST_TEST(!store::is_known_device(db, device, alice.id, clock.now()));
}

BOOST_AUTO_TEST_SUITE_END()
