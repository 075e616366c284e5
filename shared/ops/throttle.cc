// SPDX-License-Identifier: MIT
#include "shared/ops/throttle.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "shared/cache/counters.h"
#include "shared/crypto/token.h"
#include "shared/store/attempts.h"

namespace rpm::ops {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds kWindow = 15min;
constexpr unsigned kOfAccountFromNetwork = 5;
constexpr unsigned kOfNetwork = 30;
constexpr unsigned kOfAccount = 50;  // NIST SP 800-63B section 3.2.2 allows 100 in a row
constexpr unsigned kOfDevice = 10;
constexpr unsigned kInSession = 5;
constexpr unsigned kFactorsOfAccount = 8;  // of a million codes, three are right at any moment
constexpr unsigned kLinksFromNetwork = 5;
constexpr unsigned kBegunFromNetwork = 60;  // twice the sign-ins: people begin again

std::string hash_of(const Limit& limit) {
    return crypto::token_hash(limit.key);
}

store::AttemptCount count(Context& context, const std::string& hash, Time now) {
    if (context.counters != nullptr)
        if (const auto hits = context.counters->count(hash, kWindow))
            return {static_cast<unsigned>(std::min<std::uint64_t>(*hits, 1'000'000)), now + kWindow};
    return db::transact(context.db,
                        [&](db::Transaction& tx) { return store::count_attempt(tx, hash, kWindow, now); });
}

}  // namespace

std::optional<std::chrono::seconds> count_attempt(Context& context, std::span<const Limit> limits) {
    const Time now = context.clock.now();
    for (const Limit& limit : limits) {
        const auto counted = count(context, hash_of(limit), now);
        if (counted.hits > limit.most)
            return std::max(1s, std::chrono::ceil<std::chrono::seconds>(counted.ends_at - now));
    }
    return std::nullopt;
}

void forgive(Context& context, std::span<const Limit> limits) {
    for (const Limit& limit : limits) {
        const std::string hash = hash_of(limit);
        if (context.counters != nullptr &&
            (limit.forget ? context.counters->forget(hash) : context.counters->take_back(hash)))
            continue;
        db::transact(context.db, [&](db::Transaction& tx) {
            limit.forget ? store::forget_attempts(tx, hash) : store::take_back_attempt(tx, hash);
        });
    }
}

std::vector<Limit> sign_in_limits(const std::string& account, const std::string& address,
                                  const std::string& device) {
    if (!device.empty()) return {{"device " + device + ' ' + account, kOfDevice, true}};
    const std::string network = counted_address(address);
    return {{"account " + account + " from " + network, kOfAccountFromNetwork, true},
            {"network " + network, kOfNetwork, false},
            {"account " + account, kOfAccount, false}};
}

std::vector<Limit> link_limits(const std::string& address) {
    return {{"link from " + counted_address(address), kLinksFromNetwork, false}};
}

std::vector<Limit> factor_limits(UserId user) {
    return {{"second factor of " + user.text(), kFactorsOfAccount, true}};
}

std::vector<Limit> passkey_limits(const std::string& address) {
    return {{"passkey from " + counted_address(address), kOfNetwork, false}};
}

std::vector<Limit> guess_limits(SessionId session) {
    return {{"password in session " + session.text(), kInSession, true}};
}

std::vector<Limit> beginning_limits(const std::string& address) {
    return {{"begun from " + counted_address(address), kBegunFromNetwork, false}};
}

std::string counted_address(const std::string& address) {
    std::array<unsigned char, 16> bytes{};
    if (inet_pton(AF_INET6, address.c_str(), bytes.data()) != 1) return address;
    std::array<char, INET6_ADDRSTRLEN> text{};
    constexpr std::array<unsigned char, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (std::equal(kMapped.begin(), kMapped.end(), bytes.begin())) {
        // The same machine, whatever the listener was: ::ffff:192.0.2.1 is 192.0.2.1 (RFC 4291
        // section 2.5.5.2).
        inet_ntop(AF_INET, bytes.data() + 12, text.data(), text.size());
        return text.data();
    }
    std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
    inet_ntop(AF_INET6, bytes.data(), text.data(), text.size());
    return std::string(text.data()) + "/64";
}

}  // namespace rpm::ops
