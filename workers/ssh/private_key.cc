// SPDX-License-Identifier: MIT
#include "workers/ssh/private_key.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "shared/base/error.h"
#include "shared/base/handle.h"
#include "shared/base/text.h"
#include "workers/ssh/wire.h"

namespace rpm::ssh {
namespace {

using PkeyPtr = Handle<EVP_PKEY, &EVP_PKEY_free>;
using PkeyContext = Handle<EVP_PKEY_CTX, &EVP_PKEY_CTX_free>;
using DigestContext = Handle<EVP_MD_CTX, &EVP_MD_CTX_free>;
using Bio = Handle<BIO, &BIO_free_all>;
using SecretNumber = Handle<BIGNUM, &BN_clear_free>;
using Builder = Handle<OSSL_PARAM_BLD, &OSSL_PARAM_BLD_free>;
using Params = Handle<OSSL_PARAM, &OSSL_PARAM_free>;
using Signature = Handle<ECDSA_SIG, &ECDSA_SIG_free>;

constexpr std::string_view kEd25519 = "ssh-ed25519";
constexpr std::string_view kBegin = "-----BEGIN OPENSSH PRIVATE KEY-----";
constexpr std::string_view kEnd = "-----END OPENSSH PRIVATE KEY-----";
constexpr std::string_view kMagic{"openssh-key-v1\0", 15};
constexpr const char kRsaRefused[] =
    "RSA keys are not supported, because sshd refuses their SHA-1 signatures since 8.8: use an Ed25519 key";

// RFC 5656: which digest goes with which curve (section 6.2.1).
struct Curve {
    const char* ssh;
    const char* openssl;
    const EVP_MD* (*digest)();
};
constexpr std::array<Curve, 3> kCurves{{{"nistp256", "prime256v1", &EVP_sha256},
                                        {"nistp384", "secp384r1", &EVP_sha384},
                                        {"nistp521", "secp521r1", &EVP_sha512}}};

[[noreturn]] void refuse(std::string why) {
    ERR_clear_error();
    throw Invalid("private_key", std::move(why));
}

void demand(bool ok, const char* what) {
    if (ok) return;
    ERR_clear_error();
    throw Error(std::string("OpenSSL cannot ") + what);
}

const unsigned char* bytes_of(std::string_view s) {
    return reinterpret_cast<const unsigned char*>(s.data());
}
std::string_view view_of(const unsigned char* bytes, std::size_t length) {
    return {reinterpret_cast<const char*>(bytes), length};
}

const Curve* find_curve(const EVP_PKEY* pkey) {
    std::array<char, 64> group{};
    if (EVP_PKEY_get_utf8_string_param(pkey, OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size(),
                                       nullptr) != 1)
        return nullptr;
    const auto found = std::ranges::find_if(
        kCurves, [&](const Curve& c) { return std::string_view(group.data()) == c.openssl; });
    return found == kCurves.end() ? nullptr : &*found;
}

// ---- openssh-key-v1, the file format of PROTOCOL.key in OpenSSH's source ------------------------

PkeyPtr read_ed25519(WireReader& reader) {
    const std::string_view public_half = reader.text();
    const std::string_view both_halves = reader.text();
    if (public_half.size() != 32 || both_halves.size() != 64 || both_halves.substr(32) != public_half)
        refuse("damaged Ed25519 key: the two halves do not fit");
    return PkeyPtr(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytes_of(both_halves), 32));
}

PkeyPtr read_ecdsa(WireReader& reader) {
    const std::string_view name = reader.text();
    const std::string_view point = reader.text();
    const std::string_view scalar = reader.text();
    const auto curve = std::ranges::find_if(kCurves, [&](const Curve& c) { return name == c.ssh; });
    if (!reader.ok() || curve == kCurves.end())
        refuse("ECDSA key on a curve other than P-256, P-384 and P-521");
    const SecretNumber number(BN_bin2bn(bytes_of(scalar), static_cast<int>(scalar.size()), nullptr));
    const Builder builder(OSSL_PARAM_BLD_new());
    demand(number && builder &&
               OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve->openssl,
                                               0) == 1 &&
               OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                                point.size()) == 1 &&
               OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, number.get()) == 1,
           "prepare an ECDSA key");
    const Params params(OSSL_PARAM_BLD_to_param(builder.get()));
    const PkeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    EVP_PKEY* made = nullptr;
    demand(params && context && EVP_PKEY_fromdata_init(context.get()) == 1, "prepare an ECDSA key");
    if (EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_KEYPAIR, params.get()) != 1)
        refuse("damaged ECDSA key: the public point is not on its curve");
    PkeyPtr pkey(made);
    const PkeyContext check(EVP_PKEY_CTX_new_from_pkey(nullptr, pkey.get(), nullptr));
    if (!check || EVP_PKEY_pairwise_check(check.get()) != 1)
        refuse("damaged ECDSA key: the two halves do not fit");
    return pkey;
}

Secret unwrap_base64(std::string_view armoured) {
    const std::size_t begin = armoured.find(kBegin);
    const std::size_t end = armoured.find(kEnd);
    if (end == std::string_view::npos || end < begin) refuse("the end line of the OpenSSH key is missing");
    std::string digits;
    digits.reserve(armoured.size());  // one block: no copy stays behind in freed memory
    for (const char c : armoured.substr(begin + kBegin.size(), end - begin - kBegin.size()))
        if (c != '\n' && c != '\r' && c != ' ' && c != '\t') digits += c;
    const Secret compact(std::move(digits));
    auto decoded = text::unbase64(compact.reveal());
    if (!decoded) refuse("the OpenSSH key is not valid base64: was it copied whole?");
    return Secret(std::move(*decoded));
}

PkeyPtr read_openssh(std::string_view armoured) {
    const Secret raw = unwrap_base64(armoured);
    WireReader outer(raw.reveal());
    if (outer.bytes(kMagic.size()) != kMagic) refuse("not an openssh-key-v1 file inside the OpenSSH armour");
    const std::string_view cipher = outer.text();
    outer.text();  // key derivation
    outer.text();  // its options
    const std::uint32_t count = outer.u32();
    outer.text();  // public half; the private section repeats it
    const std::string_view section = outer.text();
    if (!outer.ok() || count != 1) refuse("damaged OpenSSH key, or more than one key in the file");
    if (cipher != "none")
        refuse(
            "encrypted OpenSSH keys need their passphrase removed before import: "
            "ssh-keygen -p -N '' -f KEYFILE (the manager seals what it stores)");
    WireReader inner(section);
    const std::uint32_t first_check = inner.u32();
    if (first_check != inner.u32()) refuse("damaged OpenSSH key: its check numbers differ");
    const std::string_view type = inner.text();
    if (type == kEd25519) return read_ed25519(inner);
    if (type.starts_with("ecdsa-sha2-")) return read_ecdsa(inner);
    if (type == "ssh-rsa") refuse(kRsaRefused);
    // Not by its name: in a damaged file that may be any bytes, also those of the key.
    refuse("key type not supported: use an Ed25519 key");
}

// ---- PEM ----------------------------------------------------------------------------------------

int give_passphrase(char* buffer, int size, int, void* user) {
    const auto& passphrase = *static_cast<const Secret*>(user);
    if (passphrase.empty() || passphrase.size() > static_cast<std::size_t>(size)) return -1;
    std::ranges::copy(passphrase.reveal(), buffer);
    return static_cast<int>(passphrase.size());
}

PkeyPtr read_pem(std::string_view pem, const Secret& passphrase) {
    const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    demand(bool(bio), "read from memory");
    PkeyPtr pkey(
        PEM_read_bio_PrivateKey(bio.get(), nullptr, &give_passphrase, const_cast<Secret*>(&passphrase)));
    if (pkey) return pkey;
    if (pem.find("ENCRYPTED") == std::string_view::npos) refuse("damaged PEM private key");
    refuse(passphrase.empty() ? "the key is encrypted: give its passphrase" : "wrong passphrase for the key");
}

std::string uncompressed_point(const EVP_PKEY* pkey) {
    std::array<unsigned char, 160> point{};
    std::size_t length = 0;
    demand(EVP_PKEY_get_octet_string_param(pkey, OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size(),
                                           &length) == 1,
           "give the public half of a key");
    return std::string(view_of(point.data(), length));
}

std::string raw_ed25519(const EVP_PKEY* pkey, decltype(&EVP_PKEY_get_raw_public_key) get) {
    std::string out(32, '\0');
    std::size_t length = out.size();
    demand(get(pkey, reinterpret_cast<unsigned char*>(out.data()), &length) == 1, "give the bytes of a key");
    return out;
}

// DER gives SEQUENCE{r, s}; SSH wants two mpints (RFC 5656 section 3.1.2).
std::string der_to_mpints(std::string_view der) {
    const unsigned char* at = bytes_of(der);
    const Signature parsed(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
    demand(bool(parsed), "read its own signature");
    std::string out;
    for (const BIGNUM* number : {ECDSA_SIG_get0_r(parsed.get()), ECDSA_SIG_get0_s(parsed.get())}) {
        std::string magnitude(static_cast<std::size_t>(BN_num_bytes(number)), '\0');
        BN_bn2bin(number, reinterpret_cast<unsigned char*>(magnitude.data()));
        put_mpint(out, magnitude);
    }
    return out;
}

}  // namespace

PrivateKey::PrivateKey(Pkey pkey) : pkey_(std::move(pkey)) {
    if (EVP_PKEY_is_a(pkey_.get(), "ED25519")) {
        type_ = kEd25519;
        put_text(public_blob_, type_);
        put_text(public_blob_, raw_ed25519(pkey_.get(), &EVP_PKEY_get_raw_public_key));
        return;
    }
    if (EVP_PKEY_is_a(pkey_.get(), "RSA")) refuse(kRsaRefused);
    const Curve* curve = EVP_PKEY_is_a(pkey_.get(), "EC") ? find_curve(pkey_.get()) : nullptr;
    if (curve == nullptr) refuse("key type not supported: use an Ed25519 or ECDSA P-256 key");
    type_ = std::string("ecdsa-sha2-") + curve->ssh;
    put_text(public_blob_, type_);
    put_text(public_blob_, curve->ssh);
    put_text(public_blob_, uncompressed_point(pkey_.get()));
}

PrivateKey PrivateKey::parse(const Secret& text, const Secret& passphrase) {
    const std::string_view all = text.reveal();
    if (all.size() > 64 * 1024) refuse("too long for a private key");
    if (all.find(kBegin) != std::string_view::npos) {
        PkeyPtr pkey = read_openssh(all);
        if (!pkey) refuse("damaged OpenSSH private key");
        return PrivateKey(Pkey(std::move(pkey)));
    }
    if (all.find("-----BEGIN ") != std::string_view::npos) return PrivateKey(Pkey(read_pem(all, passphrase)));
    if (all.starts_with("ssh-") || all.starts_with("ecdsa-"))
        refuse("this is the public half: give the private one (the file without .pub)");
    refuse("not a private key: expected a text that starts with -----BEGIN");
}

PrivateKey PrivateKey::generate() {
    EVP_PKEY* made = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    demand(made != nullptr, "make an Ed25519 key");
    return PrivateKey(Pkey(PkeyPtr(made)));
}

std::string PrivateKey::public_line(std::string_view comment) const {
    return type_ + ' ' + text::base64(public_blob_) + (comment.empty() ? "" : " ") + std::string(comment);
}

Secret PrivateKey::openssh_text(std::string_view comment) const {
    if (type_ != kEd25519) throw Error("only Ed25519 keys can be written as openssh-key-v1");
    const Secret seed(raw_ed25519(pkey_.get(), &EVP_PKEY_get_raw_private_key));
    const std::string public_half = raw_ed25519(pkey_.get(), &EVP_PKEY_get_raw_public_key);
    std::string check(4, '\0');
    demand(RAND_bytes(reinterpret_cast<unsigned char*>(check.data()), 4) == 1, "give random bytes");

    std::string section;
    section.reserve(256 + comment.size());  // one block: no copy of the key stays behind in freed memory
    section += check + check;
    put_text(section, type_);
    put_text(section, public_half);
    put_u32(section, 64);
    section += seed.reveal();
    section += public_half;
    put_text(section, comment);
    for (char pad = 1; section.size() % 8 != 0; ++pad) section += pad;

    std::string file;
    file.reserve(512 + comment.size());
    file += kMagic;
    put_text(file, "none");
    put_text(file, "none");
    put_text(file, "");
    put_u32(file, 1);
    put_text(file, public_blob_);
    put_text(file, section);
    const Secret wiped_section(std::move(section));
    const Secret wiped_file(std::move(file));
    const Secret digits(text::base64(wiped_file.reveal()));

    std::string out;
    out.reserve(1024 + 2 * comment.size());
    out += std::string(kBegin) + '\n';
    for (std::size_t at = 0; at < digits.size(); at += 70) {
        out += digits.reveal().substr(at, 70);
        out += '\n';
    }
    out += std::string(kEnd) + '\n';
    return Secret(std::move(out));
}

std::string PrivateKey::sign(std::string_view bytes) const {
    const DigestContext context(EVP_MD_CTX_new());
    const Curve* curve = type_ == kEd25519 ? nullptr : find_curve(pkey_.get());
    const EVP_MD* digest = curve == nullptr ? nullptr : curve->digest();
    demand(context && EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, pkey_.get()) == 1, "sign");
    std::string signature(256, '\0');
    std::size_t length = signature.size();
    demand(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &length,
                          bytes_of(bytes), bytes.size()) == 1,
           "sign");
    signature.resize(length);
    return curve == nullptr ? signature : der_to_mpints(signature);
}

}  // namespace rpm::ssh
