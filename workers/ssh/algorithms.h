// SPDX-License-Identifier: MIT
// Which algorithms this program offers, and why a node and this program have none in common.
//
// Each member is a comma-separated list in order of preference, as RFC 4253 section 7.1 sends it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rpm::ssh {

struct Algorithms {
    std::string key_exchange;
    std::string host_key;
    std::string cipher;
    std::string mac;
};

/// What this program is willing to use, also what the SSH library may lack. The host key is asked for
/// in the pinned type: otherwise the library prefers another one that the node has too, and a pinned key
/// would look changed. Its list is empty when that type is none that is trusted here ("ssh-rsa").
Algorithms preferred(std::string_view pinned_type);
/// The node's lists, from the first bytes it sends (its version line and its first packet, in the clear).
std::optional<Algorithms> read_offer(std::string_view first_bytes);
/// A sentence that names what does not fit and what to allow on the node; empty when everything fits.
std::string explain_mismatch(const Algorithms& ours, const Algorithms& nodes, std::string_view pinned_type);
/// The names in `list` that `allowed` holds as well, in the order of `list`.
std::string common(std::string_view list, std::string_view allowed);

}  // namespace rpm::ssh
