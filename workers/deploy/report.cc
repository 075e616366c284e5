// SPDX-License-Identifier: MIT
#include "workers/deploy/report.h"

#include <algorithm>

#include "shared/base/text.h"
#include "shared/crypto/password.h"
#include "shared/model/values.h"

namespace rpm::deploy {
namespace {

constexpr std::size_t kMaxLog = 64U << 10;
constexpr std::size_t kMostResolvers = 3;  // as in the C library

// Cuts the first word off.
std::string_view next_word(std::string_view& rest) {
    const auto end = rest.find(' ');
    const std::string_view word = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    return word;
}

// The names of steps are the script's own; whatever else a node sends must not reach a column of short words.
bool is_step_name(std::string_view name) {
    return !name.empty() && name.size() <= 16 &&
           std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; });
}

// A node may send any bytes; what goes into the database and onto pages is clean text.
// Engines quote what they refuse, and a definition has password hashes.
std::string clean(std::string_view text) {
    if (!text::is_utf8(text)) return "(not text)";
    std::string out = crypto::without_hashes(std::string(text));
    for (char& c : out)
        if (text::has_control({&c, 1}) && c != '\t') c = '?';
    return out;
}

}  // namespace

bool Report::read(std::string_view line) {
    const std::string_view word = next_word(line);
    if (word == "STEP") return read_step(line);
    if (word == "FACT") read_fact(line);
    if (word == "LOG" && log_.size() < kMaxLog) log_ += clean(text::ellipsis(line, 4096)) + "\n";
    if (word == "RPMGR") {
        protocol_ = text::number<int>(next_word(line)).value_or(0);
        if (!steps_.empty() && steps_.front().name == "connect") steps_.front().state = "ok";
        return true;
    }
    if (word == "RESULT" && next_word(line) == nonce_ && !result_) {
        result_ = clean(next_word(line));
        while (!line.empty()) {
            const std::string_view pair = next_word(line);
            if (const auto equals = pair.find('='); equals != std::string_view::npos)
                values_[std::string(pair.substr(0, equals))] = clean(pair.substr(equals + 1));
        }
    }
    return false;
}

namespace {

constexpr std::size_t kLongestVersion = 32;
constexpr std::size_t kLongestFile = 128;
constexpr std::size_t kLongestModule = 100;
constexpr std::size_t kMostModuleBytes = 60'000;

// Plain words only: they end in rows, and on pages.
std::string word_of(std::string_view text, std::size_t most) {
    const auto plain = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               std::string_view("._-+:~/").find(c) != std::string_view::npos;
    };
    return text.size() <= most && std::ranges::all_of(text, plain) ? std::string(text) : "";
}

}  // namespace

void Report::read_fact(std::string_view rest) {
    const std::string_view name = next_word(rest);
    if (name == "engine_version") engine_.version = word_of(rest, kLongestVersion);
    if (name == "engine_file") engine_.file = word_of(rest, kLongestFile);
    if (name == "module" && engine_.modules.size() < kMostModuleBytes)
        if (const std::string module = word_of(rest, kLongestModule); !module.empty())
            engine_.modules += (engine_.modules.empty() ? "" : " ") + module;
    if (name != "resolver") return;
    std::string& known = resolvers_ ? *resolvers_ : resolvers_.emplace();
    const auto address =
        IpAddress::parse(rest);  // a link-local one with its interface is of no use to engines
    if (!address || text::words(known).size() >= kMostResolvers) return;
    known += (known.empty() ? "" : " ") + address->text();
}

bool Report::read_step(std::string_view rest) {
    const std::string name(next_word(rest));
    const std::string_view state = next_word(rest);
    const std::chrono::milliseconds at(text::number<unsigned>(next_word(rest)).value_or(0));
    if (!is_step_name(name) || steps_.size() > 100) return false;  // no honest run has as many
    if (state == "start") {
        steps_.push_back({.name = name, .state = "running", .started = at, .took = {}, .text = {}});
        return true;
    }
    if (state != "ok" && state != "failed" && state != "skipped") return false;
    if (steps_.empty() || steps_.back().name != name || steps_.back().state != "running")
        steps_.push_back({.name = name, .state = {}, .started = at, .took = {}, .text = {}});
    Step& step = steps_.back();
    step.state = std::string(state);
    step.took = std::max(at - step.started, std::chrono::milliseconds(0));
    step.text = clean(text::ellipsis(rest, 500));
    return true;
}

void Report::finish_connect(const ssh::Outcome& outcome) {
    if (steps_.empty() || steps_.front().name != "connect") return;
    Step& connect = steps_.front();
    std::chrono::microseconds spent{0};
    for (const ssh::Step step : {ssh::Step::lookup, ssh::Step::connect, ssh::Step::handshake,
                                 ssh::Step::authenticate, ssh::Step::start})
        spent += outcome.spent_in(step);
    connect.took = std::chrono::duration_cast<std::chrono::milliseconds>(spent);
    connect.state = outcome.started ? "ok" : "failed";
    if (!outcome.started) connect.text = outcome.message;
}

void Report::fail_running_step(std::string_view text) {
    if (steps_.empty() || steps_.back().state != "running") return;
    steps_.back().state = "failed";
    steps_.back().text = std::string(text);
}

std::string Report::current_step() const {
    return steps_.empty() ? "connect" : steps_.back().name;
}

Json Report::steps_json() const {
    Json out = Json::array();
    for (const Step& step : steps_)
        out.push(Json::object({{"name", step.name},
                               {"state", step.state},
                               {"ms", static_cast<std::int64_t>(step.took.count())},
                               {"text", step.text}}));
    return out;
}

std::string Report::value(std::string_view key) const {
    const auto found = values_.find(key);
    return found == values_.end() ? std::string() : found->second;
}

}  // namespace rpm::deploy
