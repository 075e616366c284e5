// SPDX-License-Identifier: MIT
#include "shared/crypto/x509.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>
#include <cstdio>

#include "shared/base/error.h"
#include "tests/support/folder.h"

using namespace rpm::crypto;

namespace {

const rpm::Time kStart = rpm::from_sql("2026-01-02 03:04:05");
const rpm::Time kEnd = rpm::from_sql("2055-01-02 03:04:05");

// What the openssl program says, of both its outputs.
std::string openssl(const std::string& arguments) {
    FILE* const pipe = popen(("openssl " + arguments + " 2>&1").c_str(), "r");
    BOOST_REQUIRE(pipe != nullptr);
    std::string out;
    for (int c = fgetc(pipe); c != EOF; c = fgetc(pipe)) out += static_cast<char>(c);
    out += "exit " + std::to_string(pclose(pipe));
    return out;
}

struct Made {
    rpm::test::Folder folder;
    NewCertificate made = self_signed({"example.org", "*.example.org"}, kStart, kEnd);
    std::string file = folder.write("cert.pem", made.chain_pem).string();
    std::string key = folder.write("key.pem", made.private_key_pem.reveal()).string();
};

bool has(const std::string& text, const std::string& part) {
    BOOST_TEST_INFO(text);
    BOOST_TEST_INFO("looked for: " << part);
    return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(x509, Made)

BOOST_AUTO_TEST_CASE(openssl_verifies_a_self_signed_certificate) {
    const std::string common = "verify -x509_strict -attime 1800000000 -purpose sslserver -CAfile " + file;
    BOOST_TEST(has(openssl(common + " -verify_hostname example.org " + file), ": OK\nexit 0"));
    BOOST_TEST(has(openssl(common + " -verify_hostname www.example.org " + file), ": OK\nexit 0"));
    BOOST_TEST(has(openssl(common + " -verify_hostname example.net " + file), "hostname mismatch"));
}

BOOST_AUTO_TEST_CASE(openssl_reads_what_was_asked_for) {
    const std::string text = openssl("x509 -noout -text -in " + file);
    for (const char* part : {"Version: 3", "ecdsa-with-SHA256", "CN = example.org", "ASN1 OID: prime256v1",
                             "DNS:example.org, DNS:*.example.org", "CA:FALSE",
                             "TLS Web Server Authentication", "Not Before: Jan  2 03:04:05 2026 GMT",
                             "Not After : Jan  2 03:04:05 2055 GMT", "Digital Signature"})
        BOOST_TEST(has(text, part));
}

BOOST_AUTO_TEST_CASE(the_key_is_pkcs8_and_belongs_to_the_certificate) {
    BOOST_TEST(made.private_key_pem.reveal().starts_with("-----BEGIN PRIVATE KEY-----\n"));
    BOOST_TEST(openssl("pkey -pubout -in " + key) == openssl("x509 -noout -pubkey -in " + file));
}

BOOST_AUTO_TEST_CASE(facts_are_read_back) {
    const CertificateFacts facts = read_certificate(made.chain_pem);
    BOOST_TEST(facts.subject == "example.org");
    BOOST_TEST(facts.issuer == "example.org");
    BOOST_TEST((facts.names == std::vector<std::string>{"example.org", "*.example.org"}));
    BOOST_CHECK(facts.not_before == kStart);
    BOOST_CHECK(facts.not_after == kEnd);
    std::string shown = openssl("x509 -noout -fingerprint -sha256 -in " + file);
    std::erase(shown, ':');
    for (char& c : shown) c = static_cast<char>(tolower(c));
    BOOST_TEST(has(shown, "=" + facts.fingerprint));
}

BOOST_AUTO_TEST_CASE(a_name_too_long_for_the_subject_is_only_an_alternative_name) {
    const std::string name = std::string(60, 'a') + ".example.org";
    const std::string pem = self_signed({name}, kStart, kEnd).chain_pem;
    const std::string path = folder.write("long.pem", pem).string();
    BOOST_TEST(has(openssl("x509 -noout -text -in " + path), "Subject Alternative Name: critical"));
    BOOST_TEST(has(openssl("verify -x509_strict -attime 1800000000 -verify_hostname " + name + " -CAfile " +
                           path + " " + path),
                   ": OK\nexit 0"));
    BOOST_TEST(read_certificate(pem).subject == name);
}

BOOST_AUTO_TEST_CASE(serial_numbers_differ) {
    const auto serial = [&](const std::string& path) { return openssl("x509 -noout -serial -in " + path); };
    const std::string second =
        folder.write("second.pem", self_signed({"example.org"}, kStart, kEnd).chain_pem).string();
    BOOST_TEST(serial(file) != serial(second));
}

BOOST_AUTO_TEST_CASE(bad_names_and_times_are_refused) {
    BOOST_CHECK_THROW(self_signed({}, kStart, kEnd), rpm::Invalid);
    BOOST_CHECK_THROW(self_signed({""}, kStart, kEnd), rpm::Invalid);
    BOOST_CHECK_THROW(self_signed({"a,DNS:b"}, kStart, kEnd), rpm::Invalid);
    BOOST_CHECK_THROW(self_signed({std::string("a\0b", 3)}, kStart, kEnd), rpm::Invalid);
    BOOST_CHECK_THROW(self_signed({"a"}, kEnd, kStart), rpm::Invalid);
}

BOOST_AUTO_TEST_CASE(what_is_not_a_certificate_is_refused) {
    const std::string& pem = made.chain_pem;
    std::string damaged = pem;
    damaged.replace(30, 8, "AAAAAAAA");
    const std::string encrypted =
        "-----BEGIN CERTIFICATE-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,"
        "00112233445566778899AABBCCDDEEFF\n\nMTIzNDU2Nzg5MDEyMzQ1Ng==\n-----END CERTIFICATE-----\n";
    for (const std::string& bad : {std::string(), std::string("hello"), pem.substr(0, pem.size() / 2),
                                   damaged, encrypted, std::string(made.private_key_pem.reveal())})
        BOOST_CHECK_EXCEPTION(read_certificate(bad), rpm::Invalid,
                              [](const rpm::Invalid& e) { return e.problems.has("certificate"); });
}

BOOST_AUTO_TEST_CASE(a_key_is_held_against_its_certificate) {
    const NewCertificate one = self_signed({"example.org"}, kStart, kEnd);
    const NewCertificate other = self_signed({"example.org"}, kStart, kEnd);
    BOOST_TEST(matching_key(one.chain_pem, one.private_key_pem).reveal() == one.private_key_pem.reveal());
    const auto refused = [&](const rpm::Secret& given, const char* words) {
        BOOST_CHECK_EXCEPTION(matching_key(one.chain_pem, given), rpm::Invalid,
                              [&](const rpm::Invalid& error) {
                                  const auto found = error.problems.entries().find("key");
                                  return found != error.problems.entries().end() &&
                                         found->second.find(words) != std::string::npos;
                              });
    };
    refused(other.private_key_pem, "not that of the certificate");
    refused(rpm::Secret("-----BEGIN PRIVATE KEY-----\nTUlJ\n-----END PRIVATE KEY-----\n"), "cannot be read");
    BOOST_CHECK_THROW(matching_key("none", one.private_key_pem), rpm::Invalid);
}

BOOST_AUTO_TEST_SUITE_END()
