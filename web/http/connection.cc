// SPDX-License-Identifier: MIT
// The only home of libfcgi, which is used as a parser of the protocol and nothing else: accepting, waiting,
// time limits, answers and closing are ours.
#include "web/http/connection.h"

#include <fcgiapp.h>
#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

#include "web/http/error.h"

namespace rpm::http {
namespace {

// What a peer may still send after its answer, before the connection is cut.
constexpr std::size_t kMaxDrained = std::size_t{64} << 20U;
constexpr std::chrono::seconds kDrainTime{2};

void limit_waits(int fd, std::chrono::seconds time) {
    const timeval limit{static_cast<time_t>(time.count()), 0};
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

std::string head_of(const Response& response, bool with_length) {
    std::string head = "Status: " + std::to_string(response.status) + ' ';
    head += reason_phrase(response.status);
    for (const auto& [name, value] : response.headers()) {
        head += "\r\n";
        head += name;
        head += ": ";
        head += value;
    }
    if (with_length) head += "\r\nContent-Length: " + std::to_string(response.body.size());
    head += "\r\n\r\n";
    return head;
}

// The records of an answer (FastCGI 1.0 sections 3.3 and 8).
enum class Record : unsigned char { end_request = 3, stdout_ = 6 };
constexpr std::size_t kMaxContent = 65535;

void add_record(std::string& wire, Record type, int id, std::string_view content) {
    const auto byte = [&wire](std::size_t value) { wire += static_cast<char>(value & 0xffU); };
    const auto two_bytes = [&byte](std::size_t value) { byte(value >> 8U), byte(value); };
    byte(1);  // the protocol's version
    byte(static_cast<std::size_t>(type));
    two_bytes(static_cast<std::size_t>(id));
    two_bytes(content.size());
    two_bytes(0);  // no padding, and a reserved byte
    wire += content;
}

void add_stream(std::string& wire, int id, std::string_view content) {
    for (; !content.empty(); content.remove_prefix(std::min(content.size(), kMaxContent)))
        add_record(wire, Record::stdout_, id, content.substr(0, kMaxContent));
}

bool send_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t n = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

}  // namespace

// libfcgi closes its descriptor by itself on errors. It gets one of its own, so that ours names this
// connection and no other for as long as the object lives.
struct Connection::Protocol {
    explicit Protocol(int fd) {
        FCGX_InitRequest(&request, -1, 0);
        request.ipcFd = ::fcntl(fd, F_DUPFD_CLOEXEC, 3);
        // Without this, closing waits up to two seconds for the peer, in select(2), which fails beyond 1024
        // descriptors.
        FCGX_Detach(&request);
    }
    ~Protocol() { FCGX_Free(&request, 1); }
    Protocol(Protocol&&) = delete;
    FCGX_Request request{};
};

void Connection::prepare_library() {
    static const bool once = [] {
        // FCGX_Init takes the signals that are at their default.
        const auto term = std::signal(SIGTERM, SIG_IGN), usr1 = std::signal(SIGUSR1, SIG_IGN);
        const int error = FCGX_Init();
        std::signal(SIGTERM, term);
        std::signal(SIGUSR1, usr1);
        std::signal(SIGPIPE, SIG_IGN);
        return error == 0;
    }();
    if (!once) throw Error("libfcgi cannot be initialised");
}

Connection::Connection(Fd socket, const Limits& limits)
    : socket_(std::move(socket)), limits_(limits), protocol_(std::make_unique<Protocol>(socket_.get())) {
    enter(Phase::idle);
    limit_waits(socket_.get(), limits.read_time);
}

Connection::~Connection() = default;

void Connection::enter(Phase phase) {
    since_ = std::chrono::steady_clock::now();
    phase_ = phase;
}

bool Connection::readable() const {
    char byte = 0;
    return ::recv(socket_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0;
}

bool Connection::receive() {
    enter(Phase::reading);
    body_read_ = false;
    answered_ = false;
    FCGX_Request& request = protocol_->request;
    if (request.ipcFd < 0) return false;
    request.keepConnection = 1;  // else FCGX_Accept_r begins by closing the descriptor
    // It has no socket to accept from, so it returns when this connection gives no request.
    if (FCGX_Accept_r(&request) < 0) return false;
    peer_keeps_ = request.keepConnection != 0;
    request.keepConnection = 1;
    params_.clear();
    for (char** param = request.envp; *param; ++param) params_.emplace_back(*param);
    return true;
}

std::string Connection::read_body(std::size_t length) {
    std::string body(length, '\0');
    FCGX_Stream* in = protocol_->request.in;
    const int got = FCGX_GetStr(body.data(), static_cast<int>(length), in);
    // The end of the stream is read too: closing a socket with unread data cuts off the answer.
    if (static_cast<std::size_t>(got) != length || FCGX_GetChar(in) != EOF || FCGX_GetError(in) != 0)
        throw HttpError(400, "the body is not as long as announced");
    body_read_ = true;
    return body;
}

void Connection::send(const Response& response, bool with_body) {
    enter(Phase::writing);
    // RFC 9110 section 8.6: no length where there can be no content.
    const bool may_have_content = response.status != 204 && response.status != 304;
    const int id = protocol_->request.requestId;
    if (response.stream && with_body && may_have_content) return send_stream(response, id);
    // One write: libfcgi's own stream writes every 8 KiB, and each time wakes the front server to read them.
    std::string wire;
    wire.reserve(response.body.size() + 4096);
    add_stream(wire, id, head_of(response, may_have_content && !response.stream));
    if (with_body && may_have_content) add_stream(wire, id, response.body);
    add_record(wire, Record::stdout_, id, {});
    add_record(wire, Record::end_request, id, std::string_view("\0\0\0\0\0\0\0\0", 8));
    answered_ = send_all(socket_.get(), wire);
}

void Connection::send_stream(const Response& response, int id) {
    const auto hand_over = [&](const std::string& wire) {
        enter(Phase::writing);  // each part has the time that others have for the whole
        if (!send_all(socket_.get(), wire)) throw Error("the front server stopped reading a long answer");
        enter(Phase::working);
    };
    std::string wire;
    add_stream(wire, id, head_of(response, false));
    hand_over(wire);
    response.stream([&](std::string_view part) {
        wire.clear();
        add_stream(wire, id, part);
        hand_over(wire);
    });
    wire.clear();
    add_record(wire, Record::stdout_, id, {});
    add_record(wire, Record::end_request, id, std::string_view("\0\0\0\0\0\0\0\0", 8));
    hand_over(wire);
    answered_ = true;
}

Connection::Next Connection::finish() {
    params_.clear();
    FCGX_Free(&protocol_->request, 0);  // FCGX_Finish_r would end the request a second time
    if (!answered_) return Next::close;
    if (body_read_ && peer_keeps_) {
        enter(Phase::idle);
        return Next::keep;
    }
    if (body_read_) return Next::close;
    ::shutdown(socket_.get(), SHUT_WR);
    enter(Phase::draining);
    return Next::drain;
}

bool Connection::drain() {
    std::array<char, 65536> trash;
    for (;;) {
        const ssize_t n = ::recv(socket_.get(), trash.data(), trash.size(), MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) return true;
        if (n <= 0) return false;
        drained_ += static_cast<std::size_t>(n);
        if (drained_ > kMaxDrained) return false;
    }
}

std::chrono::seconds Connection::allowed(Phase phase) const {
    switch (phase) {
        case Phase::idle:
            return limits_.idle_time;
        case Phase::reading:
            return limits_.read_time;
        case Phase::writing:
            return limits_.write_time;
        case Phase::draining:
            return kDrainTime;
        case Phase::working:
            break;
    }
    return {};
}

void Connection::end_if_overdue(std::chrono::steady_clock::time_point now) {
    // A phase that changes between the two reads costs one more round at worst: `since` is set first.
    const Phase phase = phase_;
    if (phase != Phase::working && now - since_.load() > allowed(phase)) end();
}

void Connection::end() {
    ::shutdown(socket_.get(), SHUT_RDWR);
}

}  // namespace rpm::http
