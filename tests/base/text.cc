// SPDX-License-Identifier: MIT
#include "shared/base/text.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

using namespace rpm;

namespace {

using Parts = std::vector<std::string_view>;

}  // namespace

BOOST_AUTO_TEST_SUITE(texts)

BOOST_AUTO_TEST_CASE(texts_are_cut_into_parts) {
    BOOST_TEST(text::trim(" \ta b\r\n") == "a b");
    BOOST_TEST((text::split("a,,b,", ',') == Parts{"a", "", "b", ""}));
    BOOST_TEST((text::lines("a\r\nb\n\nc\n") == Parts{"a", "b", "", "c"}));
    BOOST_TEST((text::words(" a,b\n\tc ,") == Parts{"a", "b", "c"}));
    BOOST_TEST(text::join({"a", "b"}, ", ") == "a, b");
}

BOOST_AUTO_TEST_CASE(only_well_formed_utf8_is_utf8) {
    for (const char* good : {"", "abc", "\xc3\xbc", "\xe2\x82\xac", "\xf0\x9f\x8d\x80"})
        BOOST_TEST(text::is_utf8(good), good);
    // stray, overlong, surrogate, beyond U+10FFFF, cut off
    for (const char* bad : {"\x80", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82"})
        BOOST_TEST(!text::is_utf8(bad));
}

BOOST_AUTO_TEST_CASE(controls_are_found) {
    for (const char* bad : {"a\nb", "\x7f", "\x1b[0m"}) BOOST_TEST(text::has_control(bad));
    BOOST_TEST(!text::has_control("a b\xc3\xbc"));
}

BOOST_AUTO_TEST_CASE(bytes_survive_their_encodings) {
    const std::string bytes("\x00\xff\x10", 3);
    BOOST_TEST(text::hex(bytes) == "00ff10");
    BOOST_TEST(text::unhex("00FF10").value() == bytes);
    BOOST_TEST(text::base64(bytes) == "AP8Q");
    BOOST_TEST(text::base64url("\xfb\xff") == "-_8");
    for (const std::string& plain : {std::string(), std::string("a"), std::string("ab"), bytes})
        BOOST_TEST(text::unbase64(text::base64(plain)).value() == plain);
    for (const char* bad : {"0", "0g", "0x"}) BOOST_TEST(!text::unhex(bad), bad);
    for (const char* bad : {"AP8", "A===", "AP8Q=", "A P8", "-_8=", "AP9=", "AB=="})
        BOOST_TEST(!text::unbase64(bad), bad);
    // RFC 4648 section 10
    const std::pair<const char*, const char*> thirty_two[] = {{"", ""},
                                                              {"f", "MY"},
                                                              {"fo", "MZXQ"},
                                                              {"foo", "MZXW6"},
                                                              {"foob", "MZXW6YQ"},
                                                              {"fooba", "MZXW6YTB"},
                                                              {"foobar", "MZXW6YTBOI"}};
    for (const auto& [plain, coded] : thirty_two) BOOST_TEST(text::base32(plain) == coded);
    BOOST_TEST(text::grouped("ABCDEFGHIJ", 4, ' ') == "ABCD EFGH IJ");
    BOOST_TEST(text::unbase64url("-_8").value() == "\xfb\xff");
    for (const char* bad : {"-_8=", "+/8", "A", "-_9"}) BOOST_TEST(!text::unbase64url(bad), bad);
}

BOOST_AUTO_TEST_CASE(numbers_are_whole_texts) {
    BOOST_TEST(text::number<int>("-7").value() == -7);
    for (const char* bad : {"", " 1", "1 ", "+1", "0x1", "1.0", "99999999999999999999"})
        BOOST_TEST(!text::number<int>(bad), bad);
    BOOST_TEST(!text::number<unsigned>("-1"));
}

BOOST_AUTO_TEST_CASE(long_texts_are_cut_between_characters) {
    BOOST_TEST(text::ellipsis("short", 5) == "short");
    const std::string cut = text::ellipsis("\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc", 6);
    BOOST_TEST(cut == "\xc3\xbc\xc3\xbc\xc3\xbc\xe2\x80\xa6");
    BOOST_TEST(text::ellipsis("\xc3\xbc\xc3\xbc", 3) == "\xc3\xbc\xe2\x80\xa6");
}

BOOST_AUTO_TEST_CASE(what_messages_quote_is_clean) {
    BOOST_TEST(text::shown("käse\n\x7f", 20) == "käse??");
    BOOST_TEST(text::shown("k\xe4se", 20) == "k?se");
    BOOST_TEST(text::shown("käse", 2) == "k…");
}

BOOST_AUTO_TEST_CASE(the_word_that_was_meant_is_found) {
    const std::vector<std::string> words{"deploy", "migrate"};
    BOOST_TEST(text::nearest("depoly", words).value() == "deploy");
    BOOST_TEST(!text::nearest("banana", words));
}

BOOST_AUTO_TEST_SUITE_END()
