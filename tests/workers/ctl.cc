// SPDX-License-Identifier: MIT
// Tables that fit the terminal, and words that fit the usage.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "shared/base/config.h"
#include "shared/base/error.h"
#include "workers/ctl/commands.h"

using namespace rpm;
using namespace rpm::ctl;

namespace {

bool tells(const Invalid& error, const std::string& text) {
    BOOST_TEST_MESSAGE(error.what());
    return std::string(error.what()).starts_with(text);
}
#define REFUSED(expression, text) \
    BOOST_CHECK_EXCEPTION(expression, Invalid, [](const Invalid& e) { return tells(e, text); })

}  // namespace

BOOST_AUTO_TEST_SUITE(table)

BOOST_AUTO_TEST_CASE(columns_are_aligned_without_trailing_blanks) {
    Table table({"NAME", {"SITES", Table::right}, "REASON"});
    table.add({"edge-1", "7", ""});
    table.add({"e", "1234567", "busy"});
    BOOST_TEST(table.text(0) ==
               "NAME      SITES  REASON\n"
               "edge-1        7\n"
               "e       1234567  busy\n");
}

BOOST_AUTO_TEST_CASE(width_is_that_of_the_terminal_not_of_bytes) {
    BOOST_TEST(display_width("über") == 4U);
    BOOST_TEST(display_width("日本") == 4U);
    BOOST_TEST(display_width("e\xcc\x81") == 1U);  // e and a combining accent
    BOOST_TEST(display_width("\xff\xfe") == 2U);   // no UTF-8: a mark for each byte
    Table table({"A", "B"});
    table.add({"日本", "x"});
    table.add({"ab", "y"});
    BOOST_TEST(table.text(0) == "A     B\n日本  x\nab    y\n");
}

BOOST_AUTO_TEST_CASE(the_widest_column_is_shortened) {
    Table table({"NAME", "REASON"});
    table.add({"edge-1", "connection refused by the node"});
    BOOST_TEST(table.text(20) == "NAME    REASON\nedge-1  connection …\n");
    BOOST_TEST(table.text(1) == "NAME    REASON\nedge-1  connect…\n");  // not below what can be read
}

BOOST_AUTO_TEST_CASE(text_is_cut_between_characters) {
    BOOST_TEST(fit("日本語", 5) == "日本…");
    BOOST_TEST(fit("日本語", 4) == "日…");
    BOOST_TEST(fit("abc", 3) == "abc");
    BOOST_TEST(fit("abc", 0) == "");
}

BOOST_AUTO_TEST_CASE(foreign_text_cannot_drive_the_terminal) {
    BOOST_TEST(printable("a\x1b[2Jb") == "a?[2Jb");
    BOOST_TEST(printable("two\nlines\t.") == "two lines .");
    BOOST_TEST(printable("\xc2\x9b"
                         "31m") == "?31m");  // the one-byte form of ESC [
    BOOST_TEST(printable("\xe2\x80\xae"
                         "moc") == "?moc");  // right-to-left override
    BOOST_TEST(printable("\xff") == "?");
    BOOST_TEST(printable("what?") == "what?");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(command_line)

BOOST_AUTO_TEST_CASE(words_options_and_flags_are_told_apart) {
    const char* usage = "NAME [--role ROLE] [--email ADDRESS] [--password-stdin]";
    const Arguments given(usage, {"--role", "admin", "anna", "--password-stdin", "--email=a@b"});
    BOOST_TEST(given.word() == "anna");
    BOOST_TEST(given.option("role").value() == "admin");
    BOOST_TEST(given.option("email").value() == "a@b");
    BOOST_TEST(given.has("password-stdin"));
    BOOST_TEST(!Arguments(usage, {"x"}).has("password-stdin"));
    BOOST_TEST(Arguments(usage, {"--", "--odd"}).word() == "--odd");
}

BOOST_AUTO_TEST_CASE(some_options_may_be_there_several_times) {
    const Arguments given("URL [--header LINE…] [--from ADDRESS]",
                          {"u", "--header", "A: 1", "--from", "x", "--header=B: 2", "--from", "y"});
    BOOST_TEST(given.all("header") == (std::vector<std::string>{"A: 1", "B: 2"}),
               boost::test_tools::per_element());
    BOOST_TEST(given.option("from").value() == "y");
    BOOST_TEST(given.all("from").size() == 1U);
    BOOST_TEST(given.all("other").empty());
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_the_usage_is_refused) {
    REFUSED(Arguments("NAME", {}), "NAME: is missing");
    REFUSED(Arguments("NAME", {"a", "b"}), "command line: too many words: 'b'");
    REFUSED(Arguments("NAME [--role ROLE]", {"a", "--rule", "x"}),
            "--rule: unknown option; did you mean --role?");
    REFUSED(Arguments("[--role ROLE]", {"--role"}), "--role: needs a value");
    REFUSED(Arguments("[--dry-run]", {"--dry-run=yes"}), "--dry-run: takes no value");
    REFUSED(Arguments("[--wait SECONDS]", {"--wait", "-1"}).number("wait", 0, 1, 9),
            "--wait: must be a whole number");
    REFUSED(Arguments("DOMAIN…", {}), "DOMAIN: is missing");
    BOOST_TEST(Arguments("DOMAIN…", {"a", "b", "c"}).words().size() == 3U);
    BOOST_TEST(Arguments("NAME [FINGERPRINT]", {"a"}).word(1) == "");
}

BOOST_AUTO_TEST_CASE(settings_hold_wherever_they_stand) {
    const char* const argv[] = {"rpmgr",     "site",     "--json", "show",     "--database.name=x",
                                "a.example", "--config", "f",      "--reason", "r"};
    const auto line = split_line(10, argv);
    const std::vector<std::string> global = {"--json", "--database.name=x", "--config", "f"};
    const std::vector<std::string> command = {"site", "show", "a.example", "--reason", "r"};
    BOOST_TEST(line.global == global, boost::test_tools::per_element());
    BOOST_TEST(line.command == command, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(commands_are_found_by_their_words) {
    const auto call = find_command({"user", "add", "anna"});
    BOOST_TEST(call.command->words == std::string("user add"));
    BOOST_TEST(call.rest.size() == 1U);
    BOOST_TEST(find_command({"deploy", "a"}).command->words == std::string("deploy"));
    REFUSED(find_command({}), "command: is missing");
    REFUSED(find_command({"user"}), "command: 'user' needs one more word");
    REFUSED(find_command({"stauts"}), "command: unknown command 'stauts'; did you mean 'status'?");
    REFUSED(find_command({"site", "shwo", "x"}),
            "command: unknown command 'site shwo'; did you mean 'site show'?");
}

// What --help shows is what is accepted, so every usage must be readable as one.
BOOST_AUTO_TEST_CASE(every_usage_can_be_read) {
    for (const Command& command : commands()) {
        BOOST_TEST_CONTEXT(command.words) {
            BOOST_TEST(help({}).find(command.words) != std::string::npos);
            REFUSED(Arguments(command.usage, {"--no-such-option"}), "--no-such-option: unknown option");
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(settings_page)

BOOST_AUTO_TEST_CASE(the_manual_tells_the_settings_that_there_are) {
    BOOST_TEST(read_file("docs/settings.md") == settings_manual(), "run 'make manuals'");
    BOOST_TEST(read_file("docs/site-definition.md") == site_manual(), "run 'make manuals'");
    BOOST_TEST(read_file("docs/node-settings.md") == node_manual(), "run 'make manuals'");
    BOOST_TEST(read_file("docs/engines.md").find(engines_manual()) != std::string::npos,
               "run 'make manuals'");
}

BOOST_AUTO_TEST_SUITE_END()
