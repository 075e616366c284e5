// SPDX-License-Identifier: MIT
// The lab that tests and measurements deploy to.
#include "tests/support/lab.h"

#define BOOST_TEST_DYN_LINK
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "shared/base/error.h"
#include "shared/base/handle.h"

using namespace rpm;

namespace {

// A listening socket on the port, for as long as it lives.
Fd listen_on(const std::string& address, unsigned port) {
    Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(static_cast<std::uint16_t>(port));
    inet_pton(AF_INET, address.c_str(), &at.sin_addr);
    BOOST_REQUIRE(::bind(fd.get(), reinterpret_cast<sockaddr*>(&at), sizeof at) == 0);
    BOOST_REQUIRE(::listen(fd.get(), 1) == 0);
    return fd;
}

std::string successor(const std::string& address) {
    const auto dot = address.rfind('.');
    return address.substr(0, dot + 1) + std::to_string(std::stoi(address.substr(dot + 1)) + 1);
}

// How many processes name the folder in their command lines.
int running_in(const std::string& folder) {
    int found = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        std::ifstream in(entry.path() / "cmdline");
        const std::string line{std::istreambuf_iterator<char>(in), {}};
        if (line.find(folder) != std::string::npos) ++found;
    }
    return found;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(lab)

BOOST_AUTO_TEST_CASE(two_labs_stand_side_by_side) {
    const test::Lab first(1);
    const test::Lab second(2);
    BOOST_TEST(first.node(0).address != second.node(0).address);
    BOOST_TEST(second.node(1).address != second.node(0).address);
}

BOOST_AUTO_TEST_CASE(a_lab_that_cannot_start_leaves_nothing_running) {
    const test::Lab first(1);
    BOOST_TEST(running_in(first.folder().string()) > 0);
    const Fd taken = listen_on(successor(first.node(0).address), first.node(0).ssh_port);
    std::string words;
    try {
        const test::Lab second(1);
    } catch (const Error& error) {
        words = error.what();
    }
    BOOST_TEST(words.find("sshd did not start") != std::string::npos, words);
    BOOST_TEST(words.find("Address already in use") != std::string::npos, words);
    const auto start = words.find("rpmgr-test-");
    BOOST_TEST_REQUIRE(start != std::string::npos, words);
    BOOST_TEST(running_in(words.substr(start, std::string("rpmgr-test-XXXXXX").size())) == 0);
}

BOOST_AUTO_TEST_SUITE_END()
