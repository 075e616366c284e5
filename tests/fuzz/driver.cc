// SPDX-License-Identifier: MIT
// What libFuzzer calls. One program holds all targets; the environment's FUZZ_TARGET names the one to run,
// and
// --longest prints its limit of bytes.
#include <cstdlib>
#include <iostream>

#include "tests/fuzz/fuzz.h"

namespace {

const rpm::fuzz::Target* chosen = nullptr;

}  // namespace

// The names are libFuzzer's.
extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
    if (*argc == 2 && std::string_view((*argv)[1]) == "--list") {
        for (const auto& target : rpm::fuzz::targets())
            std::cout << target.name << " " << target.longest << "\n";
        std::exit(0);
    }
    const char* name = std::getenv("FUZZ_TARGET");
    chosen = rpm::fuzz::find_target(name == nullptr ? "" : name);
    if (chosen != nullptr) return 0;
    std::cerr << "FUZZ_TARGET names no target; --list lists them\n";
    std::exit(2);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        chosen->run({reinterpret_cast<const char*>(data), size});
    } catch (const std::exception& error) {
        // Said here: what terminate() prints has no room for the reason of every type.
        std::cerr << "finding in " << chosen->name << ": " << error.what() << std::endl;
        std::abort();
    }
    return 0;
}
