// SPDX-License-Identifier: MIT
#include "shared/base/log.h"

#include <unistd.h>

#include <cstdio>

#include "shared/base/error.h"

namespace rpm::log {
namespace {

std::string g_program = "rpmgr";
Level g_lowest = Level::info;
bool g_priorities = false;
thread_local std::string t_context;
thread_local unsigned t_contexts = 0;

constexpr std::string_view kNames[] = {"debug", "info", "warning", "error"};
constexpr std::string_view kPriorities[] = {"<7>", "<6>", "<4>", "<3>"};

bool plain(std::string_view value) {
    if (value.empty()) return false;
    for (const char c : value)
        if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c == 0x7f) return false;
    return true;
}

void append_value(std::string& line, std::string_view value) {
    if (plain(value)) {
        line += value;
        return;
    }
    line += '"';
    for (const char c : value) {
        if (c == '"' || c == '\\') {
            line += '\\';
            line += c;
        } else if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) {
            char code[5];
            std::snprintf(code, sizeof code, "\\x%02x", static_cast<unsigned char>(c));
            line += code;
        } else {
            line += c;
        }
    }
    line += '"';
}

}  // namespace

void append(std::string& line, const Field& field) {
    line += ' ';
    line += field.key;
    line += '=';
    append_value(line, field.value);
}

void start(std::string program, Level lowest) {
    g_program = std::move(program);
    g_lowest = lowest;
    g_priorities = isatty(STDERR_FILENO) == 0;
}

Level parse_level(std::string_view name) {
    for (std::size_t i = 0; i < std::size(kNames); ++i)
        if (kNames[i] == name) return static_cast<Level>(i);
    throw Invalid("log.level", "must be debug, info, warning or error, not '" + std::string(name) + "'");
}

void write(Level level, std::string_view message, std::initializer_list<Field> fields) {
    if (level < g_lowest) return;
    const auto index = static_cast<std::size_t>(level);
    std::string line;
    if (g_priorities) line += kPriorities[index];
    line += "level=";
    line += kNames[index];
    line += " prog=" + g_program + t_context;
    append(line, {"msg", message});
    for (const Field& field : fields) append(line, field);
    line += '\n';
    // A log that cannot be written must not stop the program.
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

Context::Context(std::initializer_list<Field> fields) : outer_size_(t_context.size()) {
    ++t_contexts;
    for (const Field& field : fields) append(t_context, field);
}

Context::~Context() {
    t_context.resize(outer_size_);
    --t_contexts;
}

void add_to_context(const Field& field) {
    if (t_contexts > 0) append(t_context, field);
}

}  // namespace rpm::log
