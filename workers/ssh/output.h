// SPDX-License-Identifier: MIT
// What a command prints, within bounds: the text to keep, and its lines as they arrive.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace rpm::ssh {

/// Keeps the first three quarters and the last quarter of what is added, at most `limit` bytes of it: the end
/// of an output is where programs say why they failed.
class Captured {
  public:
    explicit Captured(std::size_t limit) : head_limit_(limit - limit / 4), tail_limit_(limit / 4) {}
    void add(std::string_view bytes);
    std::uint64_t total() const { return total_; }
    /// Where something is missing, a line of its own says how much: "[… 1234 bytes left out …]".
    std::string text() const;

  private:
    std::size_t head_limit_;
    std::size_t tail_limit_;
    std::uint64_t total_ = 0;
    std::string head_;
    std::string tail_;
};

/// Cuts a stream into lines. Lines longer than `longest` are given cut to that length.
class LineCutter {
  public:
    explicit LineCutter(std::size_t longest = 16 * 1024) : longest_(longest) {}
    /// Calls give(std::string_view) for each line that the bytes complete, without its line end.
    template <class Give>
    void add(std::string_view bytes, const Give& give) {
        for (std::size_t end; (end = bytes.find('\n')) != std::string_view::npos;) {
            keep(bytes.substr(0, end));
            bytes.remove_prefix(end + 1);
            const std::string line = std::move(partial_);
            partial_.clear();
            give(std::string_view(line));
        }
        keep(bytes);
    }
    /// What came after the last line end.
    const std::string& rest() const { return partial_; }

  private:
    void keep(std::string_view bytes) { partial_ += bytes.substr(0, longest_ - partial_.size()); }

    std::size_t longest_;
    std::string partial_;
};

}  // namespace rpm::ssh
