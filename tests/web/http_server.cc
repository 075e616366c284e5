// SPDX-License-Identifier: MIT
// The real server over its socket, with peers good and bad.
#define BOOST_TEST_DYN_LINK
#include "web/http/server.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <latch>
#include <thread>

#include "tests/support/fcgi_client.h"
#include "tests/support/serving.h"

using namespace rpm::http;
using namespace rpm::test;
using namespace std::chrono_literals;
namespace data = boost::unit_test::data;

namespace {

Response echo(const Request& request) {
    if (request.path == "/slow") std::this_thread::sleep_for(300ms);
    if (request.path == "/down") throw rpm::Unavailable("database gone");
    if (request.path == "/streamed" || request.path == "/cut") {
        Response response = text("");
        response.stream = [cut = request.path == "/cut"](const Response::Write& write) {
            for (int i = 0; i < 300; ++i) write(std::string(10'000, 'x'));
            if (cut) throw rpm::Unavailable("database gone");
            write("the end");
        };
        return response;
    }
    if (request.path == "/large") return text(std::string(3'000'000, 'x'));
    std::string body = request.method + ' ' + request.path;
    for (const auto& [name, value] : request.form) body += ' ' + name + '=' + value;
    return text(body + " body=" + std::to_string(request.body.size()));
}

Settings settings_with(unsigned threads, Limits limits = {}) {
    Settings settings;
    settings.threads = threads;
    settings.limits = limits;
    return settings;
}

FcgiAnswer ask(const std::string& socket, const std::string& bytes) {
    FcgiClient client(socket);
    client.send(bytes);
    return client.receive();
}

FcgiAnswer get(const std::string& socket, const std::string& target) {
    return ask(socket, FcgiClient::request("GET", target));
}

std::size_t open_descriptors() {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(http_server)

BOOST_AUTO_TEST_CASE(a_request_is_answered) {
    const Serving serving(echo);
    const FcgiAnswer answer = get(serving.socket, "/sites?x=1");
    BOOST_TEST(answer.complete);
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(answer.header("Status") == "200 OK");
    BOOST_TEST(answer.body == "GET /sites body=0");
    BOOST_TEST(answer.header("Content-Length") == std::to_string(answer.body.size()));
    BOOST_TEST(!answer.header("Content-Security-Policy").empty());
    BOOST_TEST(!answer.header("Strict-Transport-Security").empty());
}

BOOST_AUTO_TEST_CASE(head_is_get_without_body) {
    const Serving serving(echo);
    const FcgiAnswer answer = ask(serving.socket, FcgiClient::request("HEAD", "/"));
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(answer.body.empty());
    BOOST_TEST(answer.header("Content-Length") == "13");
}

BOOST_AUTO_TEST_CASE(forms_and_bodies_arrive_whole) {
    const Serving serving(echo);
    const FcgiClient::Params form{{"CONTENT_TYPE", "application/x-www-form-urlencoded"}};
    BOOST_TEST(ask(serving.socket, FcgiClient::request("POST", "/f?z=9", form, "a=1&b=x+y")).body ==
               "POST /f a=1 b=x y body=0");
    const std::string large(2'000'000, 'j');
    const FcgiClient::Params json{{"CONTENT_TYPE", "application/json"}};
    for (const auto* method : {"POST", "PUT", "PATCH", "DELETE"})
        BOOST_TEST(ask(serving.socket, FcgiClient::request(method, "/j", json, large)).body ==
                   std::string(method) + " /j body=2000000");
}

BOOST_AUTO_TEST_CASE(large_answers_are_complete) {
    const Serving serving(echo);
    BOOST_TEST(get(serving.socket, "/large").body.size() == 3'000'000u);
}

BOOST_AUTO_TEST_CASE(a_long_answer_goes_out_as_it_is_made) {
    const Serving serving(echo);
    const auto whole = get(serving.socket, "/streamed");
    BOOST_TEST(whole.complete);
    BOOST_TEST(whole.status == 200);
    BOOST_TEST(whole.body.size() == 3'000'007u);
    BOOST_TEST(whole.body.ends_with("the end"));
    BOOST_TEST(whole.header("Content-Length").empty());
    // Nobody takes a part for the whole.
    const auto cut = get(serving.socket, "/cut");
    BOOST_TEST(!cut.complete);
    BOOST_TEST(ask(serving.socket, FcgiClient::request("HEAD", "/streamed")).body.empty());
    BOOST_TEST(get(serving.socket, "/").status == 200);
}

// The front server is woken once: header, page, end of the stream and end of the request.
BOOST_AUTO_TEST_CASE(a_page_is_sent_in_one_piece) {
    const Serving serving([](const Request&) { return html(std::string(20'000, 'x')); });
    const std::string raw =
        FcgiClient::exchange(serving.socket, FcgiClient::request("GET", "/", FcgiClient::Params{}));
    std::vector<std::size_t> lengths;
    const auto byte = [&raw](std::size_t at) { return static_cast<unsigned char>(raw.at(at)); };
    for (std::size_t at = 0; at < raw.size(); at += 8 + lengths.back() + byte(at + 6))
        lengths.push_back(byte(at + 4) * 256U + byte(at + 5));
    BOOST_TEST_REQUIRE(lengths.size() == 4U);
    BOOST_TEST(lengths[1] == 20'000U);
    BOOST_TEST(lengths[2] == 0U);
    BOOST_TEST(lengths[3] == 8U);
}

BOOST_AUTO_TEST_CASE(many_clients_are_served_at_once_and_nothing_leaks) {
    const Serving serving(echo, settings_with(4));
    get(serving.socket, "/");
    std::this_thread::sleep_for(50ms);  // connections are closed just after their answers
    const std::size_t before = open_descriptors();
    std::atomic<int> good = 0;
    {
        std::vector<std::jthread> clients;
        for (int c = 0; c < 8; ++c)
            clients.emplace_back([&, c] {
                for (int i = 0; i < 100; ++i) {
                    const std::string path = "/" + std::to_string(c) + "/" + std::to_string(i);
                    if (get(serving.socket, path).body == "GET " + path + " body=0") ++good;
                }
            });
    }
    BOOST_TEST(good == 800);
    std::this_thread::sleep_for(50ms);
    BOOST_TEST(open_descriptors() == before);
}

BOOST_AUTO_TEST_CASE(bad_requests_have_their_status) {
    Limits limits;
    limits.body_bytes = 1000;
    limits.form_fields = 10;
    const Serving serving(echo, settings_with(2, limits));
    const FcgiClient::Params form{{"CONTENT_TYPE", "application/x-www-form-urlencoded"}};
    const auto status = [&](const std::string& bytes) { return ask(serving.socket, bytes).status; };
    BOOST_TEST(status(FcgiClient::request({})) == 400);
    BOOST_TEST(status(FcgiClient::request({{"REQUEST_URI", "/"}})) == 400);
    BOOST_TEST(status(FcgiClient::request("GET", "/../x")) == 400);
    BOOST_TEST(status(FcgiClient::request("GET", "/", {{"HTTP_X", std::string(70000, 'x')}})) == 431);
    BOOST_TEST(status(FcgiClient::request("POST", "/", form, std::string(1001, 'x'))) == 413);
    BOOST_TEST(status(FcgiClient::request("POST", "/", form, "a&b&c&d&e&f&g&h&i&j&k")) == 413);
    BOOST_TEST(status(FcgiClient::request("POST", "/", form, "a=%")) == 400);
    BOOST_TEST(get(serving.socket, "/down").status == 503);
    BOOST_TEST(get(serving.socket, "/down").header("Retry-After") == "5");
    BOOST_TEST(get(serving.socket, "/").status == 200);
}

BOOST_AUTO_TEST_CASE(an_oversized_body_is_refused_before_it_is_sent_and_after) {
    Limits limits;
    limits.body_bytes = 1000;
    const Serving serving(echo, settings_with(1, limits));
    const FcgiClient::Params huge{
        {"REQUEST_METHOD", "POST"}, {"REQUEST_URI", "/"}, {"CONTENT_LENGTH", "99999999999"}};
    FcgiClient early(serving.socket);
    early.send(FcgiClient::begin() + FcgiClient::params(huge));
    BOOST_TEST(early.receive().status == 413);
    FcgiClient all(serving.socket);
    BOOST_TEST(all.send(FcgiClient::request(huge, std::string(5'000'000, 'x'))));
    BOOST_TEST(all.receive().status == 413);
    BOOST_TEST(get(serving.socket, "/").status == 200);
}

BOOST_AUTO_TEST_CASE(a_body_of_another_length_than_announced_is_refused) {
    const Serving serving(echo, settings_with(2));
    const auto with_length = [](const std::string& length) {
        return FcgiClient::Params{
            {"REQUEST_METHOD", "POST"}, {"REQUEST_URI", "/"}, {"CONTENT_LENGTH", length}};
    };
    BOOST_TEST(ask(serving.socket, FcgiClient::request(with_length("9"), "short")).status == 400);
    BOOST_TEST(ask(serving.socket, FcgiClient::request(with_length("2"), "longer")).status == 400);
    BOOST_TEST(ask(serving.socket, FcgiClient::request(with_length("-1"), "x")).status == 400);
}

// Each is sent, then the sending side waits: the server must drop it or be able to go on without it.
BOOST_AUTO_TEST_CASE(malformed_protocol_harms_nobody) {
    Limits limits;
    limits.read_time = 1s;
    const Serving serving(echo, settings_with(4, limits));
    const std::string params = FcgiClient::params({{"REQUEST_METHOD", "GET"}, {"REQUEST_URI", "/"}});
    const std::string two_gigabytes =
        FcgiClient::record(4, std::string("\xff\xff\xff\xff\xff\xff\xff\xff", 8) + "A");
    const std::string bad[] = {
        std::string(5000, 'G'),               // garbage
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n",  // another protocol
        std::string(4096, '\0'),
        "\2" + FcgiClient::begin().substr(1) + params,                       // another version
        FcgiClient::record(1, std::string("\0\7\0\0\0\0\0\0", 8)) + params,  // an unknown role
        params,                                                              // no beginning
        FcgiClient::record(9, ""),                                           // a management record, empty
        FcgiClient::begin() + two_gigabytes,                                 // lengths of 2 GB
        FcgiClient::begin() + two_gigabytes + FcgiClient::record(4, ""),
        FcgiClient::begin() + FcgiClient::record(4, "\x0e\x03REQUEST_M") +
            FcgiClient::record(4, ""),                               // cut off
        FcgiClient::begin().substr(0, 5),                            // half a header
        FcgiClient::begin() + params.substr(0, params.size() - 12),  // half the parameters
        FcgiClient::begin(),
    };
    std::vector<std::unique_ptr<FcgiClient>> open;
    for (const std::string& bytes : bad) {
        auto& client = open.emplace_back(std::make_unique<FcgiClient>(serving.socket));
        client->send(bytes);
    }
    for (const auto& client : open) BOOST_TEST(client->closed(6s));
    for (const std::string& bytes : bad) {
        FcgiClient gone(serving.socket);
        gone.send(bytes);
    }
    BOOST_TEST(get(serving.socket, "/").status == 200);
}

BOOST_AUTO_TEST_CASE(a_stalled_peer_does_not_hold_others) {
    const Serving serving(echo, settings_with(2));
    FcgiClient stalled(serving.socket);
    stalled.send(FcgiClient::begin().substr(0, 5));
    std::vector<std::unique_ptr<FcgiClient>> silent;
    for (int i = 0; i < 20; ++i) silent.push_back(std::make_unique<FcgiClient>(serving.socket));
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < 10; ++i) BOOST_TEST(get(serving.socket, "/").status == 200);
    BOOST_TEST(seconds_since(start) < 1.0);
}

BOOST_AUTO_TEST_CASE(a_peer_that_trickles_is_cut_off_in_time) {
    Limits limits;
    limits.read_time = 1s;
    const Serving serving(echo, settings_with(1, limits));
    FcgiClient slow(serving.socket);
    const auto start = std::chrono::steady_clock::now();
    bool open = true;
    for (const char byte : FcgiClient::request("GET", "/")) {
        open = slow.send(std::string(1, byte));
        if (!open || seconds_since(start) > 4) break;
        std::this_thread::sleep_for(60ms);
    }
    BOOST_TEST(!open);
    BOOST_TEST(get(serving.socket, "/").status == 200);
}

BOOST_AUTO_TEST_CASE(kept_connections_serve_again_and_hold_no_thread) {
    const Serving serving(echo, settings_with(1));
    std::vector<std::unique_ptr<FcgiClient>> kept;
    for (int i = 0; i < 5; ++i) kept.push_back(std::make_unique<FcgiClient>(serving.socket));
    for (int round = 0; round < 3; ++round)
        for (const auto& client : kept) {
            client->send(FcgiClient::request("POST", "/k", {}, "abc", true));
            BOOST_TEST(client->receive().body == "POST /k body=3");
        }
    BOOST_TEST(get(serving.socket, "/").status == 200);
}

BOOST_AUTO_TEST_CASE(peers_that_leave_early_harm_nobody) {
    const Serving serving(echo, settings_with(2));
    for (int i = 0; i < 20; ++i) {
        FcgiClient gone(serving.socket);
        gone.send(FcgiClient::request("GET", "/large"));
    }
    BOOST_TEST(get(serving.socket, "/").status == 200);
}

BOOST_AUTO_TEST_CASE(stopping_answers_what_is_running_and_what_waits) {
    Serving serving(echo, settings_with(2));
    std::vector<std::unique_ptr<FcgiClient>> clients;
    for (int i = 0; i < 6; ++i) {  // two run, four wait in the queue
        clients.push_back(std::make_unique<FcgiClient>(serving.socket));
        clients.back()->send(FcgiClient::request("GET", "/slow"));
    }
    std::this_thread::sleep_for(100ms);
    serving.stop();
    for (const auto& client : clients) BOOST_TEST(client->receive().status == 200);
    BOOST_TEST(!std::filesystem::exists(serving.socket));
    BOOST_CHECK_THROW(FcgiClient{serving.socket}, std::runtime_error);
}

BOOST_AUTO_TEST_CASE(stopping_does_not_wait_for_idle_peers) {
    Serving serving(echo, settings_with(2));
    FcgiClient silent(serving.socket), kept(serving.socket);
    kept.send(FcgiClient::request("GET", "/", {}, "", true));
    BOOST_TEST(kept.receive().status == 200);
    const auto start = std::chrono::steady_clock::now();
    serving.stop();
    BOOST_TEST(seconds_since(start) < 1.0);
    BOOST_TEST(silent.closed(0s));
}

BOOST_AUTO_TEST_CASE(sigterm_stops_and_the_drain_time_is_kept) {
    const TemporaryFolder folder;
    for (const auto& [path, expected] : {std::pair{"/slow", 0}, std::pair{"/endless", 1}}) {
        const std::string socket = folder.file("s");
        const pid_t child = ::fork();
        if (child == 0) {
            ::close(STDERR_FILENO);
            Settings settings = settings_with(2);
            settings.listen = socket;
            settings.drain = 1s;
            Server server(settings, [](unsigned) {
                return std::make_unique<FunctionHandler>([](const Request& request) {
                    if (request.path == "/endless") std::this_thread::sleep_for(1h);
                    return echo(request);
                });
            });
            server.run();
            ::_exit(0);
        }
        while (!std::filesystem::exists(socket)) std::this_thread::sleep_for(5ms);
        FcgiClient client(socket);
        client.send(FcgiClient::request("GET", path));
        std::this_thread::sleep_for(150ms);
        ::kill(child, SIGTERM);
        BOOST_TEST(client.receive().status == (expected == 0 ? 200 : 0));
        int status = 0;
        ::waitpid(child, &status, 0);
        BOOST_TEST(WIFEXITED(status));
        BOOST_TEST(WEXITSTATUS(status) == expected);
    }
}

BOOST_AUTO_TEST_CASE(the_socket_is_private_and_replaces_a_stale_one) {
    const TemporaryFolder folder;
    Settings settings;
    settings.listen = folder.file("s");
    const auto make = [](unsigned) { return std::make_unique<FunctionHandler>(echo); };
    {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        settings.listen.copy(address.sun_path, sizeof address.sun_path - 1);
        const rpm::Fd stale(::socket(AF_UNIX, SOCK_STREAM, 0));
        BOOST_REQUIRE(::bind(stale.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    }
    {
        const Server server(settings, make);
        struct stat status {};
        BOOST_TEST(::stat(settings.listen.c_str(), &status) == 0);
        BOOST_TEST((status.st_mode & 07777U) == 0660u);
        BOOST_CHECK_THROW(Server(settings, make), rpm::Unavailable);
    }
    BOOST_TEST(!std::filesystem::exists(settings.listen));
    std::ofstream(settings.listen) << "precious";
    BOOST_CHECK_THROW(Server(settings, make), rpm::Invalid);
    BOOST_TEST(std::filesystem::file_size(settings.listen) == 8u);
}

BOOST_DATA_TEST_CASE(impossible_addresses_are_refused,
                     data::make({"", "nonsense", "fd:x", "fd:0", "fd:999", "127.0.0.1:99999",
                                 "127.0.0.1:", ":80"}),
                     address) {
    Settings settings;
    settings.listen = address;
    BOOST_CHECK_THROW(Server(settings, [](unsigned) { return nullptr; }), rpm::Invalid);
    settings.listen = "/tmp/" + std::string(120, 'x');
    BOOST_CHECK_THROW(Server(settings, [](unsigned) { return nullptr; }), rpm::Invalid);
}

BOOST_AUTO_TEST_CASE(an_inherited_socket_outlives_the_server) {
    const TemporaryFolder folder;
    const std::string path = folder.file("inherited");
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    const rpm::Fd socket(::socket(AF_UNIX, SOCK_STREAM, 0));
    BOOST_REQUIRE(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    BOOST_REQUIRE(::listen(socket.get(), 16) == 0);
    for (int generation = 0; generation < 2; ++generation) {
        FcgiClient early(path);  // waits in the queue between the servers
        early.send(FcgiClient::request("GET", "/early"));
        Settings settings = settings_with(2);
        settings.listen = "fd:" + std::to_string(::dup(socket.get()));
        const Serving serving(echo, settings);
        BOOST_TEST(early.receive().status == 200);
        BOOST_TEST(get(path, "/").status == 200);
    }
    BOOST_TEST(std::filesystem::exists(path));
}

BOOST_AUTO_TEST_CASE(a_handler_that_cannot_be_made_ends_the_server) {
    const TemporaryFolder folder;
    Settings settings;
    settings.listen = folder.file("s");
    Server server(settings, [](unsigned thread) -> std::unique_ptr<Handler> {
        if (thread == 1) throw rpm::Unavailable("no database");
        return std::make_unique<FunctionHandler>(echo);
    });
    BOOST_CHECK_THROW(server.run(), rpm::Unavailable);
}

BOOST_AUTO_TEST_CASE(each_thread_has_a_handler_of_its_own) {
    const TemporaryFolder folder;
    Settings settings = settings_with(3);
    settings.listen = folder.file("s");
    std::atomic<unsigned> made = 0;
    Server server(settings, [&](unsigned) {
        ++made;
        return std::make_unique<FunctionHandler>(echo);
    });
    std::jthread thread([&] { server.run(); });
    while (made < 3) std::this_thread::sleep_for(1ms);
    BOOST_TEST(get(settings.listen, "/").status == 200);
    server.stop();
}

BOOST_AUTO_TEST_SUITE_END()
