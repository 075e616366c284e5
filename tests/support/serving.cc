// SPDX-License-Identifier: MIT
#include "tests/support/serving.h"

#include <cstdlib>
#include <stdexcept>

namespace rpm::test {
namespace {

http::Settings with_socket(http::Settings settings, const std::string& socket) {
    if (settings.listen.empty()) settings.listen = socket;
    return settings;
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "rpmgr-test-XXXXXX").string();
    if (!::mkdtemp(name.data())) throw std::runtime_error("cannot make " + name);
    path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

Serving::Serving(FunctionHandler::Function function, http::Settings settings)
    : server_(with_socket(std::move(settings), socket),
              [function](unsigned) { return std::make_unique<FunctionHandler>(function); }),
      thread_([this] { server_.run(); }) {}

void Serving::stop() {
    if (!thread_.joinable()) return;
    server_.stop();
    thread_.join();
}

}  // namespace rpm::test
