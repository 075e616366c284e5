// SPDX-License-Identifier: MIT
// What pages include to be pages: see web/auth/visit.h.
#pragma once

#include "web/auth/visit.h"  // IWYU pragma: export
