// SPDX-License-Identifier: MIT
// SIGTERM and SIGINT as something to poll. Used inside web/http.
#pragma once

#include <pthread.h>
#include <sys/signalfd.h>

#include <csignal>

#include "shared/base/handle.h"

namespace rpm::http {

/// While this lives, the two signals reach nobody but the descriptor: they are blocked in this thread and in
/// those it starts.
class StopSignals {
  public:
    StopSignals() {
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, SIGTERM);
        sigaddset(&set, SIGINT);
        pthread_sigmask(SIG_BLOCK, &set, &before_);
        fd_ = Fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    }
    ~StopSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    StopSignals(StopSignals&&) = delete;
    int fd() const { return fd_.get(); }

  private:
    sigset_t before_{};
    Fd fd_;
};

}  // namespace rpm::http
