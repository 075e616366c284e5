// SPDX-License-Identifier: MIT
#include "shared/base/text.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace rpm::text {
namespace {

bool blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}
char lower_char(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string encode64(std::string_view bytes, const char* alphabet, bool pad) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t block = 0;
        const std::size_t n = std::min<std::size_t>(3, bytes.size() - i);
        for (std::size_t k = 0; k < 3; ++k)
            block = (block << 8) | (k < n ? static_cast<unsigned char>(bytes[i + k]) : 0U);
        for (std::size_t k = 0; k < 4; ++k) {
            if (k <= n)
                out += alphabet[(block >> (18 - 6 * k)) & 63U];
            else if (pad)
                out += '=';
        }
    }
    return out;
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// Length of the UTF-8 character that starts at the byte, or 0 when none can.
std::size_t utf8_length(unsigned char c) {
    if (c < 0x80) return 1;
    if (c >= 0xc2 && c < 0xe0) return 2;
    if (c >= 0xe0 && c < 0xf0) return 3;
    if (c >= 0xf0 && c < 0xf5) return 4;
    return 0;
}

}  // namespace

std::string_view trim(std::string_view s) {
    while (!s.empty() && blank(s.front())) s.remove_prefix(1);
    while (!s.empty() && blank(s.back())) s.remove_suffix(1);
    return s;
}

std::vector<std::string_view> split(std::string_view s, char at) {
    std::vector<std::string_view> parts;
    for (;;) {
        const auto end = s.find(at);
        parts.push_back(s.substr(0, end));
        if (end == std::string_view::npos) return parts;
        s.remove_prefix(end + 1);
    }
}

std::vector<std::string_view> lines(std::string_view s) {
    std::vector<std::string_view> out;
    while (!s.empty()) {
        const auto end = s.find('\n');
        std::string_view line = s.substr(0, end);
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        out.push_back(line);
        if (end == std::string_view::npos) break;
        s.remove_prefix(end + 1);
    }
    return out;
}

std::vector<std::string_view> words(std::string_view s) {
    std::vector<std::string_view> out;
    const auto separator = [](char c) { return blank(c) || c == ','; };
    for (std::size_t i = 0; i < s.size();) {
        if (separator(s[i])) {
            ++i;
            continue;
        }
        const std::size_t start = i;
        while (i < s.size() && !separator(s[i])) ++i;
        out.push_back(s.substr(start, i - start));
    }
    return out;
}

std::string lower(std::string_view s) {
    std::string out(s);
    std::ranges::transform(out, out.begin(), lower_char);
    return out;
}

bool iequals(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char x, char y) { return lower_char(x) == lower_char(y); });
}

bool is_utf8(std::string_view s) {
    for (std::size_t i = 0; i < s.size();) {
        const auto first = static_cast<unsigned char>(s[i]);
        const std::size_t length = utf8_length(first);
        if (length == 0 || i + length > s.size()) return false;
        for (std::size_t k = 1; k < length; ++k)
            if ((static_cast<unsigned char>(s[i + k]) & 0xc0U) != 0x80) return false;
        const auto second = length > 1 ? static_cast<unsigned char>(s[i + 1]) : 0;
        // Overlong three and four byte forms, surrogates, and code points past U+10FFFF.
        if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
            (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f))
            return false;
        i += length;
    }
    return true;
}

bool has_control(std::string_view s) {
    return std::ranges::any_of(s, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

std::string hex(std::string_view bytes) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        out += kDigits[byte >> 4];
        out += kDigits[byte & 15U];
    }
    return out;
}

std::optional<std::string> unhex(std::string_view digits) {
    if (digits.size() % 2 != 0) return std::nullopt;
    std::string out;
    for (std::size_t i = 0; i < digits.size(); i += 2) {
        const int high = hex_digit(digits[i]);
        const int low = hex_digit(digits[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        out += static_cast<char>(high * 16 + low);
    }
    return out;
}

std::string base64(std::string_view bytes) {
    return encode64(bytes, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", true);
}

std::string base64url(std::string_view bytes) {
    return encode64(bytes, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", false);
}

std::string base32(std::string_view bytes) {
    constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    std::string out;
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char c : bytes) {
        bits = (bits << 8) | static_cast<unsigned char>(c);
        for (count += 8; count >= 5; count -= 5) out += kAlphabet[(bits >> (count - 5)) & 31U];
    }
    if (count > 0) out += kAlphabet[(bits << (5 - count)) & 31U];
    return out;
}

std::string grouped(std::string_view s, std::size_t size, char between) {
    std::string out;
    for (std::size_t i = 0; i < s.size(); i += size) {
        if (i > 0) out += between;
        out += s.substr(i, size);
    }
    return out;
}

std::optional<std::string> unbase64(std::string_view s) {
    if (s.size() % 4 != 0) return std::nullopt;
    std::string out;
    for (std::size_t i = 0; i < s.size(); i += 4) {
        std::uint32_t block = 0;
        std::size_t padding = 0;
        for (std::size_t k = 0; k < 4; ++k) {
            const char c = s[i + k];
            std::uint32_t value = 0;
            if (c >= 'A' && c <= 'Z')
                value = static_cast<std::uint32_t>(c - 'A');
            else if (c >= 'a' && c <= 'z')
                value = static_cast<std::uint32_t>(c - 'a' + 26);
            else if (c >= '0' && c <= '9')
                value = static_cast<std::uint32_t>(c - '0' + 52);
            else if (c == '+')
                value = 62;
            else if (c == '/')
                value = 63;
            else if (c == '=' && i + 4 == s.size() && k >= 2)
                ++padding;
            else
                return std::nullopt;
            if (c != '=' && padding > 0) return std::nullopt;
            block = (block << 6) | value;
        }
        // Bits that no byte gets must be zero: one text per value (RFC 4648 section 3.5).
        if ((block & ((1U << (8 * padding)) - 1)) != 0) return std::nullopt;
        for (std::size_t k = 0; k + padding < 3; ++k)
            out += static_cast<char>((block >> (16 - 8 * k)) & 255U);
    }
    return out;
}

std::optional<std::string> unbase64url(std::string_view s) {
    std::string usual(s);
    for (char& c : usual) {
        if (c == '+' || c == '/' || c == '=') return std::nullopt;
        if (c == '-') c = '+';
        if (c == '_') c = '/';
    }
    usual.append((4 - usual.size() % 4) % 4, '=');
    return unbase64(usual);
}

std::string join(const std::vector<std::string>& parts, std::string_view between) {
    std::string out;
    for (const std::string& part : parts) {
        if (!out.empty() || &part != &parts.front()) out += between;
        out += part;
    }
    return out;
}

std::string ellipsis(std::string_view s, std::size_t bytes) {
    if (s.size() <= bytes) return std::string(s);
    std::size_t end = bytes;
    while (end > 0 && (static_cast<unsigned char>(s[end]) & 0xc0U) == 0x80) --end;
    return std::string(s.substr(0, end)) + "…";
}

std::string shown(std::string_view s, std::size_t bytes) {
    std::string out = ellipsis(s, bytes);
    const bool utf8 = is_utf8(out);
    for (char& c : out)
        if (has_control({&c, 1}) || (!utf8 && static_cast<unsigned char>(c) >= 0x80)) c = '?';
    return out;
}

namespace {

// Optimal string alignment: Levenshtein's distance with swapped neighbours as one step.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
    for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i)
        for (std::size_t j = 1; j <= b.size(); ++j) {
            d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1])});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
        }
    return d[a.size()][b.size()];
}

}  // namespace

std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates) {
    constexpr std::size_t kLongest = 64;  // the work grows with the square
    if (word.size() > kLongest) return std::nullopt;
    std::optional<std::string> best;
    std::size_t least = kLongest;
    for (const std::string& candidate : candidates) {
        const std::size_t steps = distance(word, candidate);
        if (steps >= least || steps > std::max<std::size_t>(1, candidate.size() / 3)) continue;
        least = steps;
        best = candidate;
    }
    return best;
}

}  // namespace rpm::text
