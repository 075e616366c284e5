// SPDX-License-Identifier: MIT
// The service itself: whether it works, what it offers, who asks.
#include "web/api/handlers.h"
#include "web/api/output.h"

namespace rpm::api {

http::Response health(Call& call) {
    const bool reachable = call.db().ping();
    return http::json(
        Json::object({{"status", reachable ? "ok" : "database unreachable"}, {"version", RPMGR_VERSION}}),
        reachable ? 200 : 503);
}

http::Response document(Call& call) {
    return http::content("application/json", call.context.document).set("Cache-Control", "max-age=300");
}

namespace {

// What this call may do: the role's permissions, as far as the token reaches.
Json scopes_json(const Viewer& viewer) {
    Json scopes = Json::array();
    for (const PermissionRow& row : permissions())
        if (!row.word.empty() && viewer.may(row.permission)) scopes.push(row.word);
    return scopes;
}

}  // namespace

http::Response me(Call& call) {
    return http::json(Json::object({{"id", call.viewer.id.value()},
                                    {"name", call.viewer.username},
                                    {"role", to_word(call.viewer.role)},
                                    {"scopes", scopes_json(call.viewer)}}));
}

}  // namespace rpm::api
