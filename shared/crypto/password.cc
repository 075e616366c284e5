// SPDX-License-Identifier: MIT
#include "shared/crypto/password.h"

#include <sodium.h>

#include <algorithm>
#include <atomic>
#include <semaphore>
#include <thread>

#include "shared/base/error.h"
#include "shared/base/handle.h"
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

}  // namespace

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

bool verify_password(std::string_view hash, const Secret& password) {
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
