// SPDX-License-Identifier: MIT
// One request on its way: the steps from the queue to the outcome, none of which blocks. Used by the executor
// only; it owns the waiting, this owns the order of things.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "shared/base/handle.h"
#include "workers/ssh/outcome.h"
#include "workers/ssh/output.h"
#include "workers/ssh/request.h"
#include "workers/ssh/resolver.h"
#include "workers/ssh/transport.h"

namespace rpm::ssh {

class Session {
  public:
    using Clock = std::chrono::steady_clock;
    using OnDone = std::function<void(Outcome)>;
    using OnLine = std::function<void(std::string_view)>;

    Session(Request request, OnDone on_done, OnLine on_line);

    /// Leaves the queue. With a kept connection the steps up to the login are left out.
    void begin(std::unique_ptr<Transport> kept);
    bool needs_lookup() const { return step_ == Step::lookup; }
    void looked_up(Resolver::Answer answer);

    enum class State {
        waiting,  ///< for the socket, for a lookup, or for a deadline
        busy,     ///< there is more to do at once; others first
        ended,    ///< outcome() is final
    };
    State advance();
    /// Ends the session when one of its deadlines has passed.
    State expire();
    void cancel();

    /// The socket and what to wait for; -1 while there is none. The count tells sockets of one number apart.
    int socket() const;
    unsigned sockets_opened() const { return sockets_opened_; }
    Wants wants() const;
    /// The next moment at which expire() has something to decide.
    std::optional<Clock::time_point> deadline() const;

    const Request& request() const { return request_; }
    Outcome take_outcome();
    const OnDone& on_done() const { return on_done_; }
    /// The connection, when it may serve another request.
    std::unique_ptr<Transport> take_connection();

  private:
    Progress run_step();
    Progress connect();
    Progress open_socket(const Address& address);
    Progress next_address(int error);
    Progress handshake();
    Progress check_host_key();
    Progress start();
    Progress transfer();
    Progress close();
    Progress read_some(Transport::Stream stream);
    Progress write_some();
    bool stalled() const;
    void enter(Step step);
    void leave_step(Clock::time_point now);
    Clock::duration limit_of(Step step) const;
    Limits::Duration silence_limit() const;
    Progress transport_failed();
    Progress fail(Kind kind, const std::string& detail);
    void end(Kind kind, std::string message);
    void connect_anew();
    std::string node() const;
    std::string timeout_message() const;
    std::string aftermath() const;

    Request request_;
    OnDone on_done_;
    OnLine on_line_;
    Outcome outcome_;
    Step step_ = Step::queue;
    bool ended_ = false;
    Clock::time_point entered_ = Clock::now();
    Clock::time_point moved_ = entered_;  // when bytes last moved
    std::optional<Clock::time_point> step_deadline_;
    std::optional<Clock::time_point> total_deadline_;

    std::vector<Address> addresses_;
    std::size_t next_address_ = 0;
    Fd connecting_;
    unsigned sockets_opened_ = 0;
    std::unique_ptr<Transport> transport_;

    bool channel_open_ = false;
    enum class Call { write, out, err, closed };
    static constexpr unsigned kCalls = 4;
    Call call_ = Call::write;  // whose turn it is while the command runs
    bool moved_now_ = false;
    bool more_ = false;
    bool starved_ = false;  // there is input, but the node's window was full when last tried
    bool eof_sent_ = false;
    std::size_t chunk_ = 0;  // where the input goes on
    std::size_t offset_ = 0;
    Captured out_;
    Captured err_;
    LineCutter lines_;
};

}  // namespace rpm::ssh
