// SPDX-License-Identifier: MIT
// The map of the clients' panel.
#pragma once

#include <span>

#include "web/auth/visit.h"

namespace rpm::web {

std::span<const Route> client_routes();

}  // namespace rpm::web
