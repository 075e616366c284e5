// SPDX-License-Identifier: MIT
#include "tests/support/engine.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <set>
#include <thread>

#include "shared/base/config.h"
#include "shared/base/error.h"
#include "shared/base/handle.h"
#include "shared/base/text.h"

namespace rpm::test {
namespace {

namespace fs = std::filesystem;

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

bool accepts(Port port) {
    const Fd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_in address = loopback(port.value());
    return connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

pid_t start(const std::vector<std::string>& argv, int output) {
    std::vector<char*> words;
    for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    const pid_t pid = fork();
    if (pid < 0) throw Error("cannot fork");
    if (pid > 0) return pid;
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    execvp(words[0], words.data());
    _exit(127);
}

int wait_for(pid_t pid, rusage* usage = nullptr) {
    int status = 0;
    while (wait4(pid, &status, 0, usage) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::vector<std::string> nginx(const fs::path& root) {
    return {
        "nginx", "-e", "logs/error.log", "-p", root.string(), "-c", (root / "current/nginx.conf").string()};
}

}  // namespace

Finished run(const std::vector<std::string>& argv) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) throw Error("cannot make a pipe");
    const Fd reader(ends[0]);
    Fd writer(ends[1]);
    const pid_t pid = start(argv, writer.get());
    writer.reset();
    Finished out;
    std::array<char, 4096> buffer{};
    for (ssize_t got; (got = read(reader.get(), buffer.data(), buffer.size())) > 0;)
        out.output.append(buffer.data(), static_cast<std::size_t>(got));
    rusage usage{};
    out.status = wait_for(pid, &usage);
    const auto total = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
    };
    out.cpu_seconds = total(usage.ru_utime) + total(usage.ru_stime);
    return out;
}

bool have_program(const std::string& name) {
    return run({"sh", "-c", "command -v " + name}).status == 0;
}

void write_file(const fs::path& path, std::string_view content) {
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << content;
}

std::pair<std::string, std::string> a_certificate(const std::vector<std::string>& names) {
    static std::map<std::vector<std::string>, std::pair<std::string, std::string>> made;
    auto& pair = made[names];
    if (!pair.first.empty()) return pair;
    const TemporaryFolder folder;
    const std::string key = (folder.path() / "key").string();
    const std::string certificate = (folder.path() / "crt").string();
    std::vector<std::string> alternatives;
    for (const std::string& name : names) alternatives.push_back("DNS:" + name);
    const Finished result =
        run({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
             "-days", "2", "-keyout", key, "-out", certificate, "-subj", "/CN=" + names.front(), "-addext",
             "subjectAltName=" + text::join(alternatives, ",")});
    if (result.status != 0) throw Error("openssl: " + result.output);
    pair = {read_file(certificate), read_file(key)};
    return pair;
}

void write_release(const fs::path& root, const Bundle& bundle,
                   const std::pair<std::string, std::string>& marker, const std::string& key_pem) {
    fs::permissions(root, fs::perms(0755));
    for (const char* folder : {"current/sites", "run", "logs"}) fs::create_directories(root / folder);
    for (const auto& [path, file] : bundle.files)
        write_file(root / "current" / path, file.content ? *file.content : key_pem);
    write_file(root / "current" / marker.first, marker.second);
    // What the node's script makes.
    write_file(root / "current/folder.conf",
               "geo $rpm_folder { default " + (root / "current").string() + "; }\n");
}

Finished test_config(const fs::path& root) {
    auto argv = nginx(root);
    argv.push_back("-t");
    return run(argv);
}

RunningEngine::RunningEngine(fs::path root, Port port, std::chrono::seconds limit) {
    auto argv = nginx(root);
    argv.insert(argv.end(), {"-g", "daemon off;"});
    const Fd output(open((root / "output").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
    pid_ = start(argv, output.get());
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (!accepts(port)) {
        if (waitpid(pid_, nullptr, WNOHANG) == pid_) {
            pid_ = -1;
            throw Error("nginx does not start: " + read_file(root / "output") +
                        read_file(root / "logs/error.log"));
        }
        if (std::chrono::steady_clock::now() > deadline) {
            kill(pid_, SIGKILL);
            wait_for(pid_);
            throw Error("nginx does not listen on port " + port.text());
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

RunningEngine::~RunningEngine() {
    if (pid_ < 0) return;
    kill(pid_, SIGTERM);
    wait_for(pid_);
}

Port free_port() {
    static std::set<std::uint16_t> given;
    for (;;) {
        const Fd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in address = loopback(0);
        socklen_t size = sizeof address;
        if (bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
            getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
            throw Error("no free port");
        if (given.insert(ntohs(address.sin_port)).second) return *Port::from(ntohs(address.sin_port));
    }
}

}  // namespace rpm::test
