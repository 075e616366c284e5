// SPDX-License-Identifier: MIT
// Small operations on text that the standard library lacks. No locale: bytes in, bytes out.
#pragma once

#include <charconv>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rpm::text {

std::string_view trim(std::string_view s);  ///< without blanks, tabs and line ends around
std::vector<std::string_view> split(std::string_view s, char at);  ///< keeps empty parts
std::vector<std::string_view> lines(std::string_view s);           ///< by "\n" or "\r\n"; no empty last line
std::vector<std::string_view> words(std::string_view s);           ///< by blanks, tabs, line ends and commas
std::string lower(std::string_view s);                             ///< ASCII only
bool iequals(std::string_view a, std::string_view b);              ///< ASCII only
bool is_utf8(std::string_view s);         ///< RFC 3629: no overlong forms, no surrogates
bool has_control(std::string_view s);     ///< any byte below 0x20 or 0x7f
std::string hex(std::string_view bytes);  ///< lower case
std::optional<std::string> unhex(std::string_view digits);
std::string base64(std::string_view bytes);                     ///< RFC 4648 section 4, padded
std::string base64url(std::string_view bytes);                  ///< RFC 4648 section 5, unpadded
std::optional<std::string> unbase64(std::string_view text);     ///< section 4; padding demanded
std::optional<std::string> unbase64url(std::string_view text);  ///< section 5; padding refused
std::string base32(std::string_view bytes);                     ///< RFC 4648 section 6, unpadded
/// "ABCD EFGH IJ": the text in groups of so many bytes.
std::string grouped(std::string_view s, std::size_t size, char between);
std::string join(const std::vector<std::string>& parts, std::string_view between);
/// At most this many bytes of it, cut between UTF-8 characters; then "…" (three bytes) when something was
/// cut.
std::string ellipsis(std::string_view s, std::size_t bytes);
/// For messages that quote foreign text: as ellipsis(), with "?" for control characters and, where the text
/// is not UTF-8, for every byte outside of ASCII.
std::string shown(std::string_view s, std::size_t bytes);
/// The candidate that was probably meant: at most a third of its letters wrong, missing, extra or swapped.
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates);

/// The whole text as a number: digits only (a leading minus for signed types); nothing on overflow or rest.
template <std::integral T>
std::optional<T> number(std::string_view s) {
    T value{};
    const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), value);
    if (error != std::errc{} || end != s.data() + s.size()) return std::nullopt;
    return value;
}

}  // namespace rpm::text
