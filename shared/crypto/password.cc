// SPDX-License-Identifier: MIT
#include "shared/crypto/password.h"

#include <crypt.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <semaphore>
#include <thread>

#include "shared/base/error.h"
#include "shared/base/handle.h"
#include "shared/base/text.h"
#include "shared/crypto/digest.h"
#include "shared/crypto/sodium.h"

namespace rpm::crypto {
namespace {

constexpr std::ptrdiff_t kMostSlots = 64;

std::atomic<std::uint64_t> made = 0;
std::atomic<PasswordCost> chosen_cost = PasswordCost::interactive;

struct Limits {
    unsigned long long passes;
    std::size_t memory;
};

Limits limits() {
    if (chosen_cost == PasswordCost::minimal)
        return {crypto_pwhash_argon2id_OPSLIMIT_MIN, crypto_pwhash_argon2id_MEMLIMIT_MIN};
    return {crypto_pwhash_argon2id_OPSLIMIT_INTERACTIVE, crypto_pwhash_argon2id_MEMLIMIT_INTERACTIVE};
}

// One hash per core at a time.
std::counting_semaphore<kMostSlots>& slots() {
    static std::counting_semaphore<kMostSlots> all(
        std::clamp<std::ptrdiff_t>(std::thread::hardware_concurrency(), 1, kMostSlots));
    return all;
}

template <class F>
auto in_turn(F&& f) {
    start_sodium();
    slots().acquire();
    const Finally release([] { slots().release(); });
    ++made;
    return f();
}

constexpr std::size_t kBcryptSize = 60;
constexpr unsigned kLeastBcryptCost = 4;
constexpr unsigned kMostBcryptCost = 14;
constexpr unsigned kBcryptCost = 10;  // engines verify it with every request

// As passlib, PHP and htpasswd write it: "$2y$10$" and 53 characters of salt and hash.
bool verify_bcrypt(const std::string& hash, const Secret& password) {
    const Secret terminated{std::string(password.reveal())};
    if (terminated.reveal().find('\0') != std::string_view::npos) return false;
    const auto work = std::make_unique<crypt_data>();  // 32 kB: not for the stack of a thread
    const char* result =
        in_turn([&] { return crypt_r(terminated.reveal().data(), hash.c_str(), work.get()); });
    const bool right = result != nullptr && equal(result, hash);
    sodium_memzero(work.get(), sizeof *work);
    return right;
}

}  // namespace

bool is_bcrypt(std::string_view hash) {
    if (hash.size() != kBcryptSize || hash[6] != '$') return false;
    if (!hash.starts_with("$2a$") && !hash.starts_with("$2b$") && !hash.starts_with("$2y$")) return false;
    const auto cost = text::number<unsigned>(hash.substr(4, 2));
    const bool plain = std::ranges::all_of(hash.substr(7), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
               c == '/';
    });
    return cost && *cost >= kLeastBcryptCost && *cost <= kMostBcryptCost && plain;
}

std::string without_hashes(std::string text) {
    constexpr std::string_view kInstead = "(password hash)";
    for (auto at = text.find("$2"); at != std::string::npos; at = text.find("$2", at + 1))
        if (is_bcrypt(std::string_view(text).substr(at, kBcryptSize)))
            text.replace(at, kBcryptSize, kInstead);
    return text;
}

bool is_password_hash(std::string_view hash) {
    if (is_bcrypt(hash)) return true;
    if (!hash.starts_with("$argon2id$") || hash.size() >= crypto_pwhash_argon2id_STRBYTES) return false;
    start_sodium();
    // -1: not a hash at all; else whether it was made with these limits.
    return crypto_pwhash_argon2id_str_needs_rehash(std::string(hash).c_str(), limits().passes,
                                                   limits().memory) >= 0;
}

void set_cost(PasswordCost cost) {
    chosen_cost = cost;
}

std::string hash_password(const Secret& password) {
    const Limits cost = limits();
    const std::string_view text = password.reveal();
    std::string hash(crypto_pwhash_argon2id_STRBYTES, '\0');
    const int failed = in_turn([&] {
        return crypto_pwhash_argon2id_str(hash.data(), text.data(), text.size(), cost.passes, cost.memory);
    });
    if (failed != 0) throw Unavailable("not enough memory to hash a password");
    hash.resize(hash.find('\0'));
    return hash;
}

std::string hash_bcrypt(const Secret& password) {
    start_sodium();
    const unsigned long cost = chosen_cost == PasswordCost::minimal ? kLeastBcryptCost : kBcryptCost;
    char setting[CRYPT_GENSALT_OUTPUT_SIZE];
    std::array<char, 16> random{};
    randombytes_buf(random.data(), random.size());
    if (crypt_gensalt_rn("$2y$", cost, random.data(), static_cast<int>(random.size()), setting,
                         sizeof setting) == nullptr)
        throw Error("bcrypt makes no salt");
    const Secret terminated{std::string(password.reveal())};
    const auto work = std::make_unique<crypt_data>();  // 32 kB: not for the stack of a thread
    const char* result = in_turn([&] { return crypt_r(terminated.reveal().data(), setting, work.get()); });
    std::string hash = result != nullptr ? result : "";
    sodium_memzero(work.get(), sizeof *work);
    if (!is_bcrypt(hash)) throw Error("bcrypt makes no hash");
    return hash;
}

bool verify_password(std::string_view hash, const Secret& password) {
    if (is_bcrypt(hash)) return verify_bcrypt(std::string(hash), password);
    if (hash.size() >= crypto_pwhash_argon2id_STRBYTES) return false;
    const std::string terminated(hash);
    const std::string_view text = password.reveal();
    return in_turn(
        [&] { return crypto_pwhash_argon2id_str_verify(terminated.c_str(), text.data(), text.size()) == 0; });
}

void verify_nothing(const Secret& password) {
    hash_password(password);
}

std::uint64_t hashes_made() {
    return made;
}

bool needs_rehash(std::string_view hash) {
    if (hash.size() >= crypto_pwhash_argon2id_STRBYTES) return true;
    const Limits cost = limits();
    start_sodium();
    return crypto_pwhash_argon2id_str_needs_rehash(std::string(hash).c_str(), cost.passes, cost.memory) != 0;
}

}  // namespace rpm::crypto
