// SPDX-License-Identifier: MIT
// Rendering, and what the rendered text costs the engine.
#include <cstdlib>

#include "shared/plan/diff.h"
#include "shared/plan/release.h"
#include "tests/bench/bench.h"
#include "tests/support/engine.h"
#include "tests/support/sites.h"

namespace rpm::bench {
namespace {

const TemplateSet& templates() {
    static const auto set = render::load_templates("proxy_templates");
    return *set;
}

Bundle rendered(const NodeProfile& node, const std::vector<DeployableSite>& sites,
                render::Cache* cache = nullptr) {
    return render::renderer(Engine::nginx).render(templates(), node, sites, cache);
}

std::string backend(unsigned i) {
    return "10." + std::to_string(i / 62500) + "." + std::to_string(i / 250 % 250) + "." +
           std::to_string(i % 250 + 1);
}

std::vector<DeployableSite> ordinary_sites(unsigned count, bool tls = false) {
    std::vector<DeployableSite> sites;
    for (unsigned i = 1; i <= count; ++i) {
        Json json = test::a_definition("s" + std::to_string(i) + ".example.com", backend(i));
        if (tls) json["tls"]["mode"] = "self_signed";
        sites.push_back(test::a_site(i, json));
    }
    return sites;
}

ListenOn private_ports() {
    return {IpAddress::parse("127.0.0.1"), test::free_port(), test::free_port(), test::free_port()};
}

Result render_many() {
    const auto sites = ordinary_sites(10000);
    return {.value = median_of(3, [&] { rendered(test::a_node(), sites); }), .unit = "s", .most = 0.5};
}

Result render_one_changed() {
    auto sites = ordinary_sites(1000);
    const auto cache = render::make_cache();
    rendered(test::a_node(), sites, cache.get());
    std::uint64_t revision = 100000;
    const double once = median_of(15, [&] {
        sites[500].revision = RevisionId(++revision);
        rendered(test::a_node(), sites, cache.get());
    });
    return {.value = once * 1e3, .unit = "ms", .most = 20};
}

Result seal_thousand() {
    const Bundle bundle = rendered(test::a_node(), ordinary_sites(1000));
    return {.value = 1e3 * median_of(15, [&] { plan::seal(bundle); }), .unit = "ms"};
}

// What a person would write by hand for the same sites, in as many files.
Bundle minimal(const NodeProfile& node, unsigned count, bool tls) {
    const auto file = [](std::string text) {
        return BundleFile{std::make_shared<const std::string>(std::move(text)), {}, {}};
    };
    Bundle bundle;
    bundle.files["nginx.conf"] = file(
        "pid run/nginx.pid; events {} http {\n server_names_hash_max_size 4096;\n"
        " server_names_hash_bucket_size 128;\n include sites/*.conf;\n}\n");
    const std::string address = node.listen.address->bracketed() + ":";
    for (unsigned i = 1; i <= count; ++i) {
        const std::string name = "s" + std::to_string(i) + ".example.com";
        std::string text = "server {\n    listen " + address + node.listen.http.text() + ";\n";
        if (tls)
            text += "    listen " + address + node.listen.https.text() +
                    " ssl;\n    ssl_certificate certs/a.crt;\n    ssl_certificate_key certs/a.key;\n";
        text += "    server_name " + name + ";\n    location / {\n        proxy_pass http://" + backend(i) +
                ":8080;\n    }\n}\n";
        bundle.files["sites/" + std::to_string(i) + "-" + name + ".conf"] = file(std::move(text));
    }
    return bundle;
}

// Processor time, and both alternately, so that other load on the machine counts little and meets both. The
// test is one thread that waits for nothing.
Result engine_test(bool tls) {
    if (!test::have_program("nginx") || !test::have_program("openssl"))
        throw Skip("nginx or openssl is not installed");
    constexpr unsigned kSites = 1000;
    const NodeProfile node = test::a_node(private_ports());
    const auto [certificate, key] = test::a_certificate({"*.example.com"});
    auto sites = ordinary_sites(kSites, tls);
    if (tls)
        for (DeployableSite& site : sites) site = test::with_certificate(std::move(site), certificate);
    const auto marker = render::renderer(Engine::nginx).marker(templates(), node, "0123456789abcdef");
    const test::TemporaryFolder ours;
    const test::TemporaryFolder theirs;
    test::write_release(ours.path(), rendered(node, sites), marker, key);
    test::write_release(theirs.path(), minimal(node, kSites, tls), marker);
    test::write_file(theirs.path() / "current/certs/a.crt", certificate);
    test::write_file(theirs.path() / "current/certs/a.key", key);
    const auto run = [](const test::TemporaryFolder& folder) {
        const test::Finished finished = test::test_config(folder.path());
        if (finished.status != 0) throw std::runtime_error(finished.output);
        return finished.cpu_seconds;
    };
    std::vector<double> our_times;
    std::vector<double> their_times;
    for (int i = 0; i < (tls ? 5 : 15); ++i) {
        our_times.push_back(run(ours));
        their_times.push_back(run(theirs));
    }
    const double value = median(our_times);
    const double other = median(their_times);
    return {.value = value / other,
            .unit = "ratio",
            .most = 1.3,
            .against = "minimal hand-written servers",
            .other_value = 1,
            .note = std::to_string(value * 1e3) + " ms and " + std::to_string(other * 1e3) + " ms"};
}

Result diff_large() {
    std::string from;
    std::string to;
    for (int i = 0; i < 20000; ++i) {
        const std::string line = "    server_name s" + std::to_string(i) + ".example.com;\n";
        from += line;
        to += i % 100 == 7 ? "    changed;\n" : line;
    }
    return {.value = 1e3 * median_of(9, [&] { plan::diff(from, to); }),
            .unit = "ms",
            .note = "20,000 lines, 200 of them changed"};
}

BENCH("render_10000_sites", render_many);
BENCH("render_one_changed", render_one_changed);
BENCH("seal_1000_sites", seal_thousand);
BENCH("nginx_t_1000_ratio", [] { return engine_test(false); });
BENCH("nginx_t_1000_tls_ratio", [] { return engine_test(true); });
BENCH("diff_20000_lines", diff_large);

}  // namespace
}  // namespace rpm::bench
