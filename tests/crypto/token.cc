// SPDX-License-Identifier: MIT
#include "shared/crypto/token.h"

#define BOOST_TEST_DYN_LINK
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cctype>
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

BOOST_AUTO_TEST_CASE(api_tokens_can_be_told_from_noise) {
    std::set<std::string> seen;
    for (int i = 0; i < 200; ++i) {
        const rpm::Secret token = new_api_token();
        const std::string text(token.reveal());
        BOOST_REQUIRE(text.size() == 6 + 43 + 6);
        BOOST_REQUIRE(text.starts_with("rpmgr_"));
        BOOST_REQUIRE(
            std::ranges::all_of(text.substr(6), [](unsigned char c) { return std::isalnum(c) != 0; }));
        BOOST_REQUIRE(may_be_api_token(text));
        BOOST_REQUIRE(seen.insert(text).second);
        for (const std::size_t at : {std::size_t{6}, std::size_t{30}, text.size() - 1}) {
            std::string wrong = text;
            wrong[at] = wrong[at] == 'a' ? 'b' : 'a';
            BOOST_REQUIRE(!may_be_api_token(wrong));
        }
    }
    // Written down once with zlib: crc32("rpmgr_" + 43 times '0') in base 62.
    BOOST_TEST(may_be_api_token("rpmgr_" + std::string(43, '0') + "3XnSZ3"));
    BOOST_TEST(!may_be_api_token("rpmgr_" + std::string(43, '0') + "000000"));
    BOOST_TEST(may_be_api_token("of_another_form"));
}

BOOST_AUTO_TEST_CASE(the_hash_is_the_sha256_of_the_text) {
    BOOST_TEST(rpm::text::hex(token_hash("abc")) ==
               "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

BOOST_AUTO_TEST_SUITE_END()
