// SPDX-License-Identifier: MIT
// ID tokens of OpenID Connect: signed JSON (RFC 7515, RFC 7519) verified with the provider's keys (JWK Set,
// RFC 7517).
//
//     const auto keys = jwt::KeySet::parse(jwks_json);
//     const Json claims = jwt::verify_id_token(token, keys, {.issuer = …, .client_id = …, .nonce = …}, now);
//
// Only RS256 and ES256, and only with a key of that kind: what the token says of itself chooses among keys
// that are trusted, never how much is checked (RFC 8725 section 3.1). Throws Invalid for field "id_token"
// saying which rule was broken, UnknownKey when no key fits: the caller may fetch the keys again.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/clock.h"
#include "shared/base/error.h"
#include "shared/base/json.h"

namespace rpm::crypto::jwt {

struct UnknownKey : Invalid {
    using Invalid::Invalid;
};

class KeySet {
  public:
    /// Keys that are not for RS256 or ES256 signatures, or too weak (RSA below 2048 bits, points off the
    /// curve), are passed over. Throws Invalid when the text is no key set.
    static KeySet parse(std::string_view jwks);
    std::size_t size() const { return keys_.size(); }

    struct Key;  ///< for jwt.cc
    const std::vector<std::shared_ptr<const Key>>& keys() const { return keys_; }

  private:
    std::vector<std::shared_ptr<const Key>> keys_;
};

struct Expected {
    std::string issuer;
    std::string client_id;
    std::string nonce;
};
/// The claims of a token that keeps all rules of OpenID Connect Core section 3.1.3.7: signature, iss, aud and
/// azp, exp, iat and nbf with 60 s for clocks that differ, nonce, and a sub.
Json verify_id_token(std::string_view token, const KeySet& keys, const Expected& expected, Time now);

}  // namespace rpm::crypto::jwt
