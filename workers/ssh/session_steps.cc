// SPDX-License-Identifier: MIT
// What a session does in each of its steps; session.cc holds their order, their deadlines and their ends.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "shared/base/error.h"
#include "workers/ssh/session.h"

namespace rpm::ssh {
namespace {

// How long the kernel keeps sending to a node that acknowledges nothing. Kernel keep-alive finds peers that
// vanished while nothing is sent; SSH keep-alive messages are not used, because libssh2 mixes them into
// packets that are half on their way.
constexpr unsigned kUserTimeout = 20'000;  // ms
constexpr int kKeepAliveIdle = 15;         // s
constexpr int kKeepAliveInterval = 5;      // s
// One session may move about this many buffers before the others get their turn.
constexpr unsigned kTurns = 64;

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
