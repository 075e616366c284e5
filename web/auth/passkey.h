// SPDX-License-Identifier: MIT
// What a browser and a panel tell each other about a passkey (web/static/src/passkeys.js).
#pragma once

#include <string>

#include "shared/base/json.h"
#include "shared/ops/factors.h"
#include "web/http/form.h"

namespace rpm::web {

/// What the browser needs for a ceremony with a passkey.
Json ceremony_json(const rpm::ops::Ceremony& ceremony);
/// Its answer, from fields whose names begin with `prefix`; what is missing is empty and fits nothing.
rpm::ops::PasskeyAnswer read_passkey(http::Form& form, const std::string& prefix = {});

}  // namespace rpm::web
