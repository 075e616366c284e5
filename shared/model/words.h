// SPDX-License-Identifier: MIT
// Enumerations that are stored, sent and shown as words: one table per type.
//
//     template <>
//     inline constexpr auto kWords<Colour> = std::array{Word{Colour::red, "red", "Red"}, …};
//     to_word(Colour::red)          // "red"
//     from_word<Colour>("red")      // Colour::red, or nothing
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <type_traits>

namespace rpm {

template <class E>
struct Word {
    E value;
    std::string_view word;   ///< in definitions: lower case, with underscores
    std::string_view label;  ///< for people
};

template <class E>
inline constexpr std::nullptr_t kWords = nullptr;

template <class E>
concept Worded = std::is_enum_v<E> && requires {
    kWords<E>.front().word;
};

template <Worded E>
constexpr std::string_view to_word(E value) {
    for (const auto& each : kWords<E>)
        if (each.value == value) return each.word;
    return "";
}

template <Worded E>
constexpr std::string_view label_of(E value) {
    for (const auto& each : kWords<E>)
        if (each.value == value) return each.label;
    return "";
}

template <Worded E>
constexpr std::optional<E> from_word(std::string_view word) {
    for (const auto& each : kWords<E>)
        if (each.word == word) return each.value;
    return std::nullopt;
}

}  // namespace rpm
