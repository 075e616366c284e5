// SPDX-License-Identifier: MIT
#include "workers/deploy/pairs.h"

#include "shared/crypto/pair.h"
#include "shared/render/renderer.h"

namespace rpm::deploy {
namespace {

bool has_dense_groups(const Bundle& bundle) {
    const auto first = bundle.files.lower_bound("dense/");
    return first != bundle.files.end() && first->first.starts_with("dense/");
}

}  // namespace

Pairs::Pairs(std::span<const DeployableSite> sites, const Bundle& bundle, Open open)
    : bundle_(bundle), open_(std::move(open)) {
    for (const DeployableSite& site : sites)
        if (site.certificate) users_.try_emplace(site.certificate->id, &site);  // engines open the others
}

void Pairs::check(const std::vector<plan::Change>& changes) {
    if (!has_dense_groups(bundle_)) return;
    for (const plan::Change& change : changes) {
        if (change.kind == plan::ChangeKind::removed || !change.path.starts_with("certs/")) continue;
        const std::string stem = change.path.substr(0, change.path.rfind('.'));
        const auto key = bundle_.files.find(stem + ".key");
        if (key != bundle_.files.end()) check_one(key->second.private_key_of);
    }
}

void Pairs::check_one(CertificateId id) {
    const auto user = users_.find(id);
    if (user == users_.end() || checked_.contains(id)) return;
    Secret key = open_(id);
    try {
        crypto::check_pair(*user->second->certificate->chain_pem, key);
    } catch (const Invalid& error) {
        throw render::InvalidSite(user->second->id, error.problems);
    }
    checked_.emplace(id, std::move(key));
}

Secret Pairs::take(CertificateId id) {
    const auto found = checked_.find(id);
    if (found == checked_.end()) return open_(id);
    Secret key = std::move(found->second);
    checked_.erase(found);
    return key;
}

}  // namespace rpm::deploy
