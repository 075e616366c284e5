// SPDX-License-Identifier: MIT
// Other valid definitions beside a given one, each with one member changed: for line_fields.h.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "shared/model/member_doc.h"
#include "shared/model/site.h"

namespace rpm::plan {

/// What is tried for one member, until the caller takes one.
struct Variant {
    std::string path;  ///< of the member
    /// Definitions in which it differs, best first; null at the end. Each call makes the next.
    std::function<std::optional<SiteDefinition>()> next;
};

/// Calls `visit` for each member of the definition: first those that are said, in the order of their
/// description, then those that have their default. `visit` answers whether to go on.
void each_variant(const SiteDefinition& site, const std::function<bool(Variant)>& visit);

/// Takes away one said member after the other, each from what the one before left, until the bare site is
/// left. `visit` gets the path of what went last, and answers whether to go on.
void each_peeled(const SiteDefinition& site,
                 const std::function<bool(const std::string& path, const SiteDefinition& left)>& visit);

}  // namespace rpm::plan
