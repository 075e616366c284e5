// SPDX-License-Identifier: MIT
#include "shared/crypto/signing.h"

#include <sodium.h>

#include "shared/base/config.h"
#include "shared/base/error.h"
#include "shared/base/text.h"
#include "shared/crypto/digest.h"
#include "shared/crypto/key_file.h"
#include "shared/crypto/sodium.h"

namespace rpm::crypto {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPublicWord = "rpmgr-verify ";
constexpr std::string_view kPrivateWord = "rpmgr-sign ";
constexpr std::size_t kIdSize = 8;

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}

// The public half follows from the seed; the expanded secret key lives only as long as it is needed.
Secret expand(const Secret& seed, std::string& raw_public) {
    std::string expanded(crypto_sign_SECRETKEYBYTES, '\0');
    raw_public.resize(crypto_sign_PUBLICKEYBYTES);
    if (crypto_sign_seed_keypair(bytes_of(raw_public), bytes_of(expanded), bytes_of(seed.reveal())) != 0)
        throw Error("bad signing key");
    return Secret(std::move(expanded));
}

std::string public_line(std::string_view raw) {
    return std::string(kPublicWord) + text::base64(raw) + "\n";
}

}  // namespace

SigningKey::SigningKey(Secret seed) : seed_(std::move(seed)) {
    start_sodium();
    expand(seed_, raw_public_);
    id_ = sha256_hex(raw_public_).substr(0, kIdSize);
}

SigningKey SigningKey::generate() {
    return SigningKey(Secret(random_bytes(crypto_sign_SEEDBYTES)));
}

SigningKey SigningKey::load(const fs::path& private_file) {
    demand_private(private_file);
    return SigningKey(key_in(read_secret(private_file), kPrivateWord, crypto_sign_SEEDBYTES, private_file));
}

void SigningKey::save(const fs::path& private_file, const fs::path& public_file) const {
    make_private_folder(private_file.parent_path());
    const std::string known = fs::exists(public_file) ? read_file(public_file) : std::string();
    write_over(public_file, known + public_line(raw_public_), 0644);
    const Secret line(std::string(kPrivateWord) + text::base64(seed_.reveal()) + "\n");
    write_over(private_file, line.reveal(), 0600);
    share_owner(private_file, private_file.parent_path());
}

std::string SigningKey::sign(std::string_view message) const {
    std::string ignored;
    const Secret expanded = expand(seed_, ignored);
    std::string signature(crypto_sign_BYTES, '\0');
    crypto_sign_detached(bytes_of(signature), nullptr, bytes_of(message), message.size(),
                         bytes_of(expanded.reveal()));
    return signature;
}

VerifyingKeys VerifyingKeys::load(const fs::path& public_file) {
    VerifyingKeys keys;
    const std::string content = read_file(public_file);
    for (const std::string_view line : text::lines(content))
        if (!text::trim(line).empty())
            keys.add(std::string(
                key_in(Secret(std::string(line)), kPublicWord, crypto_sign_PUBLICKEYBYTES, public_file)
                    .reveal()));
    if (keys.by_id_.empty()) throw Invalid(public_file.string(), "holds no key");
    return keys;
}

void VerifyingKeys::add(std::string raw_public) {
    if (raw_public.size() != crypto_sign_PUBLICKEYBYTES) throw Error("a public key has 32 bytes");
    start_sodium();
    std::string id = sha256_hex(raw_public).substr(0, kIdSize);
    by_id_.insert_or_assign(std::move(id), std::move(raw_public));
}

bool VerifyingKeys::verify(std::string_view id, std::string_view message, std::string_view signature) const {
    const auto key = by_id_.find(id);
    return key != by_id_.end() && signature.size() == crypto_sign_BYTES &&
           crypto_sign_verify_detached(bytes_of(signature), bytes_of(message), message.size(),
                                       bytes_of(key->second)) == 0;
}

}  // namespace rpm::crypto
