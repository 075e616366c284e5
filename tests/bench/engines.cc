// SPDX-License-Identifier: MIT
// What the rendered configuration costs the engines, beside one that a person would write for the same sites.
#include <csignal>
#include <memory>

#include "shared/base/text.h"
#include "tests/bench/bench.h"
#include "tests/support/caddy.h"
#include "tests/support/engine.h"
#include "tests/support/sites.h"
#include "tests/support/traefik.h"

namespace rpm::bench {
namespace {

constexpr std::string_view kRelease = "0123456789abcdef";

const TemplateSet& templates() {
    static const auto set = render::load_templates("proxy_templates");
    return *set;
}

BundleFile file(std::string text) {
    return {std::make_shared<const std::string>(std::move(text)), {}, {}};
}

std::string name_of_site(unsigned number) {
    return "s" + std::to_string(number) + ".example.com";
}

NodeProfile node_of(Engine engine) {
    NodeProfile node = test::a_node(
        {IpAddress::parse("127.0.0.1"), test::free_port(), test::free_port(), test::free_port()});
    node.engine = engine;
    if (engine == Engine::caddy) node.facts = test::caddies().back().facts;
    return node;
}

void demand(Engine engine) {
    if (engine == Engine::nginx && !test::have_program("nginx")) throw Skip("nginx is not installed");
    if (engine == Engine::caddy && test::caddies().empty()) throw Skip("there is no Caddy");
    if (engine == Engine::traefik && test::traefik().empty()) throw Skip("there is no Traefik");
}

// ---- By hand -----------------------------------------------------------------------------------------

// Connections to the server are kept here, too: without that the comparison would be too easy.
Bundle minimal_nginx(const NodeProfile& node, unsigned sites, Port backend) {
    std::string text =
        "worker_processes auto; pid run/nginx.pid; error_log logs/error.log; events { worker_connections "
        "4096; }\n"
        "http {\n access_log logs/access.log; proxy_temp_path run/proxy; client_body_temp_path run/body;\n"
        " fastcgi_temp_path run/f; uwsgi_temp_path run/u; scgi_temp_path run/s;\n"
        " server_names_hash_max_size 4096; server_names_hash_bucket_size 128;\n"
        " proxy_http_version 1.1; proxy_set_header Connection \"\";\n include release.conf;\n";
    for (unsigned i = 1; i <= sites; ++i)
        text += " upstream u" + std::to_string(i) + " { server 127.0.0.1:" + backend.text() +
                "; keepalive 16; }\n server { listen 127.0.0.1:" + node.listen.http.text() +
                "; server_name " + name_of_site(i) + "; location / { proxy_pass http://u" +
                std::to_string(i) + "; } }\n";
    Bundle bundle;
    bundle.files["nginx.conf"] = file(text + "}\n");
    return bundle;
}

Bundle minimal_caddy(const NodeProfile& node, unsigned sites, Port backend) {
    std::string routes;
    for (unsigned i = 1; i <= sites; ++i)
        routes +=
            std::string(i > 1 ? ",\n" : "") + R"({"match": [{"host": [")" + name_of_site(i) +
            R"("]}], "terminal": true, "handle": [{"handler": "reverse_proxy", "upstreams": [{"dial": "127.0.0.1:)" +
            backend.text() + R"("}]}]})";
    Bundle bundle;
    bundle.files["caddy.json"] = file(
        R"({"admin": {"listen": "unix/run/admin.sock", "config": {"persist": false}},
"logging": {"logs": {"default": {"level": "WARN", "exclude": ["http.log.access.all"]},
"access": {"writer": {"output": "file", "filename": "logs/access.log"}, "include": ["http.log.access.all"]}}},
"apps": {"http": {"servers": {"srv": {"listen": ["127.0.0.1:)" +
        node.listen.http.text() +
        R"("], "automatic_https": {"disable": true}, "logs": {"default_logger_name": "all"}, "routes": [
)" + routes +
        "\n]},\n@ servers\n}}}}\n");
    return bundle;
}

Bundle minimal_traefik(unsigned sites, Port backend) {
    std::string routers = "http:\n  routers:\n";
    std::string services = "  services:\n";
    for (unsigned i = 1; i <= sites; ++i) {
        const std::string name = "s" + std::to_string(i);
        routers += "    " + name + ": {entryPoints: [web], rule: \"Host(`" + name_of_site(i) +
                   "`)\", service: " + name + "}\n";
        services += "    " + name + ": {loadBalancer: {servers: [{url: \"http://127.0.0.1:" + backend.text() +
                    "\"}]}}\n";
    }
    Bundle bundle;
    bundle.files["base.yml"] = file(routers + services);
    return bundle;
}

Bundle minimal(const NodeProfile& node, unsigned sites, Port backend) {
    if (node.engine == Engine::nginx) return minimal_nginx(node, sites, backend);
    if (node.engine == Engine::caddy) return minimal_caddy(node, sites, backend);
    return minimal_traefik(sites, backend);
}

Bundle ours(const NodeProfile& node, unsigned count, Port backend) {
    std::vector<DeployableSite> sites;
    for (unsigned i = 1; i <= count; ++i)
        sites.push_back(test::a_site(i, test::a_definition(name_of_site(i), "127.0.0.1", backend.value())));
    return render::renderer(node.engine).render(templates(), node, sites);
}

// ---- One that runs -------------------------------------------------------------------------------------

class Running {
  public:
    Running(const NodeProfile& node, const Bundle& bundle) : node_(node) {
        const auto marker = render::renderer(node.engine).marker(templates(), node, kRelease);
        test::write_release(folder_.path(), bundle, marker);
        if (node.engine == Engine::nginx)
            nginx_ = std::make_unique<test::RunningEngine>(folder_.path(), node.listen.http);
        else if (node.engine == Engine::caddy)
            caddy_ = test::run_caddy(test::caddies().back(), folder_.path(), node.listen.http);
        else
            traefik_ = std::make_unique<test::RunningTraefik>(folder_.path(), node);
    }
    const std::filesystem::path& root() const { return folder_.path(); }
    const NodeProfile& node() const { return node_; }

  private:
    NodeProfile node_;
    test::TemporaryFolder folder_;
    std::unique_ptr<test::RunningEngine> nginx_;
    std::unique_ptr<test::Process> caddy_;
    std::unique_ptr<test::RunningTraefik> traefik_;
};

// Two of an engine with the same sites: both run, and are asked alternately.
struct Pair {
    Pair(Engine engine, unsigned sites, Port backend)
        : by_us(node_of(engine)),
          by_hand(node_of(engine)),
          our(by_us, ours(by_us, sites, backend)),
          their(by_hand, minimal(by_hand, sites, backend)) {}
    NodeProfile by_us, by_hand;
    Running our, their;
};

template <class F>
Result compared(int rounds, double most, double least, const char* unit, F measure) {
    std::vector<double> our_values, their_values;
    measure(true);  // both are warm then
    measure(false);
    for (int i = 0; i < rounds; ++i) {
        our_values.push_back(measure(true));
        their_values.push_back(measure(false));
    }
    const double value = median(our_values), other = median(their_values);
    return {.value = value / other,
            .unit = "ratio",
            .most = most,
            .least = least,
            .against = "a minimal configuration of the same sites",
            .other_value = 1,
            .note = std::to_string(value) + " and " + std::to_string(other) + " " + unit};
}

// ---- Requests ------------------------------------------------------------------------------------------

double requests_per_second(const NodeProfile& node) {
    const test::Finished load = test::run({"wrk", "-t1", "-c32", "-d2s", "-H", "Host: " + name_of_site(1),
                                           "http://127.0.0.1:" + node.listen.http.text() + "/"});
    const auto at = load.output.find("Requests/sec:");
    if (load.status != 0 || at == std::string::npos || load.output.find("Non-2xx") != std::string::npos)
        throw std::runtime_error("wrk: " + load.output);
    return std::stod(load.output.substr(at + 13));
}

// The server behind: an nginx that answers a line.
class Backend {
  public:
    Backend() {
        test::write_file(
            folder_.path() / "current/nginx.conf",
            "pid run/nginx.pid; error_log logs/error.log; events { worker_connections 4096; } http { "
            "access_log off; keepalive_requests 1000000; client_body_temp_path run/b; proxy_temp_path "
            "run/p; fastcgi_temp_path run/f; uwsgi_temp_path run/u; scgi_temp_path run/s; server { "
            "listen 127.0.0.1:" +
                port_.text() + "; location / { return 200 \"good\\n\"; } } }");
        for (const char* name : {"run", "logs"}) std::filesystem::create_directories(folder_.path() / name);
        engine_ = std::make_unique<test::RunningEngine>(folder_.path(), port_);
    }
    Port port() const { return port_; }

  private:
    test::TemporaryFolder folder_;
    Port port_ = test::free_port();
    std::unique_ptr<test::RunningEngine> engine_;
};

Result requests_ratio(Engine engine, double least) {
    demand(engine);
    if (!test::have_program("wrk") || !test::have_program("nginx"))
        throw Skip("wrk or nginx is not installed");
    const Backend backend;
    const Pair pair(engine, 1, backend.port());
    return compared(7, 0, least, "requests/s",
                    [&](bool ours_now) { return requests_per_second(ours_now ? pair.by_us : pair.by_hand); });
}

// ---- Test and reload -------------------------------------------------------------------------------------

Result caddy_test_ratio(unsigned sites) {
    demand(Engine::caddy);
    const auto written = [&](const Bundle& bundle, const NodeProfile& node) {
        auto folder = std::make_unique<test::TemporaryFolder>();
        test::write_release(folder->path(), bundle,
                            render::renderer(Engine::caddy).marker(templates(), node, kRelease));
        return folder;
    };
    const NodeProfile node = node_of(Engine::caddy);
    const Port backend = test::free_port();
    const auto our = written(ours(node, sites, backend), node);
    const auto their = written(minimal(node, sites, backend), node);
    return compared(5, 0, 0, "s of processor time", [&](bool ours_now) {
        const test::Finished test =
            test::test_caddy(test::caddies().back(), (ours_now ? our : their)->path());
        if (test.status != 0) throw std::runtime_error(test.output);
        return test.cpu_seconds;
    });
}

double caddy_reload(const Running& running) {
    const double took = seconds([&] {
        const test::Finished told = test::run({"sh", "-c",
                                               "cd \"$1\" && exec \"$0\" reload --force --config "
                                               "current/run.json --address unix/run/admin.sock",
                                               test::caddies().back().path, running.root().string()});
        if (told.status != 0) throw std::runtime_error(told.output);
    });
    return took;
}

// From the signal until the marker tells another release.
double traefik_reload(const Running& running, unsigned number) {
    const std::string release = "abcdef" + std::to_string(1000000 + number);
    const auto [path, text] = render::renderer(Engine::traefik).marker(templates(), running.node(), release);
    test::write_file(running.root() / "current" / path, text);
    const std::string root = running.root().string();
    return seconds([&] {
        const test::Finished told = test::run(
            {"sh", "-c",
             "kill -HUP $(pgrep -xf -- \"$0 --configfile=$1/traefik.yml\") && i=0 && until curl -si "
             "--noproxy "
             "'*' -m 5 \"http://127.0.0.1:$2/release\" | grep -q \"$3\"; do i=$((i + 1)); [ $i -lt 3000 ] || "
             "exit 1; sleep 0.01; done",
             test::traefik(), root, running.node().listen.proof.text(), release});
        if (told.status != 0) throw std::runtime_error("Traefik did not load it: " + told.output);
    });
}

Result reload_ratio(Engine engine, unsigned sites) {
    demand(engine);
    const Pair pair(engine, sites, test::free_port());
    unsigned number = 0;
    return compared(5, 0, 0, "s", [&](bool ours_now) {
        const Running& running = ours_now ? pair.our : pair.their;
        return engine == Engine::caddy ? caddy_reload(running) : traefik_reload(running, ++number);
    });
}

Result render_many(Engine engine) {
    const NodeProfile node = test::a_node();
    std::vector<DeployableSite> sites;
    for (unsigned i = 1; i <= 10000; ++i)
        sites.push_back(test::a_site(i, test::a_definition(name_of_site(i))));
    return {.value = median_of(3, [&] { render::renderer(engine).render(templates(), node, sites); }),
            .unit = "s",
            .most = 0.5};
}

BENCH("render_10000_sites_caddy", [] { return render_many(Engine::caddy); });
BENCH("render_10000_sites_traefik", [] { return render_many(Engine::traefik); });
BENCH("proxied_requests_nginx_ratio", [] { return requests_ratio(Engine::nginx, 0.97); });
BENCH("proxied_requests_caddy_ratio", [] { return requests_ratio(Engine::caddy, 0); });
BENCH("proxied_requests_traefik_ratio", [] { return requests_ratio(Engine::traefik, 0); });
BENCH("caddy_validate_100_ratio", [] { return caddy_test_ratio(100); });
BENCH("caddy_validate_1000_ratio", [] { return caddy_test_ratio(1000); });
BENCH("caddy_reload_100_ratio", [] { return reload_ratio(Engine::caddy, 100); });
BENCH("caddy_reload_1000_ratio", [] { return reload_ratio(Engine::caddy, 1000); });
BENCH("traefik_reload_100_ratio", [] { return reload_ratio(Engine::traefik, 100); });
BENCH("traefik_reload_1000_ratio", [] { return reload_ratio(Engine::traefik, 1000); });

}  // namespace
}  // namespace rpm::bench
