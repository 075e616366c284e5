// SPDX-License-Identifier: MIT
// Names a bundle by its content and compares it with what a node carries. Pure.
//
//     Release next = seal(bundle);
//     Plan plan = compare(next.manifest, current);   // plan.empty() -> nothing to do
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "shared/model/bundle.h"

namespace rpm::plan {

/// Path -> SHA-256 of the content, as 64 hex digits. For a private key: "key" (its path names the
/// certificate).
using Manifest = std::map<std::string, std::string>;

/// sha256sum(1) lines, "<digest>  <path>\n", sorted by path.
std::string to_text(const Manifest& manifest);
/// Throws Invalid naming the line.
Manifest parse_manifest(std::string_view text);

struct Release {
    std::string id;  ///< the first 32 hex digits of the SHA-256 of to_text(manifest)
    Manifest manifest;
};
Release seal(const Bundle& bundle);

enum class ChangeKind { added, changed, removed };
struct Change {
    ChangeKind kind;
    std::string path;
};
struct Plan {
    std::vector<Change> changes;  ///< by path
    bool empty() const { return changes.empty(); }
};
Plan compare(const Manifest& next, const Manifest& current);

}  // namespace rpm::plan
