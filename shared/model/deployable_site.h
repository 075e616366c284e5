// SPDX-License-Identifier: MIT
// A site as one node shall serve it: what the store reads and the renderers take.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "shared/base/id.h"
#include "shared/model/site.h"

namespace rpm {

/// The public half of a certificate, as a bundle needs it.
struct CertificateFiles {
    CertificateId id;
    std::string fingerprint;                       ///< SHA-256 of the leaf (DER), 64 hex digits
    std::string key_digest;                        ///< SHA-256 of the key file, 64 hex digits
    std::shared_ptr<const std::string> chain_pem;  ///< leaf first
};

struct DeployableSite {
    SiteId id;
    RevisionId revision;
    unsigned revision_number = 0;  ///< 1, 2, 3 … within the site
    std::string owner;             ///< sign-in name
    SiteState state = SiteState::active;
    unsigned block_status = 403;  ///< answered while blocked: 403, 451 or 503
    std::shared_ptr<const SiteDefinition> definition;
    std::optional<CertificateFiles> certificate;  ///< there when the definition's TLS mode is not none
    /// What its servers are shown, by fingerprint.
    std::map<std::string, CertificateFiles, std::less<>> upstream_certificates = {};
};

/// All whose files may go out with the site.
inline std::vector<const CertificateFiles*> certificates_of(const DeployableSite& site) {
    std::vector<const CertificateFiles*> out;
    if (site.certificate) out.push_back(&*site.certificate);
    for (const auto& [fingerprint, files] : site.upstream_certificates) out.push_back(&files);
    return out;
}

}  // namespace rpm
