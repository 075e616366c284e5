// SPDX-License-Identifier: MIT
// What browsers and providers of single sign-on bring: passkeys (JSON, CBOR, signatures) and ID tokens.
#include "shared/base/text.h"
#include "shared/crypto/jwt.h"
#include "shared/crypto/webauthn.h"
#include "shared/ops/oidc_provider.h"
#include "tests/fuzz/fuzz.h"

namespace rpm::fuzz {
namespace {

using namespace rpm::crypto;

// What the seeds were made for.
const webauthn::RelyingParty kParty{"panel.example", "https://panel.example"};
constexpr std::string_view kChallenge = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
constexpr std::chrono::seconds kNow{1'800'000'000};

void demand_field(const std::function<void()>& parse, const char* field) {
    try {
        parse();
    } catch (const Invalid& error) {
        demand(error.problems.has(field), "a refusal names another field");
        throw;
    }
}

}  // namespace

// A line of client data, then the attestation object.
void passkey_registration(std::string_view input) {
    Pieces pieces(input);
    const std::string client_data(pieces.line());
    webauthn::Credential made;
    if (refused([&] {
            demand_field(
                [&] {
                    made = webauthn::verify_registration(kParty, kChallenge,
                                                         {client_data, std::string(pieces.rest())}, false);
                },
                "passkey");
        }))
        return;
    demand(!made.id.empty() && made.id.size() <= 1023, "an id of another length than the column takes");
    demand(!made.public_key.empty() && made.public_key.size() <= 1024,
           "a key of another length than the column takes");
    demand(made.aaguid.size() == 16, "a model of another length");
    demand(made.algorithm == -7 || made.algorithm == -8 || made.algorithm == -257,
           "an algorithm that was not offered");
    demand(client_data.find(kChallenge) != std::string::npos, "another challenge was accepted");
}

// Lines of hexadecimal digits: public key, client data, authenticator data, signature.
void passkey_assertion(std::string_view input) {
    Pieces pieces(input);
    const auto next = [&] { return text::unhex(pieces.line()).value_or(""); };
    webauthn::Credential credential{
        .id = "id", .public_key = next(), .algorithm = -7, .aaguid = std::string(16, '\0')};
    webauthn::Assertion assertion;
    assertion.client_data = next();
    assertion.authenticator_data = next();
    assertion.signature = next();
    const auto verify = [&](const webauthn::Assertion& given) {
        return refused([&] {
            demand_field([&] { webauthn::verify_assertion(kParty, kChallenge, credential, given, false); },
                         "passkey");
        });
    };
    if (verify(assertion)) return;
    demand(assertion.client_data.find(kChallenge) != std::string::npos, "another challenge was accepted");
    webauthn::Assertion changed = assertion;
    changed.client_data += ' ';
    demand(verify(changed), "changed client data was accepted");
    changed = assertion;
    changed.authenticator_data.back() = static_cast<char>(changed.authenticator_data.back() ^ 1);
    demand(verify(changed), "changed authenticator data was accepted");
}

// A line with the key set, then the token.
void id_token(std::string_view input) {
    Pieces pieces(input);
    jwt::KeySet keys;
    if (refused([&] { keys = jwt::KeySet::parse(pieces.line()); })) return;
    const std::string token(text::trim(pieces.rest()));
    const jwt::Expected expected{.issuer = "https://id.example", .client_id = "rpmgr", .nonce = "n0nce"};
    Json claims;
    const auto verify = [&](const std::string& given) {
        return refused([&] { claims = jwt::verify_id_token(given, keys, expected, Time(kNow)); });
    };
    if (verify(token)) return;
    demand(claims.at("iss").text() == expected.issuer, "another issuer was accepted");
    demand(claims.at("nonce").text() == expected.nonce, "another nonce was accepted");
    demand(!claims.at("sub").text().empty(), "a token for nobody was accepted");
    for (const std::size_t at : {token.find('.') + 3, token.rfind('.') - 3, token.rfind('.') + 3}) {
        std::string changed = token;
        changed[at] = changed[at] == 'A' ? 'B' : 'A';
        demand(verify(changed), "a changed token was accepted");
    }
    const std::string unsigned_token = text::base64url(R"({"alg":"none"})") +
                                       token.substr(token.find('.'), token.rfind('.') - token.find('.') + 1);
    demand(verify(unsigned_token), "a token without signature was accepted");
}

// What the provider says of itself. It sends browsers and secrets to these addresses.
void oidc_configuration(std::string_view input) {
    for (const std::string issuer : {"https://id.example/realms/x", "http://localhost:8080"}) {
        ops::OidcEndpoints endpoints;
        if (refused([&] {
                demand_field([&] { endpoints = ops::read_oidc_configuration(issuer, input); }, "oidc");
            }))
            continue;
        for (const std::string* url : {&endpoints.authorization, &endpoints.token, &endpoints.keys}) {
            demand_clean(*url, "an endpoint");
            demand(url->starts_with("https://") || issuer.starts_with("http://"),
                   "an endpoint without TLS: " + *url);
            demand(url->find_first_of(" \"<>#\\") == std::string::npos,
                   "an endpoint that is no address: " + *url);
            demand(url->size() <= 2000 && url->size() > std::string_view("http://").size(),
                   "an endpoint of odd length");
        }
    }
}

}  // namespace rpm::fuzz
