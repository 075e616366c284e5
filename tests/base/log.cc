// SPDX-License-Identifier: MIT
#include "shared/base/log.h"

#include <fcntl.h>
#include <unistd.h>

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "shared/base/config.h"
#include "shared/base/error.h"
#include "shared/base/handle.h"
#include "tests/support/folder.h"

using namespace rpm;

namespace {

// What f writes to the error output.
template <class F>
std::string written(F f) {
    const test::Folder folder;
    const auto file = folder.write("log", "");
    const Fd kept(::dup(STDERR_FILENO));
    const Fd target(::open(file.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
    ::dup2(target.get(), STDERR_FILENO);
    const Finally restore([&] { ::dup2(kept.get(), STDERR_FILENO); });
    f();
    return read_file(file);
}

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

BOOST_AUTO_TEST_CASE(levels_have_names) {
    BOOST_TEST((log::parse_level("warning") == log::Level::warning));
    BOOST_CHECK_THROW(log::parse_level("loud"), Invalid);
    BOOST_TEST(written([] { log::debug("not wanted"); }).empty());
}

BOOST_AUTO_TEST_SUITE_END()
