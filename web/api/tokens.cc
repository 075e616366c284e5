// SPDX-License-Identifier: MIT
// One's own tokens. They are made in the panel or by `rpmgr`: a token that could make others would live on in
// them.
#include "shared/ops/tokens.h"

#include "web/api/handlers.h"
#include "web/api/input.h"
#include "web/api/output.h"

namespace rpm::api {
namespace {

Json scopes_json(const store::ApiToken& token) {
    if (token.scopes == PermissionSet::all()) return {};
    Json scopes = Json::array();
    for (const PermissionRow& row : permissions())
        if (!row.word.empty() && token.scopes.has(row.permission)) scopes.push(row.word);
    return scopes;
}

Json token_json(const store::ApiToken& token) {
    Json networks = Json::array();
    for (const IpNetwork& network : token.networks) networks.push(network.text());
    return Json::object({{"id", token.id.value()},
                         {"name", token.name},
                         {"hint", token.hint},
                         {"scopes", scopes_json(token)},
                         {"networks", std::move(networks)},
                         {"created_at", time_json(token.created_at)},
                         {"expires_at", time_json(token.expires_at)},
                         {"last_used_at", time_json(token.last_used_at)},
                         {"last_address", text_or_null(token.last_address)},
                         {"revoked_at", time_json(token.revoked_at)}});
}

}  // namespace

http::Response list_tokens(Call& call) {
    http::Form query(call.request.query);
    check(query);
    Json items = Json::array();
    for (const auto& token : rpm::ops::list_api_tokens(call.ops, call.viewer, call.viewer.id))
        items.push(token_json(token));
    return list_response(std::move(items), "");
}

http::Response revoke_token(Call& call) {
    rpm::ops::revoke_api_token(call.ops, call.viewer, call.captures.id<TokenId>("id"));
    return http::no_content();
}

}  // namespace rpm::api
