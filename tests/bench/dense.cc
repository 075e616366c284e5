// SPDX-License-Identifier: MIT
// What a number of sites costs nginx: as servers of their own, in dense groups (shared/render/nginx_dense.h),
// and as a person would write them by hand.
#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <thread>

#include "shared/base/config.h"
#include "shared/base/handle.h"
#include "shared/base/text.h"
#include "shared/render/nginx.h"
#include "shared/render/nginx_dense.h"
#include "tests/bench/bench.h"
#include "tests/support/engine.h"
#include "tests/support/sites.h"

namespace rpm::bench {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

const TemplateSet& templates() {
    static const auto set = render::load_templates("proxy_templates");
    return *set;
}

enum class Form { own, dense, by_hand };

std::string name(unsigned i) {
    return "s" + std::to_string(i) + ".example.com";
}

std::vector<DeployableSite> sites_of(unsigned count, bool tls, const std::string& chain, Port backend) {
    std::vector<DeployableSite> sites;
    for (unsigned i = 1; i <= count; ++i) {
        Json json = test::a_definition(name(i), "127.0.0.1", backend.value());
        if (tls) json["tls"]["mode"] = "self_signed";
        DeployableSite site = test::a_site(i, json);
        sites.push_back(tls ? test::with_certificate(std::move(site), chain) : std::move(site));
    }
    return sites;
}

// A server block each and nothing more, in as many files.
Bundle by_hand(const NodeProfile& node, unsigned count, bool tls, Port backend) {
    const auto file = [](std::string text) {
        return BundleFile{std::make_shared<const std::string>(std::move(text)), {}, {}};
    };
    Bundle bundle;
    bundle.files["nginx.conf"] = file(
        "worker_processes auto; pid run/nginx.pid; error_log logs/error.log warn; events {}\nhttp {\n "
        "access_log off;\n"
        " client_body_temp_path run/b; proxy_temp_path run/p; fastcgi_temp_path run/f;"
        " uwsgi_temp_path run/u; scgi_temp_path run/s;\n server_names_hash_max_size 32768;\n"
        " server_names_hash_bucket_size 128;\n include release.conf;\n include sites/*.conf;\n}\n");
    const std::string address = node.listen.address->bracketed() + ":";
    for (unsigned i = 1; i <= count; ++i) {
        std::string text = "server {\n    listen " + address + node.listen.http.text() + ";\n";
        if (tls)
            text += "    listen " + address + node.listen.https.text() +
                    " ssl;\n    ssl_certificate certs/a.crt;\n    ssl_certificate_key certs/a.key;\n";
        text += "    server_name " + name(i) +
                ";\n    location / {\n        proxy_pass http://127.0.0.1:" + backend.text() +
                ";\n    }\n}\n";
        bundle.files["sites/" + std::to_string(i) + "-" + name(i) + ".conf"] = file(std::move(text));
    }
    return bundle;
}

// Of a process and its children: their own memory, and a share of what they have in common.
std::vector<std::string> family(const std::string& pid) {
    std::vector<std::string> out = {pid};
    std::ifstream children("/proc/" + pid + "/task/" + pid + "/children");
    for (std::string child; children >> child;) out.push_back(child);
    return out;
}

double memory_mib(const std::string& pid) {
    double kib = 0;
    for (const std::string& each : family(pid)) {
        std::ifstream in("/proc/" + each + "/smaps_rollup");
        for (std::string word; in >> word;)
            if (double value = 0; word == "Pss:" && in >> value) kib += value;
    }
    return kib / 1024;
}

// Seconds of processor that the workers have used so far.
double worker_seconds(const std::string& pid) {
    double ticks = 0;
    for (const std::string& each : family(pid)) {
        std::ifstream in("/proc/" + each + "/stat");
        std::string word;
        for (int field = 1; field <= 15 && in >> word; ++field)
            if (field >= 14) ticks += std::stod(word);
    }
    return ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

std::string marker_answer(Port port) {
    const Fd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port.value());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return {};
    constexpr std::string_view kAsk = "GET /release HTTP/1.0\r\n\r\n";
    if (write(fd.get(), kAsk.data(), kAsk.size()) != static_cast<ssize_t>(kAsk.size())) return {};
    std::string text;
    std::array<char, 1024> buffer{};
    for (ssize_t got; (got = read(fd.get(), buffer.data(), buffer.size())) > 0;)
        text.append(buffer.data(), static_cast<std::size_t>(got));
    return text.substr(text.find("\r\n\r\n") + 4);
}

/// One release on disk, and the engine on it.
struct Engine {
    test::TemporaryFolder folder;
    NodeProfile node = test::a_node(
        {IpAddress::parse("127.0.0.1"), test::free_port(), test::free_port(), test::free_port()});
    double kib = 0;
    std::unique_ptr<test::RunningEngine> running;

    Engine(Form form, unsigned count, bool tls, Port backend) {
        node.facts.version = {1, 22, 1};
        if (form == Form::dense) node.facts.modules.emplace(render::nginx::kReleaseFolder);
        const auto [chain, key] = test::a_certificate({"*.example.com"});
        const render::NginxRenderer renderer(form == Form::dense ? 1 : count + 1);
        const Bundle bundle =
            form == Form::by_hand
                ? by_hand(node, count, tls, backend)
                : renderer.render(templates(), node, sites_of(count, tls, chain, backend), nullptr);
        test::write_release(folder.path(), bundle, renderer.marker(templates(), node, "0123456789abcdef"),
                            key);
        test::write_file(folder.path() / "current/certs/a.crt", chain);
        test::write_file(folder.path() / "current/certs/a.key", key);
        for (const auto& [path, file] : bundle.files)
            kib += static_cast<double>(file.content ? file.content->size() : 0) / 1024;
    }
    double test() const {
        return seconds([&] {
            if (const auto done = test::test_config(folder.path()); done.status != 0)
                throw std::runtime_error(done.output.substr(0, 300));
        });
    }
    void start() { running = std::make_unique<test::RunningEngine>(folder.path(), node.listen.http, 180s); }
    std::string pid() const {
        std::string text = read_file(folder.path() / "run/nginx.pid");
        return text.substr(0, text.find('\n'));
    }
    // From the signal until a worker answers that was not there before.
    double reload() const {
        const std::vector<std::string> before = family(pid());
        return seconds([&] {
            kill(std::stoi(pid()), SIGHUP);
            for (;;) {
                const std::string answer = marker_answer(node.listen.proof);
                const auto words = text::words(text::trim(answer));
                if (words.size() == 2 && std::ranges::find(before, words[1]) == before.end()) return;
                std::this_thread::sleep_for(2ms);
            }
        });
    }
};

struct Cost {
    double test = 0, reload = 0, memory = 0, kib = 0;
    std::string text() const {
        std::array<char, 160> out{};
        std::snprintf(out.data(), out.size(), "test %.3f s, reload %.3f s, memory %.0f MiB, text %.0f KiB",
                      test, reload, memory, kib);
        return out.data();
    }
};

void need_programs() {
    for (const char* program : {"nginx", "openssl", "curl"})
        if (!test::have_program(program)) throw Skip(std::string(program) + " is not installed");
}

// The least of several: other load on the machine only adds.
Cost cost_of(Form form, unsigned count, bool tls) {
    Engine engine(form, count, tls, test::free_port());
    const int runs = count <= 1000 ? 5 : form == Form::dense || !tls ? 3 : 1;
    Cost out{.test = 1e9, .reload = 1e9};
    for (int i = 0; i < runs; ++i) out.test = std::min(out.test, engine.test());
    engine.start();
    for (int i = 0; i < runs; ++i) {
        out.reload = std::min(out.reload, engine.reload());
        std::this_thread::sleep_for(500ms);  // the other new workers come, old ones leave
    }
    out.memory = memory_mib(engine.pid());
    out.kib = engine.kib;
    return out;
}

// Test and reload together, as each change costs them both, beside so many hand-written servers.
Result load(Form form, unsigned count, bool tls, double most, unsigned peers) {
    need_programs();
    const Cost mine = cost_of(form, count, tls);
    const Cost peer = cost_of(Form::by_hand, peers, tls);
    return {.value = (mine.test + mine.reload) / (peer.test + peer.reload),
            .unit = "ratio",
            .most = most,
            .against = std::to_string(peers) + " minimal hand-written servers",
            .other_value = 1,
            .note = mine.text() + "; by hand " + peer.text()};
}

struct Behind {
    test::TemporaryFolder folder;
    Port port = test::free_port();
    std::unique_ptr<test::RunningEngine> engine;
    Behind() {
        test::write_file(
            folder.path() / "current/nginx.conf",
            "pid run/nginx.pid; error_log logs/error.log; events {} http { access_log off; "
            "keepalive_requests "
            "1000000;\n client_body_temp_path run/b; proxy_temp_path run/p; fastcgi_temp_path run/f; "
            "uwsgi_temp_path run/u; scgi_temp_path run/s;\n server { listen 127.0.0.1:" +
                port.text() + "; return 200 ok; } }\n");
        for (const char* part : {"run", "logs"}) fs::create_directories(folder.path() / part);
        engine = std::make_unique<test::RunningEngine>(folder.path(), port);
    }
};

// Milliseconds of the engine's processor for one request of a site in the middle. `fresh`: each on a
// connection of its own, over TLS without resumption.
double request_ms(Form form, unsigned count, bool fresh, const Behind& behind) {
    Engine engine(form, count, fresh, behind.port);
    engine.start();
    const unsigned requests = fresh ? 500 : 5000;
    const std::string host = name(count / 2);
    const std::string port = (fresh ? engine.node.listen.https : engine.node.listen.http).text();
    std::vector<std::string> argv = {"curl",      "-skf",      "-o",
                                     "/dev/null", "--resolve", host + ":" + port + ":127.0.0.1"};
    if (fresh) argv.insert(argv.end(), {"--http1.1", "--no-sessionid", "-H", "Connection: close"});
    argv.push_back((fresh ? "https://" : "http://") + host + ":" + port + "/[1-" + std::to_string(requests) +
                   "]");
    const auto ask = [&] {
        if (const auto done = test::run(argv); done.status != 0)
            throw std::runtime_error("curl: " + std::to_string(done.status));
    };
    ask();
    double least = 1e9;
    for (int i = 0; i < 3; ++i) {
        const double before = worker_seconds(engine.pid());
        ask();
        least = std::min(least, (worker_seconds(engine.pid()) - before) * 1e3 / requests);
    }
    return least;
}

Result request(unsigned count, bool fresh) {
    need_programs();
    const Behind behind;
    return {.value = request_ms(Form::dense, count, fresh, behind),
            .unit = "ms",
            .against = "servers of their own",
            .other_value = request_ms(Form::own, count, fresh, behind),
            .note = std::string("processor time for one ") +
                    (fresh ? "full handshake and request" : "kept request")};
}

BENCH("nginx_load_00100_plain", [] { return load(Form::own, 100, false, 0, 100); });
BENCH("nginx_load_01000_plain", [] { return load(Form::own, 1000, false, 0, 1000); });
BENCH("nginx_load_10000_plain", [] { return load(Form::own, 10000, false, 0, 10000); });
BENCH("nginx_load_00100_tls", [] { return load(Form::own, 100, true, 0, 100); });
BENCH("nginx_load_01000_tls", [] { return load(Form::own, 1000, true, 0, 1000); });
BENCH("nginx_load_10000_tls", [] { return load(Form::own, 10000, true, 0, 10000); });
BENCH("nginx_load_00100_dense_tls", [] { return load(Form::dense, 100, true, 0, 100); });
BENCH("nginx_load_01000_dense_tls", [] { return load(Form::dense, 1000, true, 0.2, 1000); });
BENCH("nginx_load_10000_dense_tls", [] { return load(Form::dense, 10000, true, 2, 1000); });
BENCH("nginx_load_10000_dense_plain", [] { return load(Form::dense, 10000, false, 1, 10000); });
BENCH("nginx_dense_handshake", [] { return request(1000, true); });
BENCH("nginx_dense_request_01000", [] { return request(1000, false); });
BENCH("nginx_dense_request_10000", [] { return request(10000, false); });

}  // namespace
}  // namespace rpm::bench
