// SPDX-License-Identifier: MIT
// Text in columns for terminals.
//
//     Table table({"NAME", "STATE", {"SITES", Table::right}});
//     table.add({"edge-1", "ok", "12"});
//     std::cout << table.text(100);          // lines of at most 100 columns; 0: as wide as need be
//
// Width counts columns of a terminal, not bytes: wide characters (East Asian, most emoji) take two, combining
// ones none. Too wide tables shorten their widest columns, ending in "…", but none below 8. Control
// characters become "?", so that foreign text cannot drive the terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace rpm::ctl {

class Table {
  public:
    enum Align { left, right };
    struct Column {
        std::string title;
        Align align = left;
        Column(const char* name, Align where = left) : title(name), align(where) {}
    };

    explicit Table(std::vector<Column> columns);
    /// One cell per column.
    void add(std::vector<std::string> cells);
    bool empty() const { return rows_.empty(); }
    std::string text(std::size_t width) const;

  private:
    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

/// Columns of a terminal that the text takes.
std::size_t display_width(std::string_view text);
/// At most this many columns, with "…" as the last one when something was cut.
std::string fit(std::string_view text, std::size_t width);
/// Without control characters.
std::string printable(std::string_view text);

}  // namespace rpm::ctl
