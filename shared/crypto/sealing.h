// SPDX-License-Identifier: MIT
// Secrets that web processes can store and only workers can read: libsodium sealed boxes (X25519,
// XSalsa20-Poly1305).
//
//     KeyPair pair = KeyPair::generate();                         // rpmgr keys init
//     SealingKey publ = SealingKey::load("sealing.pub");          // web and workers
//     std::string row = publ.seal(secret, "credential:7");        // into the database
//     Secret back = UnsealingKeys::load("keys/").open(row, "credential:7");   // workers only
//
// A sealed value is text: "s1:<key id>:<base64>". The key id (8 hex digits of the public key's SHA-256) finds
// the right private key after a rotation. The purpose is bound into the box: a row moved to another place
// does not open. open() throws Error when the key is unknown or the box was changed, never saying more.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "shared/base/secret.h"

namespace rpm::crypto {

class SealingKey {
  public:
    static SealingKey load(
        const std::filesystem::path& file);  ///< one line: "rpmgr-seal <base64 public key>"
    explicit SealingKey(std::string raw_public_key);
    std::string seal(const Secret& secret, std::string_view purpose) const;
    const std::string& id() const { return id_; }
    std::string line() const;  ///< the file's content

  private:
    std::string raw_;
    std::string id_;
};

class UnsealingKeys {
  public:
    /// One private key file, or every "*.key" of a folder. Refuses files that others than the owner may read.
    static UnsealingKeys load(const std::filesystem::path& file_or_folder);
    void add(const Secret& raw_private_key);
    Secret open(std::string_view sealed, std::string_view purpose) const;

  private:
    struct Pair {
        std::string raw_public;
        Secret raw_private;
    };
    std::map<std::string, Pair, std::less<>> by_id_;
};

struct KeyPair {
    SealingKey sealing;
    Secret private_key;
    static KeyPair generate();
    /// Writes sealing.pub (0644) and <id>.key (0600); refuses to overwrite. Makes the private folder (0700)
    /// when it is missing.
    void save(const std::filesystem::path& public_file, const std::filesystem::path& private_folder) const;
};

}  // namespace rpm::crypto
