// SPDX-License-Identifier: MIT
// Limits on guessing passwords, links and codes. Each attempt is counted before the secret is looked at, in
// one atomic step, so that any number of parallel tries together get no more than the limit.
//
//     const auto limits = sign_in_limits(account, address, device);
//     if (const auto wait = count_attempt(context, limits)) return throttled(*wait);
//     …                                                     // look at the password
//     if (right) forgive(context, limits);                  // only failures stay counted
//
// Counters live in memcached where the program has one (Context::counters), else, or while it does not
// answer, in the database: restarts and further web hosts change nothing.
//
// Who is a stranger counts per account and network (5), per network (30) and per account (50), each within 15
// minutes. A browser that signed in to the account before shows its device cookie and counts for itself (10):
// strangers cannot lock it out (OWASP, "Slow down online guessing attacks with device cookies").
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "shared/ops/context.h"

namespace rpm::ops {

struct Limit {
    std::string key;  ///< what is counted, of any length
    unsigned most = 0;
    bool forget = false;  ///< a success clears the counter; else it takes back its own count
};

/// Counts until a limit is exceeded, in their order, so that what one limit refuses does not use up the next.
/// Answers how long to wait when one is; nothing when the attempt may go on.
std::optional<std::chrono::seconds> count_attempt(Context& context, std::span<const Limit> limits);
void forgive(Context& context, std::span<const Limit> limits);

/// For signing in; `device` is the hash of a device cookie that is known for the account, or "".
std::vector<Limit> sign_in_limits(const std::string& account, const std::string& address,
                                  const std::string& device);

/// For single-use links.
std::vector<Limit> link_limits(const std::string& address);
/// For the own password, asked again in a session: a browser left open is no place to guess it, and guesses
/// there keep nobody out elsewhere.
std::vector<Limit> guess_limits(SessionId session);

/// For codes and passkeys of an account whose password was right: guesses are few from wherever they come,
/// and only who knows the password can use them up.
std::vector<Limit> factor_limits(UserId user);
/// For passkeys of whoever has not said who they are.
std::vector<Limit> passkey_limits(const std::string& address);

/// For what is begun without saying who one is and is kept for minutes: sign-ins at a provider, questions for
/// a passkey. Nothing takes back what is counted: each leaves a row.
std::vector<Limit> beginning_limits(const std::string& address);

/// What of an address is counted: of IPv6 the /64 network, since whoever has one address has all of it
/// (RFC 6177 section 2).
std::string counted_address(const std::string& address);

}  // namespace rpm::ops
