// SPDX-License-Identifier: MIT
// Foreign text as a column takes it: what a browser, a node or an engine says must never make the statement
// fail that records it. For shared/store only.
#pragma once

#include <string>
#include <string_view>

#include "shared/base/text.h"

namespace rpm::store {

/// Below the 65,535 bytes of a TEXT column.
inline constexpr std::size_t kTextColumn = 65'000;

/// UTF-8 of at most this many bytes; every other byte becomes '?'.
inline std::string column_text(std::string_view text, std::size_t bytes = kTextColumn) {
    constexpr std::size_t kMark = 3;  // "…"
    std::string out(text);
    if (!text::is_utf8(text))
        for (char& c : out)
            if ((static_cast<unsigned char>(c) & 0x80U) != 0) c = '?';
    return out.size() <= bytes ? out : text::ellipsis(out, bytes - kMark);
}

/// For columns of ASCII, also to compare with one (the server refuses to compare it with anything else): any
/// other byte becomes '?', which no name holds.
inline std::string column_ascii(std::string_view text, std::size_t bytes = std::string_view::npos) {
    std::string out(text.substr(0, bytes));
    for (char& c : out)
        if ((static_cast<unsigned char>(c) & 0x80U) != 0) c = '?';
    return out;
}

}  // namespace rpm::store
