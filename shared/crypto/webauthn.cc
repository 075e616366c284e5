// SPDX-License-Identifier: MIT
#include "shared/crypto/webauthn.h"

#include <cbor.h>
#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <fido/rs256.h>

#include <algorithm>
#include <memory>

#include "shared/base/error.h"
#include "shared/base/json.h"
#include "shared/base/text.h"
#include "shared/crypto/digest.h"

namespace rpm::crypto::webauthn {
namespace {

constexpr std::size_t kMostClientData = 8192;
constexpr std::size_t kMostAttestation = 16384;
constexpr std::size_t kMostCredentialId = 1023;  // section 5.8.3
constexpr std::size_t kAaguidSize = 16;
// Authenticator data: hash of the relying party's id, flags, counter (section 6.1).
constexpr std::size_t kHashSize = 32;
constexpr std::size_t kHeadSize = 37;
constexpr unsigned kUserPresent = 0x01;
constexpr unsigned kUserVerified = 0x04;
constexpr unsigned kBackupEligible = 0x08;
constexpr unsigned kBackedUp = 0x10;

[[noreturn]] void refuse(const std::string& reason) {
    throw Invalid("passkey", reason);
}

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
std::string text_of(const unsigned char* bytes, std::size_t size) {
    return bytes == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(bytes), size);
}

// libfido2's and libcbor's frees take the address of the pointer.
struct FreeCredential {
    void operator()(fido_cred_t* credential) const { fido_cred_free(&credential); }
};
struct FreeAssertion {
    void operator()(fido_assert_t* assertion) const { fido_assert_free(&assertion); }
};
struct FreeItem {
    void operator()(cbor_item_t* item) const { cbor_decref(&item); }
};
using FidoCredential = std::unique_ptr<fido_cred_t, FreeCredential>;
using FidoAssertion = std::unique_ptr<fido_assert_t, FreeAssertion>;
using Item = std::unique_ptr<cbor_item_t, FreeItem>;

void demand(int result, const char* what) {
    if (result != FIDO_OK) refuse(std::string(what) + ": " + fido_strerr(result));
}

// ---- Client data: what the browser vouches for (section 5.8.1) -------------------------------------------

void check_client_data(const std::string& client_data, const char* type, const RelyingParty& party,
                       std::string_view challenge) {
    if (client_data.size() > kMostClientData) refuse("has too long client data");
    Json data;
    try {
        data = Json::parse(client_data);
    } catch (const Invalid&) {
        refuse("has client data that are no JSON");
    }
    const auto member = [&](const char* name) {
        const Json* found = data.find(name);
        return found != nullptr && found->is_text() ? std::string_view(found->text()) : std::string_view();
    };
    if (member("type") != type) refuse("is of another ceremony");
    if (!equal(member("challenge"), challenge)) refuse("answers another challenge");
    if (member("origin") != party.origin)
        refuse("was made for another address than " + party.origin + ": open the panel there");
    // Our pages refuse to be framed, so nobody legitimately asks from inside another site.
    const Json* const crossed = data.find("crossOrigin");
    if ((crossed != nullptr && *crossed != Json(false)) || data.find("topOrigin") != nullptr)
        refuse("was asked for by another site");
}

// ---- Authenticator data: what the key vouches for (section 6.1) -----------------------------------------

struct Head {
    unsigned flags = 0;
    std::uint32_t sign_count = 0;
    bool user_verified() const { return (flags & kUserVerified) != 0; }
};

Head check_head(std::string_view data, const RelyingParty& party, bool demand_user_verification) {
    if (data.size() < kHeadSize) refuse("has too short authenticator data");
    if (!equal(data.substr(0, kHashSize), sha256(party.id))) refuse("belongs to another site");
    Head head;
    head.flags = static_cast<unsigned char>(data[kHashSize]);
    for (std::size_t i = kHashSize + 1; i < kHeadSize; ++i)
        head.sign_count = (head.sign_count << 8) | static_cast<unsigned char>(data[i]);
    if ((head.flags & kUserPresent) == 0) refuse("was used without anybody present");
    if (demand_user_verification && !head.user_verified())
        refuse("did not check who uses it: a PIN, finger or face is needed");
    if ((head.flags & kBackedUp) != 0 && (head.flags & kBackupEligible) == 0)
        refuse("says that it is backed up but cannot be");
    return head;
}

// ---- Attestation object (section 6.5.4)
// --------------------------------------------------------------------

const cbor_item_t* find(const cbor_item_t* map, std::string_view name) {
    const cbor_pair* const pairs = cbor_map_handle(map);
    for (std::size_t i = 0; i < cbor_map_size(map); ++i) {
        const cbor_item_t* const key = pairs[i].key;
        if (cbor_isa_string(key) && cbor_string_is_definite(key) &&
            text_of(cbor_string_handle(key), cbor_string_length(key)) == name)
            return pairs[i].value;
    }
    return nullptr;
}

std::string bytes_in(const cbor_item_t* item) {
    if (item == nullptr || !cbor_isa_bytestring(item) || !cbor_bytestring_is_definite(item)) return {};
    return text_of(cbor_bytestring_handle(item), cbor_bytestring_length(item));
}

bool is_map(const cbor_item_t* item) {
    return item != nullptr && cbor_isa_map(item) && cbor_map_is_definite(item);
}

struct Attestation {
    std::string format;
    std::string data;
    bool empty = true;        ///< no statement
    std::string signature{};  ///< packed
    std::string certificate{};
};

Attestation read_attestation(const std::string& object) {
    if (object.empty() || object.size() > kMostAttestation) refuse("has an attestation of a strange length");
    cbor_load_result result{};
    const Item root(cbor_load(bytes_of(object), object.size(), &result));
    if (!root || result.error.code != CBOR_ERR_NONE || result.read != object.size() || !is_map(root.get()))
        refuse("has an attestation that is no CBOR map");
    const cbor_item_t* const format = find(root.get(), "fmt");
    const cbor_item_t* const statement = find(root.get(), "attStmt");
    Attestation out;
    if (format != nullptr && cbor_isa_string(format) && cbor_string_is_definite(format))
        out.format = text_of(cbor_string_handle(format), cbor_string_length(format));
    out.data = bytes_in(find(root.get(), "authData"));
    if (out.format.empty() || out.data.empty() || !is_map(statement)) refuse("has an incomplete attestation");
    out.empty = cbor_map_size(statement) == 0;
    out.signature = bytes_in(find(statement, "sig"));
    const cbor_item_t* const chain = find(statement, "x5c");
    if (chain != nullptr && cbor_isa_array(chain) && cbor_array_is_definite(chain) &&
        cbor_array_size(chain) > 0)
        out.certificate = bytes_in(cbor_array_handle(chain)[0]);
    else if (chain != nullptr)
        refuse("has an attestation whose certificates are none");
    return out;
}

// libfido2 reads the key only when told its algorithm, so each that was offered is tried.
FidoCredential read_credential(const Attestation& attestation) {
    for (const int algorithm : kAlgorithms) {
        FidoCredential credential(fido_cred_new());
        if (!credential) throw Error("no memory for a passkey");
        if (fido_cred_set_type(credential.get(), algorithm) == FIDO_OK &&
            fido_cred_set_authdata_raw(credential.get(), bytes_of(attestation.data),
                                       attestation.data.size()) == FIDO_OK)
            return credential;
    }
    refuse("has a key of another algorithm than ES256, EdDSA and RS256, or none");
}

void verify_statement(fido_cred_t* credential, const Attestation& attestation, const RelyingParty& party,
                      const std::string& client_data) {
    if (attestation.format == "none") {
        if (!attestation.empty) refuse("has an attestation where there should be none");
        return;
    }
    if (attestation.format != "packed")
        refuse("has an attestation that was not asked for: " + text::ellipsis(attestation.format, 20));
    const std::string hash = sha256(client_data);
    demand(fido_cred_set_rp(credential, party.id.c_str(), nullptr), "attestation");
    demand(fido_cred_set_clientdata_hash(credential, bytes_of(hash), hash.size()), "attestation");
    demand(fido_cred_set_fmt(credential, "packed"), "attestation");
    demand(fido_cred_set_sig(credential, bytes_of(attestation.signature), attestation.signature.size()),
           "attestation");
    if (attestation.certificate.empty()) {
        demand(fido_cred_verify_self(credential), "has an attestation that does not verify");
        return;
    }
    demand(fido_cred_set_x509(credential, bytes_of(attestation.certificate), attestation.certificate.size()),
           "attestation");
    demand(fido_cred_verify(credential), "has an attestation that does not verify");
}

// ---- Assertion
// ---------------------------------------------------------------------------------------------

int verify_signature(const fido_assert_t* assertion, const Credential& credential) {
    const auto with = [&](auto* key, auto load) {
        const int loaded = key == nullptr
                               ? FIDO_ERR_INTERNAL
                               : load(key, credential.public_key.data(), credential.public_key.size());
        return loaded == FIDO_OK ? fido_assert_verify(assertion, 0, credential.algorithm, key) : loaded;
    };
    int result = FIDO_ERR_UNSUPPORTED_ALGORITHM;
    if (credential.algorithm == COSE_ES256) {
        es256_pk_t* key = es256_pk_new();
        result = with(key, &es256_pk_from_ptr);
        es256_pk_free(&key);
    } else if (credential.algorithm == COSE_EDDSA) {
        eddsa_pk_t* key = eddsa_pk_new();
        result = with(key, &eddsa_pk_from_ptr);
        eddsa_pk_free(&key);
    } else if (credential.algorithm == COSE_RS256) {
        rs256_pk_t* key = rs256_pk_new();
        result = with(key, &rs256_pk_from_ptr);
        rs256_pk_free(&key);
    }
    return result;
}

bool is_address(std::string_view host) {
    return host.starts_with('[') ||
           std::ranges::all_of(host, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

}  // namespace

RelyingParty RelyingParty::of(std::string_view url) {
    RelyingParty party{.id = {}, .origin = std::string(url)};
    if (url.ends_with(":443") && url.starts_with("https://")) party.origin.resize(url.size() - 4);
    const auto start = url.find("//");
    if (start == std::string_view::npos) return party;
    const std::string_view authority = url.substr(start + 2);
    // Browsers take no address for a name (section 5.1.3: a valid domain).
    if (!is_address(authority.substr(0, authority.rfind(':'))))
        party.id = text::lower(authority.substr(0, authority.find(':')));
    return party;
}

std::string new_challenge() {
    return text::base64url(random_bytes(32));
}

Credential verify_registration(const RelyingParty& party, std::string_view challenge,
                               const Registration& given, bool demand_user_verification) {
    check_client_data(given.client_data, "webauthn.create", party, challenge);
    const Attestation attestation = read_attestation(given.attestation_object);
    const Head head = check_head(attestation.data, party, demand_user_verification);
    const FidoCredential read = read_credential(attestation);
    const auto* const fido = read.get();
    verify_statement(read.get(), attestation, party, given.client_data);
    Credential out{.id = text_of(fido_cred_id_ptr(fido), fido_cred_id_len(fido)),
                   .public_key = text_of(fido_cred_pubkey_ptr(fido), fido_cred_pubkey_len(fido)),
                   .algorithm = fido_cred_type(fido),
                   .sign_count = head.sign_count,
                   .aaguid = text_of(fido_cred_aaguid_ptr(fido), fido_cred_aaguid_len(fido)),
                   .user_verified = head.user_verified()};
    if (out.id.empty() || out.id.size() > kMostCredentialId) refuse("has a name of a strange length");
    if (out.public_key.empty() || out.aaguid.size() != kAaguidSize) refuse("brought no key");
    return out;
}

Verified verify_assertion(const RelyingParty& party, std::string_view challenge, const Credential& credential,
                          const Assertion& given, bool demand_user_verification) {
    check_client_data(given.client_data, "webauthn.get", party, challenge);
    const Head head = check_head(given.authenticator_data, party, demand_user_verification);
    const std::string hash = sha256(given.client_data);
    const FidoAssertion fido(fido_assert_new());
    if (!fido) throw Error("no memory for a passkey");
    demand(fido_assert_set_rp(fido.get(), party.id.c_str()), "assertion");
    demand(fido_assert_set_clientdata_hash(fido.get(), bytes_of(hash), hash.size()), "assertion");
    demand(fido_assert_set_count(fido.get(), 1), "assertion");
    demand(fido_assert_set_authdata_raw(fido.get(), 0, bytes_of(given.authenticator_data),
                                        given.authenticator_data.size()),
           "has authenticator data that are none");
    demand(fido_assert_set_sig(fido.get(), 0, bytes_of(given.signature), given.signature.size()),
           "has no signature");
    if (verify_signature(fido.get(), credential) != FIDO_OK) refuse("has a wrong signature");
    if ((head.sign_count != 0 || credential.sign_count != 0) && head.sign_count <= credential.sign_count)
        refuse("was used with an old counter: somebody may have a copy of it, remove it");
    return {.sign_count = head.sign_count, .user_verified = head.user_verified()};
}

}  // namespace rpm::crypto::webauthn
