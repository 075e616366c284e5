// SPDX-License-Identifier: MIT
#include "shared/crypto/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sodium.h>
#include <sys/random.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "shared/base/error.h"
#include "shared/base/text.h"
#include "shared/crypto/sodium.h"

namespace rpm::crypto {
namespace {

constexpr std::size_t kSize = 32;

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}
EVP_MD_CTX* context_of(void* context) {
    return static_cast<EVP_MD_CTX*>(context);
}

}  // namespace

std::string sha256(std::string_view bytes) {
    std::string digest(kSize, '\0');
    if (EVP_Digest(bytes.data(), bytes.size(), bytes_of(digest), nullptr, EVP_sha256(), nullptr) != 1)
        throw Error("cannot compute SHA-256");
    return digest;
}

std::string sha256_hex(std::string_view bytes) {
    return text::hex(sha256(bytes));
}

// By libsodium: OpenSSL 3 looks its algorithms up anew for each short text, which costs more than the rest.
std::string hmac_sha256(std::string_view key, std::string_view bytes) {
    start_sodium();
    crypto_auth_hmacsha256_state state;
    std::string code(crypto_auth_hmacsha256_BYTES, '\0');
    crypto_auth_hmacsha256_init(&state, bytes_of(key), key.size());
    crypto_auth_hmacsha256_update(&state, bytes_of(bytes), bytes.size());
    crypto_auth_hmacsha256_final(&state, bytes_of(code));
    sodium_memzero(&state, sizeof state);
    return code;
}

std::string random_bytes(std::size_t count) {
    std::string bytes(count, '\0');
    for (std::size_t done = 0; done < count;) {
        const ssize_t got = getrandom(bytes.data() + done, count - done, 0);
        if (got < 0 && errno != EINTR) throw Error(std::string("no random bytes: ") + std::strerror(errno));
        if (got > 0) done += static_cast<std::size_t>(got);
    }
    return bytes;
}

bool equal(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
    if (context_ == nullptr || EVP_DigestInit_ex(context_of(context_), EVP_sha256(), nullptr) != 1) {
        EVP_MD_CTX_free(context_of(context_));
        throw Error("cannot start SHA-256");
    }
}
Sha256::~Sha256() {
    EVP_MD_CTX_free(context_of(context_));
}
Sha256& Sha256::update(std::string_view bytes) {
    if (EVP_DigestUpdate(context_of(context_), bytes.data(), bytes.size()) != 1)
        throw Error("cannot compute SHA-256");
    return *this;
}
std::string Sha256::finish() {
    std::string digest(kSize, '\0');
    if (EVP_DigestFinal_ex(context_of(context_), bytes_of(digest), nullptr) != 1)
        throw Error("cannot compute SHA-256");
    return digest;
}

}  // namespace rpm::crypto
