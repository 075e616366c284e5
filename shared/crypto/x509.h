// SPDX-License-Identifier: MIT
// Certificates: making self-signed ones, reading what a certificate says.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "shared/base/clock.h"
#include "shared/base/secret.h"

namespace rpm::crypto {

struct NewCertificate {
    Secret private_key_pem;  ///< PKCS#8, EC P-256
    std::string chain_pem;
};
/// ECDSA P-256 with SHA-256; subject alternative names for all names (RFC 5280 section 4.2.1.6), CA:FALSE,
/// serverAuth; a random 127 bit serial. Names are host names, also wildcards.
NewCertificate self_signed(const std::vector<std::string>& names, Time not_before, Time not_after);

struct CertificateFacts {
    std::string fingerprint;  ///< SHA-256 over the DER form, 64 hex digits
    std::string subject;      ///< the common name, or the first alternative name
    std::string issuer;
    std::vector<std::string> names;  ///< DNS alternative names
    Time not_before{};
    Time not_after{};
};
/// Of the first certificate in the text. Throws Invalid{"certificate", …}.
CertificateFacts read_certificate(std::string_view chain_pem);

/// The private key as PKCS#8 in PEM, when it is that of the first certificate in the text. Throws
/// Invalid{"certificate"} or Invalid{"key"}.
Secret matching_key(std::string_view chain_pem, const Secret& key_pem);

}  // namespace rpm::crypto
