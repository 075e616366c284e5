// SPDX-License-Identifier: MIT
// Settings of a program: a file of `[section]` and `name = value` lines, then the command line, which wins.
//
//     db::Settings database;
//     Options options("rpmgr-admin", "the administrators' panel");
//     database.declare(options);                       // each part declares its own options
//     options.read(argc, argv);                        // --config, --check-config, --help, --version
//
// Unknown names and bad values throw Invalid with the name (and the file). Secrets are never options: options
// name files that hold them (`password_file`), because command lines are public.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "shared/base/secret.h"

namespace rpm {

class Options {
  public:
    Options(std::string program, std::string purpose);
    ~Options();
    Options(const Options&) = delete;
    Options& operator=(const Options&) = delete;

    /// Declares "section.name"; what the target holds now is the default, which --help shows.
    void add(const char* name, std::string& target, const char* help);
    void add(const char* name, std::filesystem::path& target, const char* help);
    void add(const char* name, unsigned& target, const char* help);
    void add(const char* name, bool& target, const char* help);                  ///< yes/no, true/false, 1/0
    void add(const char* name, std::chrono::seconds& target, const char* help);  ///< whole seconds
    /// Words that are not options are collected here; without this call they are errors.
    void positional(std::vector<std::string>& target);
    /// Options that only make sense on the command line are refused in files.
    void add_flag(const char* name, bool& target, const char* help);

    enum class Next { run, exit };
    /// Fills the targets. Next::exit after --help, --version or --check-config (which prints every value in
    /// force). The file is --config, else the default, which may be absent.
    Next read(int argc, const char* const* argv, const std::filesystem::path& default_file);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// The content of a file, at most 16 MiB; throws Unavailable with the name and the system's reason.
std::string read_file(const std::filesystem::path& path);
/// A secret from a file: the first line, without its line end. Throws Invalid when empty.
Secret read_secret(const std::filesystem::path& path);

}  // namespace rpm
