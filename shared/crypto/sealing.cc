// SPDX-License-Identifier: MIT
#include "shared/crypto/sealing.h"

#include <sodium.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "shared/base/config.h"
#include "shared/base/error.h"
#include "shared/base/text.h"
#include "shared/crypto/digest.h"
#include "shared/crypto/key_file.h"
#include "shared/crypto/sodium.h"

namespace rpm::crypto {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kVersion = "s1:";
constexpr std::string_view kPublicWord = "rpmgr-seal ";
constexpr std::string_view kPrivateWord = "rpmgr-unseal ";
constexpr std::size_t kIdSize = 8;
constexpr std::size_t kPurposeSize = 32;

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}

std::string id_of(std::string_view raw_public) {
    return sha256_hex(raw_public).substr(0, kIdSize);
}

// What comes first in each box. The fixed size keeps purpose and secret apart.
std::string purpose_mark(std::string_view purpose) {
    return sha256("rpmgr sealed for " + std::string(purpose));
}

// A folder that is there keeps its mode, which is the administrator's choice.
void make_private_folder(const fs::path& folder) {
    if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
        throw Unavailable("cannot make " + folder.string() + ": " + std::strerror(errno));
}

}  // namespace

SealingKey SealingKey::load(const fs::path& file) {
    return SealingKey(std::string(key_in(read_secret(file).reveal(), kPublicWord, file).reveal()));
}

SealingKey::SealingKey(std::string raw_public_key) : raw_(std::move(raw_public_key)) {
    if (raw_.size() != crypto_box_PUBLICKEYBYTES) throw Error("a public sealing key has 32 bytes");
    start_sodium();
    id_ = id_of(raw_);
}

std::string SealingKey::seal(const Secret& secret, std::string_view purpose) const {
    std::string plain = purpose_mark(purpose);
    plain.reserve(plain.size() + secret.size());  // no second, unwiped copy
    plain += secret.reveal();
    const Secret wiped(std::move(plain));
    std::string box(wiped.size() + crypto_box_SEALBYTES, '\0');
    if (crypto_box_seal(bytes_of(box), bytes_of(wiped.reveal()), wiped.size(), bytes_of(raw_)) != 0)
        throw Error("cannot seal: bad public key");
    return std::string(kVersion) + id_ + ":" + text::base64(box);
}

std::string SealingKey::line() const {
    return std::string(kPublicWord) + text::base64(raw_) + "\n";
}

UnsealingKeys UnsealingKeys::load(const fs::path& file_or_folder) {
    UnsealingKeys keys;
    const auto add_file = [&keys](const fs::path& file) {
        refuse_permissions(file, S_IRWXG | S_IRWXO,
                           "may be used by others than its owner: set its mode to 0600");
        keys.add(key_in(read_secret(file).reveal(), kPrivateWord, file));
    };
    if (!fs::is_directory(file_or_folder)) {
        add_file(file_or_folder);
        return keys;
    }
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(file_or_folder, failed))
        if (entry.path().extension() == ".key") add_file(entry.path());
    if (failed) throw Unavailable("cannot read " + file_or_folder.string() + ": " + failed.message());
    if (keys.by_id_.empty()) throw Invalid(file_or_folder.string(), "holds no *.key file");
    return keys;
}

void UnsealingKeys::add(const Secret& raw_private_key) {
    if (raw_private_key.size() != crypto_box_SECRETKEYBYTES) throw Error("a private key has 32 bytes");
    start_sodium();
    std::string raw_public(crypto_box_PUBLICKEYBYTES, '\0');
    if (crypto_scalarmult_base(bytes_of(raw_public), bytes_of(raw_private_key.reveal())) != 0)
        throw Error("bad private key");
    std::string id = id_of(raw_public);
    by_id_.insert_or_assign(std::move(id), Pair{std::move(raw_public), raw_private_key});
}

Secret UnsealingKeys::open(std::string_view sealed, std::string_view purpose) const {
    const Error closed("sealed value does not open");
    if (!sealed.starts_with(kVersion)) throw closed;
    sealed.remove_prefix(kVersion.size());
    const auto pair = by_id_.find(sealed.substr(0, kIdSize));
    if (pair == by_id_.end() || sealed.size() <= kIdSize || sealed[kIdSize] != ':') throw closed;
    const auto box = text::unbase64(sealed.substr(kIdSize + 1));
    if (!box || box->size() < crypto_box_SEALBYTES + kPurposeSize) throw closed;
    std::string plain(box->size() - crypto_box_SEALBYTES, '\0');
    const int failed =
        crypto_box_seal_open(bytes_of(plain), bytes_of(*box), box->size(), bytes_of(pair->second.raw_public),
                             bytes_of(pair->second.raw_private.reveal()));
    const Secret wiped(std::move(plain));
    const std::string_view mark = wiped.reveal().substr(0, kPurposeSize);
    if (failed != 0 || !equal(mark, purpose_mark(purpose))) throw closed;
    return Secret(std::string(wiped.reveal().substr(kPurposeSize)));
}

KeyPair KeyPair::generate() {
    start_sodium();
    std::string raw_public(crypto_box_PUBLICKEYBYTES, '\0');
    std::string raw_private(crypto_box_SECRETKEYBYTES, '\0');
    crypto_box_keypair(bytes_of(raw_public), bytes_of(raw_private));
    return {SealingKey(std::move(raw_public)), Secret(std::move(raw_private))};
}

void KeyPair::save(const fs::path& public_file, const fs::path& private_folder) const {
    // Told before the private half is written, which nobody would use without the public one.
    if (fs::exists(public_file)) throw Conflict(public_file.string() + " exists already");
    make_private_folder(private_folder);
    const Secret line(std::string(kPrivateWord) + text::base64(private_key.reveal()) + "\n");
    write_new(private_folder / (sealing.id() + ".key"), line.reveal(), 0600);
    write_new(public_file, sealing.line(), 0644);
}

}  // namespace rpm::crypto
