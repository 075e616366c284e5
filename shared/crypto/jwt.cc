// SPDX-License-Identifier: MIT
#include "shared/crypto/jwt.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <algorithm>
#include <optional>

#include "shared/base/handle.h"
#include "shared/base/text.h"
#include "shared/crypto/digest.h"

namespace rpm::crypto::jwt {

using EvpKey = Handle<EVP_PKEY, &EVP_PKEY_free>;

struct KeySet::Key {
    std::string id;         ///< kid; may be empty
    std::string algorithm;  ///< RS256 or ES256, by the kind of the key
    EvpKey handle;
};

namespace {

using Number = Handle<BIGNUM, &BN_free>;
using Builder = Handle<OSSL_PARAM_BLD, &OSSL_PARAM_BLD_free>;
using Params = Handle<OSSL_PARAM, &OSSL_PARAM_free>;
using KeyContext = Handle<EVP_PKEY_CTX, &EVP_PKEY_CTX_free>;
using Digest = Handle<EVP_MD_CTX, &EVP_MD_CTX_free>;
using Signature = Handle<ECDSA_SIG, &ECDSA_SIG_free>;

constexpr std::size_t kMostToken = 32768;
constexpr std::size_t kMostKeys = 100;
constexpr int kLeastRsaBits = 2048;  // RFC 7518 section 3.3
constexpr std::size_t kP256Size = 32;
constexpr std::chrono::seconds kLeeway{60};
constexpr std::int64_t kMostSeconds = 253402300799;  // the end of the year 9999

[[noreturn]] void refuse(const std::string& reason) {
    throw Invalid("id_token", reason);
}

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

std::string text_in(const Json& object, const char* name) {
    const Json* found = object.find(name);
    return found != nullptr && found->is_text() ? found->text() : std::string();
}

std::string bytes_in(const Json& object, const char* name) {
    return text::unbase64url(text_in(object, name)).value_or("");
}

// ---- Keys
// ------------------------------------------------------------------------------------------------------

EvpKey make_key(const char* type, OSSL_PARAM_BLD* builder) {
    const Params params(OSSL_PARAM_BLD_to_param(builder));
    const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* key = nullptr;
    if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1)
        return nullptr;
    EvpKey owned(key);
    const KeyContext check(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
    return check && EVP_PKEY_public_check(check.get()) == 1 ? std::move(owned) : nullptr;
}

EvpKey make_rsa(const Json& jwk) {
    const std::string modulus = bytes_in(jwk, "n");
    const std::string exponent = bytes_in(jwk, "e");
    if (modulus.empty() || modulus.size() > 1024 || exponent.empty() || exponent.size() > 8) return nullptr;
    const Number n(BN_bin2bn(bytes_of(modulus), static_cast<int>(modulus.size()), nullptr));
    const Number e(BN_bin2bn(bytes_of(exponent), static_cast<int>(exponent.size()), nullptr));
    const Builder builder(OSSL_PARAM_BLD_new());
    if (!n || !e || !builder || BN_num_bits(n.get()) < kLeastRsaBits ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1)
        return nullptr;
    return make_key("RSA", builder.get());
}

EvpKey make_p256(const Json& jwk) {
    const std::string x = bytes_in(jwk, "x");
    const std::string y = bytes_in(jwk, "y");
    if (text_in(jwk, "crv") != "P-256" || x.size() != kP256Size || y.size() != kP256Size) return nullptr;
    const std::string point = "\x04" + x + y;  // uncompressed, SEC 1 section 2.3.3
    const Builder builder(OSSL_PARAM_BLD_new());
    if (!builder ||
        OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) != 1 ||
        OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                         point.size()) != 1)
        return nullptr;
    return make_key("EC", builder.get());
}

std::shared_ptr<const KeySet::Key> read_key(const Json& jwk) {
    if (const auto use = text_in(jwk, "use"); !use.empty() && use != "sig") return nullptr;
    const std::string kind = text_in(jwk, "kty");
    const std::string algorithm = kind == "RSA" ? "RS256" : kind == "EC" ? "ES256" : "";
    // A key that names another algorithm is for that one only (RFC 7517 section 4.4).
    if (const auto named = text_in(jwk, "alg"); algorithm.empty() || (!named.empty() && named != algorithm))
        return nullptr;
    EvpKey handle = kind == "RSA" ? make_rsa(jwk) : make_p256(jwk);
    ERR_clear_error();
    if (!handle) return nullptr;
    return std::make_shared<const KeySet::Key>(
        KeySet::Key{text_in(jwk, "kid"), algorithm, std::move(handle)});
}

// ---- Signature
// -------------------------------------------------------------------------------------------------

// JWS has r and s side by side (RFC 7518 section 3.4), OpenSSL takes DER.
std::string der_of(std::string_view raw) {
    if (raw.size() != 2 * kP256Size) return {};
    const Signature signature(ECDSA_SIG_new());
    Number r(BN_bin2bn(bytes_of(raw), kP256Size, nullptr));
    Number s(BN_bin2bn(bytes_of(raw) + kP256Size, kP256Size, nullptr));
    if (!signature || !r || !s || ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1) return {};
    static_cast<void>(r.release());  // the signature owns them now
    static_cast<void>(s.release());
    unsigned char* out = nullptr;
    const int size = i2d_ECDSA_SIG(signature.get(), &out);
    if (size <= 0) return {};
    std::string der(reinterpret_cast<char*>(out), static_cast<std::size_t>(size));
    OPENSSL_free(out);
    return der;
}

bool signed_by(const KeySet::Key& key, std::string_view what, std::string_view signature) {
    const std::string form = key.algorithm == "ES256" ? der_of(signature) : std::string(signature);
    const Digest digest(EVP_MD_CTX_new());
    const bool right =
        !form.empty() && digest &&
        EVP_DigestVerifyInit(digest.get(), nullptr, EVP_sha256(), nullptr, key.handle.get()) == 1 &&
        EVP_DigestVerify(digest.get(), bytes_of(form), form.size(), bytes_of(what), what.size()) == 1;
    ERR_clear_error();
    return right;
}

void verify_signature(const Json& header, std::string_view what, std::string_view signature,
                      const KeySet& keys) {
    const std::string algorithm = text_in(header, "alg");
    if (algorithm != "RS256" && algorithm != "ES256")
        refuse("is signed by '" + text::ellipsis(algorithm, 20) +
               "': set the client's ID token signature to RS256 or ES256 at the provider");
    // Extensions that we would have to understand (RFC 7515 section 4.1.11).
    if (header.find("crit") != nullptr) refuse("demands what is not supported (crit)");
    const std::string id = text_in(header, "kid");
    bool tried = false;
    for (const auto& key : keys.keys()) {
        if (key->algorithm != algorithm || (!id.empty() && key->id != id)) continue;
        if (signed_by(*key, what, signature)) return;
        tried = true;
    }
    if (!tried) throw UnknownKey("id_token", "is signed with a key that the provider does not publish");
    refuse("has a wrong signature");
}

// ---- Claims
// ----------------------------------------------------------------------------------------------------

Json read_part(std::string_view part, const char* what) {
    const auto bytes = text::unbase64url(part);
    if (!bytes) refuse(std::string(what) + " is not base64url");
    try {
        Json parsed = Json::parse(*bytes);
        if (parsed.is_object()) return parsed;
    } catch (const Invalid&) {  // said below
    }
    refuse(std::string(what) + " is no JSON object");
}

std::optional<Time> time_in(const Json& claims, const char* name) {
    const Json* found = claims.find(name);
    if (found == nullptr) return std::nullopt;
    if (!found->is_number()) refuse(std::string(name) + " is no number");
    const double seconds = found->real();
    if (!(seconds >= 0 && seconds <= static_cast<double>(kMostSeconds)))
        refuse(std::string(name) + " is no time");
    return Time(std::chrono::seconds(static_cast<std::int64_t>(seconds)));
}

void check_audience(const Json& claims, const std::string& client) {
    const Json* const audience = claims.find("aud");
    std::vector<std::string> all;
    if (audience != nullptr && audience->is_text()) all.push_back(audience->text());
    if (audience != nullptr && audience->is_array())
        for (const Json& one : audience->items())
            if (one.is_text()) all.push_back(one.text());
    if (std::ranges::find(all, client) == all.end()) refuse("is for another client (aud)");
    const std::string party = text_in(claims, "azp");
    if (all.size() > 1 && party.empty()) refuse("is for several and does not say for whom (azp)");
    if (claims.find("azp") != nullptr && party != client) refuse("was issued to another client (azp)");
}

void check_times(const Json& claims, Time now) {
    const auto until = time_in(claims, "exp");
    const auto issued = time_in(claims, "iat");
    const auto from = time_in(claims, "nbf");
    if (!until || !issued) refuse("does not say when it was made and until when it is good (iat, exp)");
    if (now >= *until + kLeeway) refuse("is too old: are the clocks right?");
    if (*issued > now + kLeeway || (from && *from > now + kLeeway))
        refuse("is of the future: are the clocks right?");
}

}  // namespace

KeySet KeySet::parse(std::string_view jwks) {
    KeySet set;
    const Json document = Json::parse(jwks);
    for (const Json& jwk : document.at("keys").items()) {
        if (set.keys_.size() == kMostKeys) break;
        if (!jwk.is_object()) continue;
        if (auto key = read_key(jwk)) set.keys_.push_back(std::move(key));
    }
    return set;
}

Json verify_id_token(std::string_view token, const KeySet& keys, const Expected& expected, Time now) {
    if (token.size() > kMostToken) refuse("is too long");
    const auto parts = text::split(token, '.');
    if (parts.size() != 3) refuse("is no signed token");
    const Json header = read_part(parts[0], "its header");
    const auto signature = text::unbase64url(parts[2]);
    if (!signature) refuse("its signature is not base64url");
    verify_signature(header, token.substr(0, parts[0].size() + 1 + parts[1].size()), *signature, keys);
    Json claims = read_part(parts[1], "its content");
    if (text_in(claims, "iss") != expected.issuer) refuse("is from another issuer (iss)");
    check_audience(claims, expected.client_id);
    check_times(claims, now);
    if (expected.nonce.empty() || !equal(text_in(claims, "nonce"), expected.nonce))
        refuse("answers another request (nonce)");
    if (const auto subject = text_in(claims, "sub"); subject.empty() || subject.size() > 255)
        refuse("does not say who it is about (sub)");
    return claims;
}

}  // namespace rpm::crypto::jwt
