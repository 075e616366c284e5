// SPDX-License-Identifier: MIT
// A FastCGI server: some threads, each with a handler of its own, behind one socket.
//
//     http::Settings settings;
//     settings.declare(options);                                   // [http] listen, group, threads, …
//     http::Server server(settings, [&](unsigned) { return std::make_unique<Panel>(…); });
//     server.run();                                                // until SIGTERM, SIGINT or stop()
//
// Handlers are made and used by one thread only, so each can own a database connection. What they throw
// becomes an answer here and nowhere else (see error.h); a defect is logged with the request's id and
// answered 500.
//
// Stopping: no new connections, then what is running or waiting is answered, then run() returns. Requests
// still running after the drain time end with the process. A socket that is inherited ("fd:3") is left open
// for the next process, so a restart loses nothing; the parent or systemd keeps it.
//
// The front server should not keep connections (fastcgi_keep_conn off) and should buffer requests. Stalled
// peers occupy a thread for Limits::read_time at most.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "web/http/error.h"
#include "web/http/request.h"
#include "web/http/response.h"

namespace rpm {
class Options;
}

namespace rpm::http {

/// What a program does with requests. One object per thread.
class Handler {
  public:
    virtual ~Handler() = default;
    virtual Response handle(const Request& request) = 0;
    /// The page or problem document for a failure; the server adds failure.headers and sets the status. The
    /// request may be incomplete (it is what could be read of a malformed one). Plain text unless overridden,
    /// and when this throws.
    virtual Response error_response(const Request& request, const Failure& failure);
};

struct Settings {
    std::string listen;    ///< "/run/rpmgr/admin.sock", "127.0.0.1:9000", "fd:3"
    std::string group;     ///< that may connect to the Unix socket (mode 0660); "" leaves it
    unsigned threads = 8;  ///< more than processors only helps while handlers wait
    std::chrono::seconds drain{20};
    Limits limits;

    void declare(Options& options);
};

class Server {
  public:
    using Factory = std::function<std::unique_ptr<Handler>(unsigned thread)>;

    /// Opens the socket; throws Invalid or Unavailable. Requests wait in its queue until run().
    Server(Settings settings, Factory make);
    ~Server();
    Server(Server&&) = delete;

    /// Serves until SIGTERM, SIGINT or stop(). Call before other threads exist: it blocks these signals while
    /// it runs. Throws what the factory throws.
    void run();
    /// From any thread.
    void stop();

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// The whole way of one request that could be read: handle, failure to answer, HEAD, standard headers. Does
/// not throw. What the server does with each request, for tests of handlers without a socket.
Response answer(Handler& handler, const Request& request);

}  // namespace rpm::http
