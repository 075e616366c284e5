// SPDX-License-Identifier: MIT
#include "workers/ssh/host_key.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "shared/base/error.h"
#include "shared/base/text.h"
#include "workers/ssh/wire.h"

namespace rpm::ssh {

namespace {

// RFC 4251 section 6: names of algorithms are printable US-ASCII of at most 64 characters.
bool is_algorithm(std::string_view name) {
    return !name.empty() && name.size() <= 64 &&
           std::ranges::all_of(name, [](char c) { return c > ' ' && c < 0x7f; });
}

}  // namespace

HostKey HostKey::from_blob(std::string_view blob) {
    WireReader reader(blob);
    const std::string_view type = reader.text();
    if (!reader.ok() || !is_algorithm(type) || reader.rest().empty())
        throw Invalid("host_key", "not the blob of an SSH public key");
    return HostKey{std::string(type), std::string(blob)};
}

HostKey HostKey::from_line(std::string_view line) {
    const auto words = text::words(line);
    if (words.size() < 2) throw Invalid("host_key", "not a public key line: expected \"type base64\"");
    const auto blob = text::unbase64(words[1]);
    if (!blob) throw Invalid("host_key", "not base64 in the second word of the public key line");
    HostKey key = from_blob(*blob);
    if (key.type != words[0])
        throw Invalid("host_key", "the line says another key type than its blob: " + key.type);
    return key;
}

std::string HostKey::line() const {
    return type + ' ' + text::base64(blob);
}

std::string HostKey::fingerprint() const {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    if (EVP_Digest(blob.data(), blob.size(), digest.data(), &length, EVP_sha256(), nullptr) != 1)
        throw Error("cannot compute a SHA-256 digest");
    std::string encoded = text::base64({reinterpret_cast<const char*>(digest.data()), length});
    while (encoded.ends_with('=')) encoded.pop_back();
    return "SHA256:" + encoded;
}

}  // namespace rpm::ssh
