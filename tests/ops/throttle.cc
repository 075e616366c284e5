// SPDX-License-Identifier: MIT
// Limits on guessing: what parallel tries, other networks, other hosts and a dead memcached make of them.
#include "shared/ops/throttle.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <sys/socket.h>
#include <sys/un.h>

#include <atomic>
#include <mutex>
#include <set>
#include <thread>

#include "shared/base/handle.h"
#include "shared/cache/counters.h"
#include "shared/crypto/password.h"
#include "shared/ops/people.h"
#include "tests/support/process.h"
#include "tests/support/world.h"

using namespace rpm;
using namespace std::chrono_literals;
using ops::SignInResult;

namespace {

struct Throttle : test::World {
    UserId carol = ops::create_user(context, admin,
                                    {.username = "carol",
                                     .email = "carol@example.com",
                                     .role = Role::client,
                                     .password = Secret("correct horse battery")});
    ops::SignInFrom from{.panel = "client", .address = "192.0.2.1", .user_agent = "test", .request_id = "r"};

    ops::SignIn sign_in(const char* password, const char* name = "carol") {
        return ops::sign_in(context, name, Secret(password), from);
    }
    SignInResult result(const char* password, const char* name = "carol") {
        return sign_in(password, name).result;
    }
    void fail_from(const std::string& address, int times) {
        from.address = address;
        for (int i = 0; i < times; ++i) sign_in("wrong wrong wrong");
    }
};

// A socket that is there takes nobody until it is listened on, and who came too early stays away for a
// second.
bool answers(const std::string& socket) {
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    socket.copy(address.sun_path, sizeof address.sun_path - 1);
    const Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    return ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

// For what is not about waiting: a busy machine may answer late.
constexpr std::chrono::seconds kPatience{20};

struct Memcached {
    test::Folder folder;
    std::string socket = folder.path() / "memcached.sock";
    test::Process process{{"memcached", "-s", socket, "-m", "8", "-U", "0", "-u", "root"}};
    Memcached() {
        std::filesystem::permissions(folder.path(), std::filesystem::perms::all);
        process.await([&] { return answers(socket); });
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(throttle, Throttle)

BOOST_AUTO_TEST_CASE(parallel_tries_get_no_more_than_the_limit) {
    const auto before = crypto::hashes_made();
    std::atomic<int> looked_at = 0;
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 12; ++t)
            threads.emplace_back([&] {
                db::Connection own(test::database_settings());
                ops::Context theirs{own, clock, keys.sealing};
                if (ops::sign_in(theirs, "carol", Secret("wrong wrong wrong"), from).result ==
                    SignInResult::wrong)
                    ++looked_at;
            });
    }
    BOOST_TEST(looked_at == 5);
    BOOST_TEST(crypto::hashes_made() - before == 5U);
}

BOOST_AUTO_TEST_CASE(the_answer_says_how_long_to_wait) {
    fail_from("192.0.2.1", 5);
    clock.advance(10min);
    const auto refused = sign_in("correct horse battery");
    BOOST_TEST((refused.result == SignInResult::throttled));
    BOOST_TEST(refused.retry_after.count() == 300);
    clock.advance(5min);
    BOOST_TEST((result("correct horse battery") == SignInResult::signed_in));
}

BOOST_AUTO_TEST_CASE(success_is_not_counted) {
    for (int i = 0; i < 40; ++i) BOOST_TEST((result("correct horse battery") == SignInResult::signed_in));
    for (int i = 0; i < 4; ++i) BOOST_TEST((result("wrong") == SignInResult::wrong));
    BOOST_TEST((result("correct horse battery") == SignInResult::signed_in));
    for (int i = 0; i < 4; ++i) BOOST_TEST((result("wrong") == SignInResult::wrong));
}

BOOST_AUTO_TEST_CASE(name_mail_address_and_case_are_one_account) {
    BOOST_TEST((result("correct horse battery", "carol@example.com") == SignInResult::signed_in));
    for (const char* name : {"carol", "CAROL", "carol@example.com", "Carol", "carol"})
        BOOST_TEST((result("wrong", name) == SignInResult::wrong), name);
    BOOST_TEST((result("correct horse battery", "carol") == SignInResult::throttled));
    for (int i = 0; i < 5; ++i)
        BOOST_TEST((result("wrong", i % 2 ? "Nobody" : "nobody") == SignInResult::wrong));
    BOOST_TEST((result("wrong", "nobody") == SignInResult::throttled));
}

BOOST_AUTO_TEST_CASE(a_mail_address_of_two_accounts_is_nobodys) {
    ops::create_user(context, admin,
                     {.username = "carola",
                      .email = "carol@example.com",
                      .role = Role::client,
                      .password = Secret("correct horse battery")});
    BOOST_TEST((result("correct horse battery", "carol@example.com") == SignInResult::wrong));
}

BOOST_AUTO_TEST_CASE(an_attack_from_many_networks_slows_strangers_and_nobody_who_was_here_before) {
    const auto home = sign_in("correct horse battery");
    BOOST_TEST(!home.device.empty());
    for (int n = 1; n <= 10; ++n) fail_from("198.51.100." + std::to_string(n), 6);
    from.address = "203.0.113.9";
    BOOST_TEST((result("correct horse battery") == SignInResult::throttled));
    from.device = std::string(home.device.reveal());
    const auto again = sign_in("correct horse battery");
    BOOST_TEST((again.result == SignInResult::signed_in));
    // The cookie is renewed, and the old one is a stranger's.
    BOOST_TEST(again.device.reveal() != home.device.reveal());
    BOOST_TEST((result("correct horse battery") == SignInResult::throttled));
}

BOOST_AUTO_TEST_CASE(one_network_alone_cannot_use_up_what_strangers_have) {
    fail_from("198.51.100.1", 200);
    from.address = "203.0.113.9";
    BOOST_TEST((result("correct horse battery") == SignInResult::signed_in));
}

BOOST_AUTO_TEST_CASE(a_known_browser_guesses_only_so_often_and_only_for_its_user) {
    from.device = std::string(sign_in("correct horse battery").device.reveal());
    for (int i = 0; i < 10; ++i) BOOST_TEST((result("wrong") == SignInResult::wrong));
    BOOST_TEST((result("correct horse battery") == SignInResult::throttled));
    // For another account it is like any stranger.
    for (int i = 0; i < 5; ++i) BOOST_TEST((result("wrong", "alice") == SignInResult::wrong));
    BOOST_TEST((result("wrong", "alice") == SignInResult::throttled));
}

BOOST_AUTO_TEST_CASE(memcached_counts_for_all_hosts) {
    const Memcached server;
    cache::Counters here(server.socket, kPatience), there(server.socket, kPatience);
    context.counters = &here;
    db::Connection own(test::database_settings());
    ops::Context other{own, clock, keys.sealing};
    other.counters = &there;
    for (int i = 0; i < 5; ++i) {
        ops::Context& host = i % 2 == 0 ? context : other;
        BOOST_TEST((ops::sign_in(host, "carol", Secret("wrong"), from).result == SignInResult::wrong));
    }
    BOOST_TEST((ops::sign_in(other, "carol", Secret("wrong"), from).result == SignInResult::throttled));
    BOOST_TEST((result("correct horse battery") == SignInResult::throttled));
    BOOST_TEST(number("SELECT COUNT(*) FROM attempt_counters") == 0U);
    from.address = "192.0.2.2";
    BOOST_TEST((result("correct horse battery") == SignInResult::signed_in));
    BOOST_TEST((result("wrong") == SignInResult::wrong));
}

BOOST_AUTO_TEST_CASE(counting_in_memcached_is_atomic_and_ends) {
    const Memcached server;
    std::mutex mutex;
    std::multiset<std::uint64_t> numbers;
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t)
            threads.emplace_back([&] {
                cache::Counters own(server.socket, kPatience);
                for (int i = 0; i < 50; ++i) {
                    const auto number = own.count("key", 1min);
                    const std::lock_guard lock(mutex);
                    if (number) numbers.insert(*number);
                }
            });
    }
    BOOST_TEST(numbers.size() == 200U);
    for (const auto number : numbers) BOOST_TEST(numbers.count(number) == 1U);
    cache::Counters counters(server.socket, kPatience);
    const auto last = counters.count("key", 1min).value_or(0);
    BOOST_TEST(last == 201U);
    BOOST_TEST(counters.take_back("key"));
    BOOST_TEST(counters.count("key", 1min).value_or(0) == last);
    BOOST_TEST(counters.forget("key"));
    BOOST_TEST(counters.take_back("key"));
    BOOST_TEST(counters.count("key", 1s).value_or(0) == 1U);
    std::this_thread::sleep_for(2100ms);
    BOOST_TEST(counters.count("key", 1s).value_or(0) == 1U);
}

BOOST_AUTO_TEST_CASE(without_memcached_the_database_counts) {
    cache::Counters dead("127.0.0.1:1,/nowhere/memcached.sock");
    context.counters = &dead;
    for (int i = 0; i < 5; ++i) BOOST_TEST((result("wrong") == SignInResult::wrong));
    BOOST_TEST((result("correct horse battery") == SignInResult::throttled));
    BOOST_TEST(number("SELECT COUNT(*) FROM attempt_counters") > 0U);
}

BOOST_AUTO_TEST_CASE(addresses_of_memcached_are_checked) {
    for (const char* fine : {"cache", "cache:11211", "[::1]:11211", "::1", "/run/m.sock", "a:1, b:2"})
        BOOST_CHECK_NO_THROW(cache::Counters{fine});
    for (const char* wrong : {"cache:", "cache:0", "cache:70000", "cache:x", "[::1", "[::1]x1", ":1"})
        BOOST_CHECK_THROW(cache::Counters{wrong}, Invalid);
}

BOOST_AUTO_TEST_CASE(an_address_is_counted_by_its_network) {
    BOOST_TEST(ops::counted_address("192.0.2.1") == "192.0.2.1");
    BOOST_TEST(ops::counted_address("::ffff:192.0.2.1") == "192.0.2.1");
    BOOST_TEST(ops::counted_address("2001:db8:1:2:3::4") == "2001:db8:1:2::/64");
}

BOOST_AUTO_TEST_SUITE_END()
