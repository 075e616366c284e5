// SPDX-License-Identifier: MIT
// Time as the whole program means it: UTC, microseconds (what DATETIME(6) holds).
//
// Code that decides by time takes a Clock, so that tests can move it; code that measures durations uses
// std::chrono::steady_clock directly.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace rpm {

using Time = std::chrono::sys_time<std::chrono::microseconds>;

class Clock {
  public:
    virtual ~Clock() = default;
    virtual Time now() const = 0;
};

/// The machine's clock.
class SystemClock final : public Clock {
  public:
    Time now() const override;
};

/// A clock that only moves when told to; for tests.
class ManualClock final : public Clock {
  public:
    explicit ManualClock(Time start) : now_(start) {}
    Time now() const override { return now_; }
    void advance(std::chrono::microseconds by) { now_ += by; }

  private:
    Time now_;
};

/// "2026-11-22 20:34:00.000000", the form that MySQL takes and gives for DATETIME(6).
std::string to_sql(Time time);
/// Reads what to_sql writes; fractions may be absent. Throws Error on anything else.
Time from_sql(std::string_view text);
/// RFC 3339 in UTC: "2026-11-22T20:34:00Z".
std::string to_rfc3339(Time time);
/// What people and programs write, in UTC: "2026-11-22", "2026-11-22T20:34", "2026-11-22 20:34:00",
/// "2026-11-22T20:34:00Z". Nothing for anything else, for other time zones and for days that do not exist.
std::optional<Time> parse_time(std::string_view text);
/// RFC 9110 section 5.6.7 (IMF-fixdate): "Sun, 22 Nov 2026 20:34:00 GMT".
std::string to_http_date(Time time);

}  // namespace rpm
