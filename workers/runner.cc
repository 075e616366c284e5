// SPDX-License-Identifier: MIT
#include "workers/runner.h"

#include <poll.h>
#include <signal.h>

#include <atomic>
#include <iostream>
#include <string>

#include "shared/base/error.h"
#include "shared/base/log.h"

namespace rpm {
namespace {

std::atomic<bool> g_stop = false;
static_assert(std::atomic<bool>::is_always_lock_free);  // set in a signal handler

void request_stop(int) {
    g_stop = true;
}

void set_handler(int signal, void (*handler)(int), int flags) {
    struct sigaction action = {};
    action.sa_handler = handler;
    action.sa_flags = flags;
    sigemptyset(&action.sa_mask);
    sigaction(signal, &action, nullptr);
}

void prepare_signals(Audience audience) {
    set_handler(SIGPIPE, SIG_IGN, 0);
    if (audience == Audience::operator_) return;
    // No SA_RESTART: a wait ends at once. SA_RESETHAND: the second signal finds the default, which kills.
    for (const int signal : {SIGTERM, SIGINT})
        set_handler(signal, request_stop, static_cast<int>(SA_RESETHAND));
}

int fail(const char* program, Audience audience, int status, const std::string& message) {
    if (audience == Audience::log)
        log::error(message, {{"status", status}});
    else
        std::cerr << program << ": error: " << message << std::endl;
    return status;
}

}  // namespace

int run(const char* program, const std::function<int()>& body, Audience audience) {
    log::start(program, audience == Audience::log ? log::Level::info : log::Level::warning);
    prepare_signals(audience);
    try {
        const int status = body();
        std::cout.flush();
        return status;
    } catch (const Invalid& error) {
        return fail(program, audience, 2, error.what());
    } catch (const Unavailable& error) {
        return fail(program, audience, 3, error.what());
    } catch (const std::exception& error) {
        return fail(program, audience, 1, error.what());
    }
}

bool stop_requested() {
    return g_stop;
}

bool pause_for(std::chrono::milliseconds time) {
    using Steady = std::chrono::steady_clock;
    const auto until = Steady::now() + time;
    for (auto left = time; !g_stop && left.count() > 0;
         left = std::chrono::ceil<std::chrono::milliseconds>(until - Steady::now())) {
        // A signal between the look at the flag and the wait would be slept over: so short turns.
        const auto turn = std::min<std::chrono::milliseconds>(left, std::chrono::milliseconds(200));
        ::poll(nullptr, 0, static_cast<int>(turn.count()));
    }
    return !g_stop;
}

}  // namespace rpm
