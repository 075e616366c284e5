// SPDX-License-Identifier: MIT
// Names to addresses without holding up the caller: getaddrinfo(3) blocks, so each lookup has a thread.
//
// One thread at a time uses a resolver: start() a lookup, wait until fd() is readable, take() what has
// arrived. A lookup cannot be stopped: when its answer is no longer wanted the answer is thrown away, also
// when it arrives after the resolver's end. Numeric addresses need no lookup: see parse_address().
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace rpm::ssh {

/// An IPv4 or IPv6 address with its port, as connect(2) takes it.
struct Address {
    sockaddr_storage storage{};
    socklen_t length = 0;
    std::string text() const;  ///< "192.0.2.1:22" or "[2001:db8::1]:22"
};

/// A numeric address ("192.0.2.1", "2001:db8::1", "[2001:db8::1]", "fe80::1%eth0"), or nothing.
std::optional<Address> parse_address(const std::string& host, std::uint16_t port);

class Resolver {
  public:
    Resolver();
    struct Answer {
        std::uint64_t tag = 0;
        std::vector<Address> addresses;  ///< in the order in which to try them; empty when there are none
        std::string error;               ///< then, the system's reason
    };
    /// Throws Error when no thread can be started.
    void start(std::uint64_t tag, std::string host, std::uint16_t port);
    std::vector<Answer> take();
    int fd() const;

  private:
    struct Shared;
    std::shared_ptr<Shared> shared_;
};

}  // namespace rpm::ssh
