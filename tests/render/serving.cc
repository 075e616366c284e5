// SPDX-License-Identifier: MIT
// Requests through a real nginx that runs a rendered release, to a backend that tells what it was asked.
#define BOOST_TEST_DYN_LINK
#include <arpa/inet.h>
#include <sys/socket.h>

#include <boost/test/unit_test.hpp>
#include <thread>

#include "shared/base/handle.h"
#include "tests/render/support.h"

using namespace rpm;
using namespace rpm::test;

namespace {

boost::test_tools::assertion_result have_programs(boost::unit_test::test_unit_id) {
    return have_program("nginx") && have_program("openssl") && have_program("curl");
}

// Answers with the headers it got, one "name=value" each.
class Backend {
  public:
    Backend() {
        write_file(folder_.path() / "current/nginx.conf", R"(pid run/nginx.pid; error_log logs/error.log;
events {} http { access_log off; client_body_temp_path run/body; proxy_temp_path run/proxy; fastcgi_temp_path run/f;
uwsgi_temp_path run/u; scgi_temp_path run/s; client_max_body_size 0;
server { listen 127.0.0.1:)" + port_.text() + R"(; location / { return 200
"host=$http_host real=$http_x_real_ip for=$http_x_forwarded_for proto=$http_x_forwarded_proto fhost=$http_x_forwarded_host
forwarded=$http_forwarded proxy=$http_proxy upgrade=$http_upgrade connection=$http_connection extra=$http_x_extra
version=$server_protocol uri=$request_uri method=$request_method\n"; } } })");
        for (const char* folder : {"run", "logs"})
            std::filesystem::create_directories(folder_.path() / folder);
        engine_ = std::make_unique<RunningEngine>(folder_.path(), port_);
    }
    Port port() const { return port_; }

  private:
    TemporaryFolder folder_;
    Port port_ = free_port();
    std::unique_ptr<RunningEngine> engine_;
};

// The name server that the node profile names: knows "app.internal", which is this machine; all else does not
// exist (RFC 1035).
class NameServer {
  public:
    static constexpr const char* kAddress = "127.83.53.1";

    NameServer() : fd_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(53);
        inet_pton(AF_INET, kAddress, &address.sin_addr);
        usable_ = bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
        if (usable_) thread_ = std::thread([this] { serve(); });
    }
    ~NameServer() {
        shutdown(fd_.get(), SHUT_RDWR);
        if (thread_.joinable()) thread_.join();
    }
    bool usable() const { return usable_; }

  private:
    void serve() const {
        std::array<char, 512> packet{};
        sockaddr_in from{};
        for (;;) {
            socklen_t size = sizeof from;
            const ssize_t got = recvfrom(fd_.get(), packet.data(), packet.size(), 0,
                                         reinterpret_cast<sockaddr*>(&from), &size);
            if (got <= 12) return;
            const std::string query(packet.data(), static_cast<std::size_t>(got));
            const std::string answer = answer_to(query);
            sendto(fd_.get(), answer.data(), answer.size(), 0, reinterpret_cast<sockaddr*>(&from), size);
        }
    }
    static std::string answer_to(const std::string& query) {
        const auto name = query.find(std::string("\3app\10internal\0", 14));
        std::string out = query;
        out[2] = '\x81';
        out[3] = name != std::string::npos ? '\x80' : '\x83';
        if (name == std::string::npos || query.substr(name + 14, 2) != std::string("\0\1", 2)) return out;
        out[7] = '\1';
        return out + std::string("\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x7f\0\0\1", 16);
    }

    Fd fd_;
    bool usable_ = false;
    std::thread thread_;
};

struct World {
    Backend backend;
    NameServer names;
    NodeProfile node = a_node(private_ports());
    TemporaryFolder folder;
    std::unique_ptr<RunningEngine> engine;

    World() {
        node.resolvers = {*IpAddress::parse(NameServer::kAddress)};
        const auto [certificate, key] = a_certificate({"tls.example.com"});
        const int port = backend.port().value();
        const int nobody = free_port().value();
        Json plain = a_definition("plain.example.com", "127.0.0.1", port);
        plain["limits"]["max_body_mib"] = 1;
        Json tls = a_definition("tls.example.com", "127.0.0.1", port);
        tls["tls"] = Json::object({{"mode", "self_signed"}, {"redirect_http", true}, {"hsts_seconds", 300}});
        Json raw = a_definition("raw.example.com", "127.0.0.1", port);
        raw["raw"]["nginx"] = "proxy_set_header X-Extra yes;\nlocation = /teapot { return 418 short; } # tea";
        Json named = a_definition("named.example.com", "app.internal", port);
        Json missing = a_definition("missing.example.com", "gone.internal", port);
        Json fallback = a_definition("fallback.example.com", "app.internal", nobody);
        fallback["upstream"]["servers"].push(a_server("127.0.0.1", port, 1, true));
        Json ring = a_definition("ring.example.com", "gone.internal", port);
        ring["upstream"]["servers"].push(a_server("app.internal", port));
        std::vector<DeployableSite> sites = {a_site(1, plain),
                                             with_certificate(a_site(2, tls), certificate),
                                             a_site(3, raw),
                                             a_site(4, a_definition("paused.example.com")),
                                             a_site(5, a_definition("blocked.example.com")),
                                             a_site(6, named),
                                             a_site(7, missing),
                                             a_site(8, fallback),
                                             a_site(9, ring)};
        sites[3].state = SiteState::paused;
        sites[4].state = SiteState::blocked;
        sites[4].block_status = 451;
        write_release(folder.path(), rendered(node, sites), a_marker(node, "feedfacecafebeef"), key);
        engine = std::make_unique<RunningEngine>(folder.path(), node.listen.http);
    }

    /// curl's output for a name of ours: headers and body.
    std::string get(const std::string& name, const std::string& path = "/",
                    std::vector<std::string> more = {}) const {
        return fetch("http", node.listen.http, name, path, std::move(more)).output;
    }
    Finished fetch(const std::string& scheme, Port port, const std::string& name, const std::string& path,
                   std::vector<std::string> more = {}) const {
        std::vector<std::string> argv = {
            "curl",       "-sik", "--noproxy", "*",
            "--max-time", "20",   "--resolve", name + ":" + port.text() + ":127.0.0.1"};
        argv.insert(argv.end(), more.begin(), more.end());
        argv.push_back(scheme + "://" + name + ":" + port.text() + path);
        return run(argv);
    }
};

World& world() {
    static auto* made = new World;  // ended by the fixture below, before main() ends
    return *made;
}
struct EndOfWorld {
    ~EndOfWorld() { delete &world(); }
};

void expect(const std::string& answer, std::initializer_list<const char*> parts) {
    for (const char* part : parts)
        BOOST_TEST(answer.find(part) != std::string::npos, std::string(part) + " in " + answer);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(serving, *boost::unit_test::precondition(have_programs) *
                                   boost::unit_test::fixture<EndOfWorld>())

BOOST_AUTO_TEST_CASE(proxy_headers_tell_the_truth) {
    const std::string answer = world().get(
        "plain.example.com", "/a%20b?c=d",
        {"-H", "X-Forwarded-For: 6.6.6.6", "-H", "X-Real-IP: 6.6.6.6", "-H", "X-Forwarded-Proto: https", "-H",
         "X-Forwarded-Host: evil", "-H", "Forwarded: for=6.6.6.6", "-H", "Proxy: evil"});
    expect(answer, {"HTTP/1.1 200", "host=plain.example.com ", "real=127.0.0.1 ", "for=127.0.0.1 ",
                    "proto=http ", "fhost=plain.example.com\n",
                    "forwarded= ", "proxy= ", "upgrade= connection= ", "version=HTTP/1.1", "uri=/a%20b?c=d"});
}

BOOST_AUTO_TEST_CASE(websocket_upgrades_reach_the_upstream) {
    expect(world().get("plain.example.com", "/", {"-H", "Connection: Upgrade", "-H", "Upgrade: websocket"}),
           {"upgrade=websocket connection=upgrade "});
}

BOOST_AUTO_TEST_CASE(large_bodies_are_refused) {
    const TemporaryFolder folder;
    write_file(folder.path() / "body", std::string(1024 * 1024 + 1, 'x'));
    const std::string body = "@" + (folder.path() / "body").string();
    expect(world().get("plain.example.com", "/", {"-H", "Expect:", "--data-binary", body}), {"413"});
    expect(world().get("raw.example.com", "/", {"-H", "Expect:", "--data-binary", body}),
           {"HTTP/1.1 200", "method=POST"});
}

BOOST_AUTO_TEST_CASE(http_is_redirected_and_https_is_served) {
    const std::string port = world().node.listen.https.text();
    expect(world().get("tls.example.com", "/a?b=c"),
           {"HTTP/1.1 308", ("https://tls.example.com:" + port + "/a?b=c\r\n").c_str()});
    const std::string answer =
        world().fetch("https", world().node.listen.https, "tls.example.com", "/").output;
    expect(answer,
           {"HTTP/2 200", "strict-transport-security: max-age=300", "proto=https ", "host=tls.example.com "});
}

BOOST_AUTO_TEST_CASE(unknown_names_get_nothing) {
    expect(world().get("unknown.example.com"), {"HTTP/1.1 404"});
    const Finished answer = world().fetch("https", world().node.listen.https, "unknown.example.com", "/");
    BOOST_TEST(answer.status == 35, answer.output);  // the handshake was refused
    const Finished other_host = world().fetch("https", world().node.listen.https, "tls.example.com", "/",
                                              {"--http1.1", "-H", "Host: other"});
    expect(other_host.output, {"HTTP/1.1 4"});
}

BOOST_AUTO_TEST_CASE(paused_and_blocked_sites_say_so) {
    expect(world().get("paused.example.com"), {"HTTP/1.1 503", "This site is paused"});
    expect(world().get("blocked.example.com"), {"HTTP/1.1 451", "not available"});
}

BOOST_AUTO_TEST_CASE(raw_directives_add_to_the_site) {
    expect(world().get("raw.example.com", "/teapot"), {"HTTP/1.1 418", "short"});
    expect(world().get("raw.example.com"), {"extra=yes", "host=raw.example.com ", "for=127.0.0.1 "});
}

BOOST_AUTO_TEST_CASE(upstreams_by_name_are_resolved_while_running) {
    if (!world().names.usable()) return;
    expect(world().get("named.example.com"), {"HTTP/1.1 200", "host=named.example.com "});
    expect(world().get("missing.example.com"), {"HTTP/1.1 502"});
}

BOOST_AUTO_TEST_CASE(a_server_that_cannot_be_reached_is_replaced) {
    if (!world().names.usable()) return;
    expect(world().get("fallback.example.com"), {"HTTP/1.1 200"});
    expect(world().get("fallback.example.com", "/", {"-d", "x"}), {"HTTP/1.1 200", "method=POST"});
    for (int i = 0; i < 6; ++i) expect(world().get("ring.example.com"), {"HTTP/1.1 200"});
}

BOOST_AUTO_TEST_CASE(the_marker_tells_the_release) {
    const Port proof = world().node.listen.proof;
    expect(world().fetch("http", proof, "127.0.0.1", "/release").output,
           {"HTTP/1.1 200", "feedfacecafebeef "});
    expect(world().fetch("http", proof, "127.0.0.1", "/stub").output, {"Active connections:"});
    expect(world().fetch("http", proof, "127.0.0.1", "/").output, {"HTTP/1.1 404"});
}

BOOST_AUTO_TEST_SUITE_END()
