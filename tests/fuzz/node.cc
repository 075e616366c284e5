// SPDX-License-Identifier: MIT
// What a node says, which may be hostile.
#include "shared/base/json.h"
#include "shared/base/text.h"
#include "tests/fuzz/fuzz.h"
#include "workers/deploy/report.h"
#include "workers/ssh/output.h"

namespace rpm::fuzz {
namespace {

constexpr std::size_t kLongestLine = 200;

std::vector<std::string> lines_of(std::string_view input, std::size_t chunk) {
    std::vector<std::string> lines;
    ssh::LineCutter cutter(kLongestLine);
    while (!input.empty()) {
        cutter.add(input.substr(0, chunk), [&](std::string_view line) { lines.emplace_back(line); });
        input.remove_prefix(std::min(chunk, input.size()));
    }
    lines.push_back(cutter.rest());
    return lines;
}

}  // namespace

void node_output(std::string_view input) {
    Pieces pieces(input);
    const std::size_t limit = pieces.byte();
    const std::size_t chunk = 1 + pieces.byte() % 50;
    ssh::Captured whole(limit), parts(limit);
    whole.add(pieces.rest());
    for (std::string_view rest = pieces.rest(); !rest.empty();
         rest.remove_prefix(std::min(chunk, rest.size())))
        parts.add(rest.substr(0, chunk));
    demand(whole.total() == pieces.rest().size() && parts.total() == whole.total(), "bytes are lost");
    demand(whole.text() == parts.text(), "how the bytes arrive changes what is kept");
    demand(whole.text().size() <= limit + 64, "more is kept than allowed");
    if (pieces.rest().size() <= limit) demand(whole.text() == pieces.rest(), "what fits is not kept whole");
    const auto lines = lines_of(pieces.rest(), pieces.rest().size() + 1);
    demand(lines == lines_of(pieces.rest(), chunk), "how the bytes arrive changes the lines");
    for (const std::string& line : lines) demand(line.size() <= kLongestLine, "a line is too long");
}

void node_answers(std::string_view input) {
    deploy::Report report("n0nce");
    report.add_step({.name = "connect", .state = "running", .text = {}});
    for (const std::string_view line : text::split(input, '\n')) report.read(line);
    demand(!report.result() || input.find("n0nce") != std::string_view::npos, "a result without its nonce");
    demand(report.log().size() <= (64U << 10U) + 8192, "the log grows without end");
    demand(text::is_utf8(report.log()), "the log is not text");
    if (report.result())
        for (const std::string_view word : text::split(*report.result(), '\t'))
            demand_clean(word, "the result");
    demand(text::is_utf8(report.value("reason")), "a value is not text");
    report.fail_running_step("ended");
    const Json steps = report.steps_json();
    demand(steps.items().size() <= 110, "more steps than any run has");
    demand(Json::parse(steps.dump()) == steps, "the steps are not what is stored");
    for (const auto& step : report.steps())
        demand(step.state == "ok" || step.state == "failed" || step.state == "skipped" ||
                   step.state == "running",
               "a step in a state of its own");
}

}  // namespace rpm::fuzz
