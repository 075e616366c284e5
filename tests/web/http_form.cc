// SPDX-License-Identifier: MIT
#define BOOST_TEST_DYN_LINK
#include "web/http/form.h"

#include <boost/test/unit_test.hpp>

using namespace rpm::http;

namespace {

std::string problem(const Form& form, const std::string& name) {
    const auto& all = form.problems().entries();
    const auto at = all.find(name);
    return at == all.end() ? "" : at->second;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(http_form)

BOOST_AUTO_TEST_CASE(good_fields_become_typed_values) {
    const Values sent{{"name", "  Büro  "}, {"port", "8080"}, {"tls", "on"},
                      {"mode", "b"},        {"host", "x"},    {"host", " y "}};
    Form form(sent);
    BOOST_TEST(form.text("name", {.max = 4, .required = true}) == "Büro");
    BOOST_TEST(form.number<std::uint16_t>("port", 1, 65535) == 8080);
    BOOST_TEST(form.flag("tls"));
    BOOST_TEST(form.choice("mode", {"a", "b"}) == "b");
    BOOST_TEST(form.list("host") == (std::vector<std::string>{"x", "y"}), boost::test_tools::per_element());
    form.check();
    BOOST_TEST(form.unread().empty());
}

BOOST_AUTO_TEST_CASE(all_problems_are_found_at_once) {
    const Values sent{{"name", "abcdef"}, {"port", "99999"}, {"flag", "maybe"}, {"mode", "c"},
                      {"once", "1"},      {"once", "2"},     {"ctl", "a\x01"},  {"minus", "-1"}};
    Form form(sent);
    form.text("name", {.max = 5});
    form.text("absent", {.required = true});
    BOOST_TEST(form.number<unsigned>("port", 1U, 65535U) == 1U);
    form.number<unsigned>("minus", 1U, 9U);
    form.number<int>("none", -5, 5);
    form.flag("flag");
    BOOST_TEST(form.choice("mode", {"a", "b"}) == "a");
    form.text("once");
    form.text("ctl");
    BOOST_TEST(problem(form, "name") == "is longer than 5 characters");
    BOOST_TEST(problem(form, "absent") == "is required");
    BOOST_TEST(problem(form, "port") == "must be a whole number from 1 to 65535");
    BOOST_TEST(problem(form, "none") == "is required");
    BOOST_TEST(problem(form, "mode") == "must be one of: a, b");
    BOOST_TEST(problem(form, "once") == "was given more than once");
    BOOST_TEST(!problem(form, "ctl").empty());
    BOOST_TEST(!problem(form, "flag").empty());
    BOOST_CHECK_EXCEPTION(form.check(), rpm::Invalid,
                          [](const rpm::Invalid& e) { return e.problems.entries().size() == 9; });
}

BOOST_AUTO_TEST_CASE(optional_fields_may_be_blank) {
    const Values sent{{"port", " "}, {"mode", ""}};
    Form form(sent);
    BOOST_TEST(!form.maybe_number<unsigned>("port", 1U, 9U));
    BOOST_TEST(!form.maybe_number<std::uint64_t>("other", 1, UINT64_MAX));
    BOOST_TEST(form.choice("mode", {"a", "b"}, "b") == "b");
    BOOST_TEST(form.text("x").empty());
    form.check();
}

BOOST_AUTO_TEST_CASE(a_hidden_zero_before_a_checkbox_works) {
    const Values sent{{"on", "0"}, {"on", "1"}, {"off", "0"}};
    Form form(sent);
    BOOST_TEST(form.flag("on"));
    BOOST_TEST(!form.flag("off"));
    BOOST_TEST(!form.flag("absent"));
    form.check();
}

BOOST_AUTO_TEST_CASE(lines_are_allowed_where_asked_for) {
    const Values sent{{"a", "x\r\ny\rz\n"}, {"b", "x\ny"}, {"c", "x\n\x02"}};
    Form form(sent);
    BOOST_TEST(form.text("a", {.lines = true}) == "x\ny\nz");
    form.text("b");
    form.text("c", {.lines = true});
    BOOST_TEST(!problem(form, "b").empty());
    BOOST_TEST(!problem(form, "c").empty());
}

BOOST_AUTO_TEST_CASE(lists_name_the_item_that_is_wrong) {
    const Values sent{{"h", "a"}, {"h", ""}, {"h", "toolong"}, {"k", ""}, {"k", "1"}, {"n", "1"}, {"n", "2"}};
    Form form(sent);
    BOOST_TEST(form.list("h", {.max = 3}).size() == 2u);
    BOOST_TEST(!problem(form, "h.1").empty());
    BOOST_TEST(form.list("k", {.keep_blank = true}).size() == 2u);
    BOOST_TEST(form.list("n", {.max_items = 1}).size() == 1u);
    BOOST_TEST(problem(form, "n") == "has more than 1 entries");
}

BOOST_AUTO_TEST_CASE(secrets_keep_their_blanks) {
    const Values sent{{"password", " p w "}, {"long", std::string(1025, 'x')}};
    Form form(sent);
    BOOST_TEST(form.secret("password", true).reveal() == " p w ");
    BOOST_TEST(form.secret("long").empty());
    form.secret("absent", true);
    BOOST_TEST(form.problems().entries().size() == 2u);
}

BOOST_AUTO_TEST_CASE(fields_nobody_reads_are_named) {
    const Values sent{{"name", "x"}, {"role", "admin"}};
    Form form(sent);
    form.text("name");
    form.check();
    BOOST_TEST(form.unread() == std::vector<std::string>{"role"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
