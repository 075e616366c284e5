// SPDX-License-Identifier: MIT
#include "shared/crypto/jwt.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "shared/base/handle.h"
#include "shared/base/text.h"
#include "shared/crypto/digest.h"

using namespace rpm;
using namespace rpm::crypto;

namespace {

using Key = Handle<EVP_PKEY, &EVP_PKEY_free>;
using Context = Handle<EVP_MD_CTX, &EVP_MD_CTX_free>;
using Number = Handle<BIGNUM, &BN_free>;
using Signature = Handle<ECDSA_SIG, &ECDSA_SIG_free>;

std::string number(EVP_PKEY* key, const char* name, int size) {
    BIGNUM* value = nullptr;
    EVP_PKEY_get_bn_param(key, name, &value);
    const Number owned(value);
    std::string out(static_cast<std::size_t>(size > 0 ? size : BN_num_bytes(value)), '\0');
    BN_bn2binpad(value, reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(out.size()));
    return text::base64url(out);
}

/// A provider with one key.
struct Signer {
    std::string algorithm, id;
    Key key;
    Signer(std::string alg, std::string kid, unsigned bits = 2048)
        : algorithm(std::move(alg)),
          id(std::move(kid)),
          key(algorithm == "RS256" ? EVP_RSA_gen(bits) : EVP_EC_gen("P-256")) {}
    Json jwk() const {
        Json out = algorithm == "RS256"
                       ? Json::object({{"kty", "RSA"},
                                       {"n", number(key.get(), OSSL_PKEY_PARAM_RSA_N, 0)},
                                       {"e", number(key.get(), OSSL_PKEY_PARAM_RSA_E, 0)}})
                       : Json::object({{"kty", "EC"},
                                       {"crv", "P-256"},
                                       {"x", number(key.get(), OSSL_PKEY_PARAM_EC_PUB_X, 32)},
                                       {"y", number(key.get(), OSSL_PKEY_PARAM_EC_PUB_Y, 32)}});
        out["kid"] = id;
        out["use"] = "sig";
        return out;
    }
    std::string sign(const std::string& what) const {
        const Context context(EVP_MD_CTX_new());
        EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get());
        const auto* bytes = reinterpret_cast<const unsigned char*>(what.data());
        std::size_t size = 0;
        EVP_DigestSign(context.get(), nullptr, &size, bytes, what.size());
        std::string out(size, '\0');
        EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, bytes,
                       what.size());
        out.resize(size);
        if (algorithm == "RS256") return out;
        const auto* der = reinterpret_cast<const unsigned char*>(out.data());
        const Signature signature(d2i_ECDSA_SIG(nullptr, &der, static_cast<long>(out.size())));
        std::string raw(64, '\0');
        auto* to = reinterpret_cast<unsigned char*>(raw.data());
        BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), to, 32);
        BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), to + 32, 32);
        return raw;
    }
    std::string token(const Json& claims, Json header = {}) const {
        if (header.is_null()) header = Json::object({{"alg", algorithm}, {"kid", id}});
        const std::string what = text::base64url(header.dump()) + "." + text::base64url(claims.dump());
        return what + "." + text::base64url(sign(what));
    }
};

struct Tokens {
    const Time now = Time(std::chrono::seconds(1'700'000'000));
    const Signer rsa{"RS256", "r1"};
    const Signer ec{"ES256", "e1"};
    const jwt::KeySet keys = set({rsa.jwk(), ec.jwk()});
    const jwt::Expected expected{.issuer = "https://id.example", .client_id = "rpmgr", .nonce = "n-1"};

    static jwt::KeySet set(Json::Array all) {
        return jwt::KeySet::parse(Json::object({{"keys", Json::array(std::move(all))}}).dump());
    }
    static Json claims() {
        return Json::object({{"iss", "https://id.example"},
                             {"aud", "rpmgr"},
                             {"sub", "anna-1"},
                             {"iat", 1'699'999'990},
                             {"exp", 1'700'000'300},
                             {"nonce", "n-1"}});
    }
    static Json with(const char* name, Json value) {
        Json out = claims();
        out[name] = std::move(value);
        return out;
    }
    static Json without(const char* name) {
        Json out = Json::object();
        const Json all = claims();
        for (const auto& [key, value] : all.members())
            if (key != name) out[key] = value;
        return out;
    }
    std::string refusal(const std::string& token) const {
        try {
            jwt::verify_id_token(token, keys, expected, now);
            return "";
        } catch (const Invalid& invalid) {
            return invalid.problems.entries().at("id_token");
        }
    }
    std::string refusal(const Json& claims) const { return refusal(rsa.token(claims)); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(id_tokens, Tokens)

BOOST_AUTO_TEST_CASE(both_algorithms_are_taken) {
    BOOST_TEST(keys.size() == 2U);
    for (const Signer* signer : {&rsa, &ec})
        BOOST_TEST(jwt::verify_id_token(signer->token(claims()), keys, expected, now).at("sub").text() ==
                   "anna-1");
    // Without kid every key of the algorithm is tried.
    BOOST_TEST(refusal(ec.token(claims(), Json::object({{"alg", "ES256"}}))) == "");
}

BOOST_AUTO_TEST_CASE(the_key_decides_the_algorithm_not_the_token) {
    BOOST_TEST(
        refusal(rsa.token(claims(), Json::object({{"alg", "none"}}))).starts_with("is signed by 'none'"));
    BOOST_TEST(
        refusal(rsa.token(claims(), Json::object({{"alg", "HS256"}}))).starts_with("is signed by 'HS256'"));
    // The public key as a secret of HMAC: the classic confusion (RFC 8725 section 2.1).
    const std::string what = text::base64url(Json::object({{"alg", "HS256"}, {"kid", "r1"}}).dump()) + "." +
                             text::base64url(claims().dump());
    BOOST_TEST(refusal(what + "." + text::base64url(hmac_sha256(rsa.jwk().dump(), what))) != "");
    BOOST_CHECK_THROW(
        jwt::verify_id_token(rsa.token(claims(), Json::object({{"alg", "ES256"}, {"kid", "r1"}})), keys,
                             expected, now),
        jwt::UnknownKey);
    BOOST_TEST(
        refusal(rsa.token(claims(), Json::object({{"alg", "RS256"}, {"crit", Json::array({"b64"})}}))) ==
        "demands what is not supported (crit)");
}

BOOST_AUTO_TEST_CASE(an_unknown_key_is_told_apart_from_a_wrong_signature) {
    const Signer other{"RS256", "r2"};
    BOOST_CHECK_THROW(jwt::verify_id_token(other.token(claims()), keys, expected, now), jwt::UnknownKey);
    BOOST_TEST(refusal(other.token(claims(), Json::object({{"alg", "RS256"}, {"kid", "r1"}}))) ==
               "has a wrong signature");
    std::string token = ec.token(claims());
    token[token.size() - 5] = token[token.size() - 5] == 'A' ? 'B' : 'A';
    BOOST_TEST(refusal(token) == "has a wrong signature");
}

BOOST_AUTO_TEST_CASE(every_claim_is_held_to_its_rule) {
    BOOST_TEST(refusal(claims()) == "");
    BOOST_TEST(refusal(with("iss", "https://id.example/")) == "is from another issuer (iss)");
    BOOST_TEST(refusal(with("aud", "other")) == "is for another client (aud)");
    BOOST_TEST(refusal(with("aud", Json::array({"other", "rpmgr"}))) ==
               "is for several and does not say for whom (azp)");
    BOOST_TEST(refusal(with("aud", Json::array({"rpmgr"}))) == "");
    BOOST_TEST(refusal(with("azp", "other")) == "was issued to another client (azp)");
    BOOST_TEST(refusal(with("azp", "rpmgr")) == "");
    BOOST_TEST(refusal(with("nonce", "n-2")) == "answers another request (nonce)");
    for (const char* missing : {"iss", "aud", "sub", "iat", "exp", "nonce"})
        BOOST_TEST(refusal(without(missing)) != "", missing);
    BOOST_TEST(refusal(with("sub", "")) == "does not say who it is about (sub)");
    BOOST_TEST(refusal(with("exp", "soon")) == "exp is no number");
    BOOST_TEST(refusal(with("exp", -1)) == "exp is no time");
}

BOOST_AUTO_TEST_CASE(clocks_may_differ_by_a_minute) {
    BOOST_TEST(refusal(with("exp", 1'699'999'941)) == "");
    BOOST_TEST(refusal(with("exp", 1'699'999'940)) == "is too old: are the clocks right?");
    BOOST_TEST(refusal(with("iat", 1'700'000'060)) == "");
    BOOST_TEST(refusal(with("iat", 1'700'000'061)) == "is of the future: are the clocks right?");
    BOOST_TEST(refusal(with("nbf", 1'700'000'061)) == "is of the future: are the clocks right?");
}

BOOST_AUTO_TEST_CASE(text_that_is_no_token_is_refused) {
    for (const char* bad : {"", "a", "a.b", "a.b.c.d", "..", "e30.e30.", "e30.e30.!", "W10.W10.AAAA"})
        BOOST_TEST(refusal(std::string(bad)) != "", bad);
    BOOST_TEST(refusal(std::string(40000, 'a')) == "is too long");
}

BOOST_AUTO_TEST_CASE(keys_that_are_weak_or_for_something_else_are_passed_over) {
    const Signer weak{"RS256", "w", 1024};
    Json encryption = rsa.jwk();
    encryption["use"] = "enc";
    Json other = rsa.jwk();
    other["alg"] = "RS512";
    Json off = ec.jwk();
    off["x"] = text::base64url(std::string(32, '\1'));
    BOOST_TEST(set({weak.jwk(), encryption, other, off, Json::object({{"kty", "oct"}, {"k", "AAAA"}}), "x"})
                   .size() == 0U);
    BOOST_CHECK_THROW(jwt::KeySet::parse("{}"), Invalid);
    BOOST_CHECK_THROW(jwt::KeySet::parse("nonsense"), Invalid);
}

BOOST_AUTO_TEST_SUITE_END()
