// SPDX-License-Identifier: MIT
// One small text over plain HTTP from a server that a stranger named.
//
// The stranger must not make this machine ask machines that only it reaches (server-side request forgery,
// CWE-918): the addresses are looked up by the caller and checked here before anything is connected to; they
// cannot change in between. No redirects, no proxy, no other protocol, a small answer, one deadline for all.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace rpm::domains {

struct FetchSettings {
    unsigned port = 80;
    bool private_addresses = false;  ///< also addresses that are not on the public Internet (is_public())
    std::chrono::seconds deadline{10};
};

struct Fetched {
    int status = 0;       ///< 0: there was no answer, `error` says why
    std::string body{};   ///< at most 1 KiB
    std::string error{};  ///< for people: "127.0.0.1 is not a public address"
};

/// GET http://NAME/PATH from one of these addresses. Throws nothing about the server.
Fetched fetch(const FetchSettings& settings, const std::string& name, const std::string& path,
              const std::vector<std::string>& addresses);

}  // namespace rpm::domains
