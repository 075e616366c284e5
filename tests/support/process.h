// SPDX-License-Identifier: MIT
// A real peer program that a test talks to; it ends with the object, and with the test program.
//
//     Process memcached({"memcached", "-s", socket});
//     memcached.await([&] { return std::filesystem::exists(socket); });
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace rpm::test {

class Process {
  public:
    /// `output`: file for what it prints; empty: nowhere.
    explicit Process(const std::vector<std::string>& argv, const std::filesystem::path& output = {});
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;
    /// Waits up to 10 s; throws Error when the program ended or the time did.
    void await(const std::function<bool()>& ready);
    void stop();
    pid_t pid() const { return pid_; }

  private:
    std::string name_;
    pid_t pid_ = 0;
};

}  // namespace rpm::test
