// SPDX-License-Identifier: MIT
// Certificates and their sealed keys.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/db/connection.h"

namespace rpm::store {

struct Certificate {
    CertificateId id;
    UserId owner;
    std::string kind;         ///< self_signed | upstream: shown to servers
    std::string fingerprint;  ///< SHA-256 of the leaf, 64 hex digits
    std::string subject;
    std::string chain_pem;
    std::string sealed_key;  ///< purpose "certificate:<fingerprint>"
    std::string key_digest;  ///< SHA-256 of the key file, 64 hex digits
    Time not_before{};
    Time not_after{};
    std::vector<std::string> names;
};
CertificateId insert_certificate(db::Transaction& tx, const Certificate& certificate, Time now);
struct HeldCertificate {
    CertificateId id;
    UserId owner;
};
std::optional<HeldCertificate> find_certificate(db::Connection& db, std::string_view fingerprint);
/// Fingerprint and sealed key only, for packing a bundle.
struct SealedKey {
    std::string fingerprint;
    std::string sealed_key;
};
SealedKey get_sealed_key(db::Connection& db, CertificateId id);
/// Without the sealed key, which the panels' database accounts may write but not read.
Certificate get_certificate(db::Connection& db, CertificateId id);

}  // namespace rpm::store
