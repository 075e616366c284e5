// SPDX-License-Identifier: MIT
#include "shared/render/yaml.h"

#include <algorithm>
#include <array>

#include "shared/base/error.h"
#include "shared/base/text.h"

namespace rpm::render {
namespace {

unsigned byte(char c) {
    return static_cast<unsigned char>(c);
}

// The code point that begins at `at` in good UTF-8, and its length.
std::pair<char32_t, std::size_t> code_point(std::string_view in, std::size_t at) {
    const unsigned first = byte(in[at]);
    if (first < 0x80) return {first, 1};
    const std::size_t size = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    char32_t out = first & (0xffU >> (size + 1));
    for (std::size_t i = 1; i < size; ++i) out = (out << 6U) | (byte(in[at + i]) & 0x3fU);
    return {out, size};
}

// What readers refuse, drop, or take for a line end (YAML 1.1 section 5.1 and 5.4).
bool needs_escape(char32_t c) {
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 || c == 0xfeff || c == 0xfffe ||
           c == 0xffff;
}

void append_escape(char32_t c, std::string& out) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    out += "\\u";
    for (const unsigned shift : {12U, 8U, 4U, 0U}) out += kDigits[(c >> shift) & 0xfU];
}

bool is_plain_key(std::string_view key) {
    static constexpr std::array<std::string_view, 8> kWords = {"yes", "no",   "on",    "off",
                                                               "y",   "null", "false", "true"};
    const auto good = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    };
    return !key.empty() && key.front() >= 'a' && key.front() <= 'z' && key != "n" &&
           std::ranges::all_of(key, good) && std::ranges::find(kWords, text::lower(key)) == kWords.end();
}

// Lines that stand as they are in a block: certificates.
bool is_block(std::string_view value) {
    const auto good = [](char c) { return c == '\n' || (c >= ' ' && c < 0x7f && c != '{'); };
    return value.size() > 1 && value.ends_with('\n') && value.front() != ' ' && value.front() != '\n' &&
           value[value.size() - 2] != '\n' && std::ranges::all_of(value, good);
}

class Writer {
  public:
    std::string take(const Json& value) {
        members(value, 0);
        return std::move(out_);
    }

  private:
    void members(const Json& value, std::size_t depth) {
        for (const auto& [name, member] : value.members()) {
            out_.append(depth, ' ');
            if (is_plain_key(name))
                out_ += name;
            else
                quote_yaml(name, out_);
            out_ += ':';
            below(member, depth);
        }
    }
    // What follows a member's colon.
    void below(const Json& value, std::size_t depth) {
        if (value.is_object() && !value.members().empty()) {
            out_ += '\n';
            members(value, depth + 2);
        } else if (value.is_array() && !value.items().empty()) {
            out_ += '\n';
            for (const Json& item : value.items()) entry(item, depth + 2);
        } else {
            out_ += ' ';
            scalar(value, depth + 2);
            out_ += '\n';
        }
    }
    void entry(const Json& value, std::size_t depth) {
        out_.append(depth, ' ').append("- ");
        if (value.is_object() && !value.members().empty()) {
            const std::size_t start = out_.size();
            members(value, depth + 2);
            out_.erase(start, depth + 2);  // the first member stands behind the dash
        } else {
            scalar(value, depth + 2);
            out_ += '\n';
        }
    }
    void scalar(const Json& value, std::size_t depth) {
        if (!value.is_text()) {
            out_ += value.dump();
        } else if (is_block(value.text())) {
            out_ += '|';
            for (const std::string_view line : text::lines(value.text()))
                out_.append("\n").append(depth, ' ').append(line);
        } else {
            quote_yaml(value.text(), out_);
        }
    }

    std::string out_;
};

}  // namespace

void quote_yaml(std::string_view in, std::string& out) {
    if (!text::is_utf8(in)) throw Invalid("value", "is not valid UTF-8: '" + text::shown(in, 80) + "'");
    out += '"';
    for (std::size_t at = 0; at < in.size();) {
        const auto [c, size] = code_point(in, at);
        if (c == 0x2551)
            throw Invalid("value", "Traefik cannot read the character U+2551: '" + text::shown(in, 80) + "'");
        if (needs_escape(c) || (c == '{' && at > 0 && in[at - 1] == '{')) {
            append_escape(c, out);
        } else {
            if (c == '"' || c == '\\') out += '\\';
            out.append(in, at, size);
        }
        at += size;
    }
    out += '"';
}

std::string yaml(const Json& value) {
    return Writer().take(value);
}

}  // namespace rpm::render
