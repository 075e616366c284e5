// SPDX-License-Identifier: MIT
// bench [--only NAME] [--json FILE] [--list]
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>

#include "shared/base/json.h"
#include "tests/bench/bench.h"

namespace rpm::bench {

std::vector<Bench>& registry() {
    static std::vector<Bench> all;
    return all;
}

namespace {

struct Arguments {
    std::string only;
    std::string json;
    bool list = false;
};

Arguments read(int argc, char** argv) {
    Arguments out;
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        if (word == "--list")
            out.list = true;
        else if (word == "--only" && i + 1 < argc)
            out.only = argv[++i];
        else if (word == "--json" && i + 1 < argc)
            out.json = argv[++i];
        else
            throw std::runtime_error("usage: bench [--only NAME] [--json FILE] [--list]");
    }
    return out;
}

Json to_json(const std::string& name, const Result& result) {
    Json json = Json::object({{"name", name}, {"value", result.value}, {"unit", result.unit}});
    if (result.most > 0) json["most"] = result.most;
    if (result.least > 0) json["least"] = result.least;
    if (!result.against.empty()) {
        json["against"] = result.against;
        json["other_value"] = result.other_value;
        if (result.other_value > 0) json["ratio"] = result.value / result.other_value;
    }
    if (!result.note.empty()) json["note"] = result.note;
    return json;
}

void print(const std::string& name, const Result& result) {
    std::printf("%-32s %10.3f %-6s", name.c_str(), result.value, result.unit.c_str());
    if (result.most > 0)
        std::printf(" %s %.3f", result.value <= result.most ? "within" : "OVER", result.most);
    if (result.least > 0)
        std::printf(" %s %.3f", result.value >= result.least ? "reaches" : "BELOW", result.least);
    if (!result.against.empty())
        std::printf("  against %s: %.3f (%.2fx)", result.against.c_str(), result.other_value,
                    result.other_value > 0 ? result.value / result.other_value : 0);
    std::printf("%s%s\n", result.note.empty() ? "" : "  ", result.note.c_str());
    std::fflush(stdout);
}

int run(const Arguments& arguments) {
    std::ranges::sort(registry(), {}, &Bench::name);
    Json results = Json::array();
    bool failed = false;
    for (const Bench& bench : registry()) {
        if (bench.name.find(arguments.only) == std::string::npos) continue;
        if (arguments.list) {
            std::puts(bench.name.c_str());
            continue;
        }
        try {
            const Result result = bench.run();
            print(bench.name, result);
            results.push(to_json(bench.name, result));
        } catch (const Skip& reason) {
            std::printf("%-32s skipped: %s\n", bench.name.c_str(), reason.what());
        } catch (const std::exception& error) {
            std::printf("%-32s failed: %s\n", bench.name.c_str(), error.what());
            failed = true;
        }
    }
    if (!arguments.json.empty()) std::ofstream(arguments.json) << results.dump(2) << "\n";
    return failed ? 1 : 0;
}

}  // namespace
}  // namespace rpm::bench

int main(int argc, char** argv) try {
    return rpm::bench::run(rpm::bench::read(argc, argv));
} catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 2;
}
