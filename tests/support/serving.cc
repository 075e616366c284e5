// SPDX-License-Identifier: MIT
#include "tests/support/serving.h"

namespace rpm::test {
namespace {

http::Settings with_socket(http::Settings settings, const std::string& socket) {
    if (settings.listen.empty()) settings.listen = socket;
    return settings;
}

}  // namespace

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
