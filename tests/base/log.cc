// SPDX-License-Identifier: MIT
#include "shared/base/log.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "shared/base/error.h"
#include "tests/support/written.h"

using namespace rpm;
using test::written;

namespace {

bool ends(const std::string& line, const std::string& with) {
    return line.ends_with(with);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(logs)

BOOST_AUTO_TEST_CASE(a_value_cannot_forge_a_line_or_a_field) {
    const std::string line = written([] {
        log::warning("odd", {{"value", "a\nlevel=error x=\"y\"\\"}, {"n", 7}});
    });
    BOOST_TEST(ends(line, " msg=odd value=\"a\\x0alevel=error x=\\\"y\\\"\\\\\" n=7\n"), line);
}

BOOST_AUTO_TEST_CASE(a_context_is_on_every_line_while_it_lives) {
    const std::string inside = written([] {
        const log::Context context({log::Field("req", "r1")});
        log::warning("in");
    });
    BOOST_TEST(ends(inside, " req=r1 msg=in\n"), inside);
    BOOST_TEST(written([] { log::warning("out"); }).find("req=") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_is_known_later_is_on_the_lines_after_it) {
    const std::string inside = written([] {
        const log::Context context({log::Field("req", "r1")});
        log::add_to_context({"user", "anna"});
        log::warning("in");
    });
    BOOST_TEST(ends(inside, " req=r1 user=anna msg=in\n"), inside);
    BOOST_TEST(written([] {
                   log::add_to_context({"user", "anna"});
                   log::warning("out");
               }).find("user=") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(levels_have_names) {
    BOOST_TEST((log::parse_level("warning") == log::Level::warning));
    BOOST_CHECK_THROW(log::parse_level("loud"), Invalid);
    BOOST_TEST(written([] { log::debug("not wanted"); }).empty());
}

BOOST_AUTO_TEST_SUITE_END()
