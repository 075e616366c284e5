// SPDX-License-Identifier: MIT
#include "workers/ssh/algorithms.h"

#include <algorithm>

#include "shared/base/text.h"
#include "workers/ssh/wire.h"

namespace rpm::ssh {
namespace {

// 128 bits of security at least (NIST SP 800-57 part 1, table 2). So no group of 2048 bits or of the server's
// choice, and no RSA host keys: most have 2048 bits, and the SSH library of Debian 12 takes only signatures
// with SHA-1 from them. Every sshd since 2014 has an Ed25519 key.
constexpr char kKeyExchanges[] =
    "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521,"
    "diffie-hellman-group16-sha512,diffie-hellman-group18-sha512";
constexpr char kHostKeys[] = "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521";
// Neither ChaCha20 nor encrypt-then-MAC with old libraries: both are what CVE-2023-48795 attacks, and
// libraries without them are those without the counter-measure.
constexpr char kCiphers[] = "aes128-gcm@openssh.com,aes256-gcm@openssh.com,aes128-ctr,aes256-ctr,aes192-ctr";
constexpr char kMacs[] = "hmac-sha2-256,hmac-sha2-512";
constexpr unsigned char kKexInit = 20;  // RFC 4253 section 12

// What each list is called for people, and by which option of sshd_config it is set.
struct Category {
    std::string Algorithms::*list;
    const char* plural;
    const char* option;
};
constexpr Category kCategories[] = {{&Algorithms::key_exchange, "key exchanges", "KexAlgorithms"},
                                    {&Algorithms::host_key, "host key types", "HostKeyAlgorithms"},
                                    {&Algorithms::cipher, "ciphers", "Ciphers"},
                                    {&Algorithms::mac, "MACs", "MACs"}};

std::string spaced(std::string_view list) {
    std::string out;
    for (const auto name : text::split(list, ',')) out += (out.empty() ? "" : ", ") + std::string(name);
    return out;
}

}  // namespace

std::string common(std::string_view list, std::string_view allowed) {
    const auto known = text::split(allowed, ',');
    std::string out;
    for (const auto name : text::split(list, ','))
        if (std::ranges::find(known, name) != known.end())
            out += (out.empty() ? "" : ",") + std::string(name);
    return out;
}

Algorithms preferred(std::string_view pinned_type) {
    std::string host_key = pinned_type.empty() ? kHostKeys : common(pinned_type, kHostKeys);
    return {kKeyExchanges, std::move(host_key), kCiphers, kMacs};
}

std::optional<Algorithms> read_offer(std::string_view first_bytes) {
    // Other lines may precede the version (RFC 4253 section 4.2).
    while (!first_bytes.starts_with("SSH-")) {
        const std::size_t end = first_bytes.find('\n');
        if (end == std::string_view::npos) return std::nullopt;
        first_bytes.remove_prefix(end + 1);
    }
    const std::size_t version_end = first_bytes.find('\n');
    if (version_end == std::string_view::npos) return std::nullopt;
    WireReader packet(first_bytes.substr(version_end + 1));
    packet.u32();     // packet length
    packet.bytes(1);  // padding length
    const std::string_view message = packet.bytes(1);
    packet.bytes(16);  // cookie
    Algorithms offer;
    offer.key_exchange = packet.text();
    offer.host_key = packet.text();
    offer.cipher = packet.text();
    packet.text();  // ciphers of the other direction: sshd has one setting for both
    offer.mac = packet.text();
    if (!packet.ok() || static_cast<unsigned char>(message[0]) != kKexInit) return std::nullopt;
    return offer;
}

std::string explain_mismatch(const Algorithms& ours, const Algorithms& nodes, std::string_view pinned_type) {
    std::string out;
    for (const Category& category : kCategories) {
        if (!common(ours.*category.list, nodes.*category.list).empty()) continue;
        out += out.empty() ? "the node's sshd allows only algorithms that this program lacks: " : "; ";
        out += std::string("its ") + category.plural + " are " +
               text::ellipsis(spaced(nodes.*category.list), 300) + ", and one of " +
               spaced(ours.*category.list) + " is needed (" + category.option + " in its sshd_config)";
        if (category.list == &Algorithms::host_key && !pinned_type.empty())
            out +=
                ", because the pinned host key has this type: pin another key if the node was given new ones";
    }
    return out;
}

}  // namespace rpm::ssh
