// SPDX-License-Identifier: MIT
// The test vectors of WebAuthn Level 3, sections 16.2 and 16.3, and what breaks when any rule is broken.
#include "shared/crypto/webauthn.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "shared/base/error.h"
#include "shared/base/text.h"

using namespace rpm;
using namespace rpm::crypto::webauthn;

namespace {

std::string hex(std::string_view digits) {
    return text::unhex(digits).value();
}

struct Vector {
    std::string challenge, client_data, attestation_object, credential_id;
    std::string get_challenge, get_client_data, authenticator_data, signature;
};

const Vector kNone{
    hex("00c30fb78531c464d2b6771dab8d7b603c01162f2fa486bea70f283ae556e130"),
    hex("7b2274797065223a22776562617574686e2e637265617465222c226368616c6c656e6765223a22414d4d5074345578784754"
        "53746e"
        "63647134313759447742466938767049612d7077386f4f755657345441222c226f726967696e223a2268747470733a2f2f65"
        "78616d"
        "706c652e6f7267222c2263726f73734f726967696e223a66616c73652c22657874726144617461223a22636c69656e744461"
        "74614a"
        "534f4e206d617920626520657874656e6465642077697468206164646974696f6e616c206669656c647320696e2074686520"
        "667574"
        "7572652c207375636820617320746869733a20426b5165446a646354427258426941774a544c453551227d"),
    hex("a363666d74646e6f6e656761747453746d74a068617574684461746158a4bfabc37432958b063360d3ad6461c9c4735ae7f8"
        "edd465"
        "92a5e0f01452b2e4b559000000008446ccb9ab1db374750b2367ff6f3a1f0020f91f391db4c9b2fde0ea70189cba3fb63f57"
        "9ba612"
        "2b33ad94ff3ec330084be4a5010203262001215820afefa16f97ca9b2d23eb86ccb64098d20db90856062eb249c33a9b672f"
        "26df61"
        "225820930a56b87a2fca66334b03458abf879717c12cc68ed73290af2e2664796b9220"),
    hex("f91f391db4c9b2fde0ea70189cba3fb63f579ba6122b33ad94ff3ec330084be4"),
    hex("39c0e7521417ba54d43e8dc95174f423dee9bf3cd804ff6d65c857c9abf4d408"),
    hex("7b2274797065223a22776562617574686e2e676574222c226368616c6c656e6765223a224f63446e55685158756c5455506f"
        "334a55"
        "58543049393770767a7a59425039745a63685879617630314167222c226f726967696e223a2268747470733a2f2f6578616d"
        "706c65"
        "2e6f7267222c2263726f73734f726967696e223a66616c73657d"),
    hex("bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b51900000000"),
    hex("3046022100f50a4e2e4409249c4a853ba361282f09841df4dd4547a13a87780218deffcd380221008480ac0f0b93538174f5"
        "75bf11"
        "a1dd5d78c6e486013f937295ea13653e331e87")};

const Vector kSelf{
    hex("7869c2b772d4b58eba9378cf8f29e26cf935aa77df0da89fa99c0bdc0a76f7e5"),
    hex("7b2274797065223a22776562617574686e2e637265617465222c226368616c6c656e6765223a2265476e4374334c55745936"
        "366b33"
        "6a506a796e6962506b31716e666644616966715a774c33417032392d55222c226f726967696e223a2268747470733a2f2f65"
        "78616d"
        "706c652e6f7267222c2263726f73734f726967696e223a66616c73652c22657874726144617461223a22636c69656e744461"
        "74614a"
        "534f4e206d617920626520657874656e6465642077697468206164646974696f6e616c206669656c647320696e2074686520"
        "667574"
        "7572652c207375636820617320746869733a205539685458764b453255526b4d6e625f307859485667227d"),
    hex("a363666d74667061636b65646761747453746d74a263616c672663736967584630440220067a20754ab925005dbf378097c9"
        "212003"
        "1581c73228d1fb4f5b881bcd7da98302207fc7b147558c7c0eba3af18bd9d121fa3d3a26d17fe3f220272178f473b6006d68"
        "617574"
        "684461746158a4bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b55d00000000df850e09db6a"
        "fbdfab"
        "51697791506cfc0020455ef34e2043a87db3d4afeb39bbcb6cc32df9347c789a865ecdca129cbef58ca50102032620012158"
        "20eb15"
        "1c8176b225cc651559fecf07af450fd85802046656b34c18f6cf193843c5225820927b8aa427a2be1b8834d233a2d34f61f1"
        "3bfd44"
        "119c325d5896e183fee484f2"),
    hex("455ef34e2043a87db3d4afeb39bbcb6cc32df9347c789a865ecdca129cbef58c"),
    hex("4478a10b1352348dd160c1353b0d469b5db19eb91c27f7dfa6fed39fe26af20b"),
    hex("7b2274797065223a22776562617574686e2e676574222c226368616c6c656e6765223a225248696843784e534e493352594d"
        "45314f"
        "7731476d3132786e726b634a5f6666707637546e2d4a71386773222c226f726967696e223a2268747470733a2f2f6578616d"
        "706c65"
        "2e6f7267222c2263726f73734f726967696e223a66616c73652c22657874726144617461223a22636c69656e74446174614a"
        "534f4e"
        "206d617920626520657874656e6465642077697468206164646974696f6e616c206669656c647320696e2074686520667574"
        "7572"
        "652c207375636820617320746869733a206754623533727a36456853576f6d58477a696d433151227d"),
    hex("bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b50900000000"),
    hex("304402203310b9431903c401f1be2bdc8d23a4007682dbbddcf846994947b7f465daf84002204e94dd00047b316061b3b997"
        "72b7ef"
        "d95994a83ef584b3b6b825ea3550251b66")};

const RelyingParty kParty = RelyingParty::of("https://example.org");

Credential made(const Vector& v, bool verification = false, const RelyingParty& party = kParty) {
    return verify_registration(party, text::base64url(v.challenge), {v.client_data, v.attestation_object},
                               verification);
}
Verified used(const Vector& v, const Credential& credential, bool verification = false) {
    return verify_assertion(kParty, text::base64url(v.get_challenge), credential,
                            {v.get_client_data, v.authenticator_data, v.signature}, verification);
}
std::string replaced(std::string in, const std::string& from, const std::string& to) {
    return in.replace(in.find(from), from.size(), to);
}
bool says(const Invalid& error, std::string_view words) {
    BOOST_TEST_MESSAGE(error.what());
    return std::string_view(error.what()).find(words) != std::string_view::npos;
}
#define REFUSED(expression, words) \
    BOOST_CHECK_EXCEPTION(expression, Invalid, [](const Invalid& e) { return says(e, words); })

}  // namespace

BOOST_AUTO_TEST_SUITE(passkeys)

BOOST_AUTO_TEST_CASE(the_vectors_of_the_standard_are_taken) {
    for (const Vector* v : {&kNone, &kSelf}) {
        const Credential credential = made(*v);
        BOOST_CHECK(credential.id == v->credential_id);
        BOOST_TEST(credential.algorithm == -7);
        BOOST_TEST(credential.sign_count == 0U);
        BOOST_TEST(used(*v, credential).sign_count == 0U);
    }
    BOOST_CHECK(made(kNone).aaguid == hex("8446ccb9ab1db374750b2367ff6f3a1f"));
    BOOST_TEST(made(kSelf).user_verified);
    BOOST_TEST(!made(kNone).user_verified);
}

BOOST_AUTO_TEST_CASE(user_verification_is_demanded_where_it_counts) {
    REFUSED(made(kNone, true), "did not check who uses it");
    made(kSelf, true);
    REFUSED(used(kNone, made(kNone), true), "did not check who uses it");
}

BOOST_AUTO_TEST_CASE(another_challenge_origin_or_type_is_refused) {
    Vector v = kNone;
    v.challenge[0] ^= 1;
    REFUSED(made(v), "answers another challenge");
    REFUSED(made(kNone, false, RelyingParty::of("https://example.com")),
            "another address than https://example.com");
    REFUSED(made(kNone, false, RelyingParty::of("https://example.org:8443")), "another address");
    v = kNone;
    v.client_data = replaced(v.client_data, "webauthn.create", "webauthn.get");
    REFUSED(made(v), "of another ceremony");
    v = kNone;
    v.client_data = replaced(v.client_data, "false", "true");
    REFUSED(made(v), "asked for by another site");
    v.client_data = "[]";
    REFUSED(made(v), "of another ceremony");
    v.client_data = "{";
    REFUSED(made(v), "no JSON");
    // A relying party that the origin fits, but whose id the key was not made for.
    RelyingParty other = kParty;
    other.id = "org";
    REFUSED(made(kNone, false, other), "belongs to another site");
}

BOOST_AUTO_TEST_CASE(a_changed_byte_of_an_assertion_is_refused) {
    const Credential credential = made(kNone);
    Vector v = kNone;
    v.signature[10] ^= 1;
    REFUSED(used(v, credential), "wrong signature");
    v = kNone;
    v.authenticator_data[36] ^= 1;  // the counter
    REFUSED(used(v, credential), "wrong signature");
    v = kNone;
    v.authenticator_data[32] &= ~1;  // nobody present
    REFUSED(used(v, credential), "without anybody present");
    v.authenticator_data.resize(36);
    REFUSED(used(v, credential), "too short");
    REFUSED(used(kSelf, credential), "wrong signature");
    v = kNone;
    v.get_client_data += ' ';
    REFUSED(used(v, credential), "wrong signature");
}

BOOST_AUTO_TEST_CASE(a_counter_that_does_not_move_on_tells_of_a_copy) {
    Credential credential = made(kNone);
    credential.sign_count = 5;
    REFUSED(used(kNone, credential), "old counter");
}

BOOST_AUTO_TEST_CASE(attestations_that_are_none_are_refused) {
    Vector v = kNone;
    v.attestation_object.clear();
    REFUSED(made(v), "strange length");
    v.attestation_object = std::string(20000, 'a');
    REFUSED(made(v), "strange length");
    v.attestation_object = kNone.attestation_object + '\0';
    REFUSED(made(v), "no CBOR map");
    v.attestation_object = replaced(kNone.attestation_object, "none", "nope");
    REFUSED(made(v), "not asked for: nope");
    v = kSelf;
    v.attestation_object[40] ^= 1;  // in its signature
    REFUSED(made(v), "");
    for (std::size_t size = 0; size < kNone.attestation_object.size(); ++size) {
        v = kNone;
        v.attestation_object.resize(size);
        BOOST_CHECK_THROW(made(v), Invalid);
    }
}

BOOST_AUTO_TEST_CASE(a_relying_party_is_the_host_of_the_panel) {
    BOOST_TEST(RelyingParty::of("https://Panel.example:8443").id == "panel.example");
    BOOST_TEST(RelyingParty::of("https://panel.example:443").origin == "https://panel.example");
    BOOST_TEST(RelyingParty::of("http://localhost:1").id == "localhost");
    BOOST_TEST(RelyingParty::of("https://192.0.2.1").id == "");
    BOOST_TEST(RelyingParty::of("https://[::1]:8443").id == "");
}

BOOST_AUTO_TEST_SUITE_END()
