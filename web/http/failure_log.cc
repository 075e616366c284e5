// SPDX-License-Identifier: MIT
#include "web/http/failure_log.h"

#include <chrono>
#include <cstdint>
#include <mutex>

#include "shared/base/error.h"
#include "shared/base/log.h"

namespace rpm::http {
namespace {

using std::chrono::steady_clock;

// A database that is gone fails every request within a millisecond: one line each would fill the disk.
class UnavailableLog {
  public:
    void write(const char* what) {
        const std::lock_guard lock(mutex_);
        const auto now = steady_clock::now();
        if (now < next_) {
            ++suppressed_;
            return;
        }
        log::warning("unavailable", {{"error", what}, {"suppressed", suppressed_}});
        suppressed_ = 0;
        next_ = now + std::chrono::seconds(10);
    }

  private:
    std::mutex mutex_;
    steady_clock::time_point next_;
    std::uint64_t suppressed_ = 0;
};

}  // namespace

void log_failure(int status, const std::exception_ptr& error) {
    static UnavailableLog unavailable;
    const bool refused = status == 401 || status == 403 || status == 429;
    if (status < 500 && !refused) return;
    try {
        std::rethrow_exception(error);
    } catch (const Unavailable& e) {
        unavailable.write(e.what());
    } catch (const std::exception& e) {
        if (refused) return log::warning("refused", {{"status", status}, {"error", e.what()}});
        log::error("request failed", {{"status", status}, {"error", e.what()}});
    } catch (...) {
        log::error("request failed", {{"status", status}, {"error", "not a std::exception"}});
    }
}

}  // namespace rpm::http
