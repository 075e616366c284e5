// SPDX-License-Identifier: MIT
#include "shared/crypto/token.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>
#include <set>

#include "shared/base/text.h"

using namespace rpm::crypto;

BOOST_AUTO_TEST_SUITE(token)

BOOST_AUTO_TEST_CASE(tokens_are_long_unique_and_safe_in_urls) {
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i) {
        const rpm::Secret token = new_token("rpmgr_");
        BOOST_REQUIRE(token.size() == 6 + 43);
        BOOST_REQUIRE(token.reveal().starts_with("rpmgr_"));
        BOOST_REQUIRE(token.reveal().find_first_of("+/=") == std::string_view::npos);
        BOOST_REQUIRE(seen.emplace(token.reveal()).second);
    }
    BOOST_TEST(new_token().size() == 43U);
}

BOOST_AUTO_TEST_CASE(the_hash_is_the_sha256_of_the_text) {
    BOOST_TEST(rpm::text::hex(token_hash("abc")) ==
               "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

BOOST_AUTO_TEST_SUITE_END()
