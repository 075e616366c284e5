// SPDX-License-Identifier: MIT
// What to run, where, and how long to wait: the values that the executor takes.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "workers/ssh/host_key.h"
#include "workers/ssh/private_key.h"

namespace rpm::ssh {

struct Target {
    std::string host;  ///< IPv4 or IPv6 address, or a name
    std::uint16_t port = 22;
    std::string user;
    PrivateKey key;  ///< copies share one key
    /// Without it the run ends as host_key_unknown, with the key on offer.
    std::optional<HostKey> pinned = {};
};

/// Time limits are counted from when the request leaves the queue; zero means none.
struct Limits {
    using Duration = std::chrono::milliseconds;
    Duration lookup{5'000};
    Duration connect{10'000};  ///< over all addresses of a name
    Duration handshake{10'000};
    Duration authenticate{10'000};
    Duration start{10'000};
    Duration silence{60'000};  ///< while the command runs: nothing moved in either direction
    Duration work{0};          ///< the same once all input was sent and the command works; zero: as `silence`
    Duration total{300'000};
    std::size_t out = 64 * 1024;  ///< bytes of standard output to keep; what is more is read and dropped
    std::size_t err = 16 * 1024;
};

/// Bytes that many requests may share: one archive in memory serves any number of nodes.
using Chunk = std::shared_ptr<const std::string>;

/// What fits into one packet of every server; a longer script is sent as input.
inline constexpr std::size_t kLongestCommand = 32'000;

struct Request {
    Target target;
    std::string command;            ///< for the user's shell; made by command_line(); at most kLongestCommand
    std::vector<Chunk> input = {};  ///< sent to standard input one after the other, then its end
    Limits limits = {};
    bool keep = false;  ///< leave the connection open afterwards, for the next request to the same target
};

}  // namespace rpm::ssh
