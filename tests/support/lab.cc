// SPDX-License-Identifier: MIT
#include "tests/support/lab.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <map>

#include "shared/base/config.h"
#include "shared/base/error.h"
#include "shared/base/handle.h"
#include "shared/base/text.h"
#include "workers/ssh/host_key.h"
#include "workers/ssh/private_key.h"

namespace rpm::test {
namespace {

unsigned free_port() {
    const Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (bind(socket.get(), generic, length) != 0 || getsockname(socket.get(), generic, &length) != 0)
        throw Error("no free port");
    return ntohs(address.sin_port);
}

// Of this process only, so that test programs may run side by side; and another one for each node, since
// every node listens on the same ports.
std::string next_address() {
    static unsigned given = 0;
    const auto pid = static_cast<unsigned>(getpid());
    return "127." + std::to_string(64 + pid / 250 % 100) + "." + std::to_string(pid % 250) + "." +
           std::to_string(given++ % 250 + 1);
}

std::map<std::string, std::string> settings_of(const std::string& file) {
    std::map<std::string, std::string> settings;
    const std::string content = read_file(file);
    for (const std::string_view line : text::lines(content))
        if (const auto equals = line.find('='); equals != std::string_view::npos)
            settings[std::string(line.substr(0, equals))] = line.substr(equals + 1);
    return settings;
}

}  // namespace

std::string shell(const std::string& command) {
    FILE* pipe = popen((command + " 2>&1").c_str(), "re");
    if (pipe == nullptr) throw Error("cannot run a shell");
    std::string out;
    std::array<char, 4096> buffer;
    for (std::size_t n; (n = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) out.append(buffer.data(), n);
    if (pclose(pipe) != 0) throw Error(command + ": " + out);
    return out;
}

std::string tool(const std::string& name) {
    // 77: not on this machine. Anything else that fails is a mistake here.
    const std::string out = shell("tests/tools/build " + name + " || [ $? = 77 ]");
    const auto found = text::trim(out);
    if (found.starts_with(name + "=")) return std::string(found.substr(name.size() + 1));
    std::fprintf(stderr, "%s", out.c_str());
    return {};
}

// Through the constructor with the engine alone: once that has run, the destructor ends what was started even
// when the rest fails.
Lab::Lab(unsigned nodes, Engine engine, const std::string& program) : Lab(engine) {
    // Nodes run as a user of their own, who must get through to their folders.
    std::filesystem::permissions(folder_.path(), std::filesystem::perms(0711));
    backend_port_ = free_port();
    shell("tests/lab/backend start " + (folder_.path() / "backend").string() +
          " 127.0.0.1:" + std::to_string(backend_port_) + " lab");
    for (unsigned i = 0; i < nodes; ++i) {
        const std::string name = "node-" + std::to_string(i + 1);
        const std::string address = next_address();
        command("create", name + " " + address + " --engine " + std::string(to_word(engine)) +
                              (program.empty() ? "" : " --engine-binary " + program));
        auto settings = settings_of((folder_.path() / name / "lab.conf").string());
        const auto port = [&](const char* key) { return text::number<unsigned>(settings[key]).value_or(0); };
        nodes_.push_back({.name = name,
                          .address = address,
                          .ssh_port = port("ssh_port"),
                          .http_port = port("http_port"),
                          .https_port = port("https_port"),
                          .proof_port = port("proof_port"),
                          .user = settings["user"],
                          .host_key_line = {}});
    }
    const std::string yaml = shell("tests/lab/node list " + folder_.path().string() + " --yaml");
    Node* current = nullptr;
    for (const std::string_view line : text::lines(yaml)) {
        const auto trimmed = text::trim(line);
        if (trimmed.starts_with("- name: "))
            current = &*std::ranges::find(nodes_, trimmed.substr(8), &Node::name);
        else if (trimmed.starts_with("host_key: \""))
            current->host_key_line = trimmed.substr(11, trimmed.size() - 12);
        else if (trimmed.starts_with("ssh_user: "))
            current->user = trimmed.substr(10);
    }
    command("start", "");
}

Lab::~Lab() {
    for (const char* what : {"tests/lab/node destroy ", "tests/lab/backend stop "}) {
        const std::string where = std::string_view(what).find("backend") != std::string_view::npos
                                      ? (folder_.path() / "backend").string()
                                      : folder_.path().string();
        try {
            shell(what + where);
        } catch (const Error& error) {
            std::fprintf(stderr, "lab: %s\n", error.what());
        }
    }
}

std::vector<ops::DiscoveredNode> Lab::discovered() const {
    std::vector<ops::DiscoveredNode> found;
    const std::string key_text = read_file(folder_.path() / "key");
    const auto key = ssh::PrivateKey::parse(Secret(key_text));
    const auto key_blob = ssh::HostKey::from_line(key.public_line("lab"));
    for (const Node& node : nodes_) {
        const auto host = ssh::HostKey::from_line(node.host_key_line);
        ops::DiscoveredNode entry;
        entry.name = node.name;
        entry.engine = engine_;
        entry.ip_address = node.address;
        entry.ssh_port = node.ssh_port;
        entry.ssh_user = node.user;
        entry.private_key = Secret(key_text);
        entry.key_fingerprint = key_blob.fingerprint();
        entry.key_public_line = key_blob.line();
        entry.listen_address = node.address;
        entry.http_port = node.http_port;
        entry.https_port = node.https_port;
        entry.proof_port = node.proof_port;
        entry.host_key = ops::DiscoveredNode::HostKey{host.type, host.blob, host.fingerprint()};
        found.push_back(std::move(entry));
    }
    return found;
}

void Lab::command(const std::string& verb, const std::string& arguments) {
    shell("tests/lab/node " + verb + " " + folder_.path().string() + " " + arguments);
}

std::string Lab::fetch(std::size_t index, const std::string& host, const std::string& path, bool tls) const {
    const Node& to = nodes_.at(index);
    const std::string port = std::to_string(tls ? to.https_port : to.http_port);
    return shell("curl -sk -m 5 -w '\\n%{http_code}' --resolve " + host + ":" + port + ":" + to.address +
                 " " + (tls ? "https://" : "http://") + host + ":" + port + path +
                 " | awk '{ all = all $0 \"\\n\"; last = $0 } END { sub(last \"\\n$\", \"\", all); printf "
                 "\"%s %s\", last, all }'");
}

std::string Lab::release(std::size_t index) const {
    const Node& to = nodes_.at(index);
    // In a header, where an engine cannot answer with a text of ours.
    return shell(
        "curl -s -m 5 -D - http://" + to.address + ":" + std::to_string(to.proof_port) +
        "/release | tr -d '\\r' | awk '/^Release: / { id = $2 } { last = $1 } END { printf \"%s\", id == "
        "\"\" ? last : id }'");
}

}  // namespace rpm::test
