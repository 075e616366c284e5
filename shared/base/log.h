// SPDX-License-Identifier: MIT
// One log line per event, to standard error:
//
//     <6>level=info prog=deploy req=9f2c job=42 node=7 msg="deployed" ms=812
//
// The prefix <N> is the syslog priority as systemd reads it (sd-daemon(3)); it is written only when standard
// error is not a terminal. Each line is one write(2), so lines of threads never interleave. Values are quoted
// when they need it and control characters are escaped: foreign text cannot forge a line.
//
// Log at the two boundaries (request, job) and on a change of state; never both log and throw.
// Secrets cannot be logged: Secret has no conversion to text.
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rpm::log {

enum class Level { debug, info, warning, error };

/// Sets the program name of all lines and the lowest level that is written. Call once, before threads.
void start(std::string program, Level lowest = Level::info);
Level parse_level(std::string_view name);  ///< "debug", "info", "warning", "error"; else throws Invalid.

struct Field {
    std::string_view key;
    std::string value;
    Field(std::string_view k, std::string v) : key(k), value(std::move(v)) {}
    Field(std::string_view k, std::string_view v) : key(k), value(v) {}
    Field(std::string_view k, const char* v) : key(k), value(v) {}
    Field(std::string_view k, std::integral auto v) : key(k), value(std::to_string(v)) {}
};

/// Adds " key=value" as in a log line: quoted where it must be, control characters escaped.
void append(std::string& line, const Field& field);

void write(Level level, std::string_view message, std::initializer_list<Field> fields = {});
inline void debug(std::string_view m, std::initializer_list<Field> f = {}) {
    write(Level::debug, m, f);
}
inline void info(std::string_view m, std::initializer_list<Field> f = {}) {
    write(Level::info, m, f);
}
inline void warning(std::string_view m, std::initializer_list<Field> f = {}) {
    write(Level::warning, m, f);
}
inline void error(std::string_view m, std::initializer_list<Field> f = {}) {
    write(Level::error, m, f);
}

/// Adds fields (request id, job id) to every line of this thread while it lives.
///
///     const log::Context request({log::Field("req", request.id)});
///     log::add_to_context({"user", viewer.username});      // known later, gone with the context
class Context {
  public:
    explicit Context(std::initializer_list<Field> fields);
    ~Context();
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;

  private:
    std::size_t outer_size_;
};

/// Adds a field to the innermost context of this thread; nothing where there is none.
void add_to_context(const Field& field);

}  // namespace rpm::log
