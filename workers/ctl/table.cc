// SPDX-License-Identifier: MIT
#include "workers/ctl/table.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>
#include <numeric>

namespace rpm::ctl {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kNarrowest = 8;

struct Range {
    char32_t first, last;
};
// Unicode 15, UAX #11: East Asian Width W and F, in whole blocks.
constexpr std::array kWide = std::to_array<Range>({{0x1100, 0x115f},
                                                   {0x2e80, 0x303e},
                                                   {0x3041, 0x33ff},
                                                   {0x3400, 0x4dbf},
                                                   {0x4e00, 0x9fff},
                                                   {0xa000, 0xa4cf},
                                                   {0xa960, 0xa97f},
                                                   {0xac00, 0xd7a3},
                                                   {0xf900, 0xfaff},
                                                   {0xfe30, 0xfe6f},
                                                   {0xff00, 0xff60},
                                                   {0xffe0, 0xffe6},
                                                   {0x1f300, 0x1f64f},
                                                   {0x1f680, 0x1f6ff},
                                                   {0x1f900, 0x1f9ff},
                                                   {0x20000, 0x3fffd}});
constexpr std::array kCombining = std::to_array<Range>({{0x0300, 0x036f},
                                                        {0x0483, 0x0489},
                                                        {0x0591, 0x05bd},
                                                        {0x0610, 0x061a},
                                                        {0x064b, 0x065f},
                                                        {0x0e31, 0x0e31},
                                                        {0x0e34, 0x0e3a},
                                                        {0x1ab0, 0x1aff},
                                                        {0x1dc0, 0x1dff},
                                                        {0x200b, 0x200f},
                                                        {0x202a, 0x202e},
                                                        {0x2060, 0x2064},
                                                        {0x20d0, 0x20ff},
                                                        {0xfe00, 0xfe0f},
                                                        {0xfe20, 0xfe2f}});

template <std::size_t N>
bool within(const std::array<Range, N>& ranges, char32_t c) {
    return std::ranges::any_of(ranges, [c](const Range& r) { return c >= r.first && c <= r.last; });
}

struct Character {
    char32_t code;
    std::size_t bytes;
};

// The character at the front; a byte that is no UTF-8 counts as one character by itself.
Character front(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(0);
    const std::size_t length = first < 0x80    ? 1
                               : first >= 0xf0 ? 4
                               : first >= 0xe0 ? 3
                               : first >= 0xc0 ? 2
                                               : 1;
    if (length == 1 || length > text.size()) return {first < 0x80 ? char32_t{first} : U'?', 1};
    char32_t code = first & (0xffU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0) != 0x80) return {U'?', 1};
        code = (code << 6) | (byte(i) & 0x3f);
    }
    return {code, length};
}

std::size_t width_of(char32_t c) {
    if (c < 0x300) return 1;
    return within(kCombining, c) ? 0 : within(kWide, c) ? 2 : 1;
}

std::string padded(const std::string& cell, std::size_t width, Table::Align align, bool last) {
    const std::string shown = fit(cell, width);
    const std::string blanks(width - display_width(shown), ' ');
    if (align == Table::right) return blanks + shown;
    return last ? shown : shown + blanks;
}

// Takes from the widest column until all fit.
void shrink(std::vector<std::size_t>& widths, std::size_t wanted) {
    const std::size_t gaps = kGap * (widths.size() - 1);
    auto total = std::accumulate(widths.begin(), widths.end(), gaps);
    while (total > wanted) {
        const auto widest = std::ranges::max_element(widths);
        if (*widest <= kNarrowest) return;
        --*widest;
        --total;
    }
}

}  // namespace

std::size_t display_width(std::string_view text) {
    std::size_t width = 0;
    while (!text.empty()) {
        const Character c = front(text);
        width += width_of(c.code);
        text.remove_prefix(c.bytes);
    }
    return width;
}

std::string fit(std::string_view text, std::size_t width) {
    if (display_width(text) <= width) return std::string(text);
    if (width == 0) return {};
    std::size_t used = 0;
    std::size_t bytes = 0;
    while (bytes < text.size()) {
        const Character c = front(text.substr(bytes));
        if (used + width_of(c.code) > width - 1) break;
        used += width_of(c.code);
        bytes += c.bytes;
    }
    return std::string(text.substr(0, bytes)) + "…";
}

std::string printable(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const Character c = front(text);
        const bool control =
            c.code < 0x20 || (c.code >= 0x7f && c.code < 0xa0) || (c.code >= 0x202a && c.code <= 0x202e);
        if (c.code == U'\n' || c.code == U'\t')
            out += ' ';
        else if (control || (c.code == U'?' && c.bytes == 1))
            out += '?';
        else
            out += text.substr(0, c.bytes);
        text.remove_prefix(c.bytes);
    }
    return out;
}

Table::Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

void Table::add(std::vector<std::string> cells) {
    assert(cells.size() == columns_.size());
    for (std::string& cell : cells) cell = printable(cell);
    rows_.push_back(std::move(cells));
}

std::string Table::text(std::size_t width) const {
    std::vector<std::size_t> widths;
    std::vector<std::string> titles;
    for (const Column& column : columns_) {
        titles.push_back(column.title);
        widths.push_back(display_width(column.title));
    }
    for (const auto& row : rows_)
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], display_width(row[i]));
    if (width > 0) shrink(widths, width);
    std::string out;
    const auto line = [&](const std::vector<std::string>& cells) {
        std::string text;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            if (i > 0) text += std::string(kGap, ' ');
            text += padded(cells[i], widths[i], columns_[i].align, i + 1 == cells.size());
        }
        text.erase(text.find_last_not_of(' ') + 1);
        out += text + '\n';
    };
    line(titles);
    for (const auto& row : rows_) line(row);
    return out;
}

}  // namespace rpm::ctl
