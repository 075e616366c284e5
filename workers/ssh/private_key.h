// SPDX-License-Identifier: MIT
// The key with which the manager logs in to its nodes. Parsed once, used for any number of connections.
//
//     const PrivateKey key = PrivateKey::parse(unsealed);          // throws Invalid{"private_key", …}
//     authorized_keys_line = key.public_line("rpmgr");
//
// Accepted: Ed25519 and ECDSA (P-256, P-384, P-521), as OpenSSH writes them (openssh-key-v1, without
// passphrase) or as PEM (PKCS#8, with or without passphrase; SEC 1). RSA is refused: the SSH library signs
// only with SHA-1, which sshd refuses since 8.8.
//
// Why not hand the text to the SSH library: it would parse it anew for every connection, which costs more
// than all the rest of the login. Here the parsed key is kept and only signs. Copies share the one key, which
// is freed (and overwritten, by OpenSSL) with the last of them. Any number of threads may sign at once.
//
// This folder uses OpenSSL by itself, beside shared/crypto, because signatures in SSH's own encoding are part
// of the protocol and of nothing else.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "shared/base/secret.h"

struct evp_pkey_st;

namespace rpm::ssh {

class PrivateKey {
  public:
    /// The passphrase is used for encrypted PKCS#8 only. Errors name what is wrong and what to do about it,
    /// and never quote the text.
    static PrivateKey parse(const Secret& text, const Secret& passphrase = {});
    /// A new Ed25519 key.
    static PrivateKey generate();

    /// "ssh-ed25519" or "ecdsa-sha2-nistp256", …
    const std::string& type() const { return type_; }
    /// The public half as the protocol sends it (RFC 4253 section 6.6, RFC 5656, RFC 8709).
    const std::string& public_blob() const { return public_blob_; }
    /// A line for authorized_keys: "type base64 comment".
    std::string public_line(std::string_view comment) const;
    /// openssh-key-v1 text, not encrypted, as `ssh-keygen` writes it. Ed25519 only; throws Error otherwise.
    Secret openssh_text(std::string_view comment) const;
    /// The signature over the bytes in SSH's encoding, without the type before it. Throws Error.
    std::string sign(std::string_view bytes) const;

  private:
    using Pkey = std::shared_ptr<evp_pkey_st>;
    explicit PrivateKey(Pkey pkey);

    Pkey pkey_;
    std::string type_;
    std::string public_blob_;
};

}  // namespace rpm::ssh
