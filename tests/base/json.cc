// SPDX-License-Identifier: MIT
#include "shared/base/json.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <ctime>

#include "shared/base/error.h"
#include "shared/base/text.h"

using rpm::Invalid;
using rpm::Json;

BOOST_AUTO_TEST_SUITE(json)

BOOST_AUTO_TEST_CASE(members_keep_their_order) {
    const std::string text = R"({"z":1,"a":[true,null,-2.5,"ü"],"m":{}})";
    BOOST_TEST(Json::parse(text).dump() == text);
}

BOOST_AUTO_TEST_CASE(errors_name_line_and_column) {
    BOOST_CHECK_EXCEPTION(Json::parse("{\n  \"a\": nope\n}"), Invalid, [](const Invalid& error) {
        return error.problems.entries().at("json").find("line 2, column") != std::string::npos;
    });
}

BOOST_AUTO_TEST_CASE(duplicate_names_are_refused) {
    BOOST_CHECK_THROW(Json::parse(R"({"a":1,"a":2})"), Invalid);
}

BOOST_AUTO_TEST_CASE(deep_nesting_is_refused_without_harm) {
    BOOST_CHECK_THROW(Json::parse(std::string(100000, '[')), Invalid);
}

BOOST_AUTO_TEST_CASE(access_to_another_type_is_invalid_not_undefined) {
    const Json value = Json::parse(R"({"port":"80"})");
    BOOST_CHECK_THROW(value.at("port").integer(), Invalid);
    BOOST_CHECK_THROW(value.at("host"), Invalid);
}

BOOST_AUTO_TEST_CASE(numbers_out_of_range_are_refused) {
    BOOST_CHECK_THROW(Json::parse("18446744073709551615"), Invalid);
    BOOST_TEST(Json::parse("9223372036854775807").integer() == INT64_MAX);
}

BOOST_AUTO_TEST_CASE(an_object_of_very_many_members_is_read_and_written_in_no_time) {
    std::string text = "{";
    for (int i = 0; i < 200'000; ++i)
        text.append(i == 0 ? "\"" : ",\"").append(std::to_string(i)).append("\":1");
    const std::clock_t began = std::clock();  // of this process alone, however busy the machine is
    const Json value = Json::parse(text + "}");
    BOOST_TEST(value.dump() == text + "}");
    BOOST_CHECK_THROW(Json::parse(text + ",\"100\":1}"), Invalid);
    // A look through all members for each of them takes minutes.
    BOOST_TEST((std::clock() - began) / CLOCKS_PER_SEC < 10);
}

BOOST_AUTO_TEST_CASE(messages_quote_little_and_only_text) {
    for (const std::string& text :
         {"\"" + std::string(100'000, 'x'), std::string("\"\xff\xfe"), std::string("[\"\x01"),
          "{\"" + std::string(5'000, 'k') + "\":1,\"" + std::string(5'000, 'k') + "\":1}",
          std::string("1e999")})
        BOOST_CHECK_EXCEPTION(Json::parse(text), Invalid, [](const Invalid& error) {
            const std::string& message = error.problems.entries().at("json");
            return message.size() < 300 && rpm::text::is_utf8(message) && !rpm::text::has_control(message) &&
                   message.find("exception") == std::string::npos;
        });
}

BOOST_AUTO_TEST_SUITE_END()
