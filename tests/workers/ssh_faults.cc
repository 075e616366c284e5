// SPDX-License-Identifier: MIT
// Nodes that misbehave: each fault ends in its own kind of outcome, with a way out, and in time.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <chrono>
#include <thread>

#include "shared/base/handle.h"
#include "tests/workers/ssh_lab.h"

using namespace rpm::tests;
using namespace rpm::ssh;
using namespace std::chrono_literals;

namespace {

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

// Listens, and never answers by itself.
class Listener {
  public:
    explicit Listener(const std::string& address = "127.0.0.1") : port_(free_port(address)) {
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_port = htons(port_);
        inet_pton(AF_INET, address.c_str(), &at.sin_addr);
        BOOST_REQUIRE(::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0);
        BOOST_REQUIRE(::listen(fd_.get(), 16) == 0);
    }
    std::uint16_t port() const { return port_; }
    rpm::Fd accept() const { return rpm::Fd(::accept(fd_.get(), nullptr, nullptr)); }

  private:
    rpm::Fd fd_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    std::uint16_t port_;
};

Request request_to(std::uint16_t port) {
    const HostKey pinned = HostKey::from_line(PrivateKey::generate().public_line(""));
    Request out{.target = {"127.0.0.1", port, "nobody", PrivateKey::generate(), pinned}, .command = "true"};
    out.limits.total = 5s;
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(ssh_faults, *boost::unit_test::precondition(sshd_is_here))

BOOST_AUTO_TEST_CASE(unknown_host_key_is_offered_and_nobody_logs_in) {
    const Lab lab;
    Request request = lab.request("echo ran");
    request.target.pinned.reset();
    const Outcome outcome = run(std::move(request));
    BOOST_TEST(name(outcome.kind) == "host_key_unknown");
    BOOST_REQUIRE(outcome.offered);
    BOOST_CHECK(*outcome.offered == lab.pinned());
    BOOST_TEST(holds(outcome.message, lab.pinned().fingerprint()));
    BOOST_TEST(!outcome.started);
    BOOST_TEST(!holds(lab.node().log(), "userauth-request"));
}

BOOST_AUTO_TEST_CASE(changed_host_key_stops_before_the_login) {
    const Lab lab;
    Request request = lab.request("echo ran");
    request.target.pinned = HostKey::from_line(PrivateKey::generate().public_line(""));
    const Outcome outcome = run(std::move(request));
    BOOST_TEST(name(outcome.kind) == "host_key_changed");
    BOOST_CHECK(outcome.offered == lab.pinned());
    BOOST_TEST(!outcome.started);
    BOOST_TEST(!holds(lab.node().log(), "userauth-request"));
}

BOOST_AUTO_TEST_CASE(refused_login_says_what_to_add) {
    const Lab lab;
    Request request = lab.request("true");
    request.target.key = PrivateKey::generate();
    const Outcome outcome = run(std::move(request));
    BOOST_TEST(name(outcome.kind) == "auth_failed");
    BOOST_TEST(holds(outcome.message, "authorized_keys"));
}

BOOST_AUTO_TEST_CASE(nobody_listening_is_refused) {
    const Outcome outcome = run(request_to(free_port("127.0.0.1")));
    BOOST_TEST(name(outcome.kind) == "refused");
    BOOST_TEST(name(outcome.step) == "connect");
    BOOST_TEST(holds(outcome.message, "is sshd running"));
}

BOOST_AUTO_TEST_CASE(unreachable_network_is_unreachable) {
    Request request = request_to(22);
    request.target.host = "255.255.255.255";
    BOOST_TEST(name(run(std::move(request)).kind) == "unreachable");
}

BOOST_AUTO_TEST_CASE(name_without_address_is_unresolved) {
    Request request = request_to(22);
    request.target.host = "no-such-host.invalid";
    const Outcome outcome = run(std::move(request));
    BOOST_TEST(name(outcome.kind) == "unresolved");
}

BOOST_AUTO_TEST_CASE(black_hole_ends_at_the_deadline_of_its_step) {
    const Listener hole;
    Request request = request_to(hole.port());
    request.limits.handshake = 200ms;
    const auto begin = std::chrono::steady_clock::now();
    const Outcome outcome = run(std::move(request));
    BOOST_TEST(name(outcome.kind) == "timeout");
    BOOST_TEST(name(outcome.step) == "handshake");
    BOOST_TEST(holds(outcome.message, "200 ms"));
    BOOST_TEST((std::chrono::steady_clock::now() - begin < 1s));
}

BOOST_AUTO_TEST_CASE(full_backlog_ends_at_the_deadline_of_the_connection) {
    const Listener hole;
    Executor executor;
    int timeouts = 0;
    for (int i = 0; i < 40; ++i) {
        Request request = request_to(hole.port());
        request.limits.connect = request.limits.handshake = 300ms;
        executor.submit(std::move(request),
                        [&](Outcome outcome) { timeouts += outcome.kind == Kind::timeout; });
    }
    executor.run_until_idle();
    BOOST_TEST(timeouts == 40);
}

BOOST_AUTO_TEST_CASE(other_servers_are_named_as_such) {
    const Listener listener;
    std::jthread server([&] {
        const rpm::Fd client = listener.accept();
        const std::string_view answer =
            "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n<html>no</html>\r\n";
        BOOST_CHECK(::send(client.get(), answer.data(), answer.size(), MSG_NOSIGNAL) > 0);
        ::shutdown(client.get(), SHUT_WR);
        char rest[64];
        while (::recv(client.get(), rest, sizeof rest, 0) > 0) {
        }
    });
    const Outcome outcome = run(request_to(listener.port()));
    BOOST_TEST(name(outcome.kind) == "protocol");
    BOOST_TEST(holds(outcome.message, "not an SSH server"));
}

BOOST_AUTO_TEST_CASE(connection_closed_before_the_greeting_says_why_that_may_be) {
    const Listener listener;
    std::jthread server([&] { listener.accept(); });
    const Outcome outcome = run(request_to(listener.port()));
    BOOST_TEST(name(outcome.kind) == "lost");
    BOOST_TEST(holds(outcome.message, "MaxStartups"));
}

BOOST_AUTO_TEST_CASE(nothing_in_common_names_what_the_node_must_allow) {
    const Lab ciphers({.config = {"Ciphers chacha20-poly1305@openssh.com"}});
    const Outcome outcome = ciphers.run("true");
    BOOST_TEST(name(outcome.kind) == "algorithms");
    BOOST_TEST(holds(outcome.message, "its ciphers are chacha20-poly1305@openssh.com"));
    BOOST_TEST(holds(outcome.message, "aes128-ctr"));

    const Lab macs({.config = {"MACs hmac-sha2-512-etm@openssh.com", "Ciphers aes256-ctr"}});
    BOOST_TEST(holds(macs.run("true").message, "MACs are hmac-sha2-512-etm@openssh.com"));

    const Lab kept_type({.host_key_type = "ecdsa"});
    Request request = kept_type.request("true");
    request.target.pinned = HostKey::from_line(PrivateKey::generate().public_line(""));
    BOOST_TEST(holds(run(request).message, "pin another key"));
    request.target.pinned = HostKey{"sk-ssh-ed25519@openssh.com", "x"};
    BOOST_TEST(holds(run(request).message, "cannot check"));
}

BOOST_AUTO_TEST_CASE(command_killed_by_a_signal_is_not_a_success) {
    const Lab lab;
    const Outcome outcome = lab.run("echo begun; kill -9 $$");
    BOOST_TEST(name(outcome.kind) == "ok");
    BOOST_TEST(outcome.out == "begun\n");
    BOOST_TEST(outcome.exit_signal == "KILL");
    BOOST_TEST(!outcome.exited_cleanly());
}

BOOST_AUTO_TEST_CASE(silent_command_ends_at_its_deadline) {
    const Lab lab;
    Request request = lab.request("echo begun; sleep 100");
    request.limits.silence = 300ms;
    const Outcome outcome = run(std::move(request));
    BOOST_TEST(name(outcome.kind) == "timeout");
    BOOST_TEST(name(outcome.step) == "transfer");
    BOOST_TEST(outcome.started);
    BOOST_TEST(outcome.out == "begun\n");
    BOOST_TEST(holds(outcome.message, "read its state on the node"));
}

// Each byte that moves begins the time of silence anew, so a slow upload is none.
BOOST_AUTO_TEST_CASE(slow_input_is_not_silence_and_work_has_a_limit_of_its_own) {
    const Lab lab;
    Request request =
        lab.request("n=0; while head -c 400000 | grep -q .; do sleep 0.2; done; sleep 1; echo done");
    request.input = {std::make_shared<const std::string>(6'000'000, 'x')};
    request.limits.silence = 700ms;
    request.limits.work = 5s;
    const Outcome outcome = run(std::move(request));
    BOOST_TEST(name(outcome.kind) == "ok", outcome.message);
    BOOST_TEST(outcome.out == "done\n");

    Request deaf = lab.request("exec sleep 100");
    deaf.input = {std::make_shared<const std::string>(8'000'000, 'x')};
    deaf.limits.silence = 300ms;
    deaf.limits.work = 60s;
    BOOST_TEST(holds(run(std::move(deaf)).message, "nothing moved for 300 ms"));
}

BOOST_AUTO_TEST_CASE(busy_command_ends_at_the_total_deadline) {
    const Lab lab;
    Request request = lab.request("while :; do echo x; sleep 0.01; done");
    request.limits.total = 600ms;
    const Outcome outcome = run(std::move(request));
    BOOST_TEST(name(outcome.kind) == "timeout");
    BOOST_TEST(holds(outcome.message, "total of 600 ms"));
}

BOOST_AUTO_TEST_CASE(endless_output_does_not_starve_other_nodes) {
    const Lab lab;
    Executor executor;
    Request flood = lab.request("yes");
    flood.limits.total = 1500ms;
    std::vector<std::string> order;
    executor.submit(std::move(flood), [&](Outcome outcome) { order.emplace_back(name(outcome.kind)); });
    for (int i = 0; i < 10; ++i) executor.poll(10ms);
    executor.submit(lab.request("echo hello"), [&](Outcome outcome) { order.push_back(outcome.out); });
    executor.run_until_idle();
    BOOST_TEST(order == (std::vector<std::string>{"hello\n", "timeout"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(connection_killed_in_the_middle_says_how_far_it_came) {
    const Lab lab;
    Request request = lab.request("echo begun; exec sleep 100");
    request.input.push_back(std::make_shared<const std::string>(20'000'000, 'x'));
    const Outcome outcome = run(std::move(request), [&](std::string_view) { lab.node().kill_sessions(); });
    BOOST_TEST(name(outcome.kind) == "lost");
    BOOST_TEST(outcome.started);
    BOOST_TEST(outcome.out == "begun\n");
    BOOST_TEST(outcome.input_bytes < 20'000'000U);
    BOOST_TEST(holds(outcome.message, "not sent whole"));
    BOOST_TEST(holds(outcome.message, "of 20000000 bytes"));
}

BOOST_AUTO_TEST_CASE(refused_commands_are_denied) {
    const Lab lab({.config = {"MaxSessions 0"}});
    const Outcome outcome = lab.run("echo ran");
    BOOST_TEST(name(outcome.kind) == "denied");
    BOOST_TEST(!outcome.started);
}

BOOST_AUTO_TEST_CASE(forced_command_sees_the_words_that_were_asked_for) {
    const Lab lab({.authorized_key = "restrict,command=\"echo forced; echo $SSH_ORIGINAL_COMMAND\" "});
    BOOST_TEST(lab.run("facts now").out == "forced\nfacts now\n");
}

BOOST_AUTO_TEST_SUITE_END()
