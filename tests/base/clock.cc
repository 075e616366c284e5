// SPDX-License-Identifier: MIT
#include "shared/base/clock.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "shared/base/error.h"

using namespace rpm;

BOOST_AUTO_TEST_SUITE(clock_texts)

BOOST_AUTO_TEST_CASE(times_are_written_in_every_form) {
    const Time time = from_sql("2026-11-22 20:34:00.000007");
    BOOST_TEST(to_sql(time) == "2026-11-22 20:34:00.000007");
    BOOST_TEST(to_rfc3339(from_sql("2026-11-22 20:34:00")) == "2026-11-22T20:34:00Z");
    BOOST_TEST(to_http_date(time) == "Sun, 22 Nov 2026 20:34:00 GMT");
}

BOOST_AUTO_TEST_CASE(other_texts_are_no_times) {
    for (const char* text : {"", "2026-11-22", "2026-13-22 20:34:00", "2026-02-30 20:34:00",
                             "2026-11-22 25:00:00", "2026-11-22 20:34:00 ", "2026-11-22T20:34:00"})
        BOOST_CHECK_THROW(from_sql(text), Error);
}

BOOST_AUTO_TEST_CASE(what_people_write_is_read) {
    const Time noon = from_sql("2026-11-22 12:00:00");
    for (const char* text :
         {"2026-11-22T12:00", "2026-11-22 12:00", "2026-11-22T12:00:00Z", "2026-11-22 12:00:00"})
        BOOST_CHECK(parse_time(text) == noon);
    BOOST_CHECK(parse_time("2026-11-22") == from_sql("2026-11-22 00:00:00"));
    for (const char* text : {"", "Z", "yesterday", "2026-02-30", "2026-11-22T25:00",
                             "2026-11-22T12:00:00+01:00", "2026-11-22T12", "26-11-22", "2026-11-2 12:00:00x"})
        BOOST_CHECK_MESSAGE(!parse_time(text), text);
}

BOOST_AUTO_TEST_CASE(a_manual_clock_moves_when_told_to) {
    ManualClock clock(from_sql("2026-12-31 23:59:59"));
    clock.advance(std::chrono::seconds(1));
    BOOST_TEST(to_rfc3339(clock.now()) == "2027-01-01T00:00:00Z");
}

BOOST_AUTO_TEST_SUITE_END()
