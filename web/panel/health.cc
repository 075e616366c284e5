// SPDX-License-Identifier: MIT
#include "web/panel/pages.h"

#ifndef RPMGR_VERSION
#define RPMGR_VERSION "0"
#endif

namespace rpm::web {

http::Response health(Visit& visit) {
    const bool reachable = visit.db().ping();
    return http::text(
        std::string(reachable ? "ok" : "database unreachable") + "\nversion " RPMGR_VERSION "\n",
        reachable ? 200 : 503);
}

}  // namespace rpm::web
