// SPDX-License-Identifier: MIT
// Saving a version of a site: what its owner, somebody who changes many, and a changed shared piece have in
// common. For shared/ops only.
#pragma once

#include <string>

#include "shared/model/site.h"
#include "shared/model/viewer.h"
#include "shared/ops/context.h"

namespace rpm::ops {

/// The site as it was.
struct RevisionBase {
    SiteId site;
    UserId owner;                 ///< whose shared pieces it may use
    unsigned based_on = 0;        ///< number of its newest version; 0: it has none
    CertificateId certificate{};  ///< of that version; kept as long as it fits
};
/// Inside the transaction that locked the site: composes the definition with the pieces as they are now,
/// makes a certificate where one is needed, adds the version. Throws Invalid as compose() does, Conflict as
/// store::insert_revision() does.
void save_revision(Context& context, db::Transaction& tx, const Viewer& viewer, const RevisionBase& base,
                   const SiteDefinition& definition, const std::string& reason, Time now);

/// Raw directives reach into the engine: whoever may not change them hears which were. Throws Invalid.
[[noreturn]] void refuse_raw(const RawDirectives& wanted, const RawDirectives& allowed);

/// As the audit log keeps it: that is for people to read, and nobody takes anything out of it.
Json recorded_definition(const SiteDefinition& definition);

}  // namespace rpm::ops
