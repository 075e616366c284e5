// SPDX-License-Identifier: MIT
#include "tests/support/caddy.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <set>

#include "shared/base/config.h"
#include "shared/base/error.h"
#include "shared/base/text.h"

namespace rpm::test {
namespace {

namespace fs = std::filesystem;

CaddyBinary described(const std::string& path) {
    CaddyBinary out{path, {}};
    out.facts.version = EngineVersion::parse(text::trim(run({path, "version"}).output));
    const Finished modules = run({path, "list-modules"});
    for (const std::string_view line : text::lines(modules.output))
        if (line.find('.') != std::string_view::npos) out.facts.modules.emplace(text::trim(line));
    return out;
}

std::string current_caddy() {
    if (const char* named = std::getenv("CADDY")) return named;
    if (!fs::exists("tests/tools/build")) return "";
    const Finished built = run({"sh", "-c", "tests/tools/build caddy 2>/dev/null"});
    const std::string_view line = text::trim(built.output);
    return built.status == 0 && line.starts_with("caddy=") ? std::string(line.substr(6)) : "";
}

void add_element(std::string& section, std::string_view lines) {
    if (text::trim(lines).empty()) return;
    if (!section.empty()) section += ",\n";
    section += lines;
}

// The sections of all parts, in the byte order of their paths.
std::map<std::string, std::string> sections(const fs::path& release) {
    std::set<std::string> parts;
    for (const auto& entry : fs::recursive_directory_iterator(release))
        if (entry.path().extension() == ".part") parts.insert(entry.path().string());
    std::map<std::string, std::string> out;
    for (const std::string& part : parts) {
        std::string section;
        std::string element;
        const std::string content = read_file(part);
        for (const std::string_view line : text::lines(content)) {
            if (line.starts_with("@ ")) {
                add_element(out[section], element);
                section = line.substr(2);
                element.clear();
            } else if (section.empty()) {
                throw Error(part + ": text before the first section");
            } else {
                element.append(line).append("\n");
            }
        }
        add_element(out[section], element);
    }
    return out;
}

bool accepts(Port port) {
    return run({"curl", "-s", "-o", "/dev/null", "--noproxy", "*", "--max-time", "2",
                "http://127.0.0.1:" + port.text() + "/"})
               .status == 0;
}

}  // namespace

const std::vector<CaddyBinary>& caddies() {
    static const std::vector<CaddyBinary> found = [] {
        std::vector<CaddyBinary> out;
        if (have_program("caddy"))
            out.push_back(described("caddy"));
        else
            std::cerr << "skipped: caddy is not installed\n";
        if (const std::string current = current_caddy(); !current.empty())
            out.push_back(described(current));
        else
            std::cerr << "skipped: there is no current Caddy (tests/tools/build caddy, or CADDY=path)\n";
        return out;
    }();
    return found;
}

void join_parts(const fs::path& root) {
    auto parts = sections(root / "current");
    std::string out;
    const std::string skeleton = read_file(root / "current/caddy.json");
    for (const std::string_view line : text::lines(skeleton)) {
        const std::string_view words = text::trim(line);
        if (!words.starts_with("@ ")) {
            out.append(line).append("\n");
            continue;
        }
        std::string all;
        for (const std::string_view name : text::split(words.substr(2), ' ')) {
            add_element(all, parts[std::string(name)]);
            parts.erase(std::string(name));
        }
        out += all;
    }
    for (const auto& [name, content] : parts)
        if (!name.empty()) throw Error("section " + name + " has no place in caddy.json");
    write_file(root / "current/run.json", out);
}

Finished test_caddy(const CaddyBinary& caddy, const fs::path& root) {
    join_parts(root);
    return run({"sh", "-c", "cd \"$1\" && exec \"$0\" validate --config current/run.json", caddy.path,
                root.string()});
}

std::unique_ptr<Process> run_caddy(const CaddyBinary& caddy, const fs::path& root, Port wait_for) {
    join_parts(root);
    const fs::path output = root / "output";
    auto engine = std::make_unique<Process>(
        std::vector<std::string>{"sh", "-c",
                                 "cd \"$1\" && XDG_DATA_HOME=$1/run XDG_CONFIG_HOME=$1/run exec \"$0\" run "
                                 "--config current/run.json",
                                 caddy.path, root.string()},
        output);
    try {
        engine->await([&] { return accepts(wait_for); });
    } catch (const Error& error) {
        throw Error(std::string(error.what()) + ": " + read_file(output));
    }
    return engine;
}

}  // namespace rpm::test
