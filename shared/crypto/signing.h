// SPDX-License-Identifier: MIT
// Signatures that anybody can check and only workers can make: Ed25519 (RFC 8032), libsodium.
//
//     SigningKey::generate().save("keys/audit.key", "audit.pub");       // rpmgr keys init
//     auto signature = SigningKey::load("keys/audit.key").sign(text);    // workers only
//     bool right = VerifyingKeys::load("audit.pub").verify(key_id, text, signature);
//
// The private file has one line, "rpmgr-sign <base64 seed>", mode 0600. The public file has one line for each
// key that ever signed, "rpmgr-verify <base64 public key>", newest last: what an old key signed stays
// verifiable after a rotation. The key id is 8 hex digits of the public key's SHA-256.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "shared/base/secret.h"

namespace rpm::crypto {

class SigningKey {
  public:
    static SigningKey generate();
    /// Throws Unavailable when there is no such file, Invalid when it is another kind of file or others than
    /// its owner may read it.
    static SigningKey load(const std::filesystem::path& private_file);
    /// Replaces the private file and adds a line to the public one, each in one rename; the public line
    /// first, so that nothing is ever signed that cannot be verified.
    void save(const std::filesystem::path& private_file, const std::filesystem::path& public_file) const;
    std::string sign(std::string_view message) const;  ///< 64 raw bytes
    const std::string& id() const { return id_; }
    const std::string& raw_public() const { return raw_public_; }

  private:
    explicit SigningKey(Secret seed);
    Secret seed_;
    std::string raw_public_;
    std::string id_;
};

class VerifyingKeys {
  public:
    /// Throws Unavailable or Invalid with the file's name.
    static VerifyingKeys load(const std::filesystem::path& public_file);
    void add(std::string raw_public);
    bool knows(std::string_view id) const { return by_id_.contains(id); }
    /// False also for a key that is not known.
    bool verify(std::string_view id, std::string_view message, std::string_view signature) const;

  private:
    std::map<std::string, std::string, std::less<>> by_id_;
};

}  // namespace rpm::crypto
