// SPDX-License-Identifier: MIT
// The map of the administrators' panel.
#pragma once

#include <span>

#include "web/auth/visit.h"

namespace rpm::web {

std::span<const Route> admin_routes();

}  // namespace rpm::web
