// SPDX-License-Identifier: MIT
// Secrets that the panels both store and read: seeds of one-time passwords, the client secret of single
// sign-on. What only workers may read is sealed instead (shared/crypto/sealing.h).
//
//     Vault vault = Vault::load("web.key");                       // rpmgr keys init made it
//     std::string row = vault.encrypt(secret, "totp:7");
//     Secret back = vault.decrypt(row, "totp:7");
//
// XChaCha20-Poly1305 with a random nonce (libsodium; its 192 bits make random nonces safe for any number of
// messages). Text: "v1:<key id>:<base64 of nonce and box>". The purpose is bound as associated data: a row
// moved to another place does not open. decrypt() throws Error when the key is unknown or anything was
// changed, never saying more.
//
// The file holds one key per line. The first encrypts, all decrypt: to rotate, put a new line before the old.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "shared/base/secret.h"

namespace rpm::crypto {

class Vault {
  public:
    /// Lines "rpmgr-vault <base64 of 32 bytes>". Refuses a file that everybody may read or its group may
    /// write; throws Unavailable when there is none.
    static Vault load(const std::filesystem::path& file);
    /// With one new random key.
    static Vault generate();
    /// Writes the file (0640: panels read it by their group). Throws Conflict when it exists.
    void save(const std::filesystem::path& file) const;

    std::string encrypt(const Secret& secret, std::string_view purpose) const;
    Secret decrypt(std::string_view text, std::string_view purpose) const;
    const std::string& id() const { return id_; }  ///< of the key that encrypts

  private:
    void add(const Secret& raw_key);
    std::string id_;
    std::map<std::string, Secret, std::less<>> by_id_;
};

}  // namespace rpm::crypto
