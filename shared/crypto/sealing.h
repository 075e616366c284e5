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
//
// A rotation reaches running programs: a SealingKey that was loaded looks at its file before each use, and
// UnsealingKeys look into their folder again when they meet a key id that they do not know. Both may be used
// by many threads; copies share what they know.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/secret.h"

namespace rpm::crypto {

class SealingKey {
  public:
    /// One line: "rpmgr-seal <base64 public key>". A file that later becomes unreadable or wrong is ignored
    /// with a line in the log, and the key goes on as it was.
    static SealingKey load(const std::filesystem::path& file);
    explicit SealingKey(std::string raw_public_key);
    std::string seal(const Secret& secret, std::string_view purpose) const;
    std::string id() const;
    std::string line() const;  ///< the file's content
    /// Puts this key in the place of the file's, in one rename.
    void replace(const std::filesystem::path& public_file) const;

  private:
    friend class UnsealingKeys;
    struct State;
    std::string seal_marked(const Secret& marked) const;
    std::shared_ptr<State> state_;
};

class UnsealingKeys {
  public:
    UnsealingKeys();
    /// One private key file, or every "*.key" of a folder that opens sealed values. Refuses files that others
    /// than the owner may read.
    static UnsealingKeys load(const std::filesystem::path& file_or_folder);
    void add(const Secret& raw_private_key);
    Secret open(std::string_view sealed, std::string_view purpose) const;
    /// The same secret for the same purpose, whatever that is, sealed with another key.
    std::string reseal(std::string_view sealed, const SealingKey& key) const;
    std::vector<std::string> ids() const;

  private:
    struct State;
    Secret open_marked(std::string_view sealed) const;
    std::shared_ptr<State> state_;
};

/// The key id in a sealed value; nothing when it is no sealed value.
std::optional<std::string> sealed_key_id(std::string_view sealed);

struct KeyPair {
    SealingKey sealing;
    Secret private_key;
    static KeyPair generate();
    /// Writes sealing.pub (0644) and <id>.key (0600); refuses to overwrite. Makes the private folder (0700)
    /// when it is missing.
    void save(const std::filesystem::path& public_file, const std::filesystem::path& private_folder) const;
    /// The private half alone, which must be there before anything is sealed with the public one.
    void save_private(const std::filesystem::path& private_folder) const;
};

}  // namespace rpm::crypto
