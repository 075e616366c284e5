// SPDX-License-Identifier: MIT
// The part of a site's page that says which names are still to be proven.
#pragma once

#include "shared/base/template_set.h"
#include "shared/store/sites.h"
#include "web/auth/visit.h"

namespace rpm::web {

/// Nothing when every name is proven, or needs no proof.
void add_site_names(Fields& page, const store::Site& site, const Visit& visit);

}  // namespace rpm::web
