// SPDX-License-Identifier: MIT
// Measurements by name, each beside the peer or the floor that it is compared with in the same run.
//
//     BENCH("diff_of_two_files", [] {
//         return Result{.value = milliseconds(median_of(9, work)), .unit = "ms"};
//     });
//
// `build/bench --only NAME --json FILE` runs those whose name contains NAME; a bench that cannot run here
// throws Skip with the reason.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace rpm::bench {

struct Result {
    double value = 0;
    std::string unit = {};     ///< "s", "ms", "ratio", "1/s"
    double most = 0;           ///< what the value should not exceed; 0 = no such bound
    double least = 0;          ///< what it should reach; 0 = no such bound
    std::string against = {};  ///< what it was compared with; empty when with nothing
    double other_value = 0;    ///< the same measure of that, in the same unit
    std::string note = {};
};

struct Skip : std::runtime_error {
    using std::runtime_error::runtime_error;
};

using Function = std::function<Result()>;

struct Bench {
    std::string name;
    Function run;
};

/// Every bench of the program, by name.
std::vector<Bench>& registry();

struct Registration {
    Registration(std::string name, Function run) { registry().push_back({std::move(name), std::move(run)}); }
};
#define RPM_BENCH_JOIN2(a, b) a##b
#define RPM_BENCH_JOIN(a, b) RPM_BENCH_JOIN2(a, b)
#define BENCH(name, ...) \
    static const ::rpm::bench::Registration RPM_BENCH_JOIN(bench_, __LINE__)(name, __VA_ARGS__)

/// Seconds that one call takes.
template <class F>
double seconds(F&& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

inline double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values.empty() ? 0 : values[values.size() / 2];
}

/// The median of this many runs, in seconds.
template <class F>
double median_of(int runs, F&& work) {
    std::vector<double> values;
    for (int i = 0; i < runs; ++i) values.push_back(seconds(work));
    return median(std::move(values));
}

}  // namespace rpm::bench
