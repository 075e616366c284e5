// SPDX-License-Identifier: MIT
// Texts that list networks, as CDNs publish them: one address or network per line, '#' begins a comment.
//
//     const AddressList fresh = AddressList::parse(body);           // throws Invalid{"list", …}
//     if (std::string why = why_not_replace(before, fresh); !why.empty()) …   // the old one stays
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "shared/model/network.h"
#include "shared/model/node_settings.h"

namespace rpm {

inline constexpr std::size_t kMostListBytes = 256 * 1024;
inline constexpr std::size_t kMostListEntries = 5000;

struct AddressList {
    std::vector<IpNetwork> networks;  ///< in the order of the text, none twice

    /// Throws Invalid{"list"} for a line that is neither, a network so wide that it is no list of proxies
    /// (IPv4 wider than /8, IPv6 wider than /16: it would let every visitor lie), or too many.
    static AddressList parse(std::string_view text);
    std::string text() const;  ///< separated by blanks
};

/// Why a list that was read must not take the place of the one before: it is empty, or has shrunk by more
/// than half, as a page of an error or a broken export has. "" when it may.
std::string why_not_replace(const AddressList& before, const AddressList& fresh);

/// The URLs of a preset.
std::vector<std::string> urls_of(ListPreset preset);

}  // namespace rpm
