// SPDX-License-Identifier: MIT
#include "tests/support/sshd.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <thread>
#include <utility>

#include "shared/base/error.h"
#include "shared/base/handle.h"
#include "shared/base/text.h"

namespace rpm::tests {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr char kDaemon[] = "/usr/sbin/sshd";  // absolute: sshd starts itself again for each session

// Empty when it cannot be read: processes end while their files in /proc are looked at.
std::string slurp(const fs::path& path) {
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    std::string content;
    std::array<char, 4096> buffer;
    for (ssize_t n; (n = ::read(file.get(), buffer.data(), buffer.size())) > 0;)
        content.append(buffer.data(), static_cast<std::size_t>(n));
    return content;
}

void spill(const fs::path& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
}

sockaddr_in socket_address(const std::string& address, std::uint16_t port) {
    sockaddr_in out{};
    out.sin_family = AF_INET;
    out.sin_port = htons(port);
    inet_pton(AF_INET, address.c_str(), &out.sin_addr);
    return out;
}

bool accepts(const std::string& address, std::uint16_t port) {
    const Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_in at = socket_address(address, port);
    return ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0;
}

pid_t spawn(const std::vector<std::string>& words) {
    std::vector<char*> argv;
    for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    const pid_t child = fork();
    if (child != 0) return child;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // nothing is left behind either when the tests crash
    const int null = ::open("/dev/null", O_RDWR);
    for (const int fd : {0, 1, 2}) ::dup2(null, fd);
    ::execv(argv[0], argv.data());
    ::_exit(127);
}

// The children of a process, found without the help of the process.
std::vector<pid_t> children_of(pid_t parent) {
    std::vector<pid_t> out;
    for (const auto& entry : fs::directory_iterator("/proc")) {
        const auto pid = text::number<pid_t>(entry.path().filename().string());
        if (!pid) continue;
        const std::string stat = slurp(entry.path() / "stat");
        const std::size_t name_end = stat.rfind(')');  // the name may hold anything
        if (name_end == std::string::npos) continue;
        const auto fields = text::words(std::string_view(stat).substr(name_end + 1));
        if (fields.size() > 1 && text::number<pid_t>(fields[1]) == parent) out.push_back(*pid);
    }
    return out;
}

bool is_sshd(pid_t pid) {
    return slurp("/proc/" + std::to_string(pid) + "/comm") == "sshd\n";
}

void kill_sshds_below(pid_t parent, std::vector<pid_t>& killed) {
    for (const pid_t child : children_of(parent)) {
        if (!is_sshd(child)) continue;
        kill_sshds_below(child, killed);
        ::kill(child, SIGKILL);
        killed.push_back(child);
    }
}

}  // namespace

bool Sshd::available() {
    return ::access(kDaemon, X_OK) == 0;
}

Sshd::Sshd(Settings settings) : settings_(std::move(settings)) {
    std::string name = (fs::temp_directory_path() / "rpmgr-sshd-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw Error("cannot make a temporary folder");
    folder_ = name;
    if (settings_.port == 0) settings_.port = free_port(settings_.address);
    write_files();
    start();
}

Sshd::~Sshd() {
    stop();
    kill_left_behind();
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
}

void Sshd::write_files() const {
    const std::string key = folder_ / "host_key";
    int status = 0;
    ::waitpid(spawn({"/usr/bin/ssh-keygen", "-q", "-N", "", "-t", settings_.host_key_type, "-f", key}),
              &status, 0);
    if (status != 0) throw Error("ssh-keygen failed");
    spill(folder_ / "authorized_keys", settings_.authorized_key + "\n");
    std::string config;
    for (const std::string& line : settings_.config) config += line + "\n";
    config += "ListenAddress " + settings_.address + ":" + std::to_string(settings_.port) + "\n";
    config += "HostKey " + key + "\n";
    config += "AuthorizedKeysFile " + (folder_ / "authorized_keys").string() + "\n";
    config += "PidFile none\nUsePAM no\nStrictModes no\nPermitRootLogin prohibit-password\nLogLevel DEBUG1\n";
    config += "PasswordAuthentication no\nMaxStartups 200\n";
    // Another home, so that the start-up files of whoever runs the tests have no part in them.
    config += "SetEnv HOME=" + folder_.string() + " RPMGR_TEST_NODE=" + folder_.string() + "\n";
    spill(folder_ / "sshd_config", config);
}

void Sshd::start() {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);  // what the daemon leaves behind becomes ours to bury
    // Debian makes this folder at boot; sshd does not start as root without it.
    if (geteuid() == 0) fs::create_directories("/run/sshd");
    daemon_ = spawn({kDaemon, "-D", "-f", folder_ / "sshd_config", "-E", folder_ / "log"});
    for (int tries = 0; tries < 500; ++tries) {
        if (accepts(settings_.address, settings_.port)) return;
        if (::waitpid(daemon_, nullptr, WNOHANG) == daemon_) {
            daemon_ = -1;
            break;
        }
        std::this_thread::sleep_for(10ms);
    }
    const std::string words = log();
    stop();
    throw Error("sshd does not start: " + words);
}

std::string Sshd::user() const {
    const passwd* entry = getpwuid(geteuid());
    return entry == nullptr ? "root" : entry->pw_name;
}

std::string Sshd::host_key_line() const {
    const std::string line = slurp(folder_ / "host_key.pub");
    const auto words = text::words(line);
    return std::string(words.at(0)) + " " + std::string(words.at(1));
}

std::string Sshd::log() const {
    return slurp(folder_ / "log");
}

void Sshd::kill_sessions() const {
    std::vector<pid_t> killed;
    if (daemon_ > 0) kill_sshds_below(daemon_, killed);
}

void Sshd::stop() {
    if (daemon_ <= 0) return;
    ::kill(daemon_, SIGSTOP);  // so that it starts nothing while its children are looked for
    std::vector<pid_t> killed;
    kill_sshds_below(daemon_, killed);
    ::kill(daemon_, SIGKILL);
    ::waitpid(daemon_, nullptr, 0);
    for (const pid_t session : killed) ::waitpid(session, nullptr, 0);  // they are ours now
    daemon_ = -1;
}

// Commands outlive their connection and then have no parent to find them by; their environment names the
// node.
void Sshd::kill_left_behind() const {
    const std::string mark = "RPMGR_TEST_NODE=" + folder_.string();
    for (int round = 0; round < 2; ++round)  // one that forks meanwhile is caught the second time
        for (const auto& entry : fs::directory_iterator("/proc")) {
            const auto pid = text::number<pid_t>(entry.path().filename().string());
            if (!pid || slurp(entry.path() / "environ").find(mark) == std::string::npos) continue;
            ::kill(*pid, SIGKILL);
            ::waitpid(*pid, nullptr, 0);
        }
    for (const pid_t child : children_of(::getpid()))
        if (is_sshd(child))
            ::waitpid(child, nullptr, WNOHANG);  // killed above, or the session of another node
}

std::uint16_t free_port(const std::string& address) {
    const Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in at = socket_address(address, 0);
    socklen_t length = sizeof at;
    if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0 ||
        ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&at), &length) != 0)
        throw Error("no free port on " + address);
    return ntohs(at.sin_port);
}

}  // namespace rpm::tests
