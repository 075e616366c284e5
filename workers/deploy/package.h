// SPDX-License-Identifier: MIT
// From a release to the bytes that travel: the changed files, the manifest, the marker, and what to delete.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "shared/base/secret.h"
#include "shared/model/bundle.h"
#include "shared/model/deployable_site.h"
#include "shared/plan/release.h"

namespace rpm::deploy {

struct PackageInput {
    const Bundle& bundle;
    const plan::Release& release;
    const plan::Manifest& base;  ///< of the release that the node starts from; empty: send everything
    std::span<const DeployableSite> sites;
    std::string marker_path;
    std::string marker;
    /// The private key of a certificate, as PEM; asked for changed key files only.
    std::function<Secret(CertificateId)> private_key;
};

/// The archive for `rpmgr-node deploy`. The manifest in it holds the real digests of private keys.
std::string package(const PackageInput& input);

}  // namespace rpm::deploy
