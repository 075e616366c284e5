// SPDX-License-Identifier: MIT
#include "shared/base/config.h"

#include <sys/mman.h>
#include <unistd.h>

#include "shared/base/handle.h"
#include "shared/model/settings.h"
#include "tests/fuzz/fuzz.h"

namespace rpm::fuzz {
namespace {

struct FileSettings {
    std::string host = "db.example";
    unsigned port = 3306;
    bool tls = true;
    std::chrono::seconds timeout{5};
    std::filesystem::path password_file;

    void read(const std::string& file) {
        Options options("fuzz", "reads settings");
        options.add("database.host", host, "name");
        options.add("database.port", port, "port");
        options.add("database.tls", tls, "encrypt");
        options.add("database.timeout", timeout, "wait");
        options.add("database.password_file", password_file, "secret");
        const char* const argv[] = {"fuzz"};
        options.read(1, argv, file);
    }
};

}  // namespace

void config(std::string_view input) {
    const Fd memory(::memfd_create("config", MFD_CLOEXEC));
    demand(::write(memory.get(), input.data(), input.size()) == static_cast<ssize_t>(input.size()), "memfd");
    const std::string file = "/proc/self/fd/" + std::to_string(memory.get());
    FileSettings first;
    if (refused([&] { first.read(file); })) return;
    FileSettings second;
    second.read(file);
    demand(first.host == second.host && first.port == second.port && first.tls == second.tls,
           "read twice, the settings differ");
}

// Lines "NAME", then the value: what an administrator types into the page of settings.
void settings(std::string_view input) {
    Pieces pieces(input);
    const auto name = std::string(pieces.line());
    Setting setting{};
    if (refused([&] { setting = get_setting(name); })) return;
    const SettingRow& row = row_of(setting);
    std::string stored;
    if (refused([&] { stored = check_setting(setting, pieces.rest()); })) return;
    demand(check_setting(setting, stored) == stored, "the stored value reads as another: " + stored);
    rpm::Settings all;
    all.set(setting, stored);
    switch (row.kind) {  // what was taken can be used
        case SettingKind::choice:
            all.choice(setting);
            break;
        case SettingKind::number:
            demand(all.number(setting) >= row.least && all.number(setting) <= row.most,
                   "a number out of bounds");
            break;
        case SettingKind::list:
            for (const std::string& line : all.list(setting)) demand_clean(line, "a line of a setting");
            break;
        case SettingKind::secret:
            all.secret(setting);
            break;
        default:
            demand_clean(all.text(setting), "a setting");
    }
    const Problems together = why_not_together(all);
    for (const auto& [field, message] : together.entries()) demand_clean(message, "a message for " + field);
}

}  // namespace rpm::fuzz
