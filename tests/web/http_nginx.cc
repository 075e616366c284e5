// SPDX-License-Identifier: MIT
// The server behind a real nginx that runs the example configuration.
#define BOOST_TEST_DYN_LINK
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <fstream>
#include <map>
#include <thread>

#include "shared/base/config.h"
#include "shared/base/text.h"
#include "tests/support/fcgi_client.h"
#include "tests/support/serving.h"

using namespace rpm::http;
using namespace rpm::test;
using namespace std::chrono_literals;

namespace {

void replace_all(std::string& text, const std::string& from, const std::string& to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
}

// Listens on socket files instead of ports: nothing on the machine can be in the way.
std::string example_config(const TemporaryFolder& folder, const std::string& application) {
    std::string config = rpm::read_file("etc/front-nginx.conf.example");
    const auto first_line = config.find("\npid ");
    config.erase(0, first_line);  // the explanation names the placeholders too
    const std::map<std::string, std::string> values{
        {"PREFIX", folder.path()},         {"LISTEN_ADDRESS", "unix"},
        {"ADMIN_PORT", folder.file("a")},  {"CLIENT_PORT", folder.file("c")},
        {"API_PORT", folder.file("i")},    {"ADMIN_NAME", "admin.example"},
        {"CLIENT_NAME", "client.example"}, {"API_NAME", "api.example"},
        {"CERT", folder.file("cert.pem")}, {"KEY", folder.file("key.pem")},
        {"STATIC", folder.file("static")}, {"ADMIN_SOCKET", application},
        {"CLIENT_SOCKET", application},    {"API_SOCKET", application},
    };
    for (const auto& [name, value] : values) replace_all(config, "@" + name + "@", value);
    return config;
}

pid_t spawn(std::vector<std::string> words) {
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    pid_t pid = 0;
    const int error = ::posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    return error == 0 ? pid : -1;
}

int exit_status(pid_t pid) {
    int status = -1;
    ::waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string nginx_program() {
    return ::access("/usr/sbin/nginx", X_OK) == 0 ? "/usr/sbin/nginx" : "nginx";
}

class Nginx {
  public:
    Nginx(const TemporaryFolder& folder, const std::string& config) : front_(folder.file("a")) {
        std::ofstream(folder.file("nginx.conf")) << config;
        pid_ = spawn({nginx_program(), "-p", folder.path(), "-c", folder.file("nginx.conf"), "-e",
                      folder.file("error.log"), "-g", "daemon off; master_process off; user root;"});
        for (int i = 0; i < 400 && !answers(); ++i) std::this_thread::sleep_for(10ms);
    }
    ~Nginx() {
        ::kill(pid_, SIGTERM);
        exit_status(pid_);
    }
    Nginx(Nginx&&) = delete;
    std::string ask(const std::string& request) const { return FcgiClient::exchange(front_, request); }
    std::string get(const std::string& path, const std::string& more = "") const {
        return ask("GET " + path + " HTTP/1.1\r\nHost: admin.example\r\nConnection: close\r\n" + more +
                   "\r\n");
    }

  private:
    bool answers() const {
        try {
            const FcgiClient probe(front_);
            return true;
        } catch (const std::runtime_error&) {
            return false;
        }
    }
    std::string front_;
    pid_t pid_ = -1;
};

Response describe(const Request& request) {
    if (request.path == "/down") throw rpm::Unavailable("gone");
    std::string body = request.method + ' ' + request.path + " host=" + request.host +
                       " from=" + request.remote_address + " id=" + request.id;
    for (const auto& [name, value] : request.form) body += ' ' + name + '=' + value;
    return html(body + std::string(2000, '.'));
}

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(http_nginx)

BOOST_AUTO_TEST_CASE(nginx_accepts_the_example_configuration) {
    const TemporaryFolder folder;
    std::filesystem::create_directory(folder.file("static"));
    BOOST_REQUIRE(exit_status(spawn({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                                     "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                                     "/CN=panel.example", "-keyout", folder.file("key.pem"), "-out",
                                     folder.file("cert.pem")})) == 0);
    const std::string config = example_config(folder, folder.file("s"));
    BOOST_TEST(!holds(config, "@"));
    std::ofstream(folder.file("nginx.conf")) << config;
    BOOST_TEST(exit_status(spawn({nginx_program(), "-t", "-p", folder.path(), "-c", folder.file("nginx.conf"),
                                  "-e", folder.file("error.log")})) == 0);
}

BOOST_AUTO_TEST_CASE(requests_pass_through_nginx) {
    const Serving serving(describe);
    const TemporaryFolder folder;
    std::filesystem::create_directory(folder.file("static"));
    std::ofstream(folder.file("static/app.css")) << "body{}";
    std::string config = example_config(folder, serving.socket);
    replace_all(config, " ssl http2;", ";");
    for (const auto* directive : {"ssl_certificate ", "ssl_certificate_key "})
        replace_all(config, directive, std::string("#") + directive);
    // After a refused body nginx waits for the client to close; this one waits for nginx.
    replace_all(config, "keepalive_timeout 65s;", "lingering_timeout 100ms;");
    const Nginx nginx(folder, config);

    const std::string page = nginx.get("/sites//7/?x=1", "X-Request-Id: forged-by-client\r\n");
    BOOST_TEST(page.starts_with("HTTP/1.1 200 OK"));
    BOOST_TEST(holds(page, "GET /sites/7 host=admin.example from=unix: id="));
    BOOST_TEST(!holds(page, "forged"));
    // What is limited by address depends on it: no header of a client speaks for where it comes from (here
    // nginx is asked through a socket, which has no address).
    for (const char* header : {"X-Forwarded-For", "X-Real-IP", "Forwarded", "Remote-Addr", "REMOTE_ADDR",
                               "Client-IP", "True-Client-IP"})
        BOOST_TEST(holds(nginx.get("/", std::string(header) + ": 203.0.113.66\r\n"), "from=unix: id="),
                   header);
    const auto at = page.find("X-Request-Id: ");
    BOOST_REQUIRE(at != std::string::npos);
    BOOST_TEST(holds(page, "id=" + page.substr(at + 14, 32)));

    BOOST_TEST(holds(nginx.get("/", "Accept-Encoding: gzip\r\n"), "Content-Encoding: gzip"));
    BOOST_TEST(holds(nginx.get("/down"), "503 Service Unavailable"));
    BOOST_TEST(holds(nginx.get("/down"), "Retry-After: 5"));
    BOOST_TEST(holds(nginx.get("/static/app.css"), "immutable"));
    BOOST_TEST(holds(nginx.get("/static/../../etc/passwd"), "400 Bad Request"));
    const std::string post =
        "POST /f HTTP/1.1\r\nHost: admin.example\r\nConnection: close\r\nContent-Type: "
        "application/x-www-form-urlencoded\r\n";
    BOOST_TEST(holds(nginx.ask(post + "Content-Length: 7\r\n\r\na=1&b=2"), "a=1 b=2"));
    BOOST_TEST(holds(nginx.ask(post + "Transfer-Encoding: chunked\r\n\r\n3\r\na=1\r\n4\r\n&b=2\r\n0\r\n\r\n"),
                     "a=1 b=2"));
    BOOST_TEST(holds(nginx.ask(post + "Content-Length: 99999999\r\n\r\n"), " 413 "));
    const std::string head = nginx.ask("HEAD / HTTP/1.1\r\nHost: admin.example\r\nConnection: close\r\n\r\n");
    BOOST_TEST(head.ends_with("\r\n\r\n"));

    std::atomic<int> good = 0;
    {
        std::vector<std::jthread> clients;
        for (int c = 0; c < 8; ++c)
            clients.emplace_back([&] {
                for (int i = 0; i < 40; ++i) good += holds(nginx.get("/x"), " 200 OK") ? 1 : 0;
            });
    }
    BOOST_TEST(good == 320);
}

BOOST_AUTO_TEST_SUITE_END()
