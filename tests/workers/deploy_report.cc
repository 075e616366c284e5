// SPDX-License-Identifier: MIT
#include "workers/deploy/report.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "workers/deploy/verdict.h"

using rpm::deploy::judge;
using rpm::deploy::Next;
using rpm::deploy::Report;

namespace {

rpm::ssh::Outcome ended(int exit_status = 0) {
    rpm::ssh::Outcome outcome;
    outcome.kind = rpm::ssh::Kind::ok;
    outcome.started = true;
    outcome.exit_status = exit_status;
    return outcome;
}

Report after(std::initializer_list<const char*> lines) {
    Report report("n0nce");
    for (const char* line : lines) report.read(line);
    return report;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(deploy_report)

BOOST_AUTO_TEST_CASE(steps_carry_state_and_duration) {
    const Report report =
        after({"RPMGR 1 1", "STEP upload start 10", "STEP upload ok 40", "STEP test start 40"});
    BOOST_REQUIRE(report.steps().size() == 2);
    BOOST_TEST(report.steps()[0].state == "ok");
    BOOST_TEST(report.steps()[0].took.count() == 30);
    BOOST_TEST(report.steps()[1].state == "running");
    BOOST_TEST(report.current_step() == "test");
}

BOOST_AUTO_TEST_CASE(only_the_right_nonce_counts) {
    const Report report = after({"RPMGR 1 1", "RESULT other ok", "LOG RESULT n0nce ok"});
    BOOST_TEST(!report.result().has_value());
    BOOST_TEST((judge(ended(), report).next == Next::retry));
}

BOOST_AUTO_TEST_CASE(the_first_result_stands) {
    const Report report = after({"RPMGR 1 1", "RESULT n0nce test_failed", "RESULT n0nce ok"});
    BOOST_TEST(report.result().value() == "test_failed");
}

BOOST_AUTO_TEST_CASE(a_result_counts_even_when_the_connection_broke_after_it) {
    rpm::ssh::Outcome lost = ended();
    lost.kind = rpm::ssh::Kind::lost;
    BOOST_TEST((judge(lost, after({"RPMGR 1 1", "RESULT n0nce ok release=x"})).next == Next::live));
}

BOOST_AUTO_TEST_CASE(exit_status_zero_without_result_proves_nothing) {
    BOOST_TEST((judge(ended(0), after({"RPMGR 1 1", "STEP upload start 1"})).next == Next::retry));
}

BOOST_AUTO_TEST_CASE(a_node_without_the_script_is_told_in_words) {
    rpm::ssh::Outcome outcome = ended(127);
    outcome.err = "sh: rpmgr-node: not found\n";
    const auto verdict = judge(outcome, after({}));
    BOOST_TEST((verdict.next == Next::failed));
    BOOST_TEST(verdict.message.find("not found") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(hostile_output_is_bounded_and_clean) {
    Report report("n0nce");
    report.read("RPMGR 1 1");
    for (int i = 0; i < 20000; ++i) report.read("LOG " + std::string(200, 'x'));
    report.read("LOG \x1b[31mred");
    for (int i = 0; i < 1000; ++i)
        report.read(std::string("STEP s") + static_cast<char>('a' + i % 26) + " start 1");
    BOOST_TEST(report.log().size() < 70000);
    BOOST_TEST(report.steps().size() <= 101);
    BOOST_TEST(report.log().find('\x1b') == std::string::npos);
}

BOOST_AUTO_TEST_CASE(only_names_of_steps_that_fit_their_column_are_taken) {
    Report report("n0nce");
    for (const char* name : {"aaaaaaaaaaaaaaaaa", "sch\xc3\xb6n", "\xff", "A", "", "x\x1b"}) {
        report.read(std::string("STEP ") + name + " start 1");
        BOOST_TEST(report.steps().empty(), name);
    }
    report.read("STEP upload start 1");
    BOOST_TEST(report.current_step() == "upload");
}

BOOST_AUTO_TEST_CASE(name_servers_are_addresses_and_few) {
    Report report("n0nce");
    BOOST_TEST(!report.resolvers());
    report.read("FACT resolver fe80::1%eth0");
    BOOST_TEST(report.resolvers().value() == "");
    for (const char* address : {"192.0.2.53", "x; }", "2001:db8::53", "192.0.2.54", "192.0.2.55"})
        report.read(std::string("FACT resolver ") + address);
    BOOST_TEST(report.resolvers().value() == "192.0.2.53 2001:db8::53 192.0.2.54");
}

BOOST_AUTO_TEST_CASE(every_word_of_the_protocol_has_a_meaning) {
    for (const char* word : {"ok", "unchanged", "bad_request", "upload_failed", "test_failed", "port_taken",
                             "engine_down", "reload_failed", "rolled_back", "rollback_failed", "no_space",
                             "need_full", "busy", "failed", "bad_config"}) {
        const auto verdict =
            judge(ended(), after({"RPMGR 1 1", (std::string("RESULT n0nce ") + word).c_str()}));
        BOOST_TEST(verdict.message.find("does not know") == std::string::npos, word);
    }
}

BOOST_AUTO_TEST_CASE(a_changed_host_key_waits_for_a_person) {
    rpm::ssh::Outcome outcome;
    outcome.kind = rpm::ssh::Kind::host_key_changed;
    const auto verdict = judge(outcome, after({}));
    BOOST_TEST((verdict.next == Next::wait_for_key));
    BOOST_TEST(verdict.node_state == "host_key");
}

BOOST_AUTO_TEST_CASE(control_characters_of_a_node_are_not_kept) {
    const Report report = after({"LOG a\x1b[2Jb\x7f", "RESULT n0nce o\x7fk reason=\x01"});
    BOOST_TEST(report.log() == "a?[2Jb?\n");
    BOOST_TEST(report.result().value() == "o?k");
    BOOST_TEST(report.value("reason") == "?");
}

BOOST_AUTO_TEST_SUITE_END()
