// SPDX-License-Identifier: MIT
// What workers/node/rpmgr-node says while it runs, read line by line. The protocol is told in the script's
// header.
//
//     RPMGR 1 1
//     STEP upload start 12
//     STEP upload ok 40
//     LOG nginx: [emerg] unknown directive …
//     RESULT 5f0c… test_failed …
//
// Only a RESULT line with the nonce of this run counts; a channel that ended in order without one proves
// nothing.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/json.h"
#include "workers/ssh/outcome.h"

namespace rpm::deploy {

struct Step {
    std::string name;                      ///< connect, recover, upload, test, switch, reload, verify
    std::string state;                     ///< running | ok | failed | skipped
    std::chrono::milliseconds started{0};  ///< since the run began
    std::chrono::milliseconds took{0};
    std::string text;
};

class Report {
  public:
    explicit Report(std::string nonce) : nonce_(std::move(nonce)) {}

    /// One line of output; unknown lines are ignored. True when it changed a step.
    bool read(std::string_view line);
    /// Adds a step of the manager's own.
    void add_step(Step step) { steps_.push_back(std::move(step)); }
    /// Ends the "connect" step from what the transport measured.
    void finish_connect(const ssh::Outcome& outcome);
    /// Marks a step that is still running as failed: the run ended in it.
    void fail_running_step(std::string_view text);

    const std::string& nonce() const { return nonce_; }
    const std::vector<Step>& steps() const { return steps_; }
    std::string current_step() const;
    Json steps_json() const;
    /// The engine's and the tools' own words, at most 64 KiB.
    const std::string& log() const { return log_; }
    /// What the node says of its engine; empty when it did not.
    struct EngineWords {
        std::string version, modules, file;
    };
    const EngineWords& engine() const { return engine_; }
    /// The node's name servers, separated by blanks; none when it did not get as far as saying them.
    const std::optional<std::string>& resolvers() const { return resolvers_; }
    /// The word of the RESULT line, once it was there.
    const std::optional<std::string>& result() const { return result_; }
    /// A key=value of the RESULT line; empty when absent.
    std::string value(std::string_view key) const;
    /// False: the node's script speaks another version of the protocol.
    bool protocol_known() const { return protocol_ == 1; }

  private:
    bool read_step(std::string_view rest);
    void read_fact(std::string_view rest);

    std::string nonce_;
    int protocol_ = 0;
    std::vector<Step> steps_;
    std::string log_;
    EngineWords engine_;
    std::optional<std::string> resolvers_;
    std::optional<std::string> result_;
    std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace rpm::deploy
