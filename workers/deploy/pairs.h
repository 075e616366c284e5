// SPDX-License-Identifier: MIT
// The private keys of the certificates that travel, unsealed once, each checked against its chain.
//
// nginx opens the certificates of dense groups when a visitor comes (shared/render/nginx_dense.h), so its
// test does not see them. What it would find there is found here: a damaged file, a key of another
// certificate. That all files arrive whole, the node's script checks by the manifest.
//
//     Pairs pairs(sites, open);
//     pairs.check(plan::compare(release.manifest, base).changes);     // throws render::InvalidSite
//     package({…, .private_key = [&](CertificateId id) { return pairs.take(id); }});
#pragma once

#include <functional>
#include <span>
#include <unordered_map>
#include <vector>

#include "shared/base/secret.h"
#include "shared/model/bundle.h"
#include "shared/model/deployable_site.h"
#include "shared/plan/release.h"

namespace rpm::deploy {

class Pairs {
  public:
    using Open = std::function<Secret(CertificateId)>;
    /// `sites` and `bundle` outlive it.
    Pairs(std::span<const DeployableSite> sites, const Bundle& bundle, Open open);

    /// Of every certificate that has a new or changed file, if the bundle has dense groups. Throws
    /// render::InvalidSite with a site that uses it.
    void check(const std::vector<plan::Change>& changes);
    /// The key, as it was unsealed for the check, or unsealed now.
    Secret take(CertificateId id);

  private:
    void check_one(CertificateId id);

    const Bundle& bundle_;
    Open open_;
    std::unordered_map<CertificateId, const DeployableSite*> users_;
    std::unordered_map<CertificateId, Secret> checked_;
};

}  // namespace rpm::deploy
