// SPDX-License-Identifier: MIT
#include "shared/crypto/common_passwords.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "shared/base/text.h"
#include "shared/crypto/digest.h"

// The file as it is, found from the root of the tree, where make runs.
asm(R"(
    .section .rodata
    .balign 8
    .global rpmgr_common_passwords
    .global rpmgr_common_passwords_end
rpmgr_common_passwords:
    .incbin "shared/crypto/common_passwords.bin"
rpmgr_common_passwords_end:
    .byte 0
    .previous
)");
extern "C" {
extern const char rpmgr_common_passwords[];      // NOLINT
extern const char rpmgr_common_passwords_end[];  // NOLINT
}

namespace rpm::crypto {
namespace {

constexpr std::size_t kEntry = 5;     // bytes of each hash
constexpr std::size_t kShortest = 4;  // words shorter than this prove nothing
constexpr std::size_t kFewest = 5;    // different characters of a password

using Entry = std::array<char, kEntry>;

bool listed(std::string_view word) {
    if (word.size() < kShortest) return false;
    const std::string hash = sha256(word);
    std::size_t low = 0;
    auto high = static_cast<std::size_t>(rpmgr_common_passwords_end - rpmgr_common_passwords) / kEntry;
    while (low < high) {
        const std::size_t middle = (low + high) / 2;
        const int order = std::memcmp(rpmgr_common_passwords + middle * kEntry, hash.data(), kEntry);
        if (order == 0) return true;
        order < 0 ? low = middle + 1 : high = middle;
    }
    return false;
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80;
}

// Without the digits and signs around it.
std::string_view core_of(std::string_view word) {
    while (!word.empty() && !is_letter(word.front())) word.remove_prefix(1);
    while (!word.empty() && !is_letter(word.back())) word.remove_suffix(1);
    return word;
}

std::string without_disguise(std::string_view word) {
    constexpr std::string_view kLooks = "@4310$57!";
    constexpr std::string_view kMeans = "aaeiossti";
    std::string out(word);
    for (char& c : out)
        if (const auto at = kLooks.find(c); at != std::string_view::npos) c = kMeans[at];
    return out;
}

// "abcabcabcabc" is "abc" to whoever guesses.
std::string_view unit_of(std::string_view word) {
    for (std::size_t length = 1; length <= word.size() / 2; ++length)
        if (word.substr(length) == word.substr(0, word.size() - length)) return word.substr(0, length);
    return word;
}

bool is_run(std::string_view word) {
    for (const int step : {1, -1})
        if (std::ranges::adjacent_find(word, [&](char a, char b) {
                return b - a != step && !(a == '9' && b == '0') && !(a == '0' && b == '9');
            }) == word.end())
            return true;
    return false;
}

bool has_few_characters(std::string_view word) {
    std::string all(word);
    std::ranges::sort(all);
    // Not std::ranges::unique: clang before 16 cannot read its answer.
    return static_cast<std::size_t>(std::unique(all.begin(), all.end()) - all.begin()) < kFewest;
}

bool is_listed_somehow(std::string_view word) {
    const std::string_view core = core_of(word);
    return listed(word) || listed(core) || listed(unit_of(core)) || listed(without_disguise(word)) ||
           listed(without_disguise(core));
}

}  // namespace

bool is_common_password(const Secret& password) {
    const Secret lowered(text::lower(password.reveal()));
    const std::string_view lower = lowered.reveal();
    const std::string_view unit = unit_of(lower);
    return is_listed_somehow(lower) || unit.size() < kFewest || is_listed_somehow(unit) || is_run(lower) ||
           has_few_characters(lower);
}

}  // namespace rpm::crypto
