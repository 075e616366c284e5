// SPDX-License-Identifier: MIT
#include "shared/plan/diff.h"

#include <algorithm>
#include <unordered_map>

namespace rpm::plan {
namespace {

constexpr long kMostDifferences = 2000;

struct Step {
    LineKind kind;
    std::size_t old_index;
    std::size_t new_index;
};
using Script = std::vector<Step>;

// Lines with their ends, so that a missing last line end and a changed "\r" are differences.
std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> out;
    while (!text.empty()) {
        const auto end = text.find('\n');
        const std::size_t size = end == std::string_view::npos ? text.size() : end + 1;
        out.push_back(text.substr(0, size));
        text.remove_prefix(size);
    }
    return out;
}

// Lines as numbers, equal for equal lines, so that comparing them is cheap.
class Numbering {
  public:
    std::vector<std::size_t> operator()(const std::vector<std::string_view>& lines) {
        std::vector<std::size_t> out;
        out.reserve(lines.size());
        for (const std::string_view line : lines)
            out.push_back(known_.try_emplace(line, known_.size()).first->second);
        return out;
    }

  private:
    std::unordered_map<std::string_view, std::size_t> known_;
};

// The part of both texts between their common start and their common end.
struct Middle {
    const std::vector<std::size_t>& a;
    const std::vector<std::size_t>& b;
    std::size_t start = 0;
    long a_size = 0;
    long b_size = 0;

    Middle(const std::vector<std::size_t>& from, const std::vector<std::size_t>& to) : a(from), b(to) {
        const std::size_t shorter = std::min(a.size(), b.size());
        while (start < shorter && a[start] == b[start]) ++start;
        std::size_t end = 0;
        while (end < shorter - start && a[a.size() - 1 - end] == b[b.size() - 1 - end]) ++end;
        a_size = static_cast<long>(a.size() - start - end);
        b_size = static_cast<long>(b.size() - start - end);
    }
    bool same(long x, long y) const {
        return a[start + static_cast<std::size_t>(x)] == b[start + static_cast<std::size_t>(y)];
    }
};

// Myers, "An O(ND) Difference Algorithm and Its Variations" (1986), section 4. reached[d][k + d] is the
// furthest x on diagonal k with d differences.
class Search {
  public:
    explicit Search(const Middle& middle) : middle_(middle) {}

    bool run() {
        for (long d = 0; d <= kMostDifferences; ++d) {
            reached_.emplace_back(static_cast<std::size_t>(2 * d + 1));
            for (long k = -d; k <= d; k += 2) {
                long x = d == 0 ? 0 : start_of(d, k);
                while (x < middle_.a_size && x - k < middle_.b_size && middle_.same(x, x - k)) ++x;
                at(d, k) = static_cast<int>(x);
                if (x >= middle_.a_size && x - k >= middle_.b_size) return true;
            }
        }
        return false;
    }

    // From the end back to the start; the caller turns the order round.
    Script backwards() {
        Script script;
        long x = middle_.a_size;
        long y = middle_.b_size;
        for (long d = static_cast<long>(reached_.size()) - 1; d > 0; --d) {
            const long k = x - y;
            const bool down = goes_down(d, k);
            const long from_k = down ? k + 1 : k - 1;
            const long from_x = at(d - 1, from_k);
            for (; x > from_x + (down ? 0 : 1); --x, --y) add(script, LineKind::same, x - 1, y - 1);
            if (down)
                add(script, LineKind::added, x, --y);
            else
                add(script, LineKind::removed, --x, y);
        }
        for (; x > 0; --x, --y) add(script, LineKind::same, x - 1, y - 1);
        return script;
    }

  private:
    int& at(long d, long k) { return reached_[static_cast<std::size_t>(d)][static_cast<std::size_t>(k + d)]; }
    bool goes_down(long d, long k) { return k == -d || (k != d && at(d - 1, k - 1) < at(d - 1, k + 1)); }
    long start_of(long d, long k) { return goes_down(d, k) ? at(d - 1, k + 1) : at(d - 1, k - 1) + 1; }
    void add(Script& script, LineKind kind, long x, long y) const {
        script.push_back(
            {kind, middle_.start + static_cast<std::size_t>(x), middle_.start + static_cast<std::size_t>(y)});
    }

    const Middle& middle_;
    std::vector<std::vector<int>> reached_;
};

Script shortest(const std::vector<std::size_t>& a, const std::vector<std::size_t>& b) {
    const Middle middle(a, b);
    Script script;
    for (std::size_t i = 0; i < middle.start; ++i) script.push_back({LineKind::same, i, i});
    const std::size_t a_end = middle.start + static_cast<std::size_t>(middle.a_size);
    const std::size_t b_end = middle.start + static_cast<std::size_t>(middle.b_size);
    if (Search search(middle); search.run()) {
        const Script back = search.backwards();
        script.insert(script.end(), back.rbegin(), back.rend());
    } else {
        for (std::size_t i = middle.start; i < a_end; ++i)
            script.push_back({LineKind::removed, i, middle.start});
        for (std::size_t i = middle.start; i < b_end; ++i) script.push_back({LineKind::added, a_end, i});
    }
    for (std::size_t i = 0; a_end + i < a.size(); ++i)
        script.push_back({LineKind::same, a_end + i, b_end + i});
    return script;
}

std::string without_end(std::string_view line) {
    if (line.ends_with('\n')) line.remove_suffix(1);
    return std::string(line);
}

}  // namespace

std::vector<Hunk> diff(std::string_view from, std::string_view to, unsigned context) {
    if (from == to) return {};
    const auto old_lines = lines_of(from);
    const auto new_lines = lines_of(to);
    Numbering numbering;
    const auto old_numbers = numbering(old_lines);
    const Script script = shortest(old_numbers, numbering(new_lines));

    std::vector<Hunk> hunks;
    std::size_t written = 0;  // steps before this one are in a hunk or were left out
    for (std::size_t i = 0; i < script.size(); ++i) {
        if (script[i].kind == LineKind::same) continue;
        const std::size_t first = std::max(written, i > context ? i - context : 0);
        std::size_t end = i + 1;  // after the last step of this hunk
        for (std::size_t j = i; j < script.size() && j <= end + 2 * std::size_t{context}; ++j)
            if (script[j].kind != LineKind::same) end = j + 1;
        end = std::min(script.size(), end + context);
        Hunk& hunk = hunks.emplace_back();
        for (std::size_t j = first; j < end; ++j) {
            const auto& [kind, x, y] = script[j];
            hunk.lines.push_back({kind, kind == LineKind::added ? 0 : static_cast<unsigned>(x + 1),
                                  kind == LineKind::removed ? 0 : static_cast<unsigned>(y + 1),
                                  without_end(kind == LineKind::added ? new_lines[y] : old_lines[x])});
        }
        written = end;
        i = end - 1;
    }
    return hunks;
}

}  // namespace rpm::plan
