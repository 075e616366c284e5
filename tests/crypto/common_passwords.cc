// SPDX-License-Identifier: MIT
#include "shared/crypto/common_passwords.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

using namespace rpm;

namespace {
bool common(std::string text) {
    return crypto::is_common_password(Secret(std::move(text)));
}
}  // namespace

BOOST_AUTO_TEST_SUITE(common_passwords)

BOOST_AUTO_TEST_CASE(what_leaked_is_known) {
    for (const char* known : {"1qaz2wsx3edc", "123qweasdzxc", "administrator", "Unbelievable",
                              "COUNTERSTRIKE", "leavemealone", "qwerty123456"})
        BOOST_TEST(common(known), known);
}

BOOST_AUTO_TEST_CASE(decoration_does_not_help) {
    for (const char* known :
         {"password1234", "Password!2026", "12345password", "p4ssw0rd!!!!!", "P@ssword20261", "letmein123456",
          "passwordpassword", "dragondragondragon", "dragon!dragon!", "monkey_000000000"})
        BOOST_TEST(common(known), known);
}

BOOST_AUTO_TEST_CASE(runs_and_repeats_are_known) {
    for (const char* known : {"abcdefghijkl", "zyxwvutsrqpo", "123456789012", "987654321098",
                              "aaaaaaaaaaaaaaaa", "abababababab", "aabbaabbccdd", "7!7!7!7!7!7!"})
        BOOST_TEST(common(known), known);
}

BOOST_AUTO_TEST_CASE(what_only_its_owner_thinks_of_is_free) {
    for (const char* free :
         {"correct horse battery", "a whole new phrase", "another long one", "x7Kp2mQz9wLr",
          "grüne Katzen fliegen", "12 small steps home", "ein Esel liest nie", "Tr0mbone&Rain&Tea"})
        BOOST_TEST(!common(free), free);
}

BOOST_AUTO_TEST_SUITE_END()
