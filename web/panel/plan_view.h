// SPDX-License-Identifier: MIT
// A plan as people read it: for whoever deploys it and for whoever approves it.
#pragma once

#include "shared/base/template_set.h"
#include "web/auth/visit.h"
#include "web/panel/plan.h"

namespace rpm::web {

/// Fills PLAN of review.html, but for what belongs to a form.
void add_plan_view(Fields& fields, const SitesPlan& plan, Visit& visit);
/// Plans are costly: throws HttpError 429 when the client has looked at too many.
void count_plan(Visit& visit);

}  // namespace rpm::web
