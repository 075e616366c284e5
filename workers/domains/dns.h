// SPDX-License-Identifier: MIT
// Questions to one DNS resolver: TXT records and addresses of a name.
//
//     Dns dns({.server = *IpAddress::parse("127.0.0.1"), .port = 5353});
//     const auto txt = dns.txt("_rpmgr-challenge.example.com");
//     if (txt.result == DnsResult::found) for (const std::string& value : txt.values) …
//
// Built on the resolver of the C library (res_nquery: follows CNAME chains, falls back to TCP, takes a random
// port for each question). Without a server, those of /etc/resolv.conf are asked. Names are absolute: no
// search list. The answer is as good as the way to the resolver: use one that validates DNSSEC on this
// machine where that matters. One thread per object; a question takes at most `timeout` twice per server.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "shared/model/values.h"

namespace rpm::domains {

struct DnsSettings {
    std::optional<IpAddress> server{};  ///< none: as /etc/resolv.conf says
    unsigned port = 53;
    std::chrono::seconds timeout{3};
};

enum class DnsResult {
    found,
    no_record,   ///< the name exists, without such a record
    no_name,     ///< NXDOMAIN
    unavailable  ///< no answer, or a failure of the server: says nothing about the name
};
struct DnsAnswer {
    DnsResult result = DnsResult::unavailable;
    std::vector<std::string> values{};
};

/// What a message from a server (RFC 1035 section 4) holds of this type (ns_t_txt, ns_t_a, ns_t_aaaa); at
/// most 100 values. Unavailable when it is broken.
DnsAnswer read_dns_answer(std::span<const unsigned char> message, int type);

class Dns {
  public:
    /// Throws Unavailable when the resolver cannot be set up.
    explicit Dns(const DnsSettings& settings);
    ~Dns();
    Dns(const Dns&) = delete;
    Dns& operator=(const Dns&) = delete;

    /// The strings of each record joined (RFC 7208 section 3.3 reads them so too).
    DnsAnswer txt(const std::string& name);
    /// IPv4 and IPv6 addresses; found when there is any.
    DnsAnswer addresses(const std::string& name);

  private:
    struct State;
    DnsAnswer ask(const std::string& name, int type);
    std::unique_ptr<State> state_;
};

}  // namespace rpm::domains
