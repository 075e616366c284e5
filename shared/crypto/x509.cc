// SPDX-License-Identifier: MIT
#include "shared/crypto/x509.h"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>
#include <limits>

#include "shared/base/error.h"
#include "shared/base/handle.h"
#include "shared/base/text.h"

namespace rpm::crypto {
namespace {

using Certificate = Handle<X509, &X509_free>;
using Key = Handle<EVP_PKEY, &EVP_PKEY_free>;
using Memory = Handle<BIO, &BIO_free_all>;
using Names = Handle<GENERAL_NAMES, &GENERAL_NAMES_free>;
using Number = Handle<BIGNUM, &BN_free>;
using Extension = Handle<X509_EXTENSION, &X509_EXTENSION_free>;

constexpr std::size_t kCommonNameLimit = 64;  // ub-common-name, RFC 5280 appendix A.1
constexpr int kSerialBits = 127;              // positive, at most 20 bytes (RFC 5280 section 4.1.2.2)

// Throws with OpenSSL's own reason, and leaves its error queue empty.
[[noreturn]] void fail(const char* what) {
    std::string reason(120, '\0');
    ERR_error_string_n(ERR_get_error(), reason.data(), reason.size());
    ERR_clear_error();
    throw Error(std::string("cannot ") + what + ": " + reason.c_str());
}

void demand(bool done, const char* what) {
    if (!done) fail(what);
}

[[noreturn]] void refuse(std::string message) {
    ERR_clear_error();
    throw Invalid("certificate", std::move(message));
}

std::string_view content(BIO* memory) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(memory, &data);
    return {data, static_cast<std::size_t>(size)};
}

bool is_host_name(std::string_view name) {
    if (name.starts_with("*.")) name.remove_prefix(2);
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '.' || c == '_';
    };
    return !name.empty() && name.size() <= 253 && std::ranges::all_of(name, allowed);
}

void set_serial(X509* certificate) {
    const Number number(BN_new());
    demand(number && BN_rand(number.get(), kSerialBits, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ODD) == 1 &&
               BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr,
           "make a serial number");
}

void set_times(X509* certificate, Time not_before, Time not_after) {
    const auto seconds = [](Time t) {
        return std::chrono::floor<std::chrono::seconds>(t).time_since_epoch().count();
    };
    demand(ASN1_TIME_set(X509_getm_notBefore(certificate), seconds(not_before)) != nullptr &&
               ASN1_TIME_set(X509_getm_notAfter(certificate), seconds(not_after)) != nullptr,
           "set the times");
}

// A name that is too long for a common name is left to the alternative names alone.
bool set_subject(X509* certificate, const std::string& name) {
    const bool fits = name.size() <= kCommonNameLimit;
    X509_NAME* const subject = X509_get_subject_name(certificate);
    if (fits)
        demand(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                          reinterpret_cast<const unsigned char*>(name.data()),
                                          static_cast<int>(name.size()), -1, 0) == 1,
               "set the subject");
    demand(X509_set_issuer_name(certificate, subject) == 1, "set the issuer");
    return fits;
}

void add_extension(X509* certificate, int kind, const char* value) {
    X509V3_CTX context{};
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value));
    demand(extension && X509_add_ext(certificate, extension.get(), -1) == 1, "add an extension");
}

// Made from values, not from the text syntax of OpenSSL, in which a comma would begin another name.
// Critical when the subject is empty (RFC 5280 section 4.2.1.6).
void add_names(X509* certificate, const std::vector<std::string>& names, bool critical) {
    const Names list(sk_GENERAL_NAME_new_null());
    for (const std::string& name : names) {
        GENERAL_NAME* const entry = GENERAL_NAME_new();
        ASN1_IA5STRING* const text = ASN1_IA5STRING_new();
        demand(list && entry != nullptr && text != nullptr, "add a name");
        GENERAL_NAME_set0_value(entry, GEN_DNS, text);
        demand(sk_GENERAL_NAME_push(list.get(), entry) > 0 &&
                   ASN1_STRING_set(text, name.data(), static_cast<int>(name.size())) == 1,
               "add a name");
    }
    demand(X509_add1_ext_i2d(certificate, NID_subject_alt_name, list.get(), critical ? 1 : 0,
                             X509V3_ADD_DEFAULT) == 1,
           "add the names");
}

Secret private_pem(EVP_PKEY* key) {
    // BIO_s_secmem wipes what it frees.
    const Memory memory(BIO_new(BIO_s_secmem()));
    demand(memory &&
               PEM_write_bio_PKCS8PrivateKey(memory.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
           "write the private key");
    return Secret(std::string(content(memory.get())));
}

std::string certificate_pem(X509* certificate) {
    const Memory memory(BIO_new(BIO_s_mem()));
    demand(memory && PEM_write_bio_X509(memory.get(), certificate) == 1, "write the certificate");
    return std::string(content(memory.get()));
}

std::string text_of(const ASN1_STRING* value) {
    unsigned char* utf8 = nullptr;
    const int size = ASN1_STRING_to_UTF8(&utf8, value);
    if (size < 0) refuse("has a name in an unknown form");
    std::string out(reinterpret_cast<char*>(utf8), static_cast<std::size_t>(size));
    OPENSSL_free(utf8);
    if (text::has_control(out)) refuse("has a name with a control character");
    return out;
}

// The common name, else the organisation, else nothing.
std::string short_name(const X509_NAME* name) {
    for (const int kind : {NID_commonName, NID_organizationName}) {
        const int at = X509_NAME_get_index_by_NID(name, kind, -1);
        if (at >= 0) return text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    }
    return {};
}

std::vector<std::string> dns_names(const X509* certificate) {
    std::vector<std::string> names;
    const Names list(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
    for (int i = 0; list && i < sk_GENERAL_NAME_num(list.get()); ++i) {
        int kind = 0;
        const void* value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(list.get(), i), &kind);
        if (kind == GEN_DNS) names.push_back(text_of(static_cast<const ASN1_STRING*>(value)));
    }
    return names;
}

Time time_of(const ASN1_TIME* value) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(value, &parts) != 1) refuse("has a time in an unknown form");
    return Time(std::chrono::seconds(timegm(&parts)));
}

std::string fingerprint(const X509* certificate) {
    std::string digest(EVP_MAX_MD_SIZE, '\0');
    unsigned size = 0;
    demand(
        X509_digest(certificate, EVP_sha256(), reinterpret_cast<unsigned char*>(digest.data()), &size) == 1,
        "compute the fingerprint");
    return text::hex(std::string_view(digest).substr(0, size));
}

}  // namespace

NewCertificate self_signed(const std::vector<std::string>& names, Time not_before, Time not_after) {
    if (names.empty()) refuse("needs a name");
    for (const std::string& name : names)
        if (!is_host_name(name)) refuse("not a host name: " + name);
    if (not_after <= not_before) refuse("ends before it begins");
    const Key key(EVP_EC_gen("P-256"));
    const Certificate certificate(X509_new());
    demand(key && certificate && X509_set_version(certificate.get(), X509_VERSION_3) == 1 &&
               X509_set_pubkey(certificate.get(), key.get()) == 1,
           "make a key and a certificate");
    set_serial(certificate.get());
    set_times(certificate.get(), not_before, not_after);
    const bool has_subject = set_subject(certificate.get(), names.front());
    add_extension(certificate.get(), NID_basic_constraints, "critical,CA:FALSE");
    add_extension(certificate.get(), NID_key_usage, "critical,digitalSignature");
    add_extension(certificate.get(), NID_ext_key_usage, "serverAuth");
    add_extension(certificate.get(), NID_subject_key_identifier, "hash");
    add_names(certificate.get(), names, !has_subject);
    demand(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0, "sign the certificate");
    return {private_pem(key.get()), certificate_pem(certificate.get())};
}

namespace {

Certificate first_certificate(std::string_view chain_pem) {
    if (chain_pem.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) refuse("is too large");
    const Memory memory(BIO_new_mem_buf(chain_pem.data(), static_cast<int>(chain_pem.size())));
    demand(memory != nullptr, "read the certificate");
    // Without a callback of ours OpenSSL would ask the terminal for the password of an encrypted block.
    const auto no_password = [](char*, int, int, void*) { return -1; };
    Certificate certificate(PEM_read_bio_X509(memory.get(), nullptr, no_password, nullptr));
    if (!certificate) refuse("is not a certificate in PEM form");
    return certificate;
}

}  // namespace

CertificateFacts read_certificate(std::string_view chain_pem) {
    const Certificate certificate = first_certificate(chain_pem);
    CertificateFacts facts;
    facts.fingerprint = fingerprint(certificate.get());
    facts.names = dns_names(certificate.get());
    facts.subject = short_name(X509_get_subject_name(certificate.get()));
    if (facts.subject.empty() && !facts.names.empty()) facts.subject = facts.names.front();
    facts.issuer = short_name(X509_get_issuer_name(certificate.get()));
    facts.not_before = time_of(X509_get0_notBefore(certificate.get()));
    facts.not_after = time_of(X509_get0_notAfter(certificate.get()));
    return facts;
}

Secret matching_key(std::string_view chain_pem, const Secret& key_pem) {
    const Certificate certificate = first_certificate(chain_pem);
    const auto no_password = [](char*, int, int, void*) { return -1; };
    const std::string_view text = key_pem.reveal();
    const Memory memory(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
    demand(memory != nullptr, "read the key");
    const Key key(PEM_read_bio_PrivateKey(memory.get(), nullptr, no_password, nullptr));
    const bool fits = key && X509_check_private_key(certificate.get(), key.get()) == 1;
    ERR_clear_error();
    if (!key) throw Invalid("key", "cannot be read; is it without a passphrase?");
    if (!fits) throw Invalid("key", "is not that of the certificate");
    return private_pem(key.get());
}

}  // namespace rpm::crypto
