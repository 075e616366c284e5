// SPDX-License-Identifier: MIT
#include "shared/plan/diff.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>
#include <random>

using namespace rpm::plan;

namespace {

std::string shown(const std::vector<Hunk>& hunks) {
    std::string out;
    for (const Hunk& hunk : hunks) {
        out += "@@\n";
        for (const DiffLine& line : hunk.lines)
            out += (line.kind == LineKind::same    ? " "
                    : line.kind == LineKind::added ? "+"
                                                   : "-") +
                   line.text + "\n";
    }
    return out;
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> out;
    std::size_t start = 0;
    for (std::size_t end; (end = text.find('\n', start)) != std::string::npos; start = end + 1)
        out.push_back(text.substr(start, end - start));
    return out;
}

// Goes through the old text, takes removed lines out and puts added ones in; checks the numbers on the way.
std::string patched(const std::string& from, const std::vector<Hunk>& hunks) {
    const auto old = lines_of(from);
    std::string out;
    unsigned at = 0;
    unsigned made = 0;
    const auto keep = [&] { out += old.at(at++) + "\n", ++made; };
    for (const Hunk& hunk : hunks) {
        for (const DiffLine& line : hunk.lines) {
            if (line.kind == LineKind::added) {
                while (made + 1 < line.new_number) keep();
                BOOST_TEST_REQUIRE(line.new_number == ++made);
                out += line.text + "\n";
                continue;
            }
            while (at + 1 < line.old_number) keep();
            BOOST_TEST_REQUIRE(old.at(at) == line.text);
            if (line.kind == LineKind::removed)
                ++at;
            else
                keep();
        }
    }
    while (at < old.size()) keep();
    return out;
}

std::string random_text(std::mt19937& random, std::size_t most) {
    std::string out;
    for (std::size_t n = random() % (most + 1); n > 0; --n)
        out += std::string(1, static_cast<char>('a' + random() % 4)) + "\n";
    return out;
}

std::size_t changes(const std::vector<Hunk>& hunks) {
    std::size_t count = 0;
    for (const Hunk& hunk : hunks)
        for (const DiffLine& line : hunk.lines) count += line.kind != LineKind::same;
    return count;
}

// Lines minus twice the longest common subsequence, the slow and simple way.
std::size_t least_changes(const std::string& from, const std::string& to) {
    const auto a = lines_of(from);
    const auto b = lines_of(to);
    std::vector<std::vector<std::size_t>> best(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 1; i <= a.size(); ++i)
        for (std::size_t j = 1; j <= b.size(); ++j)
            best[i][j] =
                a[i - 1] == b[j - 1] ? best[i - 1][j - 1] + 1 : std::max(best[i - 1][j], best[i][j - 1]);
    return a.size() + b.size() - 2 * best[a.size()][b.size()];
}

}  // namespace

BOOST_AUTO_TEST_SUITE(text_diff)

BOOST_AUTO_TEST_CASE(equal_texts_have_no_hunk) {
    BOOST_TEST(diff("a\nb\n", "a\nb\n").empty());
    BOOST_TEST(diff("", "").empty());
}

BOOST_AUTO_TEST_CASE(a_change_is_shown_with_its_surroundings) {
    BOOST_TEST(shown(diff("1\n2\n3\n4\n5\n6\n7\n", "1\n2\n3\nx\n5\n6\n7\n", 2)) ==
               "@@\n 2\n 3\n-4\n+x\n 5\n 6\n");
}

BOOST_AUTO_TEST_CASE(distant_changes_are_separate_hunks) {
    BOOST_TEST(shown(diff("a\n1\n2\n3\nb\n", "A\n1\n2\n3\nB\n", 1)) == "@@\n-a\n+A\n 1\n@@\n 3\n-b\n+B\n");
    BOOST_TEST(shown(diff("a\n1\n2\nb\n", "A\n1\n2\nB\n", 1)) == "@@\n-a\n+A\n 1\n 2\n-b\n+B\n");
}

BOOST_AUTO_TEST_CASE(files_appear_and_disappear) {
    BOOST_TEST(shown(diff("", "a\nb\n")) == "@@\n+a\n+b\n");
    BOOST_TEST(shown(diff("a\nb\n", "")) == "@@\n-a\n-b\n");
}

BOOST_AUTO_TEST_CASE(differences_that_cannot_be_seen_are_differences) {
    BOOST_TEST(shown(diff("a", "a\n")) == "@@\n-a\n+a\n");
    BOOST_TEST(shown(diff("a\r\n", "a\n")) == "@@\n-a\r\n+a\n");
}

BOOST_AUTO_TEST_CASE(applying_a_diff_gives_the_new_text) {
    std::mt19937 random(7);
    for (int i = 0; i < 2000; ++i) {
        const std::string from = random_text(random, 14);
        const std::string to = random_text(random, 14);
        const auto hunks = diff(from, to, random() % 4);
        BOOST_TEST_REQUIRE(patched(from, hunks) == to);
        BOOST_TEST_REQUIRE(changes(hunks) == least_changes(from, to));
    }
}

BOOST_AUTO_TEST_CASE(very_different_texts_are_bounded_work) {
    std::string from;
    std::string to;
    for (int i = 0; i < 3000; ++i)
        from += "a" + std::to_string(i) + "\n", to += "b" + std::to_string(i) + "\n";
    const auto hunks = diff("same\n" + from, "same\n" + to);
    BOOST_TEST(changes(hunks) == 6000U);
    BOOST_TEST(patched("same\n" + from, hunks) == "same\n" + to);
}

BOOST_AUTO_TEST_SUITE_END()
