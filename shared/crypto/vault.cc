// SPDX-License-Identifier: MIT
#include "shared/crypto/vault.h"

#include <sodium.h>
#include <sys/stat.h>

#include "shared/base/config.h"
#include "shared/base/error.h"
#include "shared/base/text.h"
#include "shared/crypto/digest.h"
#include "shared/crypto/key_file.h"
#include "shared/crypto/sodium.h"

namespace rpm::crypto {
namespace {

constexpr std::string_view kVersion = "v1:";
constexpr std::string_view kWord = "rpmgr-vault ";
constexpr std::size_t kIdSize = 8;
constexpr std::size_t kKeySize = crypto_aead_xchacha20poly1305_ietf_KEYBYTES;
constexpr std::size_t kNonceSize = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagSize = crypto_aead_xchacha20poly1305_ietf_ABYTES;

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}

}  // namespace

Vault Vault::load(const std::filesystem::path& file) {
    refuse_permissions(file, S_IRWXO | S_IWGRP | S_IXGRP,
                       "may be used by others than the panels: set its mode to 0640");
    const Secret content(read_file(file));
    Vault vault;
    for (const std::string_view line : text::lines(content.reveal()))
        if (!text::trim(line).empty()) vault.add(key_in(line, kWord, file));
    if (vault.id_.empty()) throw Invalid(file.string(), "holds no key");
    return vault;
}

Vault Vault::generate() {
    Vault vault;
    vault.add(Secret(random_bytes(kKeySize)));
    return vault;
}

void Vault::save(const std::filesystem::path& file) const {
    const Secret line(std::string(kWord) + text::base64(by_id_.at(id_).reveal()) + "\n");
    write_new(file, line.reveal(), 0640);
}

void Vault::add(const Secret& raw_key) {
    start_sodium();
    // 32 bits of a hash tell nothing of a random key.
    std::string id = sha256_hex("rpmgr vault key id " + std::string(raw_key.reveal())).substr(0, kIdSize);
    if (id_.empty()) id_ = id;
    by_id_.insert_or_assign(std::move(id), raw_key);
}

std::string Vault::encrypt(const Secret& secret, std::string_view purpose) const {
    const std::string_view plain = secret.reveal();
    std::string out = random_bytes(kNonceSize);
    out.resize(kNonceSize + plain.size() + kTagSize);
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        bytes_of(out) + kNonceSize, nullptr, bytes_of(plain), plain.size(), bytes_of(purpose), purpose.size(),
        nullptr, bytes_of(std::string_view(out)), bytes_of(by_id_.at(id_).reveal()));
    return std::string(kVersion) + id_ + ":" + text::base64(out);
}

Secret Vault::decrypt(std::string_view text, std::string_view purpose) const {
    const Error closed("encrypted value does not open");
    if (!text.starts_with(kVersion)) throw closed;
    text.remove_prefix(kVersion.size());
    const auto key = by_id_.find(text.substr(0, kIdSize));
    if (key == by_id_.end() || text.size() <= kIdSize || text[kIdSize] != ':') throw closed;
    const auto box = text::unbase64(text.substr(kIdSize + 1));
    if (!box || box->size() < kNonceSize + kTagSize) throw closed;
    std::string plain(box->size() - kNonceSize - kTagSize, '\0');
    const int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(
        bytes_of(plain), nullptr, nullptr, bytes_of(std::string_view(*box)) + kNonceSize,
        box->size() - kNonceSize, bytes_of(purpose), purpose.size(), bytes_of(std::string_view(*box)),
        bytes_of(key->second.reveal()));
    Secret secret(std::move(plain));
    if (failed != 0) throw closed;
    return secret;
}

}  // namespace rpm::crypto
