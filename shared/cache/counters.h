// SPDX-License-Identifier: MIT
// Counters that several web hosts share, in memcached: for limits that are asked at every attempt.
//
//     Counters counters("10.0.0.5:11211,/run/memcached.sock");       // one per thread
//     if (const auto hits = counters.count(key, 15min)) …            // else: ask the database
//
// A server that does not answer costs at most 100 ms once a second and gives no answer: the caller falls back
// to what it has besides. Nothing here is the only place of anything: memcached may forget at any time.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace rpm::cache {

constexpr std::chrono::milliseconds kPatience{100};  // somebody waits for the page

class Counters {
  public:
    /// "host:port", "[v6]:port" or "/path of a socket", with commas between; the port may be absent (11211).
    /// Throws Invalid for field "memcached.servers". Connects when first used. `patience`: how long an answer
    /// may take.
    explicit Counters(std::string_view servers, std::chrono::milliseconds patience = kPatience);
    ~Counters();
    Counters(const Counters&) = delete;
    Counters& operator=(const Counters&) = delete;

    /// Counts one and answers the number, which is gone `life` after its first; atomically, whoever else
    /// counts. The key is bytes of any kind.
    std::optional<std::uint64_t> count(std::string_view key, std::chrono::seconds life);
    /// One back; not below 0. False when the server does not answer.
    bool take_back(std::string_view key);
    bool forget(std::string_view key);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace rpm::cache
