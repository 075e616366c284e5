// SPDX-License-Identifier: MIT
#include "shared/crypto/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/random.h>

#include <cerrno>
<<<<<<< HEAD
#include <cstring>
#include <utility>
=======
>>>>>>> render

#include "shared/base/error.h"
#include "shared/base/text.h"

namespace rpm::crypto {
namespace {

<<<<<<< HEAD
constexpr std::size_t kSize = 32;

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}
EVP_MD_CTX* context_of(void* context) {
    return static_cast<EVP_MD_CTX*>(context);
=======
constexpr std::size_t kSha256Size = 32;

unsigned char* raw(std::string& bytes) {
    return reinterpret_cast<unsigned char*>(bytes.data());
>>>>>>> render
}

}  // namespace

std::string sha256(std::string_view bytes) {
<<<<<<< HEAD
    std::string digest(kSize, '\0');
    if (EVP_Digest(bytes.data(), bytes.size(), bytes_of(digest), nullptr, EVP_sha256(), nullptr) != 1)
        throw Error("cannot compute SHA-256");
    return digest;
=======
    std::string out(kSha256Size, '\0');
    unsigned size = 0;
    if (EVP_Digest(bytes.data(), bytes.size(), raw(out), &size, EVP_sha256(), nullptr) != 1)
        throw Error("SHA-256 failed");
    return out;
>>>>>>> render
}

std::string sha256_hex(std::string_view bytes) {
    return text::hex(sha256(bytes));
}

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
<<<<<<< HEAD
    std::string code(kSize, '\0');
    if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes_of(bytes), bytes.size(),
             bytes_of(code), nullptr) == nullptr)
        throw Error("cannot compute HMAC");
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
=======
    std::string out(kSha256Size, '\0');
    unsigned size = 0;
    // HMAC() takes a null key for "as before", so an empty view must still point somewhere.
    const char* start = key.empty() ? "" : key.data();
    if (HMAC(EVP_sha256(), start, static_cast<int>(key.size()),
             reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), raw(out), &size) == nullptr)
        throw Error("HMAC-SHA-256 failed");
    return out;
}

std::string random_bytes(std::size_t count) {
    std::string out(count, '\0');
    // The kernel gives at most 256 bytes without being interrupted.
    for (std::size_t done = 0; done < count;) {
        const ssize_t got = getrandom(out.data() + done, count - done, 0);
        if (got < 0 && errno != EINTR) throw Error("the kernel gives no random bytes");
        if (got > 0) done += static_cast<std::size_t>(got);
    }
    return out;
>>>>>>> render
}

bool equal(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
<<<<<<< HEAD
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
=======
    auto* context = static_cast<EVP_MD_CTX*>(context_);
    if (context == nullptr || EVP_DigestInit_ex(context, EVP_sha256(), nullptr) != 1) {
        EVP_MD_CTX_free(context);
        throw Error("SHA-256 is not available");
    }
}

Sha256::~Sha256() {
    EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(context_));
}

Sha256& Sha256::update(std::string_view bytes) {
    if (EVP_DigestUpdate(static_cast<EVP_MD_CTX*>(context_), bytes.data(), bytes.size()) != 1)
        throw Error("SHA-256 failed");
    return *this;
}

std::string Sha256::finish() {
    std::string out(kSha256Size, '\0');
    unsigned size = 0;
    if (EVP_DigestFinal_ex(static_cast<EVP_MD_CTX*>(context_), raw(out), &size) != 1)
        throw Error("SHA-256 failed");
    return out;
>>>>>>> render
}

}  // namespace rpm::crypto
