// SPDX-License-Identifier: MIT
#include "web/http/server.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <vector>

#include "shared/base/config.h"
#include "shared/base/log.h"
#include "web/http/connection.h"
#include "web/http/failure_log.h"
#include "web/http/listener.h"
#include "web/http/stop_signals.h"

namespace rpm::http {
namespace {

using std::chrono::steady_clock;

// ---- From failures to answers ---------------------------------------------------------------------------

Response plain_failure(const Request& request, const Failure& failure) {
    std::string body = std::to_string(failure.status) + ' ';
    body.append(reason_phrase(failure.status)).append("\n").append(failure.message).append("\n");
    for (const auto& [field, message] : failure.problems.entries())
        body.append(field).append(": ").append(message).append("\n");
    if (failure.status >= 500) body.append("request ").append(request.id).append("\n");
    return text(std::move(body));
}

Response failed(Handler& handler, const Request& request, const std::exception_ptr& error) {
    const Failure failure = status_of(error);
    log_failure(failure.status, error);
    Response response;
    try {
        response = handler.error_response(request, failure);
    } catch (...) {
        log_failure(500, std::current_exception());
        response = plain_failure(request, failure);
    }
    response.status = failure.status;
    for (const Header& header : failure.headers) response.set(header.first, header.second);
    return response;
}

template <class Work>
Response guarded(Handler& handler, const Request& request, Work work) {
    Response response;
    try {
        response = work();
    } catch (...) {
        response = failed(handler, request, std::current_exception());
    }
    add_standard_headers(response, request);
    return response;
}

// ---- Threads --------------------------------------------------------------------------------------------

constexpr std::chrono::milliseconds kRound{500};  // between two looks for overdue connections
constexpr std::chrono::seconds kCutTime{1};       // for threads to notice that their connection was cut

}  // namespace

struct Server::Impl {
    Impl(Settings given, Factory factory)
        : settings(std::move(given)), make(std::move(factory)), listener(settings.listen, settings.group) {
        watch(listener.fd(), EPOLL_CTL_ADD, EPOLLIN | EPOLLEXCLUSIVE, &listener);
        watch(stopping.get(), EPOLL_CTL_ADD, EPOLLIN, &stopping);
    }

    void watch(int fd, int operation, std::uint32_t events, void* owner) const {
        epoll_event event{};
        event.events = events;
        event.data.ptr = owner;
        if (::epoll_ctl(epoll.get(), operation, fd, &event) != 0) throw Unavailable("cannot watch a socket");
    }

    void work(unsigned index);
    void loop(Handler& handler);
    void finish_waiting(Handler& handler);
    bool dispatch(Handler& handler, const epoll_event& event);
    bool accept_one(Handler& handler);
    void serve(Handler& handler, Connection& connection);
    void serve_request(Handler& handler, Connection& connection);
    Response respond(Handler& handler, Connection& connection, Request& request) const;
    Connection* take(void* waiting);
    void wait_again(Connection& connection);
    void release(Connection& connection);

    void supervise(int signals);
    void begin_stop();
    void end_connections(bool all);

    const Settings settings;
    const Factory make;
    Listener listener;
    Fd epoll{::epoll_create1(EPOLL_CLOEXEC)};
    Fd stopping{::eventfd(0, EFD_CLOEXEC)};             // ends the threads' loops; never read, so all see it
    Fd wake{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};  // something for supervise() to look at
    std::atomic<bool> stop_asked = false;
    std::atomic<bool> own_queue = false;  // after the stop: what waits in the queue is for us alone
    std::atomic<unsigned> running = 0;
    std::mutex mutex;  // guards the two below
    std::unordered_map<Connection*, std::unique_ptr<Connection>> connections;
    std::exception_ptr startup_error;
};

void Server::Impl::work(unsigned index) {
    std::unique_ptr<Handler> handler;
    try {
        handler = make(index);
    } catch (...) {
        const std::lock_guard lock(mutex);
        if (!startup_error) startup_error = std::current_exception();
        stop_asked = true;
    }
    if (handler) loop(*handler);
    handler.reset();
    --running;
    ::eventfd_write(wake.get(), 1);
}

void Server::Impl::loop(Handler& handler) {
    epoll_event event{};
    for (;;) {
        if (::epoll_wait(epoll.get(), &event, 1, -1) != 1) continue;
        if (!dispatch(handler, event)) return finish_waiting(handler);
    }
}

// After the stop: what has arrived is still answered.
void Server::Impl::finish_waiting(Handler& handler) {
    std::array<epoll_event, 64> events{};
    for (bool found = true; found;) {
        found = false;
        const int n = ::epoll_wait(epoll.get(), events.data(), events.size(), 0);
        for (int i = 0; i < n; ++i) {
            const epoll_event& event = events[static_cast<std::size_t>(i)];
            if (event.data.ptr != &listener) found |= dispatch(handler, event);
        }
    }
    if (!own_queue) return;
    while (accept_one(handler)) continue;
}

// False for the stop.
bool Server::Impl::dispatch(Handler& handler, const epoll_event& event) {
    if (event.data.ptr == &stopping) return false;
    if (event.data.ptr == &listener)
        accept_one(handler);
    else if (Connection* connection = take(event.data.ptr))
        serve(handler, *connection);
    return true;
}

bool Server::Impl::accept_one(Handler& handler) {
    Fd socket(::accept4(listener.fd(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!socket) {
        // Out of descriptors: the queue stays readable, so do not spin until one is free.
        if (errno != EAGAIN && errno != EINTR) std::this_thread::sleep_for(std::chrono::milliseconds(10));
        return false;
    }
    auto made = std::make_unique<Connection>(std::move(socket), settings.limits);
    Connection& connection = *made;
    {
        const std::lock_guard lock(mutex);
        connections.emplace(&connection, std::move(made));
    }
    // The front server sends at once; a peer that does not must not hold this thread.
    if (connection.readable())
        serve(handler, connection);
    else
        wait_again(connection);
    return true;
}

void Server::Impl::serve(Handler& handler, Connection& connection) {
    try {
        if (!connection.draining())
            serve_request(handler, connection);
        else if (connection.drain())
            wait_again(connection);
        else
            release(connection);
    } catch (const std::exception& e) {
        log::error("connection failed", {{"error", e.what()}});
        release(connection);
    }
}

void Server::Impl::serve_request(Handler& handler, Connection& connection) {
    if (!connection.receive()) return release(connection);
    Request request;
    const Response response = respond(handler, connection, request);
    connection.send(response, request.method != "HEAD");
    const Connection::Next next = connection.finish();
    if (next == Connection::Next::close || (next == Connection::Next::keep && stop_asked))
        release(connection);
    else
        wait_again(connection);
}

Response Server::Impl::respond(Handler& handler, Connection& connection, Request& request) const {
    std::optional<log::Context> context;
    return guarded(handler, request, [&] {
        read_params(request, connection.params(), settings.limits);
        context.emplace({log::Field("req", request.id)});
        request.body = connection.read_body(content_length(request, settings.limits));
        connection.begin_work();
        read_form(request, settings.limits);
        return handler.handle(request);
    });
}

// The mutex hands a connection from the thread that waits again to the one that is woken.
Connection* Server::Impl::take(void* waiting) {
    const std::lock_guard lock(mutex);
    auto* connection = static_cast<Connection*>(waiting);
    return connections.contains(connection) ? connection : nullptr;
}

void Server::Impl::wait_again(Connection& connection) {
    const std::lock_guard lock(mutex);
    const int operation = std::exchange(connection.watched, true) ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    watch(connection.fd(), operation, EPOLLIN | EPOLLRDHUP | EPOLLONESHOT, &connection);
}

void Server::Impl::release(Connection& connection) {
    const std::lock_guard lock(mutex);
    connections.erase(&connection);
}

// ---- The thread that called run() -----------------------------------------------------------------------

void Server::Impl::begin_stop() {
    log::info("stopping", {{"drain", settings.drain.count()}});
    stop_asked = true;
    own_queue = listener.withdraw();
    ::eventfd_write(stopping.get(), 1);
}

void Server::Impl::end_connections(bool all) {
    const auto now = steady_clock::now();
    const std::lock_guard lock(mutex);
    for (const auto& [connection, owner] : connections) {
        if (all)
            connection->end();
        else
            connection->end_if_overdue(now);
    }
}

void Server::Impl::supervise(int signals) {
    std::optional<steady_clock::time_point> deadline;  // once stopping
    while (running > 0) {
        std::array<pollfd, 2> ready{{{signals, POLLIN, 0}, {wake.get(), POLLIN, 0}}};
        ::poll(ready.data(), ready.size(), static_cast<int>(kRound.count()));
        signalfd_siginfo signal{};
        eventfd_t count = 0;
        ::eventfd_read(wake.get(), &count);
        const bool signalled = ::read(signals, &signal, sizeof signal) > 0;
        const auto now = steady_clock::now();
        if ((signalled || stop_asked) && !deadline) {
            begin_stop();
            deadline = now + settings.drain;
        }
        if (deadline && now > *deadline + kCutTime) {
            log::error("requests still running, leaving them", {{"threads", running.load()}});
            ::_exit(1);
        }
        end_connections(deadline && now > *deadline);
    }
}

Response Handler::error_response(const Request& request, const Failure& failure) {
    return plain_failure(request, failure);
}

Response answer(Handler& handler, const Request& request) {
    return guarded(handler, request, [&] { return handler.handle(request); });
}

void Settings::declare(Options& options) {
    options.add("http.listen", listen, "socket path, host:port or fd:number to wait on");
    options.add("http.group", group, "group that may connect to the socket");
    options.add("http.threads", threads, "requests handled at the same time");
    options.add("http.drain", drain, "seconds that running requests get when stopping");
}

Server::Server(Settings settings, Factory make) {
    if (settings.threads < 1 || settings.threads > 256) throw Invalid("threads", "must be from 1 to 256");
    impl_ = std::make_unique<Impl>(std::move(settings), std::move(make));
}

Server::~Server() = default;

void Server::run() {
    Connection::prepare_library();
    const StopSignals signals;
    std::vector<std::jthread> threads;
    // Also when not all threads could be made: those that were must end before they are joined.
    const Finally end_threads([this] { ::eventfd_write(impl_->stopping.get(), 1); });
    for (unsigned i = 0; i < impl_->settings.threads; ++i) {
        ++impl_->running;
        threads.emplace_back([this, i] { impl_->work(i); });
    }
    log::info("ready", {{"listen", impl_->settings.listen}, {"threads", impl_->settings.threads}});
    impl_->supervise(signals.fd());
    threads.clear();
    impl_->connections.clear();
    if (impl_->startup_error) std::rethrow_exception(impl_->startup_error);
}

void Server::stop() {
    impl_->stop_asked = true;
    ::eventfd_write(impl_->wake.get(), 1);
}

}  // namespace rpm::http
