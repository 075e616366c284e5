// SPDX-License-Identifier: MIT
#include "web/view/format.h"

#include <array>
#include <cstdio>

namespace rpm::web {
namespace {

using namespace std::chrono;

constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

template <class... Args>
std::string print(const char* format, Args... args) {
    std::array<char, 64> buffer{};
    const int length = std::snprintf(buffer.data(), buffer.size(), format, args...);
    return {buffer.data(), static_cast<std::size_t>(length)};
}

}  // namespace

// Lists show one time per row, and printf is slow.
std::string time_words(Time time, Time now) {
    const auto day = floor<days>(time);
    const auto today = floor<days>(now);
    const hh_mm_ss clock(floor<minutes>(time - day));
    std::string out;
    if (day != today) {
        const year_month_day date(day);
        out.append(std::to_string(unsigned(date.day()))) += ' ';
        out.append(kMonths[unsigned(date.month()) - 1]) += ' ';
        if (date.year() != year_month_day(today).year()) return out + std::to_string(int(date.year()));
    }
    const auto two_digits = [&out](long number) {
        out += static_cast<char>('0' + number / 10);
        out += static_cast<char>('0' + number % 10);
    };
    two_digits(clock.hours().count());
    out += ':';
    two_digits(clock.minutes().count());
    return out;
}

std::string age_words(Time time, Time now) {
    const auto age = duration_cast<minutes>(now - time);
    if (age < minutes(1)) return "just now";
    if (age < hours(1)) return print("%d min ago", static_cast<int>(age.count()));
    if (age < hours(24)) return print("%d h ago", static_cast<int>(duration_cast<hours>(age).count()));
    return time_words(time, now);
}

std::string duration_words(milliseconds duration) {
    const long ms = std::max<long>(0, static_cast<long>(duration.count()));
    if (ms < 1000) return print("%ld ms", ms);
    if (ms < 60'000) return print("%.1f s", static_cast<double>(ms) / 1000);
    const long s = ms / 1000;
    if (s < 3600) return print("%ld min %ld s", s / 60, s % 60);
    return print("%ld h %ld min", s / 3600, s % 3600 / 60);
}

std::string took_words(const std::optional<Time>& start, const std::optional<Time>& end) {
    return start && end ? duration_words(duration_cast<milliseconds>(*end - *start)) : "";
}

std::string number_words(std::uint64_t number) {
    std::string digits = std::to_string(number);
    for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, 1, ',');
    return digits;
}

std::string count_words(std::uint64_t count, std::string_view one, std::string_view many) {
    std::string words = number_words(count) + ' ';
    return words += count == 1 ? one : many;
}

void set_time(Fields& fields, FieldName name, FieldName iso, const std::optional<Time>& time, Time now) {
    fields.set(name, time ? time_words(*time, now) : "");
    fields.set(iso, time ? to_rfc3339(*time) : "");
}

}  // namespace rpm::web
