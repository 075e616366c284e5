// SPDX-License-Identifier: MIT
// rpmgr: the operator's command.
#include <iostream>

#include "shared/base/config.h"
#include "workers/ctl/commands.h"
#include "workers/runner.h"

namespace {

int show_help(rpm::Options& options, const std::vector<std::string>& words) {
    std::cout << "Usage: rpmgr [SETTINGS] COMMAND [ARGUMENTS] [--json]\n\n" << rpm::ctl::help(words) << '\n';
    if (!words.empty()) return 0;
    std::cout
        << "Exit status: 0 done, 1 failed, 2 wrong usage or input, 3 something needed does not answer.\n\n";
    const char* const help[] = {"rpmgr", "--help"};
    options.read(2, help, {});
    return 0;
}

int rpmgr(int argc, char** argv) {
    rpm::ctl::Settings settings;
    rpm::Options options("rpmgr", "Reverse Proxy Manager, the operator's command");
    settings.declare(options);
    options.add_flag("json", settings.json, "answer with one JSON document");
    const auto line = rpm::ctl::split_line(argc, argv);
    if (line.help) return show_help(options, line.command);
    std::vector<const char*> global = {"rpmgr"};
    for (const std::string& part : line.global) global.push_back(part.c_str());
    if (options.read(static_cast<int>(global.size()), global.data(), RPMGR_SYSCONFDIR "/rpmgr.conf") ==
        rpm::Options::Next::exit)
        return 0;
    const auto [command, rest] = rpm::ctl::find_command(line.command);
    const rpm::ctl::Arguments arguments(command->usage, rest);
    rpm::ctl::Environment environment(settings);
    return command->run(environment, arguments);
}

}  // namespace

int main(int argc, char** argv) {
    return rpm::run(
        "rpmgr", [&] { return rpmgr(argc, argv); }, rpm::Audience::operator_);
}
