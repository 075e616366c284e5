// SPDX-License-Identifier: MIT
// The public key by which a node proves that it is the node that was pinned.
//
//     const HostKey key = HostKey::from_line("ssh-ed25519 AAAAC3Nza... comment");   // as in known_hosts,
//     ssh-keyscan show(key.fingerprint());                                                       // as
//     ssh-keygen -l prints it
//
// Two keys are the same key when their blobs are equal, byte for byte; nothing else counts. known_hosts files
// are not consulted anywhere: their matching ignores the port and lets revoked keys pass.
#pragma once

#include <string>
#include <string_view>

namespace rpm::ssh {

struct HostKey {
    std::string type;  ///< "ssh-ed25519", "ecdsa-sha2-nistp256", …
    std::string blob;  ///< RFC 4253 section 6.6, raw bytes

    /// "type base64 [comment]"; throws Invalid{"host_key", …}, also when type and blob do not agree.
    static HostKey from_line(std::string_view line);
    /// From the raw bytes, which start with the type; throws Invalid{"host_key", …}.
    static HostKey from_blob(std::string_view blob);

    std::string line() const;         ///< "type base64"
    std::string fingerprint() const;  ///< "SHA256:" and base64 without padding

    friend bool operator==(const HostKey& a, const HostKey& b) { return a.blob == b.blob; }
};

}  // namespace rpm::ssh
