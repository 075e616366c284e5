// SPDX-License-Identifier: MIT
// How a run on a node ended: a plain value that says what happened, what is certain, and the way out.
//
// `ok` means only that the command ran, that its output arrived whole and that the channel was closed in
// order. It says nothing about success. The exit status alone is no proof either: the SSH library reports 0
// when the remote shell was killed by a signal and when the node sent no status at all. So commands that
// matter end with a result line of their own, with a nonce, and the caller demands that line, exit status 0
// and no signal.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "workers/ssh/host_key.h"

namespace rpm::ssh {

enum class Kind {
    ok,
    unresolved,        ///< the host name has no address
    unreachable,       ///< no route, or no answer on the network level
    refused,           ///< nobody listens on the port
    protocol,          ///< what answers does not speak SSH, or speaks it wrongly
    algorithms,        ///< it speaks SSH, but shares no algorithm with this program
    host_key_unknown,  ///< no key is pinned; Outcome::offered has the node's. Nobody logged in.
    host_key_changed,  ///< another key than the pinned one was offered. Nobody logged in.
    auth_failed,       ///< the node refuses the user or the key
    denied,            ///< logged in, but the node refuses to run commands
    timeout,           ///< a deadline passed; Outcome::step says in which step
    lost,              ///< the connection broke
    cancelled,
};
/// The name above: a short word for rows and logs.
std::string_view name(Kind kind);

/// The steps of a run, in their order.
enum class Step { queue, lookup, connect, handshake, authenticate, start, transfer, close };
inline constexpr std::size_t kSteps = 8;
std::string_view name(Step step);

struct Outcome {
    Kind kind = Kind::cancelled;
    Step step = Step::queue;         ///< the last step that was entered
    std::string message;             ///< one sentence for people, with the way out; empty when ok
    std::optional<HostKey> offered;  ///< the node's key, once it was seen and proven (also when ok)

    /// The node was asked to run the command. While this is false it is certain that nothing ran.
    bool started = false;
    bool reused = false;  ///< ran over a connection that an earlier command left open

    int exit_status = 0;      ///< see above: 0 also when there was none
    std::string exit_signal;  ///< "KILL", "TERM", …; empty when the command was not ended by a signal

    std::string out;              ///< standard output; the middle is left out when longer than the limit
    std::string err;              ///< standard error, likewise
    std::uint64_t out_bytes = 0;  ///< how much there was of each
    std::uint64_t err_bytes = 0;
    std::uint64_t input_bytes = 0;  ///< how much input was handed to the network

    /// Time spent per step; zero for a step that was not entered.
    std::array<std::chrono::microseconds, kSteps> spent{};
    std::chrono::microseconds spent_in(Step which) const { return spent[static_cast<std::size_t>(which)]; }

    bool ok() const { return kind == Kind::ok; }
    /// Ran to its end, exit status 0, no signal. Necessary, not sufficient: see above.
    bool exited_cleanly() const { return ok() && exit_status == 0 && exit_signal.empty(); }
};

}  // namespace rpm::ssh
