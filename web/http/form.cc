// SPDX-License-Identifier: MIT
#include "web/http/form.h"

#include <algorithm>

namespace rpm::http {
namespace {

constexpr std::size_t kMaxSecret = 1024;

std::size_t characters(std::string_view utf8) {
    return static_cast<std::size_t>(std::count_if(
        utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

// Browsers send CR LF in text areas (HTML, form submission); everything behind us means "\n".
std::string with_unix_lines(std::string_view value) {
    std::string out;
    out.reserve(value.size());
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (value[i] != '\r')
            out += value[i];
        else if (i + 1 == value.size() || value[i + 1] != '\n')
            out += '\n';
    }
    return out;
}

bool control_beyond_lines(std::string_view value) {
    return std::any_of(value.begin(), value.end(), [](char c) {
        return (static_cast<unsigned char>(c) < ' ' && c != '\n' && c != '\t') || c == 0x7f;
    });
}

std::string joined(std::initializer_list<std::string_view> words) {
    std::string out;
    for (const std::string_view word : words) {
        if (!out.empty()) out += ", ";
        out += word;
    }
    return out;
}

}  // namespace

std::string_view Form::single(const std::string& name) {
    read_.insert(name);
    const auto all = values_.all(name);
    if (all.size() > 1) problems_.add(name, "was given more than once");
    return all.empty() ? std::string_view() : all.front();
}

std::string Form::checked(const std::string& name, std::string_view value, std::size_t max, bool lines) {
    std::string out = lines ? with_unix_lines(text::trim(value)) : std::string(text::trim(value));
    if (lines ? control_beyond_lines(out) : text::has_control(out))
        problems_.add(name, "contains characters that are not allowed");
    else if (characters(out) > max)
        problems_.add(name, "is longer than " + std::to_string(max) + " characters");
    else
        return out;
    return {};
}

std::string Form::text(const std::string& name, TextRule rule) {
    const std::string_view sent = single(name);
    std::string value = checked(name, sent, rule.max, rule.lines);
    if (rule.required && value.empty()) problems_.add(name, "is required");
    return value;
}

Secret Form::secret(const std::string& name, bool required) {
    const std::string_view sent = single(name);
    if (required && sent.empty()) problems_.add(name, "is required");
    if (sent.size() <= kMaxSecret) return Secret(std::string(sent));
    problems_.add(name, "is too long");
    return {};
}

std::optional<std::int64_t> Form::integer(const std::string& name, std::int64_t min, std::int64_t max,
                                          bool required) {
    const std::string_view sent = text::trim(single(name));
    if (sent.empty()) {
        if (required) problems_.add(name, "is required");
        return std::nullopt;
    }
    const auto value = text::number<std::int64_t>(sent);
    if (value && *value >= min && *value <= max) return value;
    problems_.add(name, "must be a whole number from " + std::to_string(min) + " to " + std::to_string(max));
    return std::nullopt;
}

bool Form::flag(const std::string& name) {
    read_.insert(name);
    const auto all = values_.all(name);
    if (all.empty()) return false;
    for (const std::string_view no : {"", "0", "off", "no", "false"})
        if (all.back() == no) return false;
    for (const std::string_view yes : {"1", "on", "yes", "true"})
        if (all.back() == yes) return true;
    problems_.add(name, "must be on or off");
    return false;
}

std::string Form::choice(const std::string& name, std::initializer_list<std::string_view> allowed) {
    return choice(name, allowed, {});
}

std::string Form::choice(const std::string& name, std::initializer_list<std::string_view> allowed,
                         std::string_view fallback) {
    const std::string_view sent = text::trim(single(name));
    if (sent.empty() && !fallback.empty()) return std::string(fallback);
    if (std::find(allowed.begin(), allowed.end(), sent) != allowed.end()) return std::string(sent);
    problems_.add(name, sent.empty() ? "is required" : "must be one of: " + joined(allowed));
    return allowed.size() == 0 ? std::string() : std::string(*allowed.begin());
}

std::vector<std::string> Form::list(const std::string& name, ListRule rule) {
    read_.insert(name);
    std::vector<std::string> out;
    for (const std::string_view sent : values_.all(name)) {
        if (!rule.keep_blank && text::trim(sent).empty()) continue;
        if (out.size() == rule.max_items) {
            problems_.add(name, "has more than " + std::to_string(rule.max_items) + " entries");
            break;
        }
        out.push_back(checked(name + "." + std::to_string(out.size()), sent, rule.max, false));
    }
    return out;
}

void Form::check() const {
    if (!problems_.empty()) throw Invalid(problems_);
}

std::vector<std::string> Form::unread() const {
    std::set<std::string> names;
    for (const auto& entry : values_)
        if (!read_.contains(entry.first)) names.insert(entry.first);
    return {names.begin(), names.end()};
}

}  // namespace rpm::http
