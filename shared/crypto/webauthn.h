// SPDX-License-Identifier: MIT
// Passkeys: what a browser brings back from navigator.credentials (WebAuthn Level 3, sections 7.1 and 7.2),
// verified with libfido2.
//
//     const std::string challenge = webauthn::new_challenge();      // to the page, and remembered
//     const auto made = webauthn::verify_registration(party, challenge, {client_data, attestation}, true);
//     …store made…
//     const auto used = webauthn::verify_assertion(party, challenge, stored, {client_data, data, sig}, true);
//     …store used.sign_count…
//
// Attestation "none" is asked for: what made a key is not looked into, so statements are taken as far as
// they verify themselves ("packed") and other formats, which no browser sends unasked, are refused. Both
// functions throw Invalid for field "passkey" saying which rule was broken.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace rpm::crypto::webauthn {

/// The panel that keys are made for. `origin` is what the browser says where it is: "https://panel.example",
/// with the port unless it is 443; `id` its host.
struct RelyingParty {
    std::string id;
    std::string origin;
    /// Of "https://panel.example:8443"; empty id when browsers make no keys there (an IP address).
    static RelyingParty of(std::string_view url);
};

/// 256 random bits, base64url: as they stand in the client data.
std::string new_challenge();

/// COSE algorithms that are offered, in order of preference: ES256, EdDSA, RS256.
inline constexpr int kAlgorithms[] = {-7, -8, -257};

struct Registration {
    std::string client_data;         ///< JSON, as the browser made it
    std::string attestation_object;  ///< CBOR
};
struct Credential {
    std::string id;
    /// As libfido2 takes it: x and y (ES256), the point (EdDSA), modulus and exponent (RS256).
    std::string public_key;
    int algorithm = 0;
    std::uint32_t sign_count = 0;
    std::string aaguid;          ///< 16 bytes: the model; zeros when the browser hides it
    bool user_verified = false;  ///< by PIN or biometrics
};
Credential verify_registration(const RelyingParty& party, std::string_view challenge,
                               const Registration& given, bool demand_user_verification);

struct Assertion {
    std::string client_data;
    std::string authenticator_data;
    std::string signature;
};
struct Verified {
    std::uint32_t sign_count = 0;
    bool user_verified = false;
};
/// The credential as it was stored; its sign_count must have been left behind, or stay zero, else somebody
/// uses a copy of the key.
Verified verify_assertion(const RelyingParty& party, std::string_view challenge, const Credential& credential,
                          const Assertion& given, bool demand_user_verification);

}  // namespace rpm::crypto::webauthn
