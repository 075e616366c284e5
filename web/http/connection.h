// SPDX-License-Identifier: MIT
// One connection of the front server, speaking FastCGI 1.0; libfcgi reads the requests. Used inside web/http.
//
//     if (!connection.receive()) → close
//     connection.params(); connection.read_body(n); connection.send(response, …);
//     switch (connection.finish()) { close, keep: wait for the next request, drain: wait for the rest }
//
// Reading and writing block. A second thread may call end_if_overdue() at any time: it shuts the socket down,
// which ends whatever blocks.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/handle.h"
#include "web/http/request.h"
#include "web/http/response.h"

namespace rpm::http {

class Connection {
  public:
    /// Prepares libfcgi; once per process, before the first connection.
    static void prepare_library();

    Connection(Fd socket, const Limits& limits);
    ~Connection();
    Connection(Connection&&) = delete;

    int fd() const { return socket_.get(); }
    bool watched = false;  ///< for the server: whether epoll knows this socket
    /// Whether there is something to read now.
    bool readable() const;
    /// Reads up to the body. False: the peer closed, stalled or does not speak FastCGI.
    bool receive();
    /// "NAME=value", until finish().
    std::span<const std::string_view> params() const { return params_; }
    /// The whole body. Throws HttpError 400 when it is not as long as announced.
    std::string read_body(std::size_t length);
    /// From here on the handler works; its time is not limited.
    void begin_work() { enter(Phase::working); }
    /// Throws what the response's stream throws, and Error when the peer stops taking it.
    void send(const Response& response, bool with_body);
    enum class Next { close, keep, drain };
    Next finish();
    bool draining() const { return phase_ == Phase::draining; }
    /// While draining: throws away what has arrived. False when the peer is done, or sends without end.
    bool drain();

    /// Shuts the connection down when its present phase takes longer than the limits allow.
    void end_if_overdue(std::chrono::steady_clock::time_point now);
    void end();

  private:
    enum class Phase { idle, reading, working, writing, draining };
    struct Protocol;

    void enter(Phase phase);
    void send_stream(const Response& response, int id);
    std::chrono::seconds allowed(Phase phase) const;

    Fd socket_;
    const Limits& limits_;
    std::unique_ptr<Protocol> protocol_;
    std::vector<std::string_view> params_;
    bool peer_keeps_ = false;
    bool body_read_ = false;
    bool answered_ = false;  ///< the whole answer was handed over
    std::size_t drained_ = 0;
    std::atomic<Phase> phase_ = Phase::idle;
    std::atomic<std::chrono::steady_clock::time_point> since_;
};

}  // namespace rpm::http
