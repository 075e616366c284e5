// SPDX-License-Identifier: MIT
#include "tests/workers/ssh_lab.h"

#include <boost/test/tools/assertion_result.hpp>
#include <chrono>
#include <utility>

namespace rpm::tests {

using namespace rpm::ssh;
using namespace std::chrono_literals;

namespace {

Sshd::Settings admitting(Sshd::Settings settings, const PrivateKey& key) {
    settings.authorized_key += key.public_line("test");  // after options, when there are some
    return settings;
}

}  // namespace

Lab::Lab(Sshd::Settings settings, const PrivateKey& key)
    : key_(key), node_(admitting(std::move(settings), key)) {}

Request Lab::request(const std::string& command) const {
    Request out{.target = {node_.address(), node_.port(), node_.user(), key_, pinned()}, .command = command};
    out.limits.total = 10s;
    return out;
}

Outcome Lab::run(const std::string& command) const {
    return tests::run(request(command));
}

Outcome run(Executor& executor, Request request, Executor::OnLine on_line) {
    Outcome out;
    executor.submit(
        std::move(request), [&](Outcome outcome) { out = std::move(outcome); }, std::move(on_line));
    executor.run_until_idle();
    return out;
}

Outcome run(Request request, Executor::OnLine on_line) {
    Executor executor;
    return run(executor, std::move(request), std::move(on_line));
}

boost::test_tools::assertion_result sshd_is_here(boost::unit_test::test_unit_id) {
    boost::test_tools::assertion_result result(Sshd::available());
    result.message() << "there is no sshd on this machine";
    return result;
}

}  // namespace rpm::tests
