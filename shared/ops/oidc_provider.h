// SPDX-License-Identifier: MIT
// What an OpenID provider says of itself: its endpoints (OpenID Connect Discovery 1.0) and keys, kept for a
// while in this process and fetched again when they changed.
//
//     const auto provider = OidcProvider::of("https://id.example.com/realms/x");   // fetched or kept
//     const Json claims = provider->verify(token, expected, now);                  // fetches new keys at
//     need
//
// Any thread may use it. What is kept is only a copy: losing it costs two requests, so it needs no owner but
// the process. Throws Unavailable when the provider does not answer, Invalid{"oidc", …} when it answers what
// breaks the rules.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "shared/base/clock.h"
#include "shared/crypto/jwt.h"
#include "shared/net/http_client.h"

namespace rpm::ops {

struct OidcEndpoints {
    std::string authorization;
    std::string token;
    std::string keys;
    bool basic_authentication = true;  ///< else the client's secret goes into the form (client_secret_post)
    bool tells_issuer = false;         ///< in its answers to the browser (RFC 9207)
};

/// Reads what the provider says at /.well-known/openid-configuration. Every endpoint is an https address
/// (http when the issuer's is) without user information and fragment. Throws Invalid{"oidc", …}.
OidcEndpoints read_oidc_configuration(const std::string& issuer, std::string_view document);

class OidcProvider {
  public:
    /// Endpoints are asked for anew after an hour.
    static std::shared_ptr<OidcProvider> of(const std::string& issuer, Time now);

    OidcProvider(std::string issuer, OidcEndpoints endpoints, Time now);
    const OidcEndpoints& endpoints() const { return endpoints_; }
    /// With keys at most a day old. A token signed with an unknown key makes them be fetched again, but not
    /// more than once a minute: strangers must not make us ask.
    Json verify(const std::string& token, const crypto::jwt::Expected& expected, Time now);
    /// For calls to it: http only when its issuer is this machine itself.
    net::HttpRules rules() const;

  private:
    crypto::jwt::KeySet keys(Time now, bool again);
    std::string issuer_;
    OidcEndpoints endpoints_;
    Time made_at_;
    std::mutex mutex_;  ///< over the two below
    crypto::jwt::KeySet keys_;
    Time keys_at_{};
    Time again_at_{};  ///< when they were last fetched because of an unknown key
};

}  // namespace rpm::ops
