// SPDX-License-Identifier: MIT
#include "shared/render/quoting.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "shared/base/error.h"
#include "shared/model/nginx_directives.h"

using namespace rpm;
using namespace rpm::render;
namespace data = boost::unit_test::data;

namespace {

const std::string corpus[] = {
    "evil\"; } server { listen 81; #",
    "\\\"; return 200; #",
    "ends in a backslash\\",
    "\\",
    "\"",
    "'; return 418; '",
    "127.0.0.1; return 418; #",
    "/x { return 418; } location /y",
    "{{ID}}",
    "a\nb",
    "a\rb",
    std::string("a\0b", 3),
    "$host",
    "${host}",
    "\\$host",
    "\x7f",
    "\xc0\xaf",
    "*/ // <!--",
    "`id`",
    "",
    "ünï",
};

std::string quoted(void (*modifier)(std::string_view, std::string&), std::string_view in) {
    std::string out;
    modifier(in, out);
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(quoting)

// What is not refused is one word to nginx: the tokeniser sees exactly one directive with it.
BOOST_DATA_TEST_CASE(hostile_text_stays_in_its_quotes_or_throws, data::make(corpus), text) {
    std::string out;
    try {
        out = quoted(quote_nginx, text);
    } catch (const Invalid&) {
        return;
    }
    BOOST_TEST(problem_in_nginx_directives("default_type " + out + ";") == "");
    BOOST_TEST(problem_in_nginx_directives("default_type " + out).find("not terminated") !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(quotes_and_backslashes_are_escaped) {
    BOOST_TEST(quoted(quote_nginx, "a\"b\\c") == "\"a\\\"b\\\\c\"");
    for (const char* text : {"$a", "a\n", "\x01", "\xff"})
        BOOST_CHECK_THROW(quoted(quote_nginx, text), Invalid);
}

BOOST_AUTO_TEST_CASE(words_numbers_and_comments_take_nothing_else) {
    BOOST_TEST(quoted(quote_word, "[2001:db8::1]:80") == "[2001:db8::1]:80");
    BOOST_TEST(quoted(quote_uint, "42") == "42");
    BOOST_TEST(quoted(quote_comment, "alice; {") == "alice; {");
    for (const char* text : {"", "a b", "a;", "$a", "a\"", "{", "ü", "a/b"})
        BOOST_CHECK_THROW(quoted(quote_word, text), Invalid);
    for (const char* text : {"", "-1", "1k", "0x1"}) BOOST_CHECK_THROW(quoted(quote_uint, text), Invalid);
    for (const char* text : {"a\nb", "a\rb"}) BOOST_CHECK_THROW(quoted(quote_comment, text), Invalid);
}

BOOST_AUTO_TEST_SUITE_END()
