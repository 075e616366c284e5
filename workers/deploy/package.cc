// SPDX-License-Identifier: MIT
#include "workers/deploy/package.h"

#include <unordered_map>

#include "shared/base/error.h"
#include "workers/deploy/archive.h"

namespace rpm::deploy {
namespace {

plan::Manifest with_key_digests(const PackageInput& input) {
    std::unordered_map<CertificateId, const std::string*> digests;
    for (const DeployableSite& site : input.sites)
        for (const CertificateFiles* each : certificates_of(site)) digests[each->id] = &each->key_digest;
    plan::Manifest manifest = input.release.manifest;
    for (const auto& [path, file] : input.bundle.files) {
        if (!file.private_key_of) continue;
        const auto found = digests.find(file.private_key_of);
        if (found == digests.end()) throw Error("no site brings the certificate of " + path);
        manifest[path] = *found->second;
    }
    return manifest;
}

}  // namespace

std::string package(const PackageInput& input) {
    Archive archive;
    std::string removed;
    for (const plan::Change& change : plan::compare(input.release.manifest, input.base).changes) {
        if (change.kind == plan::ChangeKind::removed) {
            removed += change.path + "\n";
            continue;
        }
        const BundleFile& file = input.bundle.files.at(change.path);
        if (file.private_key_of)
            archive.add(change.path, input.private_key(file.private_key_of).reveal(), 0600);
        else
            archive.add(change.path, *file.content);
    }
    archive.add("MANIFEST", plan::to_text(with_key_digests(input)));
    archive.add(input.marker_path, input.marker);
    archive.add("REMOVED", removed);
    return archive.finish();
}

}  // namespace rpm::deploy
