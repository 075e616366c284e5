// SPDX-License-Identifier: MIT
// Rows of API tokens, for their owner and for administrators.
#pragma once

#include <vector>

#include "shared/base/template_set.h"
#include "shared/store/tokens.h"
#include "web/auth/visit.h"

namespace rpm::web {

/// TOKEN rows, or NO_TOKENS.
void add_tokens(Fields& fields, const std::vector<store::ApiToken>& tokens, const Visit& visit,
                bool may_revoke);

}  // namespace rpm::web
