// SPDX-License-Identifier: MIT
#include "shared/cache/counters.h"

#include <libmemcached/memcached.h>

#include "shared/base/error.h"
#include "shared/base/handle.h"
#include "shared/base/text.h"

namespace rpm::cache {
namespace {

constexpr unsigned kPort = 11211;

[[noreturn]] void refuse(std::string_view server) {
    throw Invalid("memcached.servers", "has no host and port: '" + std::string(server) + "'");
}

struct Server {
    std::string host;  ///< a path for a socket
    unsigned port = kPort;
};

// "[::1]:11211", "::1", "cache:11211", "cache", "/run/x.sock"
Server parse(std::string_view text) {
    Server server{std::string(text)};
    if (text.starts_with('/')) return server;
    const bool bracketed = text.starts_with('[');
    const auto end = bracketed ? text.find(']') : text.find(':');
    if (bracketed && end == std::string_view::npos) refuse(text);
    if (!bracketed && (end == std::string_view::npos || text.find(':', end + 1) != std::string_view::npos))
        return server;  // a bare name, or a bare IPv6 address
    server.host = std::string(bracketed ? text.substr(1, end - 1) : text.substr(0, end));
    std::string_view rest = text.substr(bracketed ? end + 1 : end);
    if (server.host.empty()) refuse(text);
    if (rest.empty()) return server;
    const auto port = text::number<std::uint16_t>(rest.substr(1));
    if (rest.front() != ':' || !port || *port == 0) refuse(text);
    server.port = *port;
    return server;
}

// At most 250 bytes without blanks and controls: keys are digests, or short.
std::string wire_key(std::string_view key) {
    return "rpmgr:" + text::base64url(key);
}

}  // namespace

struct Counters::Impl {
    Handle<memcached_st, &memcached_free> client{memcached_create(nullptr)};
};

Counters::Counters(std::string_view servers, std::chrono::milliseconds patience)
    : impl_(std::make_unique<Impl>()) {
    memcached_st* client = impl_->client.get();
    if (client == nullptr) throw Unavailable("not enough memory for memcached");
    // Incrementing with an initial value is one atomic step in the binary protocol only.
    memcached_behavior_set(client, MEMCACHED_BEHAVIOR_BINARY_PROTOCOL, 1);
    memcached_behavior_set(client, MEMCACHED_BEHAVIOR_TCP_NODELAY, 1);
    const auto ms = static_cast<std::uint64_t>(patience.count());
    memcached_behavior_set(client, MEMCACHED_BEHAVIOR_CONNECT_TIMEOUT, ms / 2);  // ms
    memcached_behavior_set(client, MEMCACHED_BEHAVIOR_POLL_TIMEOUT, ms);         // ms
    memcached_behavior_set(client, MEMCACHED_BEHAVIOR_SND_TIMEOUT, ms * 1000);   // us
    memcached_behavior_set(client, MEMCACHED_BEHAVIOR_RCV_TIMEOUT, ms * 1000);   // us
    memcached_behavior_set(client, MEMCACHED_BEHAVIOR_RETRY_TIMEOUT, 1);         // s
    for (const std::string_view word : text::words(servers)) {
        const Server server = parse(word);
        const auto added =
            server.host.starts_with('/')
                ? memcached_server_add_unix_socket(client, server.host.c_str())
                : memcached_server_add(client, server.host.c_str(), static_cast<in_port_t>(server.port));
        if (added != MEMCACHED_SUCCESS) refuse(word);
    }
}

Counters::~Counters() = default;

std::optional<std::uint64_t> Counters::count(std::string_view key, std::chrono::seconds life) {
    const std::string name = wire_key(key);
    std::uint64_t hits = 0;
    const auto once = [&] {
        return memcached_increment_with_initial(impl_->client.get(), name.data(), name.size(), 1, 1,
                                                static_cast<time_t>(life.count()), &hits);
    };
    auto done = once();
    // Somebody else made the counter in the same moment: now it is there.
    if (done == MEMCACHED_NOTSTORED) done = once();
    return done == MEMCACHED_SUCCESS ? std::optional(hits) : std::nullopt;
}

bool Counters::take_back(std::string_view key) {
    const std::string name = wire_key(key);
    std::uint64_t hits = 0;
    const auto done = memcached_decrement(impl_->client.get(), name.data(), name.size(), 1, &hits);
    return done == MEMCACHED_SUCCESS || done == MEMCACHED_NOTFOUND;
}

bool Counters::forget(std::string_view key) {
    const std::string name = wire_key(key);
    const auto done = memcached_delete(impl_->client.get(), name.data(), name.size(), 0);
    return done == MEMCACHED_SUCCESS || done == MEMCACHED_NOTFOUND;
}

}  // namespace rpm::cache
