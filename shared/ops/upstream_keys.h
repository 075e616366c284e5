// SPDX-License-Identifier: MIT
// Keys of the certificates that a site shows to its servers. They come with a definition once and are sealed
// before it is saved: definitions only say under which fingerprint. For shared/ops only.
#pragma once

#include "shared/db/connection.h"
#include "shared/model/site.h"
#include "shared/ops/context.h"

namespace rpm::ops {

/// The definition as it may be saved. `before` is the site's last one, or the one that it copies: what that
/// says the site may go on to say, else a key that is stored must be the owner's. Throws Invalid, naming the
/// upstream's member.
SiteDefinition keep_upstream_keys(Context& context, db::Transaction& tx, UserId owner,
                                  const SiteDefinition& wanted, const SiteDefinition* before, Time now);

/// Of a snippet, which names stored keys only: that each comes with its certificate, and is the owner's or in
/// `before`. Without an owner the snippet is the staff's, who may use all. Throws Invalid likewise.
void check_stored_keys(db::Connection& db, UserId owner, const SiteDefinition& part,
                       const SiteDefinition* before);

}  // namespace rpm::ops
