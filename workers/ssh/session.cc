// SPDX-License-Identifier: MIT
#include "workers/ssh/session.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "shared/base/error.h"

namespace rpm::ssh {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;

// How long the kernel keeps sending to a node that acknowledges nothing. Kernel keep-alive finds peers that
// vanished while nothing is sent; SSH keep-alive messages are not used, because libssh2 mixes them into
// packets that are half on their way.
constexpr unsigned kUserTimeout = 20'000;  // ms
constexpr int kKeepAliveIdle = 15;         // s
constexpr int kKeepAliveInterval = 5;      // s
// One session may move about this many buffers before the others get their turn.
constexpr unsigned kTurns = 64;

std::string seconds_text(milliseconds limit) {
    const auto ms = limit.count();
    return ms % 1000 == 0 ? std::to_string(ms / 1000) + " s" : std::to_string(ms) + " ms";
}

void set_option(int fd, int level, int option, int value) {
    ::setsockopt(fd, level, option, &value, sizeof value);  // an improvement only: a refusal does no harm
}

Kind kind_of_connect_error(int error) {
    return error == ECONNREFUSED ? Kind::refused : Kind::unreachable;
}

std::string explain_connect_error(int error) {
    if (error == ECONNREFUSED) return "the connection was refused: is sshd running, and is the port right?";
    return std::string("cannot be reached: ") + std::strerror(error);
}

}  // namespace

Session::Session(Request request, OnDone on_done, OnLine on_line)
    : request_(std::move(request)),
      on_done_(std::move(on_done)),
      on_line_(std::move(on_line)),
      out_(request_.limits.out),
      err_(request_.limits.err) {}

// ---- The order of steps -------------------------------------------------------------------------

void Session::begin(std::unique_ptr<Transport> kept) {
    if (request_.limits.total.count() > 0) total_deadline_ = Clock::now() + request_.limits.total;
    if (!kept) return connect_anew();
    transport_ = std::move(kept);
    ++sockets_opened_;
    outcome_.reused = true;
    outcome_.offered = request_.target.pinned;
    enter(Step::start);
}

void Session::connect_anew() {
    outcome_.reused = false;
    transport_.reset();
    const auto literal = parse_address(request_.target.host, request_.target.port);
    if (!literal) return enter(Step::lookup);
    addresses_ = {*literal};
    enter(Step::connect);
}

void Session::looked_up(Resolver::Answer answer) {
    if (ended_ || step_ != Step::lookup) return;
    if (answer.addresses.empty()) {
        fail(Kind::unresolved, "the host name has no address: " + answer.error);
        return;
    }
    addresses_ = std::move(answer.addresses);
    enter(Step::connect);
}

Session::State Session::advance() {
    more_ = false;
    while (!ended_) {
        const Progress progress = run_step();
        if (progress == Progress::again) return more_ ? State::busy : State::waiting;
        if (progress == Progress::failed) continue;  // ended, or begun anew
        if (step_ == Step::close)
            end(Kind::ok, "");
        else
            enter(static_cast<Step>(static_cast<int>(step_) + 1));
    }
    return State::ended;
}

Progress Session::run_step() {
    switch (step_) {
        case Step::queue:
        case Step::lookup:
            return Progress::again;
        case Step::connect:
            return connect();
        case Step::handshake:
            return handshake();
        case Step::authenticate: {
            const Progress progress = transport_->authenticate(request_.target.user, request_.target.key);
            return progress == Progress::failed ? transport_failed() : progress;
        }
        case Step::start:
            return start();
        case Step::transfer:
            return transfer();
        case Step::close:
            return close();
    }
    return Progress::again;
}

void Session::enter(Step step) {
    const auto now = Clock::now();
    leave_step(now);
    step_ = outcome_.step = step;
    moved_ = now;
    const auto limit = limit_of(step);
    step_deadline_.reset();
    if (limit.count() > 0) step_deadline_ = now + limit;
}

void Session::leave_step(Clock::time_point now) {
    outcome_.spent[static_cast<std::size_t>(step_)] += duration_cast<microseconds>(now - entered_);
    entered_ = now;
}

Session::Clock::duration Session::limit_of(Step step) const {
    const Limits& limits = request_.limits;
    switch (step) {
        case Step::lookup:
            return limits.lookup;
        // Each address gets its share, so that one that swallows everything does not use up the time of all.
        case Step::connect:
            return limits.connect / static_cast<int>(std::max<std::size_t>(1, addresses_.size()));
        case Step::handshake:
            return limits.handshake;
        case Step::authenticate:
            return limits.authenticate;
        case Step::start:
        case Step::close:
            return limits.start;
        case Step::queue:
        case Step::transfer:
            break;
    }
    return {};
}

// ---- Deadlines and endings ----------------------------------------------------------------------

std::optional<Session::Clock::time_point> Session::deadline() const {
    std::optional<Clock::time_point> soonest = total_deadline_;
    const auto consider = [&](Clock::time_point moment) {
        soonest = soonest ? std::min(*soonest, moment) : moment;
    };
    if (step_deadline_) consider(*step_deadline_);
    if (step_ == Step::transfer && request_.limits.silence.count() > 0)
        consider(moved_ + request_.limits.silence);
    return soonest;
}

Session::State Session::expire() {
    const auto due = deadline();
    if (ended_ || !due || *due > Clock::now()) return ended_ ? State::ended : State::waiting;
    const bool whole = total_deadline_ && *total_deadline_ <= Clock::now();
    if (step_ == Step::close)
        end(Kind::ok, "");  // the node had closed the channel: the run is complete
    else if (step_ == Step::connect && !whole && next_address_ + 1 < addresses_.size())
        next_address(ETIMEDOUT);
    else
        fail(Kind::timeout, timeout_message());
    return ended_ ? State::ended : State::busy;
}

void Session::cancel() {
    if (!ended_) fail(Kind::cancelled, "cancelled" + aftermath());
}

std::string Session::timeout_message() const {
    const Limits& limits = request_.limits;
    if (total_deadline_ && *total_deadline_ <= Clock::now())
        return "not finished within the total of " + seconds_text(limits.total) + aftermath();
    switch (step_) {
        case Step::lookup:
            return "the host name was not resolved within " + seconds_text(limits.lookup);
        case Step::connect:
            return "no answer to the connection within " + seconds_text(limits.connect) +
                   ": is the node up, and does a firewall drop the port?";
        case Step::handshake:
            return "connected, but no SSH handshake within " + seconds_text(limits.handshake) +
                   ": the node is overloaded, or something else listens there";
        case Step::authenticate:
            return "the login was not answered within " + seconds_text(limits.authenticate) +
                   ": sshd may be waiting for DNS or PAM";
        case Step::start:
            return "the command was not started within " + seconds_text(limits.start) + aftermath();
        default:
            return "nothing moved for " + seconds_text(limits.silence) + aftermath();
    }
}

// What is certain about the command when the connection is gone before its end.
std::string Session::aftermath() const {
    if (!outcome_.started) return "; the command was not started";
    std::uint64_t size = 0;
    for (const Chunk& chunk : request_.input) size += chunk->size();
    std::string text = "; whether the command went on is unknown, read its state on the node";
    if (!eof_sent_ && size > 0)
        text = "; its input was not sent whole (" + std::to_string(outcome_.input_bytes) + " of " +
               std::to_string(size) + " bytes)" + text;
    return text;
}

Progress Session::fail(Kind kind, const std::string& detail) {
    end(kind, node() + ": " + detail);
    return Progress::failed;
}

Progress Session::transport_failed() {
    const Failure failure = transport_->failure();
    // A kept connection may have died unseen. Nothing was asked for yet, so a new one is not a second try.
    if (outcome_.reused && !outcome_.started) {
        connect_anew();
        return Progress::failed;
    }
    if (failure.kind == Kind::denied) outcome_.started = false;
    return fail(failure.kind, failure.kind == Kind::lost ? failure.detail + aftermath() : failure.detail);
}

void Session::end(Kind kind, std::string message) {
    leave_step(Clock::now());
    ended_ = true;
    outcome_.kind = kind;
    outcome_.message = std::move(message);
    outcome_.out = out_.text();
    outcome_.err = err_.text();
    outcome_.out_bytes = out_.total();
    outcome_.err_bytes = err_.total();
    connecting_.reset();
    if (kind != Kind::ok) transport_.reset();
}

Outcome Session::take_outcome() {
    return std::move(outcome_);
}

std::unique_ptr<Transport> Session::take_connection() {
    return channel_open_ ? nullptr : std::move(transport_);
}

std::string Session::node() const {
    const std::string& host = request_.target.host;
    const bool bare_ipv6 = host.find(':') != std::string::npos && host.front() != '[';
    return (bare_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(request_.target.port);
}

// ---- Connecting ---------------------------------------------------------------------------------

int Session::socket() const {
    return transport_ ? transport_->socket() : connecting_.get();
}

Wants Session::wants() const {
    if (!transport_) return {.read = false, .write = true};
    const Wants wants = transport_->wants();
    // Between two packets of a running command the node may speak at any time.
    if (transport_->mid_packet()) return wants;
    return {.read = true, .write = wants.write};
}

Progress Session::connect() {
    if (!connecting_) return open_socket(addresses_[next_address_]);
    // Asking again is how connect(2) tells the end of an attempt that was under way.
    const Address& address = addresses_[next_address_];
    if (::connect(connecting_.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.length) !=
            0 &&
        errno != EISCONN) {
        if (errno == EALREADY || errno == EINPROGRESS || errno == EINTR) return Progress::again;
        return next_address(errno);
    }
    transport_ = make_libssh2_transport(std::move(connecting_));
    return Progress::done;
}

Progress Session::open_socket(const Address& address) {
    connecting_ = Fd(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!connecting_) return next_address(errno);
    ++sockets_opened_;
    const int fd = connecting_.get();
    set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(kUserTimeout));
    set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, kKeepAliveIdle);
    set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, kKeepAliveInterval);
    const int code = ::connect(fd, reinterpret_cast<const sockaddr*>(&address.storage), address.length);
    if (code == 0 || errno == EINPROGRESS) return Progress::again;
    return next_address(errno);
}

Progress Session::next_address(int error) {
    connecting_.reset();
    if (++next_address_ >= addresses_.size()) {
        next_address_ = 0;
        return fail(kind_of_connect_error(error), explain_connect_error(error));
    }
    enter(Step::connect);
    more_ = true;
    return Progress::again;
}

Progress Session::handshake() {
    const auto& pinned = request_.target.pinned;
    const Progress progress = transport_->handshake(pinned ? std::string_view(pinned->type) : "");
    if (progress == Progress::failed) return transport_failed();
    return progress == Progress::done ? check_host_key() : progress;
}

Progress Session::check_host_key() {
    try {
        outcome_.offered = transport_->host_key();
    } catch (const Invalid& error) {  // a node's doing, so it is an outcome
        return fail(Kind::protocol, error.what());
    }
    const auto& pinned = request_.target.pinned;
    if (!pinned)
        return fail(Kind::host_key_unknown,
                    "no host key is pinned for this node; it offers " + outcome_.offered->type + " " +
                        outcome_.offered->fingerprint() + ": compare it on the node and pin it");
    if (*outcome_.offered == *pinned) return Progress::done;
    return fail(
        Kind::host_key_changed,
        "the host key is not the pinned one: pinned " + pinned->fingerprint() + ", offered " +
            outcome_.offered->fingerprint() +
            "; somebody may be in between. If the node was given a new key, compare it there and pin it");
}

// ---- The command --------------------------------------------------------------------------------

Progress Session::start() {
    if (!channel_open_) {
        const Progress opened = transport_->open_channel();
        if (opened == Progress::failed) return transport_failed();
        if (opened == Progress::again) return opened;
        channel_open_ = true;
    }
    outcome_.started = true;
    const Progress progress = transport_->execute(request_.command);
    return progress == Progress::failed ? transport_failed() : progress;
}

// Both directions and the end, in turns, until a whole round of them gets no further. A call that left a
// packet half sent keeps its turn. The end comes last in a round, because the other calls may take it in
// unseen.
Progress Session::transfer() {
    bool moved_in_round = call_ != Call::write;  // half a round proves nothing
    for (unsigned turn = 0; turn < kTurns; ++turn) {
        moved_now_ = false;
        Progress progress = Progress::again;
        switch (call_) {
            case Call::write:
                progress = write_some();
                break;
            case Call::out:
                progress = read_some(Transport::Stream::out);
                break;
            case Call::err:
                progress = read_some(Transport::Stream::err);
                break;
            case Call::closed:
                progress = transport_->wait_closed();
                break;
        }
        if (moved_now_) moved_ = Clock::now();
        if (progress == Progress::failed) return transport_failed();
        if (progress == Progress::done && call_ == Call::closed) return Progress::done;
        if (transport_->mid_packet()) return Progress::again;
        moved_in_round = moved_in_round || moved_now_;
        if (call_ == Call::closed && !std::exchange(moved_in_round, false) && stalled()) {
            call_ = Call::write;
            return Progress::again;
        }
        call_ = static_cast<Call>((static_cast<unsigned>(call_) + 1) % kCalls);
    }
    more_ = true;
    return Progress::again;
}

// Each call may take in what another one waits for, and then the socket stays silent about it.
bool Session::stalled() const {
    return !transport_->output_waits() && !(starved_ && transport_->input_fits());
}

Progress Session::read_some(Transport::Stream stream) {
    std::array<char, 16 * 1024> buffer;
    std::size_t got = 0;
    const Progress progress = transport_->read(stream, buffer.data(), buffer.size(), got);
    if (got == 0) return progress;
    moved_now_ = true;
    const std::string_view bytes(buffer.data(), got);
    if (stream == Transport::Stream::err) {
        err_.add(bytes);
    } else {
        out_.add(bytes);
        if (on_line_) lines_.add(bytes, on_line_);
    }
    return progress;
}

Progress Session::write_some() {
    while (chunk_ < request_.input.size() && offset_ == request_.input[chunk_]->size()) {
        ++chunk_;
        offset_ = 0;
    }
    if (chunk_ == request_.input.size()) {
        starved_ = false;
        if (eof_sent_) return Progress::again;
        const Progress progress = transport_->send_eof();
        eof_sent_ = moved_now_ = progress == Progress::done;
        return progress;
    }
    starved_ = !transport_->mid_packet() && !transport_->input_fits();
    if (starved_) return Progress::again;
    std::size_t taken = 0;
    const Progress progress =
        transport_->write(std::string_view(*request_.input[chunk_]).substr(offset_), taken);
    offset_ += taken;
    outcome_.input_bytes += taken;
    moved_now_ = taken > 0;
    return progress;
}

Progress Session::close() {
    if (on_line_ && !lines_.rest().empty()) {
        const std::string last = std::exchange(lines_, LineCutter()).rest();
        on_line_(last);
    }
    if (outcome_.exit_signal.empty() && outcome_.exit_status == 0) {
        Exit exit = transport_->exit();
        outcome_.exit_status = exit.status;
        outcome_.exit_signal = std::move(exit.signal);
    }
    const Progress progress = transport_->close_channel();
    if (progress == Progress::failed) {
        transport_
            .reset();  // the node had closed the channel: the run is complete, only the connection is not
        return Progress::done;
    }
    channel_open_ = progress != Progress::done;
    return progress;
}

}  // namespace rpm::ssh
