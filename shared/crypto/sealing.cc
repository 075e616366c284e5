// SPDX-License-Identifier: MIT
#include "shared/crypto/sealing.h"

#include <sodium.h>
#include <sys/stat.h>

#include <map>
#include <mutex>

#include "shared/base/config.h"
#include "shared/base/error.h"
#include "shared/base/log.h"
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
constexpr std::string_view kOtherWord = "rpmgr-sign ";  // also lies in the folder; see signing.h
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

Error closed() {
    return Error("sealed value does not open");
}

std::string public_key_in(const fs::path& file) {
    return std::string(key_in(read_secret(file), kPublicWord, crypto_box_PUBLICKEYBYTES, file).reveal());
}

// Changes whenever another file takes the name, even within the clock's resolution.
struct Version {
    ino_t inode = 0;
    timespec changed{};
    bool operator==(const Version& other) const {
        return inode == other.inode && changed.tv_sec == other.changed.tv_sec &&
               changed.tv_nsec == other.changed.tv_nsec;
    }
};
Version version_of(const fs::path& file) {
    struct stat status {};
    if (stat(file.c_str(), &status) != 0) return {};
    return {status.st_ino, status.st_ctim};
}

}  // namespace

// ---- The public half ------------------------------------------------------------------------------------

struct SealingKey::State {
    State(fs::path from, Version seen, std::string key)
        : file(std::move(from)), version(seen), raw(std::move(key)) {}
    std::string current();

    const fs::path file;  // empty: does not change
    std::mutex mutex;     // guards the rest
    Version version;
    std::string raw;
};

std::string SealingKey::State::current() {
    const std::lock_guard lock(mutex);
    if (file.empty()) return raw;
    const Version now = version_of(file);
    if (now == version) return raw;
    version = now;
    try {
        raw = public_key_in(file);
        log::info("new sealing key", {{"key", id_of(raw)}});
    } catch (const Error& error) {  // somebody's hand: what was right a moment ago still is
        log::error("keeps the old sealing key", {{"key", id_of(raw)}, {"error", error.what()}});
    }
    return raw;
}

SealingKey SealingKey::load(const fs::path& file) {
    // Before the content: a change in between is then seen by the first use.
    const Version version = version_of(file);
    SealingKey key(public_key_in(file));
    key.state_ = std::make_shared<State>(file, version, key.state_->raw);
    return key;
}

SealingKey::SealingKey(std::string raw_public_key) {
    if (raw_public_key.size() != crypto_box_PUBLICKEYBYTES) throw Error("a public sealing key has 32 bytes");
    start_sodium();
    state_ = std::make_shared<State>(fs::path(), Version{}, std::move(raw_public_key));
}

std::string SealingKey::seal(const Secret& secret, std::string_view purpose) const {
    std::string plain = purpose_mark(purpose);
    plain.reserve(plain.size() + secret.size());  // no second, unwiped copy
    plain += secret.reveal();
    return seal_marked(Secret(std::move(plain)));
}

std::string SealingKey::seal_marked(const Secret& marked) const {
    const std::string raw = state_->current();
    std::string box(marked.size() + crypto_box_SEALBYTES, '\0');
    if (crypto_box_seal(bytes_of(box), bytes_of(marked.reveal()), marked.size(), bytes_of(raw)) != 0)
        throw Error("cannot seal: bad public key");
    return std::string(kVersion) + id_of(raw) + ":" + text::base64(box);
}

std::string SealingKey::id() const {
    return id_of(state_->current());
}

std::string SealingKey::line() const {
    return std::string(kPublicWord) + text::base64(state_->current()) + "\n";
}

void SealingKey::replace(const fs::path& public_file) const {
    write_over(public_file, line(), 0644);
}

// ---- The private half -----------------------------------------------------------------------------------

struct UnsealingKeys::State {
    struct Pair {
        std::string raw_public;
        Secret raw_private;
    };
    fs::path source;   // empty: made by hand
    std::mutex mutex;  // guards the rest
    std::map<std::string, Pair, std::less<>> by_id;

    void add(const Secret& raw_private_key);
    void add_file(const fs::path& file);
    void add_source();
    std::optional<Pair> find(std::string_view id);
};

void UnsealingKeys::State::add(const Secret& raw_private_key) {
    if (raw_private_key.size() != crypto_box_SECRETKEYBYTES) throw Error("a private key has 32 bytes");
    std::string raw_public(crypto_box_PUBLICKEYBYTES, '\0');
    if (crypto_scalarmult_base(bytes_of(raw_public), bytes_of(raw_private_key.reveal())) != 0)
        throw Error("bad private key");
    std::string id = id_of(raw_public);
    by_id.insert_or_assign(std::move(id), Pair{std::move(raw_public), raw_private_key});
}

void UnsealingKeys::State::add_file(const fs::path& file) {
    demand_private(file);
    const Secret line = read_secret(file);
    if (fs::is_directory(source) && line.reveal().starts_with(kOtherWord)) return;
    add(key_in(line, kPrivateWord, crypto_box_SECRETKEYBYTES, file));
}

void UnsealingKeys::State::add_source() {
    if (!fs::is_directory(source)) return add_file(source);
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(source, failed))
        if (entry.path().extension() == ".key") add_file(entry.path());
    if (failed) throw Unavailable("cannot read " + source.string() + ": " + failed.message());
    if (by_id.empty()) throw Invalid(source.string(), "holds no *.key file");
}

std::optional<UnsealingKeys::State::Pair> UnsealingKeys::State::find(std::string_view id) {
    const std::lock_guard lock(mutex);
    if (!by_id.contains(id) && !source.empty()) add_source();  // there may have been a rotation
    const auto found = by_id.find(id);
    if (found == by_id.end()) return std::nullopt;
    return found->second;
}

UnsealingKeys::UnsealingKeys() : state_(std::make_shared<State>()) {
    start_sodium();
}

UnsealingKeys UnsealingKeys::load(const fs::path& file_or_folder) {
    UnsealingKeys keys;
    keys.state_->source = file_or_folder;
    keys.state_->add_source();
    return keys;
}

void UnsealingKeys::add(const Secret& raw_private_key) {
    const std::lock_guard lock(state_->mutex);
    state_->add(raw_private_key);
}

std::vector<std::string> UnsealingKeys::ids() const {
    const std::lock_guard lock(state_->mutex);
    std::vector<std::string> ids;
    for (const auto& [id, pair] : state_->by_id) ids.push_back(id);
    return ids;
}

std::optional<std::string> sealed_key_id(std::string_view sealed) {
    const std::size_t head = kVersion.size() + kIdSize;
    if (!sealed.starts_with(kVersion) || sealed.size() <= head || sealed[head] != ':') return std::nullopt;
    return std::string(sealed.substr(kVersion.size(), kIdSize));
}

Secret UnsealingKeys::open_marked(std::string_view sealed) const {
    const auto id = sealed_key_id(sealed);
    const auto pair = id ? state_->find(*id) : std::nullopt;
    if (!pair) throw closed();
    const auto box = text::unbase64(sealed.substr(kVersion.size() + kIdSize + 1));
    if (!box || box->size() < crypto_box_SEALBYTES + kPurposeSize) throw closed();
    std::string plain(box->size() - crypto_box_SEALBYTES, '\0');
    const int failed = crypto_box_seal_open(bytes_of(plain), bytes_of(*box), box->size(),
                                            bytes_of(pair->raw_public), bytes_of(pair->raw_private.reveal()));
    Secret marked(std::move(plain));
    if (failed != 0) throw closed();
    return marked;
}

Secret UnsealingKeys::open(std::string_view sealed, std::string_view purpose) const {
    const Secret marked = open_marked(sealed);
    if (!equal(marked.reveal().substr(0, kPurposeSize), purpose_mark(purpose))) throw closed();
    return Secret(std::string(marked.reveal().substr(kPurposeSize)));
}

std::string UnsealingKeys::reseal(std::string_view sealed, const SealingKey& key) const {
    return key.seal_marked(open_marked(sealed));
}

// ---- Both -----------------------------------------------------------------------------------------------

KeyPair KeyPair::generate() {
    start_sodium();
    std::string raw_public(crypto_box_PUBLICKEYBYTES, '\0');
    std::string raw_private(crypto_box_SECRETKEYBYTES, '\0');
    crypto_box_keypair(bytes_of(raw_public), bytes_of(raw_private));
    return {SealingKey(std::move(raw_public)), Secret(std::move(raw_private))};
}

void KeyPair::save_private(const fs::path& private_folder) const {
    make_private_folder(private_folder);
    const Secret line(std::string(kPrivateWord) + text::base64(private_key.reveal()) + "\n");
    const fs::path file = private_folder / (sealing.id() + ".key");
    write_new(file, line.reveal(), 0600);
    share_owner(file, private_folder);
}

void KeyPair::save(const fs::path& public_file, const fs::path& private_folder) const {
    // Told before the private half is written, which nobody would use without the public one.
    if (fs::exists(public_file)) throw Conflict(public_file.string() + " exists already");
    save_private(private_folder);
    write_new(public_file, sealing.line(), 0644);
}

}  // namespace rpm::crypto
