// SPDX-License-Identifier: MIT
// Real nginx on folders of its own, for tests and measurements.
//
//     TemporaryFolder folder;
//     write_release(folder.path(), bundle, marker);          // <folder>/current/…, run/, logs/
//     EngineTest test = test_config(folder.path());          // nginx -t
//     RunningEngine engine(folder.path());                   // ends with the object
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "shared/model/bundle.h"
#include "shared/model/values.h"
#include "tests/support/temporary_folder.h"

namespace rpm::test {

struct Finished {
    int status = -1;     ///< exit status; 128 + signal when killed
    std::string output;  ///< standard output and error
    double cpu_seconds = 0;
};
/// Runs a program found by PATH to its end.
Finished run(const std::vector<std::string>& argv);
bool have_program(const std::string& name);

void write_file(const std::filesystem::path& path, std::string_view content);

/// A throw-away certificate and key (PEM, P-256) for these names, made once per process and list of names.
std::pair<std::string, std::string> a_certificate(const std::vector<std::string>& names);

/// Writes the files below `root`/current and makes what the engine needs beside it. Lets the engine's
/// unprivileged workers into the folder.
void write_release(const std::filesystem::path& root, const Bundle& bundle,
                   const std::pair<std::string, std::string>& marker, const std::string& key_pem = "");
/// nginx -t on what write_release() wrote.
Finished test_config(const std::filesystem::path& root);

/// nginx in the foreground as a child; ended by the destructor.
class RunningEngine {
  public:
    /// Waits until the port accepts; throws Error with the engine's words when it ends before.
    RunningEngine(std::filesystem::path root, Port wait_for,
                  std::chrono::seconds limit = std::chrono::seconds(10));
    ~RunningEngine();
    RunningEngine(const RunningEngine&) = delete;
    RunningEngine& operator=(const RunningEngine&) = delete;

  private:
    pid_t pid_ = -1;
};

/// A TCP port of 127.0.0.1 that was free a moment ago; each call another one.
Port free_port();

}  // namespace rpm::test
