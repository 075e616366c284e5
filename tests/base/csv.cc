// SPDX-License-Identifier: MIT
#include "shared/base/csv.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

using namespace rpm;

BOOST_AUTO_TEST_SUITE(csv_values)

BOOST_AUTO_TEST_CASE(only_what_must_be_is_quoted) {
    BOOST_TEST(csv::value("plain text") == "plain text");
    BOOST_TEST(csv::value("") == "");
    BOOST_TEST(csv::value("a,b") == "\"a,b\"");
    BOOST_TEST(csv::value("say \"so\"") == "\"say \"\"so\"\"\"");
    BOOST_TEST(csv::value("two\r\nlines") == "\"two\r\nlines\"");
    BOOST_TEST(csv::line({"a", "", "c,d"}) == "a,,\"c,d\"\r\n");
}

BOOST_AUTO_TEST_CASE(nothing_is_a_formula) {
    for (const char* text : {"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1",
                             "\xef\xbc\x9d"
                             "1"})
        BOOST_TEST(csv::value(text) == "\"'" + std::string(text) + "\"");
    BOOST_TEST(csv::value("=cmd|' /C calc'!A0,\"x\"") == "\"'=cmd|' /C calc'!A0,\"\"x\"\"\"");
    BOOST_TEST(csv::value("a=1") == "a=1");
}

BOOST_AUTO_TEST_SUITE_END()
