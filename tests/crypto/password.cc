// SPDX-License-Identifier: MIT
#include "shared/crypto/password.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>
#include <future>
#include <vector>

using namespace rpm::crypto;
using rpm::Secret;

namespace {

struct Cheap {
    Cheap() { set_cost(PasswordCost::minimal); }
    ~Cheap() { set_cost(PasswordCost::interactive); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(password, Cheap)

BOOST_AUTO_TEST_CASE(the_right_password_is_accepted_and_others_are_not) {
    const std::string hash = hash_password(Secret("correct horse"));
    BOOST_TEST(hash.starts_with("$argon2id$v=19$"));
    BOOST_TEST(verify_password(hash, Secret("correct horse")));
    BOOST_TEST(!verify_password(hash, Secret("correct horsf")));
    BOOST_TEST(!verify_password(hash, Secret("")));
}

BOOST_AUTO_TEST_CASE(the_same_password_hashes_differently) {
    BOOST_TEST(hash_password(Secret("a")) != hash_password(Secret("a")));
}

BOOST_AUTO_TEST_CASE(what_is_not_a_hash_accepts_nothing) {
    const std::string hash = hash_password(Secret("a"));
    for (const std::string& bad : {std::string(), std::string("a"), std::string("$argon2id$"), hash + "x",
                                   std::string(5000, '$'), hash.substr(0, hash.size() - 1)})
        BOOST_TEST(!verify_password(bad, Secret("a")));
}

BOOST_AUTO_TEST_CASE(a_hash_of_another_cost_is_to_be_made_again) {
    const std::string cheap = hash_password(Secret("a"));
    BOOST_TEST(!needs_rehash(cheap));
    set_cost(PasswordCost::interactive);
    BOOST_TEST(needs_rehash(cheap));
    const std::string full = hash_password(Secret("a"));
    BOOST_TEST(full.find("m=65536,t=2,") != std::string::npos);
    BOOST_TEST(!needs_rehash(full));
    BOOST_TEST(needs_rehash("not a hash"));
}

// The memory and passes are those of a real check; the time follows from them.
BOOST_AUTO_TEST_CASE(an_unknown_account_costs_a_whole_hash) {
    const auto used = [] {
        timespec now{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
        return now.tv_sec * 1'000'000'000L + now.tv_nsec;
    };
    const long before = used();
    verify_nothing(Secret("a"));
    BOOST_TEST(used() > before);
}

BOOST_AUTO_TEST_CASE(more_threads_than_cores_are_served) {
    const std::string hash = hash_password(Secret("a"));
    std::vector<std::future<bool>> checks;
    for (int i = 0; i < 12; ++i)
        checks.push_back(std::async(std::launch::async, [&] { return verify_password(hash, Secret("a")); }));
    for (auto& check : checks) BOOST_TEST(check.get());
}

BOOST_AUTO_TEST_CASE(hashes_of_other_tools_verify_and_are_to_be_replaced) {
    // Of "correct horse battery" at cost 4: the same 31 bytes under the three names that tools give it.
    const std::string rest = "04$abcdefghijklmnopqrstuuqREtd3VJD2QVZbuFskFSLk6eRIrQoOS";
    for (const char* name : {"$2a$", "$2b$", "$2y$"}) {
        const std::string hash = name + rest;
        BOOST_TEST(is_bcrypt(hash));
        BOOST_TEST(is_password_hash(hash));
        BOOST_TEST(verify_password(hash, Secret("correct horse battery")));
        BOOST_TEST(!verify_password(hash, Secret("correct horse batterx")));
        BOOST_TEST(!verify_password(hash, Secret(std::string("correct horse battery\0", 22))));
        BOOST_TEST(needs_rehash(hash));
    }
    BOOST_TEST(!is_bcrypt("$2x$" + rest));
    BOOST_TEST(!is_bcrypt("$2b$15" + rest.substr(2)));
    BOOST_TEST(!is_bcrypt("$2b$04$short"));
    BOOST_TEST(!is_bcrypt("$2b$" + rest.substr(0, 55) + "!"));
}

BOOST_AUTO_TEST_CASE(engines_get_bcrypt) {
    const std::string hash = hash_bcrypt(Secret("open sesame"));
    BOOST_TEST(hash.starts_with("$2y$"));
    BOOST_TEST(is_bcrypt(hash));
    BOOST_TEST(verify_password(hash, Secret("open sesame")));
    BOOST_TEST(!verify_password(hash, Secret("open sesamf")));
    BOOST_TEST(hash != hash_bcrypt(Secret("open sesame")));  // salted
}

BOOST_AUTO_TEST_CASE(what_is_no_hash_is_told_apart) {
    BOOST_TEST(is_password_hash(hash_password(Secret("x"))));
    for (const char* wrong :
         {"", "plain", "$1$abc$def", "$argon2id$v=19$nonsense", "$argon2i$v=19$m=8,t=1,p=1$a$b"})
        BOOST_TEST(!is_password_hash(wrong), wrong);
}

BOOST_AUTO_TEST_SUITE_END()
