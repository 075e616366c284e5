// SPDX-License-Identifier: MIT
#include "shared/ops/tokens.h"

#include "shared/base/error.h"
#include "workers/ctl/commands.h"
#include "workers/ctl/lookup.h"

namespace rpm::ctl {
namespace {

std::string state_of(const store::ApiToken& token, Time now) {
    if (token.revoked_at) return "revoked";
    return token.expires_at && *token.expires_at <= now ? "expired" : "works";
}

Json describe(const store::ApiToken& token, Time now) {
    return Json::object({{"id", token.id.value()},
                         {"name", token.name},
                         {"hint", token.hint},
                         {"state", state_of(token, now)},
                         {"scopes", token.scopes.words()},
                         {"networks", words_of(token.networks)},
                         {"created_at", to_rfc3339(token.created_at)},
                         {"expires_at", to_json(token.expires_at)},
                         {"last_used_at", to_json(token.last_used_at)},
                         {"last_address", token.last_address}});
}

ops::NewToken read_token(const Arguments& arguments) {
    ops::NewToken wanted;
    wanted.name = arguments.word(1);
    wanted.scopes = PermissionSet::parse(arguments.option("scope", ""));
    wanted.networks = parse_networks("--network", arguments.option("network", ""));
    if (arguments.option("days")) wanted.life = std::chrono::days(arguments.number("days", 0, 1, 3650));
    return wanted;
}

}  // namespace

int add_token(Environment& environment, const Arguments& arguments) {
    const auto user = get_user(environment.db(), arguments.word(0));
    const ops::NewToken wanted = read_token(arguments);
    const Secret token = ops::create_api_token(environment.context(), environment.viewer(), user.id, wanted);
    // Shown on purpose, and only here: the database keeps its hash.
    const std::string text(token.reveal());
    const auto made = store::list_api_tokens(environment.db(), user.id).front();
    environment.print(text, Json::object({{"id", made.id.value()},
                                          {"username", user.username},
                                          {"name", wanted.name},
                                          {"token", text},
                                          {"expires_at", to_json(made.expires_at)}}));
    return 0;
}

int list_tokens(Environment& environment, const Arguments& arguments) {
    const auto user = get_user(environment.db(), arguments.word());
    Json all = Json::array();
    Table table({{"ID", Table::right},
                 "NAME",
                 "BEGINS",
                 "STATE",
                 "EXPIRES",
                 "LAST USED",
                 "FROM",
                 "SCOPES",
                 "NETWORKS"});
    for (const store::ApiToken& token : store::list_api_tokens(environment.db(), user.id)) {
        all.push(describe(token, environment.now()));
        const std::string scopes = token.scopes.words();
        table.add({token.id.text(), token.name, token.hint, state_of(token, environment.now()),
                   show(token.expires_at), show(token.last_used_at), token.last_address,
                   scopes.empty() ? "all" : scopes,
                   token.networks.empty() ? "all" : words_of(token.networks)});
    }
    if (environment.json())
        environment.print(all);
    else
        environment.print(table);
    return 0;
}

int revoke_token(Environment& environment, const Arguments& arguments) {
    const auto id = TokenId::parse(arguments.word());
    if (!id) throw Invalid("ID", "must be the number of a token, as 'rpmgr token list' shows it");
    ops::revoke_api_token(environment.context(), environment.viewer(), *id);
    environment.print("token " + id->text() + " does not work any more",
                      Json::object({{"id", id->value()}, {"state", "revoked"}}));
    return 0;
}

}  // namespace rpm::ctl
