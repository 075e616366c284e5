// SPDX-License-Identifier: MIT
// Runs commands on many nodes at once, from one thread.
//
//     Executor executor({.concurrency = 64});
//     for (const Node& node : nodes)
//         executor.submit({target(node), command_line({kScript, "receive", id}), {archive}},
//                         [&](Outcome outcome) { record(node, outcome); },
//                         [&](std::string_view line) { show_progress(node, line); });
//     while (executor.poll(200ms)) extend_leases();
//
// At most `concurrency` requests are under way, the others wait in their order; limits of time start when a
// request leaves the queue. A request with `keep` leaves its connection open; the next request to the same
// target (host, port, user, key and pinned key all equal) then costs about a tenth. A kept connection is
// dropped when it is too old, when too many are kept, and at any sign from its node.
//
// Every request that was submitted gets exactly one Outcome, unless the executor is destroyed first: then its
// connections are closed and nothing more is called. What a node does is never an exception, always an
// Outcome; submit() throws Invalid for a request that cannot be meant.
//
// Callbacks run inside poll(), never inside submit() or cancel(). They may submit and cancel. An exception
// out of a callback passes out of poll(), and the executor stays usable.
//
// One executor belongs to one thread; several threads may each have one, with the same keys and input.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "workers/ssh/outcome.h"
#include "workers/ssh/request.h"

namespace rpm::ssh {

class Executor {
  public:
    struct Settings {
        unsigned concurrency = 64;
        unsigned keep = 64;  ///< kept connections at most; the least recently used one goes first
        std::chrono::seconds keep_for{60};  ///< without use
    };
    using Ticket = std::uint64_t;
    using OnDone = std::function<void(Outcome)>;
    /// A line of standard output, without its line end, as soon as it has arrived whole. The last line counts
    /// without a line end too when the command ended in order.
    using OnLine = std::function<void(std::string_view line)>;

    Executor();
    explicit Executor(const Settings& settings);
    ~Executor();
    Executor(const Executor&) = delete;
    Executor& operator=(const Executor&) = delete;

    Ticket submit(Request request, OnDone on_done, OnLine on_line = {});
    /// Its outcome is `cancelled`, given by the next poll(). What already runs on the node goes on there.
    /// Unknown and finished tickets are ignored.
    void cancel(Ticket ticket);

    /// Does what can be done now; when that is nothing, waits for it at most this long. False when there is
    /// nothing left to do.
    bool poll(std::chrono::milliseconds longest_wait);
    void run_until_idle();

    std::size_t waiting() const;  ///< in the queue
    std::size_t running() const;  ///< under way
    std::size_t kept() const;     ///< open connections without a request
    void drop_kept();

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace rpm::ssh
