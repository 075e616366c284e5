// SPDX-License-Identifier: MIT
// Times, durations and counts as people read them. All times are UTC.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "shared/base/clock.h"
#include "shared/base/template_set.h"

namespace rpm::web {

/// "14:20" today, "21 Nov 14:20" this year, "21 Nov 2024" before.
std::string time_words(Time time, Time now);
/// "just now", "4 min ago", "3 h ago", then as time_words().
std::string age_words(Time time, Time now);
/// "410 ms", "9.4 s", "1 min 12 s", "2 h 5 min".
std::string duration_words(std::chrono::milliseconds duration);
/// Between two times, when both are there.
std::string took_words(const std::optional<Time>& start, const std::optional<Time>& end);
/// "1 site", "3 sites", "1,204 sites".
std::string count_words(std::uint64_t count, std::string_view one, std::string_view many);
std::string number_words(std::uint64_t number);  ///< "1,204"

/// Sets `name` to the words and `iso` to the machine's form, both empty without a time.
void set_time(Fields& fields, FieldName name, FieldName iso, const std::optional<Time>& time, Time now);

}  // namespace rpm::web
