// SPDX-License-Identifier: MIT
// Networks of IP addresses: where API tokens work from, where clients' upstreams may not lie, and which
// addresses belong to nobody on the public Internet.
//
//     const auto network = IpNetwork::parse("192.0.2.0/24");
//     if (network && network->contains(*IpAddress::parse("::ffff:192.0.2.7"))) …      // yes
//
// IPv4 addresses that travel inside IPv6 are the IPv4 address: mapped (::ffff:0:0/96, RFC 4291 section
// 2.5.5.2), NAT64 (64:ff9b::/96, RFC 6052) and the retired compatible form (::/96, RFC 4291 section 2.5.5.1).
// Whoever writes one of them in another form gains nothing.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/model/values.h"

namespace rpm {

class IpNetwork {
  public:
    /// "192.0.2.0/24", "2001:db8::/32"; an address alone is the network of this one address. Nothing for
    /// prefixes that are too long or have a sign or leading zero, and for addresses with bits behind the
    /// prefix ("192.0.2.7/24": which of the two was meant?).
    static std::optional<IpNetwork> parse(std::string_view text);
    bool contains(const IpAddress& address) const;
    const std::string& text() const { return text_; }  ///< canonical, with the prefix
    bool operator==(const IpNetwork& other) const { return text_ == other.text_; }

  private:
    IpNetwork() = default;
    std::array<std::uint8_t, 16> bytes_{};  ///< of IPv4: the first four
    unsigned prefix_ = 0;
    bool v6_ = false;
    std::string text_;
};

/// Networks with blanks, commas or line ends between, as forms and rows hold them. Throws Invalid for `field`
/// naming the word that is none.
std::vector<IpNetwork> parse_networks(const std::string& field, std::string_view words);
std::string words_of(const std::vector<IpNetwork>& networks);  ///< with blanks between
/// The first that contains the address, or nullptr.
const IpNetwork* find_network(const std::vector<IpNetwork>& networks, const IpAddress& address);

/// Whether the address can be reached on the public Internet at all: in none of the blocks of the IANA
/// special-purpose registries (RFC 6890), and not multicast.
bool is_public(const IpAddress& address);

}  // namespace rpm
