// SPDX-License-Identifier: MIT
// A real FastCGI server on a Unix socket in a private folder, for as long as the object lives.
#pragma once

#include <filesystem>
#include <functional>
#include <thread>

#include "tests/support/temporary_folder.h"
#include "web/http/server.h"

namespace rpm::test {

/// A handler made of one function.
class FunctionHandler : public http::Handler {
  public:
    using Function = std::function<http::Response(const http::Request&)>;
    explicit FunctionHandler(Function function) : function_(std::move(function)) {}
    http::Response handle(const http::Request& request) override { return function_(request); }

  private:
    Function function_;
};

class Serving {
  public:
    explicit Serving(FunctionHandler::Function function, http::Settings settings = {});
    ~Serving() { stop(); }
    Serving(Serving&&) = delete;
    /// Returns when the server has drained.
    void stop();
    const TemporaryFolder folder;
    const std::string socket = folder.file("s");

  private:
    http::Server server_;
    std::thread thread_;
};

}  // namespace rpm::test
