// SPDX-License-Identifier: MIT
// What one node should carry: an ordered map of path -> bytes, rendered from all its sites.
//
// Paths are relative, of [A-Za-z0-9._-] parts joined by '/'. Private keys are not in it: their files are
// named after the certificate and hold a reference, so that a process without the unsealing key renders the
// same bundle (and the same release id) as a worker. Workers fill them in when they pack the bundle.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "shared/base/id.h"

namespace rpm {

struct BundleFile {
    std::shared_ptr<const std::string>
        content;                   ///< shared with the cache of rendered text; null for a private key
    CertificateId private_key_of;  ///< set: the file is the key of this certificate
    SiteId site;                   ///< the site whose file this is; none for the node's own files
};

struct Bundle {
    std::map<std::string, BundleFile> files;
};

}  // namespace rpm
