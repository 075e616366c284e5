// SPDX-License-Identifier: MIT
// The permission table of the manual is that of the program.
#include "shared/model/permission.h"

#include "shared/base/config.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

using namespace rpm;

namespace {

std::string row(std::initializer_list<std::string_view> fixed, const bool (&roles)[5]) {
    std::string line;
    for (const std::string_view cell : fixed) line.append("| ").append(cell).append(" ");
    for (const bool has : roles) line.append(has ? "| yes " : "| – ");
    return line + "|\n";
}

std::string table() {
    std::string head = "| permission | lets somebody ";
    std::string line = "|---|---";
    for (const Role role : kRoles) {
        head.append("| ").append(title(role)).append(" ");
        line += "|---";
    }
    std::string out = head + "|\n" + line + "|\n";
    for (const PermissionRow& each : permissions())
        if (!each.word.empty())
            out += row({"`" + std::string(each.word) + "`", std::string(each.meaning)}, each.roles);
    return out;
}

std::string between(const std::string& text, std::string_view begin, std::string_view end) {
    const auto start = text.find('\n', text.find(begin)) + 1;
    return text.substr(start, text.find(end) - start);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(permission)

// A change of the table is a change of the manual: the expected text is printed to be copied.
BOOST_AUTO_TEST_CASE(the_manual_has_the_table_of_the_program) {
    const std::string manual = read_file("docs/security.md");
    BOOST_TEST(between(manual, "<!-- permissions", "<!-- /permissions -->") == table());
}

BOOST_AUTO_TEST_CASE(roles_are_ordered_by_what_they_may) {
    for (const PermissionRow& each : permissions()) {
        const auto may = [&](Role role) { return allows(role, each.permission); };
        BOOST_TEST(may(Role::admin), each.word);
        BOOST_TEST((!may(Role::client_read_only) || may(Role::client)), each.word);
        // Reading is all that a role of this name does.
        const bool reads = each.word.ends_with(":read") || each.word == "account" || each.word.empty();
        if (may(Role::read_only) || may(Role::client_read_only)) BOOST_TEST(reads, each.word);
    }
}

BOOST_AUTO_TEST_SUITE_END()
