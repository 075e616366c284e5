// SPDX-License-Identifier: MIT
#include "workers/ssh/session.h"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace rpm::ssh {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;

std::string seconds_text(milliseconds limit) {
    const auto ms = limit.count();
    return ms % 1000 == 0 ? std::to_string(ms / 1000) + " s" : std::to_string(ms) + " ms";
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

Limits::Duration Session::silence_limit() const {
    const Limits& limits = request_.limits;
    return eof_sent_ && limits.work.count() > 0 ? limits.work : limits.silence;
}

std::optional<Session::Clock::time_point> Session::deadline() const {
    std::optional<Clock::time_point> soonest = total_deadline_;
    const auto consider = [&](Clock::time_point moment) {
        soonest = soonest ? std::min(*soonest, moment) : moment;
    };
    if (step_deadline_) consider(*step_deadline_);
    if (step_ == Step::transfer && silence_limit().count() > 0) consider(moved_ + silence_limit());
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
            return "nothing moved for " + seconds_text(silence_limit()) + aftermath();
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

}  // namespace rpm::ssh
