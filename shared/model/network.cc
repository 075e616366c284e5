// SPDX-License-Identifier: MIT
#include "shared/model/network.h"

#include <arpa/inet.h>

#include <algorithm>

#include "shared/base/error.h"
#include "shared/base/text.h"

namespace rpm {
namespace {

struct Bytes {
    std::array<std::uint8_t, 16> bytes{};
    bool v6 = false;
};

// The last four bytes of an IPv6 address that stands for an IPv4 address.
bool embeds_v4(const std::array<std::uint8_t, 16>& b) {
    constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    constexpr std::array<std::uint8_t, 12> kNat64{0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0};
    constexpr std::array<std::uint8_t, 12> kCompatible{};
    const auto starts_with = [&](const auto& prefix) {
        return std::equal(prefix.begin(), prefix.end(), b.begin());
    };
    // "::" and "::1" are the unspecified and the loopback address of IPv6.
    const bool low = b[12] == 0 && b[13] == 0 && b[14] == 0 && b[15] <= 1;
    return starts_with(kMapped) || starts_with(kNat64) || (starts_with(kCompatible) && !low);
}

Bytes bytes_of(const IpAddress& address) {
    Bytes out;
    if (inet_pton(AF_INET, address.text().c_str(), out.bytes.data()) == 1) return out;
    inet_pton(AF_INET6, address.text().c_str(), out.bytes.data());
    out.v6 = true;
    if (!embeds_v4(out.bytes)) return out;
    Bytes v4;
    std::copy(out.bytes.begin() + 12, out.bytes.end(), v4.bytes.begin());
    return v4;
}

bool bit(const std::array<std::uint8_t, 16>& bytes, unsigned index) {
    return (bytes[index / 8] >> (7 - index % 8) & 1U) != 0;
}

const std::vector<IpNetwork>& special_networks() {
    static const std::vector<IpNetwork> networks = parse_networks(
        "special",
        "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 "
        "192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 "
        "224.0.0.0/4 240.0.0.0/4 2001::/23 2001:db8::/32 2002::/16 3fff::/20");
    return networks;
}

}  // namespace

std::optional<IpNetwork> IpNetwork::parse(std::string_view text) {
    const auto slash = text.find('/');
    const auto address = IpAddress::parse(text.substr(0, slash));
    if (!address) return std::nullopt;
    IpNetwork out;
    const Bytes from = bytes_of(*address);
    const bool embedded = address->is_v6() && !from.v6;
    out.bytes_ = from.bytes;
    out.v6_ = from.v6;
    const unsigned longest = address->is_v6() ? 128 : 32;
    unsigned prefix = longest;
    if (slash != std::string_view::npos) {
        const std::string_view digits = text.substr(slash + 1);
        const auto number = text::number<unsigned>(digits);
        if (!number || *number > longest || (digits.size() > 1 && digits.front() == '0')) return std::nullopt;
        prefix = *number;
    }
    if (embedded) {
        if (prefix < 96) return std::nullopt;  // more than the IPv4 addresses in it
        prefix -= 96;
    }
    for (unsigned i = prefix; i < (out.v6_ ? 128U : 32U); ++i)
        if (bit(out.bytes_, i)) return std::nullopt;
    out.prefix_ = prefix;
    const std::string base = embedded
                                 ? std::to_string(from.bytes[0]) + "." + std::to_string(from.bytes[1]) + "." +
                                       std::to_string(from.bytes[2]) + "." + std::to_string(from.bytes[3])
                                 : address->text();
    out.text_ = base + "/" + std::to_string(prefix);
    return out;
}

bool IpNetwork::contains(const IpAddress& address) const {
    const Bytes of = bytes_of(address);
    if (of.v6 != v6_) return false;
    for (unsigned i = 0; i < prefix_; ++i)
        if (bit(of.bytes, i) != bit(bytes_, i)) return false;
    return true;
}

std::vector<IpNetwork> parse_networks(const std::string& field, std::string_view words) {
    std::vector<IpNetwork> out;
    for (const std::string_view word : text::words(words)) {
        auto network = IpNetwork::parse(word);
        if (!network)
            throw Invalid(field, "has '" + text::shown(word, 80) +
                                     "', which is no network like 192.0.2.0/24 or 2001:db8::/32");
        if (std::ranges::find(out, *network) == out.end()) out.push_back(std::move(*network));
    }
    return out;
}

std::string words_of(const std::vector<IpNetwork>& networks) {
    std::string out;
    for (const IpNetwork& network : networks) out += (out.empty() ? "" : " ") + network.text();
    return out;
}

const IpNetwork* find_network(const std::vector<IpNetwork>& networks, const IpAddress& address) {
    const auto found =
        std::ranges::find_if(networks, [&](const IpNetwork& network) { return network.contains(address); });
    return found == networks.end() ? nullptr : &*found;
}

bool is_public(const IpAddress& address) {
    // Of IPv6, only 2000::/3 was ever given out (IANA IPv6 address space registry).
    static const IpNetwork unicast = *IpNetwork::parse("2000::/3");
    if (find_network(special_networks(), address) != nullptr) return false;
    return !bytes_of(address).v6 || unicast.contains(address);
}

}  // namespace rpm
