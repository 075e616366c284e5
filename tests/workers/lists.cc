// SPDX-License-Identifier: MIT
// Lists of networks from a real HTTP server, into a real database.
#define BOOST_TEST_DYN_LINK
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <thread>

#include "shared/base/handle.h"
#include "shared/model/address_list.h"
#include "shared/ops/node_settings.h"
#include "shared/store/address_lists.h"
#include "tests/support/world.h"
#include "workers/housekeep/fetch_list.h"

using namespace rpm;

namespace {

// Answers each connection with the text that it has then.
class ListServer {
  public:
    ListServer() {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        BOOST_REQUIRE(::bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
        socklen_t size = sizeof address;
        BOOST_REQUIRE(::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
        BOOST_REQUIRE(::listen(fd_.get(), 8) == 0);
        port_ = ntohs(address.sin_port);
        thread_ = std::jthread([this] { serve(); });
    }
    ~ListServer() { ::shutdown(fd_.get(), SHUT_RDWR); }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/ranges.txt"; }

    std::string status = "200 OK";
    std::string body;

  private:
    void serve() {
        while (true) {
            const Fd client(::accept(fd_.get(), nullptr, nullptr));
            if (client.get() < 0) return;
            char request[4096];
            if (::read(client.get(), request, sizeof request) <= 0) continue;
            const std::string answer = "HTTP/1.1 " + status +
                                       "\r\nContent-Length: " + std::to_string(body.size()) +
                                       "\r\nConnection: close\r\n\r\n" + body;
            std::size_t sent = 0;
            while (sent < answer.size()) {
                const auto n = ::send(client.get(), answer.data() + sent, answer.size() - sent, MSG_NOSIGNAL);
                if (n <= 0) break;
                sent += static_cast<std::size_t>(n);
            }
        }
    }
    Fd fd_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    unsigned port_ = 0;
    std::jthread thread_;
};

struct Lists : test::World {
    NodeId edge = add_node("edge-1");
    ListServer server;
    ops::ListsRead read() {
        return ops::refresh_address_lists(db, clock, housekeep::fetch_list, [] { return false; });
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(lists, Lists)

BOOST_AUTO_TEST_CASE(what_a_server_says_is_believed_and_what_it_should_not_say_is_not) {
    NodeSettings settings;
    settings.trusted_lists.urls = {server.url()};
    ops::set_node_settings(context, admin, edge, NodeSettings::parse(settings.to_json()));
    server.body = "# ours\n192.0.2.0/24\n198.51.100.0/24\n";
    BOOST_TEST(read().changed == 1U);
    BOOST_TEST(store::get_node(db, edge).listed_proxies == "192.0.2.0/24 198.51.100.0/24");
    const auto refused = [&](const char* why) {
        clock.advance(std::chrono::hours(6));
        BOOST_TEST(read().failed == 1U, why);
        const auto list = store::list_address_lists(db).at(0);
        BOOST_TEST(list.error.find(why) != std::string::npos, list.error);
        BOOST_TEST(list.entries == 2U);
    };
    server.status = "503 Service Unavailable";
    refused("503");
    server.status = "200 OK";
    server.body = std::string(kMostListBytes + 1, '#');
    refused("answered too much");
    server.body = "0.0.0.0/0\n192.0.2.0/24\n";
    refused("too wide");
    BOOST_TEST(store::get_node(db, edge).listed_proxies == "192.0.2.0/24 198.51.100.0/24");
}

BOOST_AUTO_TEST_SUITE_END()
