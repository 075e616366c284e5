// SPDX-License-Identifier: MIT
#include "web/panel/token_list.h"

#include "web/view/format.h"
#include "web/view/states.h"

namespace rpm::web {
namespace {

Sign sign_of(const store::ApiToken& token, Time now) {
    if (token.revoked_at) return {"idle", "Revoked"};
    if (token.expires_at && *token.expires_at <= now) return {"idle clock", "Expired"};
    return {"ok", "Works"};
}

}  // namespace

void add_tokens(Fields& fields, const std::vector<store::ApiToken>& tokens, const Visit& visit,
                bool may_revoke) {
    fields.show("NO_TOKENS", tokens.empty());
    for (const store::ApiToken& token : tokens) {
        Fields& row = fields.row("TOKEN");
        row.set("TOKEN_ID", token.id.text()).set("TOKEN_NAME", token.name).set("HINT", token.hint);
        const Sign sign = sign_of(token, visit.now());
        row.show("REVOKE", may_revoke && sign.kind == "ok");
        set_sign(row, sign);
        const std::string scopes = token.scopes.words();
        row.set("SCOPES", scopes.empty() ? "All of the role" : scopes);
        row.set("NETWORKS", token.networks.empty() ? "everywhere" : words_of(token.networks));
        set_time(row, "EXPIRES", "EXPIRES_ISO", token.expires_at, visit.now());
        set_time(row, "USED", "USED_ISO", token.last_used_at, visit.now());
        row.set("FROM", token.last_address);
    }
}

}  // namespace rpm::web
