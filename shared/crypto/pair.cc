// SPDX-License-Identifier: MIT
#include "shared/crypto/pair.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <limits>

#include "shared/base/error.h"
#include "shared/base/handle.h"

namespace rpm::crypto {
namespace {

using Certificate = Handle<X509, &X509_free>;
using Key = Handle<EVP_PKEY, &EVP_PKEY_free>;
using Memory = Handle<BIO, &BIO_free_all>;

[[noreturn]] void refuse(const char* message) {
    ERR_clear_error();
    throw Invalid("certificate", message);
}

Memory reader(std::string_view text) {
    if (text.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) refuse("is too large");
    Memory memory(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
    if (!memory) throw Error("cannot allocate memory for a certificate");
    return memory;
}

// Without a callback of ours OpenSSL would ask the terminal.
int no_password(char*, int, int, void*) {
    return -1;
}

bool at_end() {
    const unsigned long error = ERR_peek_last_error();
    return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

}  // namespace

void check_pair(std::string_view chain_pem, const Secret& private_key_pem) {
    ERR_clear_error();
    const Memory chain = reader(chain_pem);
    const Certificate leaf(PEM_read_bio_X509_AUX(chain.get(), nullptr, no_password, nullptr));
    if (!leaf) refuse("cannot be read: it is not a certificate in PEM form");
    while (const Certificate next{PEM_read_bio_X509(chain.get(), nullptr, no_password, nullptr)}) {
    }
    if (!at_end()) refuse("cannot be read: a certificate of its chain is damaged");
    ERR_clear_error();
    const Memory text = reader(private_key_pem.reveal());
    const Key key(PEM_read_bio_PrivateKey(text.get(), nullptr, no_password, nullptr));
    if (!key) refuse("cannot be served: its private key cannot be read");
    if (X509_check_private_key(leaf.get(), key.get()) != 1)
        refuse("cannot be served: the private key is not the one of the certificate");
}

}  // namespace rpm::crypto
