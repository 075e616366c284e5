// SPDX-License-Identifier: MIT
#include "shared/base/clock.h"

#include <array>
#include <charconv>
#include <cstdio>

#include "shared/base/error.h"

namespace rpm {
namespace {

struct Parts {
    std::chrono::year_month_day date;
    std::chrono::hh_mm_ss<std::chrono::microseconds> time;
    std::chrono::weekday weekday;
};

Parts parts_of(Time time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    return {std::chrono::year_month_day{day}, std::chrono::hh_mm_ss{time - day}, std::chrono::weekday{day}};
}

// Formats "YYYY-MM-DD<separator>HH:MM:SS" into the buffer; shared by the SQL and RFC 3339 forms.
int format(std::array<char, 40>& buffer, const Parts& p, char separator) {
    return std::snprintf(buffer.data(), buffer.size(), "%04d-%02u-%02u%c%02d:%02d:%02d",
                         static_cast<int>(p.date.year()), static_cast<unsigned>(p.date.month()),
                         static_cast<unsigned>(p.date.day()), separator,
                         static_cast<int>(p.time.hours().count()), static_cast<int>(p.time.minutes().count()),
                         static_cast<int>(p.time.seconds().count()));
}

unsigned number(std::string_view text, std::size_t from, std::size_t length) {
    unsigned value = 0;
    const char* begin = text.data() + from;
    const auto [end, error] = std::from_chars(begin, begin + length, value);
    if (error != std::errc{} || end != begin + length) throw Error("not a time: " + std::string(text));
    return value;
}

}  // namespace

Time SystemClock::now() const {
    return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

std::string to_sql(Time time) {
    std::array<char, 40> buffer;
    const Parts p = parts_of(time);
    const int length = format(buffer, p, ' ');
    std::array<char, 8> fraction;
    std::snprintf(fraction.data(), fraction.size(), ".%06d", static_cast<int>(p.time.subseconds().count()));
    return std::string(buffer.data(), static_cast<std::size_t>(length)) + fraction.data();
}

Time from_sql(std::string_view text) {
    const auto sign = [text](std::size_t at, char wanted) { return text.size() <= at || text[at] == wanted; };
    const bool signs =
        sign(4, '-') && sign(7, '-') && sign(10, ' ') && sign(13, ':') && sign(16, ':') && sign(19, '.');
    if (text.size() < 19 || text.size() == 20 || !signs) throw Error("not a time: " + std::string(text));
    const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(number(text, 0, 4))),
                                           std::chrono::month(number(text, 5, 2)),
                                           std::chrono::day(number(text, 8, 2))};
    if (!date.ok()) throw Error("not a time: " + std::string(text));
    unsigned micros = 0;
    if (text.size() > 20) {
        const std::size_t digits = std::min<std::size_t>(6, text.size() - 20);
        micros = number(text, 20, digits);
        for (std::size_t i = digits; i < 6; ++i) micros *= 10;
    }
    const unsigned hours = number(text, 11, 2), minutes = number(text, 14, 2), seconds = number(text, 17, 2);
    if (hours > 23 || minutes > 59 || seconds > 59) throw Error("not a time: " + std::string(text));
    return std::chrono::sys_days(date) + std::chrono::hours(hours) + std::chrono::minutes(minutes) +
           std::chrono::seconds(seconds) + std::chrono::microseconds(micros);
}

std::optional<Time> parse_time(std::string_view given) {
    std::string text(given);
    if (text.ends_with('Z')) text.pop_back();
    if (text.size() > 10 && text[10] == 'T') text[10] = ' ';
    if (text.size() == 10) text += " 00:00";
    if (text.size() == 16) text += ":00";
    if (text.size() != 19) return std::nullopt;
    try {
        return from_sql(text);
    } catch (const Error&) {
        return std::nullopt;
    }
}

std::string to_rfc3339(Time time) {
    std::array<char, 40> buffer;
    const int length = format(buffer, parts_of(time), 'T');
    return std::string(buffer.data(), static_cast<std::size_t>(length)) + "Z";
}

std::string to_http_date(Time time) {
    // Names are fixed by the RFC; strftime would follow the locale.
    static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const Parts p = parts_of(time);
    std::array<char, 40> buffer;
    const int length = std::snprintf(
        buffer.data(), buffer.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT", kDays[p.weekday.c_encoding()],
        static_cast<unsigned>(p.date.day()), kMonths[static_cast<unsigned>(p.date.month()) - 1],
        static_cast<int>(p.date.year()), static_cast<int>(p.time.hours().count()),
        static_cast<int>(p.time.minutes().count()), static_cast<int>(p.time.seconds().count()));
    return {buffer.data(), static_cast<std::size_t>(length)};
}

}  // namespace rpm
