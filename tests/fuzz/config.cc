// SPDX-License-Identifier: MIT
#include "shared/base/config.h"

#include <sys/mman.h>
#include <unistd.h>

#include "shared/base/handle.h"
#include "tests/fuzz/fuzz.h"

namespace rpm::fuzz {
namespace {

struct Settings {
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
    Settings first;
    if (refused([&] { first.read(file); })) return;
    Settings second;
    second.read(file);
    demand(first.host == second.host && first.port == second.port && first.tls == second.tls,
           "read twice, the settings differ");
}

}  // namespace rpm::fuzz
