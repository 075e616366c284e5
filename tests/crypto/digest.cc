// SPDX-License-Identifier: MIT
#include "shared/crypto/digest.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "shared/base/text.h"

using namespace rpm::crypto;

BOOST_AUTO_TEST_SUITE(digest)

BOOST_AUTO_TEST_CASE(sha256_of_the_standards_examples) {
    BOOST_TEST(sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    BOOST_TEST(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    BOOST_TEST(rpm::text::hex(Sha256().update("a").update("").update("bc").finish()) == sha256_hex("abc"));
}

// RFC 4231, case 2.
BOOST_AUTO_TEST_CASE(hmac_of_the_standards_example) {
    BOOST_TEST(rpm::text::hex(hmac_sha256("Jefe", "what do ya want for nothing?")) ==
               "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

BOOST_AUTO_TEST_CASE(comparison_and_random_bytes) {
    BOOST_TEST(equal("abc", "abc"));
    BOOST_TEST(!equal("abc", "abd"));
    BOOST_TEST(!equal("abc", "abcd"));
    BOOST_TEST(equal("", ""));
    BOOST_TEST(random_bytes(32).size() == 32U);
    BOOST_TEST(random_bytes(32) != random_bytes(32));
}

BOOST_AUTO_TEST_SUITE_END()
