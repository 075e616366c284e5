// SPDX-License-Identifier: MIT
#include "shared/ops/tokens.h"

#include <algorithm>

#include "shared/base/text.h"
#include "shared/crypto/token.h"
#include "shared/ops/mail.h"
#include "shared/ops/people.h"
#include "shared/ops/throttle.h"
#include "shared/store/audit.h"
#include "shared/store/settings.h"

namespace rpm::ops {
namespace {

using namespace std::chrono_literals;

constexpr auto kUsedInterval = 1min;  // one write a minute, not one per call
constexpr unsigned kWrongOfNetwork = 30;
constexpr std::chrono::seconds kFailureWindow = 15min;
constexpr std::size_t kHint = 10;  // "rpmgr_" and four of 43: tells tokens apart and nothing more
constexpr std::size_t kMostNetworks = 20;

store::AuditSubject subject_of(const store::User& user) {
    return {.type = "user", .id = user.id.value(), .name = user.username, .owner = user.owner()};
}

void check_name(const std::string& name) {
    if (name.empty() || name.size() > 64 || text::has_control(name) || !text::is_utf8(name))
        throw Invalid("name", "must have 1 to 64 characters");
}

// What a role has may change later; find_token_visitor() looks again at each use.
void check_scopes(const PermissionSet& scopes, Role role) {
    if (scopes == PermissionSet::all()) return;
    for (const PermissionRow& row : permissions())
        if (scopes.has(row.permission) && !allows(role, row.permission))
            throw Invalid("scopes", "has " + std::string(row.word) + ", which the role " +
                                        std::string(to_word(role)) + " does not have");
}

Time end_of(const Settings& settings, const NewToken& wanted, Time now) {
    const std::chrono::days longest(settings.number(Setting::tokens_days));
    const std::chrono::seconds usual = std::min<std::chrono::seconds>(kUsualTokenLife, longest);
    const auto life = wanted.life.value_or(usual);
    if (life < 1s) throw Invalid("days", "must be in the future");
    if (life > longest)
        throw Invalid("days",
                      "must be at most " + std::to_string(longest.count()) + " (the setting tokens.days)");
    return now + life;
}

void demand_maker(const Viewer& viewer, UserId user) {
    viewer.demand_oneself();
    if (viewer.id != user) viewer.demand(Permission::users_manage);
    if (viewer.limit != PermissionSet::all()) throw Forbidden("a token with limits makes no tokens");
}

bool works_from(const store::ApiToken& token, const std::string& address) {
    if (token.networks.empty()) return true;
    const auto from = IpAddress::parse(address);
    return from && find_network(token.networks, *from) != nullptr;
}

TokenVisitor count_wrong(Context& context, const std::string& address, Time now) {
    const auto counted = db::transact(context.db, [&](db::Transaction& tx) {
        return store::count_token_failure(tx, counted_address(address), kFailureWindow, now);
    });
    if (counted.hits <= kWrongOfNetwork) return {};
    const auto wait = std::chrono::ceil<std::chrono::seconds>(counted.ends_at - now);
    return {TokenResult::throttled, {}, std::max<std::chrono::seconds>(1s, wait)};
}

}  // namespace

Secret create_api_token(Context& context, const Viewer& viewer, UserId id, const NewToken& wanted) {
    demand_maker(viewer, id);
    check_name(wanted.name);
    if (wanted.networks.size() > kMostNetworks) throw Invalid("networks", "has more than 20 entries");
    return db::transact(context.db, [&](db::Transaction& tx) {
        const Time now = context.clock.now();
        const auto user = store::get_user(context.db, id);
        check_scopes(wanted.scopes, user.role);
        const Time end = end_of(store::load_settings(context.db), wanted, now);
        Secret token = crypto::new_api_token();
        store::insert_api_token(tx,
                                {.id = {},
                                 .user = id,
                                 .name = wanted.name,
                                 .hint = std::string(token.reveal().substr(0, kHint)),
                                 .scopes = wanted.scopes,
                                 .networks = wanted.networks,
                                 .created_at = now,
                                 .expires_at = end},
                                crypto::token_hash(token.reveal()));
        queue_notice(context, tx, user, Notice::token_made, viewer, {}, wanted.name);
        store::insert_audit(tx, viewer, "user.create_token", subject_of(user), nullptr,
                            Json::object({{"name", wanted.name},
                                          {"scopes", wanted.scopes.words()},
                                          {"networks", words_of(wanted.networks)},
                                          {"expires_at", to_rfc3339(end)}}),
                            now);
        return token;
    });
}

Secret create_api_token(Context& context, const Viewer& viewer, UserId user, const std::string& name,
                        std::optional<std::chrono::seconds> life) {
    return create_api_token(context, viewer, user, NewToken{.name = name, .life = life});
}

std::vector<store::ApiToken> list_api_tokens(Context& context, const Viewer& viewer, UserId user) {
    if (viewer.id != user) viewer.demand(Permission::users_read);
    return store::list_api_tokens(context.db, user);
}

void revoke_api_token(Context& context, const Viewer& viewer, TokenId id) {
    db::transact(context.db, [&](db::Transaction& tx) {
        const auto token = store::get_api_token(context.db, id);
        if (token.user != viewer.id) {
            if (!viewer.may(Permission::users_read)) throw NotFound("no such token");
            viewer.demand(Permission::users_manage);
        }
        const Time now = context.clock.now();
        if (!store::revoke_api_token(tx, id, now)) return;
        store::insert_audit(tx, viewer, "user.revoke_token",
                            subject_of(store::get_user(context.db, token.user)),
                            Json::object({{"name", token.name}, {"hint", token.hint}}), nullptr, now);
    });
}

TokenVisitor find_token_visitor(Context& context, const std::string& token, const std::string& address,
                                const std::string& request_id) {
    if (!crypto::may_be_api_token(token)) return {};  // mistyped: nothing to look up, nothing to count
    const Time now = context.clock.now();
    const auto found = store::find_token_user(context.db, crypto::token_hash(token), now);
    if (!found || !works_from(found->token, address)) return count_wrong(context, address, now);
    const auto used = found->token.last_used_at;
    if (!used || *used + kUsedInterval < now)
        db::transact(context.db, [&](db::Transaction& tx) {
            store::update_token_used(tx, found->token.id, address, now);
        });
    TokenVisitor visitor{TokenResult::known, viewer_of(found->user, address, request_id), {}};
    visitor.viewer.limit = found->token.scopes;
    return visitor;
}

}  // namespace rpm::ops
