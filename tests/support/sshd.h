// SPDX-License-Identifier: MIT
// A real sshd for one test: an own host key, an own address, gone with the object.
//
//     const Sshd node({.authorized_key = key.public_line("test")});
//     connect(node.address(), node.port(), node.user(), node.host_key_line());
//
// Works as root and as an ordinary user; logs in as the user who runs the test. All of 127.0.0.0/8 is
// loopback, so many nodes get addresses of their own. When the object dies, the daemon, its sessions and
// every process that their commands left behind are killed.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace rpm::tests {

class Sshd {
  public:
    struct Settings {
        std::string authorized_key = {};  ///< a line for authorized_keys; may start with options
        std::string address = "127.0.0.1";
        std::uint16_t port = 0;                 ///< 0: a free one
        std::string host_key_type = "ed25519";  ///< as ssh-keygen -t takes it
        std::vector<std::string> config = {};   ///< lines put before all others of sshd_config
    };
    /// False when this machine has no sshd; tests then have nothing to try.
    static bool available();

    /// Returns when connections are accepted. Throws Error with sshd's own words when it does not start.
    explicit Sshd(Settings settings);
    ~Sshd();
    Sshd(const Sshd&) = delete;
    Sshd& operator=(const Sshd&) = delete;

    const std::string& address() const { return settings_.address; }
    std::uint16_t port() const { return settings_.port; }
    std::string user() const;
    std::string host_key_line() const;  ///< "type base64"
    const std::filesystem::path& folder() const { return folder_; }
    std::string log() const;

    /// Kills every session at once, as a crash of the node would seem to its clients. Commands go on.
    void kill_sessions() const;
    /// The daemon and its sessions end; the port refuses connections from now on.
    void stop();

  private:
    void write_files() const;
    void start();
    void kill_left_behind() const;

    Settings settings_;
    std::filesystem::path folder_;
    pid_t daemon_ = -1;
};

/// A port of this address on which nobody listens now.
std::uint16_t free_port(const std::string& address);

}  // namespace rpm::tests
