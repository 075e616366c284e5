// SPDX-License-Identifier: MIT
#include "workers/ssh/executor.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "shared/base/error.h"
#include "shared/base/handle.h"
#include "workers/ssh/session.h"

namespace rpm::ssh {
namespace {

using Clock = Session::Clock;
using std::chrono::milliseconds;

// What an epoll event belongs to: the resolver, a kept connection, or (all other values) a ticket.
constexpr std::uint64_t kResolverTag = 0;
constexpr std::uint64_t kKeptBit = std::uint64_t{1} << 63;

std::string identity(const Target& target) {
    std::string out;
    for (const std::string& part :
         {target.host, std::to_string(target.port), target.user, target.key.public_blob(),
          target.pinned ? target.pinned->blob : std::string()})
        out += std::to_string(part.size()) + ':' + part;
    return out;
}

}  // namespace

struct Executor::Impl {
    struct Slot {
        std::unique_ptr<Session> session;
        unsigned sockets = 0;  // which of the session's sockets is watched
        std::uint32_t events = 0;
        std::optional<Clock::time_point> armed;
    };
    struct Kept {
        std::uint64_t tag = 0;
        std::string identity;
        std::unique_ptr<Transport> connection;
        Clock::time_point since;
    };

    Settings settings;
    Fd epoll{epoll_create1(EPOLL_CLOEXEC)};
    Resolver resolver;
    Ticket last_ticket = 0;
    std::uint64_t last_kept = 0;
    std::deque<std::pair<Ticket, std::unique_ptr<Session>>> queue;
    std::map<Ticket, Slot> active;
    std::deque<Ticket> ready;  // to be advanced without waiting
    std::set<Ticket> cancelled;
    std::set<std::pair<Clock::time_point, Ticket>> timers;
    std::list<Kept> kept;  // most recently used first
    unsigned finished = 0;

    explicit Impl(const Settings& chosen) : settings(chosen) {
        if (!epoll) throw Error("cannot make an epoll instance");
        watch(resolver.fd(), EPOLLIN, kResolverTag);
    }

    // Adds a socket or changes what is waited for; a socket that was closed has left the epoll set by itself.
    void watch(int fd, std::uint32_t events, std::uint64_t tag) {
        epoll_event event{};
        event.events = events;
        event.data.u64 = tag;
        if (epoll_ctl(epoll.get(), EPOLL_CTL_MOD, fd, &event) == 0) return;
        if (errno != ENOENT || epoll_ctl(epoll.get(), EPOLL_CTL_ADD, fd, &event) != 0)
            throw Error("cannot watch a socket: error " + std::to_string(errno));
    }

    void start_queued() {
        while (!queue.empty() && active.size() < std::max(1U, settings.concurrency)) {
            auto [ticket, session] = std::move(queue.front());
            queue.pop_front();
            Slot& slot = active[ticket];
            slot.session = std::move(session);
            slot.session->begin(take_kept(slot.session->request()));
            const Target& target = slot.session->request().target;
            if (slot.session->needs_lookup()) resolver.start(ticket, target.host, target.port);
            ready.push_back(ticket);
        }
    }

    void apply_cancellations() {
        for (const Ticket ticket : std::exchange(cancelled, {})) {
            const auto queued =
                std::ranges::find(queue, ticket, [](const auto& entry) { return entry.first; });
            if (queued != queue.end()) {
                active[ticket].session = std::move(queued->second);
                queue.erase(queued);
            }
            const auto found = active.find(ticket);
            if (found == active.end()) continue;
            found->second.session->cancel();
            ready.push_back(ticket);
        }
    }

    void advance_ready() {
        for (std::size_t left = ready.size(); left > 0; --left) {
            const Ticket ticket = ready.front();
            ready.pop_front();
            advance(ticket);
        }
    }

    void advance(Ticket ticket) {
        const auto found = active.find(ticket);
        if (found == active.end()) return;
        Session& session = *found->second.session;
        bool returned = false;
        const Finally guard([&] {  // a line callback threw
            if (returned) return;
            session.cancel();
            ready.push_back(ticket);
        });
        const Session::State state = session.advance();
        returned = true;
        settle(found, state);
    }

    void settle(std::map<Ticket, Slot>::iterator at, Session::State state) {
        if (state == Session::State::ended) return finish(at);
        if (state == Session::State::busy) ready.push_back(at->first);
        watch_session(at->first, at->second);
        arm(at->first, at->second);
    }

    void watch_session(Ticket ticket, Slot& slot) {
        const int fd = slot.session->socket();
        if (fd < 0) return;
        const Wants wants = slot.session->wants();
        const std::uint32_t events =
            (wants.read ? std::uint32_t{EPOLLIN} : 0U) | (wants.write ? std::uint32_t{EPOLLOUT} : 0U);
        const bool new_socket = slot.sockets != slot.session->sockets_opened();
        if (!new_socket && events == slot.events) return;
        watch(fd, events, ticket);
        slot.sockets = slot.session->sockets_opened();
        slot.events = events;
    }

    // Only moved forward in time: an alarm that comes too early is found to be so, and set again.
    void arm(Ticket ticket, Slot& slot) {
        const auto deadline = slot.session->deadline();
        if (!deadline || (slot.armed && *slot.armed <= *deadline)) return;
        disarm(ticket, slot);
        slot.armed = deadline;
        timers.emplace(*deadline, ticket);
    }

    void disarm(Ticket ticket, Slot& slot) {
        if (slot.armed) timers.erase({*slot.armed, ticket});
        slot.armed.reset();
    }

    void expire_due() {
        while (!timers.empty() && timers.begin()->first <= Clock::now()) {
            const auto found = active.find(timers.begin()->second);
            disarm(found->first, found->second);
            settle(found, found->second.session->expire());
        }
    }

    void finish(std::map<Ticket, Slot>::iterator at) {
        disarm(at->first, at->second);
        const std::unique_ptr<Session> session = std::move(at->second.session);
        active.erase(at);  // first, so that the callback finds the executor in order
        ++finished;
        auto connection = session->take_connection();
        if (connection && session->request().keep) keep(session->request().target, std::move(connection));
        connection.reset();  // before the callback, which may take its time
        if (session->on_done()) session->on_done()(session->take_outcome());
    }

    // ---- Kept connections -----------------------------------------------------------------------

    void keep(const Target& target, std::unique_ptr<Transport> connection) {
        const std::uint64_t tag = kKeptBit | ++last_kept;
        watch(connection->socket(), EPOLLIN | EPOLLRDHUP, tag);
        kept.push_front({tag, identity(target), std::move(connection), Clock::now()});
        while (kept.size() > settings.keep) kept.pop_back();
    }

    std::unique_ptr<Transport> take_kept(const Request& request) {
        drop_old();
        if (kept.empty()) return nullptr;
        const std::string wanted = identity(request.target);
        const auto found = std::ranges::find(kept, wanted, &Kept::identity);
        if (found == kept.end()) return nullptr;
        auto connection = std::move(found->connection);
        kept.erase(found);
        return connection;
    }

    void drop_old() {
        const auto oldest = Clock::now() - settings.keep_for;
        while (!kept.empty() && kept.back().since < oldest) kept.pop_back();
    }

    // ---- The loop -------------------------------------------------------------------------------

    int wait_time(milliseconds longest) const {
        if (finished > 0 || !ready.empty()) return 0;
        if (!timers.empty()) {
            const auto left = std::chrono::ceil<milliseconds>(timers.begin()->first - Clock::now());
            longest = std::min(longest, left);
        }
        return static_cast<int>(std::clamp<milliseconds::rep>(longest.count(), 0, 3'600'000));
    }

    void wait(milliseconds longest) {
        std::array<epoll_event, 128> events;
        const int count =
            epoll_wait(epoll.get(), events.data(), static_cast<int>(events.size()), wait_time(longest));
        for (int i = 0; i < count; ++i) {
            const std::uint64_t tag = events[static_cast<std::size_t>(i)].data.u64;
            if (tag == kResolverTag)
                take_answers();
            else if ((tag & kKeptBit) != 0)
                kept.remove_if([&](const Kept& connection) { return connection.tag == tag; });
            else
                ready.push_back(tag);
        }
    }

    void take_answers() {
        for (Resolver::Answer& answer : resolver.take()) {
            const auto found = active.find(answer.tag);
            if (found == active.end()) continue;  // its deadline came first
            const Ticket ticket = answer.tag;
            found->second.session->looked_up(std::move(answer));
            ready.push_back(ticket);
        }
    }

    bool poll(milliseconds longest) {
        finished = 0;
        apply_cancellations();
        start_queued();
        advance_ready();
        if (!active.empty()) {
            wait(longest);
            advance_ready();
            expire_due();
        }
        start_queued();
        drop_old();
        return !active.empty() || !queue.empty();
    }
};

Executor::Executor() : Executor(Settings()) {}
Executor::Executor(const Settings& settings) : impl_(std::make_unique<Impl>(settings)) {}
Executor::~Executor() = default;

Executor::Ticket Executor::submit(Request request, OnDone on_done, OnLine on_line) {
    if (request.target.host.empty()) throw Invalid("host", "is empty");
    if (request.target.user.empty()) throw Invalid("user", "is empty");
    if (request.target.port == 0) throw Invalid("port", "is zero");
    if (request.command.empty()) throw Invalid("command", "is empty");
    if (request.command.size() > kLongestCommand)
        throw Invalid("command",
                      "is too long: " + std::to_string(request.command.size()) + " bytes; send it as input");
    if (std::ranges::any_of(request.input, [](const Chunk& chunk) { return chunk == nullptr; }))
        throw Invalid("input", "has an empty pointer");
    const Ticket ticket = ++impl_->last_ticket;
    impl_->queue.emplace_back(
        ticket, std::make_unique<Session>(std::move(request), std::move(on_done), std::move(on_line)));
    return ticket;
}

void Executor::cancel(Ticket ticket) {
    impl_->cancelled.insert(ticket);
}

bool Executor::poll(milliseconds longest_wait) {
    return impl_->poll(longest_wait);
}

void Executor::run_until_idle() {
    while (poll(std::chrono::seconds(1))) {
    }
}

std::size_t Executor::waiting() const {
    return impl_->queue.size();
}
std::size_t Executor::running() const {
    return impl_->active.size();
}
std::size_t Executor::kept() const {
    return impl_->kept.size();
}
void Executor::drop_kept() {
    impl_->kept.clear();
}

}  // namespace rpm::ssh
