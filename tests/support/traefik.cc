// SPDX-License-Identifier: MIT
#include "tests/support/traefik.h"

#include <cstdlib>
#include <iostream>

#include "shared/base/config.h"
#include "shared/base/error.h"
#include "shared/base/json.h"
#include "shared/base/text.h"
#include "tests/support/engine.h"

namespace rpm::test {
namespace {

namespace fs = std::filesystem;

std::string find_traefik() {
    if (const char* named = std::getenv("TRAEFIK")) return named;
    if (fs::exists("tests/tools/build")) {
        const Finished built = run({"sh", "-c", "tests/tools/build traefik 2>/dev/null"});
        const std::string_view line = text::trim(built.output);
        if (built.status == 0 && line.starts_with("traefik=")) return std::string(line.substr(8));
    }
    std::cerr << "skipped: there is no Traefik (tests/tools/build traefik, or TRAEFIK=path)\n";
    return "";
}

std::string static_file(const NodeProfile& node) {
    std::string networks;
    for (const IpNetwork& network : node.trusted_proxies)
        networks.append(networks.empty() ? "" : ", ").append('"' + network.text() + '"');
    const std::string host = node.listen.address ? node.listen.address->bracketed() : "127.0.0.1";
    const auto entry = [&](const std::string& name, Port port) {
        return "  " + name + ": {address: \"" + host + ":" + port.text() +
               "\", http: {aliasHeadersStrategy: delete}, forwardedHeaders: {trustedIPs: [" + networks +
               "]}}\n";
    };
    return "global: {checkNewVersion: false, sendAnonymousUsage: false}\n"
           "log: {level: WARN, format: json}\n"
           "api: {dashboard: false}\n"
           "ping: {manualRouting: true}\n"
           "providers:\n"
           "  providersThrottleDuration: 100ms\n"
           "  file: {directory: current, watch: false}\n"
           "entryPoints:\n" +
           entry("web", node.listen.http) + entry("websecure", node.listen.https) +
           entry("proof", node.listen.proof);
}

std::string ask(Port port, const std::string& path) {
    return run({"curl", "-si", "--noproxy", "*", "--max-time", "10",
                "http://127.0.0.1:" + port.text() + path})
        .output;
}

}  // namespace

const std::string& traefik() {
    static const std::string found = find_traefik();
    return found;
}

RunningTraefik::RunningTraefik(fs::path root, const NodeProfile& node)
    : root_(std::move(root)), proof_(node.listen.proof) {
    write_file(root_ / "traefik.yml", static_file(node));
    process_ = std::make_unique<Process>(
        std::vector<std::string>{"env", "-C", root_.string(), traefik(),
                                 "--configfile=" + (root_ / "traefik.yml").string()},
        root_ / "logs/traefik.log");
    try {
        process_->await([&] { return ask(proof_, "/release").find("\r\nRelease: ") != std::string::npos; });
    } catch (const Error& error) {
        throw Error(std::string(error.what()) + ": " + read_file(root_ / "logs/traefik.log"));
    }
}

std::string RunningTraefik::complaints() const {
    std::string out;
    const std::string log = read_file(root_ / "logs/traefik.log");
    for (const std::string_view line : text::lines(log))
        if (line.find("\"level\":\"error\"") != std::string_view::npos) out.append(line).append("\n");
    const std::string answer = ask(proof_, "/api/overview");
    const Json overview = Json::parse(answer.substr(answer.find("\r\n\r\n") + 4));
    for (const char* kind : {"routers", "services", "middlewares"})
        for (const char* what : {"errors", "warnings"})
            if (const auto count = overview.at("http").at(kind).at(what).integer(); count != 0)
                out += std::to_string(count) + " " + what + " of " + kind + "\n";
    return out;
}

}  // namespace rpm::test
