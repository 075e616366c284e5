// SPDX-License-Identifier: MIT
#include "shared/base/error.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

using namespace rpm;

BOOST_AUTO_TEST_SUITE(errors)

BOOST_AUTO_TEST_CASE(the_first_problem_of_a_field_is_kept) {
    Problems problems;
    problems.add("port", "is missing");
    problems.add("port", "must be a number");
    problems.add("domains", "is empty");
    BOOST_TEST(problems.has("port"));
    const Invalid invalid(problems);
    BOOST_TEST(invalid.problems.text() == invalid.what());
    BOOST_TEST(std::string(invalid.what()).find("is missing") != std::string::npos);
    BOOST_TEST(std::string(invalid.what()).find("must be a number") == std::string::npos);
    BOOST_TEST(Invalid("port", "is missing").problems.entries().at("port") == "is missing");
}

BOOST_AUTO_TEST_SUITE_END()
