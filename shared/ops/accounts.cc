// SPDX-License-Identifier: MIT
#include "shared/ops/accounts.h"

#include "shared/crypto/password.h"
#include "shared/crypto/token.h"
#include "shared/model/mail.h"
#include "shared/ops/passwords.h"
#include "shared/ops/sessions.h"
#include "shared/ops/sign_in.h"
#include "shared/ops/throttle.h"
#include "shared/store/audit.h"
#include "shared/store/tokens.h"

namespace rpm::ops {
namespace {

Json to_json(const AccountChange& change) {
    const auto count = [](const std::optional<unsigned>& n) { return n ? Json(*n) : Json(); };
    return Json::object({{"role", to_word(change.role)},
                         {"email", change.email},
                         {"tenant", change.tenant ? Json(change.tenant.value()) : Json()},
                         {"max_sites", count(change.max_sites)},
                         {"max_domains", count(change.max_domains)}});
}

void check(db::Connection& db, const Viewer& viewer, const store::User& user, const AccountChange& change) {
    Problems problems;
    if (user.id == viewer.id && change.role != user.role)
        problems.add("role", "is your own: another administrator has to change it");
    if (!change.email.empty() && !is_mail_address(change.email))
        problems.add("email", "is not a mail address");
    const bool own_sites = change.role == Role::client && !change.tenant;
    if (!own_sites && store::has_colleagues(db, user.id))
        problems.add("role", "must stay: others work with the sites of this client");
    if (!own_sites && change.max_sites)
        problems.add("max_sites", "is only for clients with sites of their own");
    if (!own_sites && change.max_domains)
        problems.add("max_domains", "is only for clients with sites of their own");
    if (change.tenant && change.tenant == user.id) problems.add("tenant", "is the account itself");
    if (!problems.empty()) throw Invalid(problems);
}

std::chrono::seconds life_of(LinkPurpose purpose) {
    if (purpose == LinkPurpose::invitation) return kInvitationLife;
    return kResetLife;
}

bool sets_password(LinkPurpose purpose) {
    return purpose == LinkPurpose::reset || purpose == LinkPurpose::invitation;
}

// What the link is for, and whose it is; nothing when it does not work here.
struct Opened {
    LinkPurpose purpose;
    store::User user;
};
std::optional<Opened> open_link(Context& context, const std::string& token, const std::string& panel) {
    const auto link = store::find_link(context.db, crypto::token_hash(token), context.clock.now());
    const auto purpose = link ? link_purpose(link->purpose) : std::nullopt;
    if (!purpose) return std::nullopt;
    auto user = store::get_user(context.db, link->user);
    if (!may_use(user, panel)) return std::nullopt;
    return Opened{*purpose, std::move(user)};
}

}  // namespace

AccountChange change_of(const store::User& user) {
    return {.role = user.role,
            .email = user.email,
            .tenant = user.tenant,
            .max_sites = user.max_sites,
            .max_domains = user.max_domains};
}

void update_user(Context& context, const Viewer& viewer, UserId id, const AccountChange& change) {
    viewer.demand(Permission::users_manage);
    db::transact(context.db, [&](db::Transaction& tx) {
        const auto before = store::get_user(context.db, id);
        check(context.db, viewer, before, change);
        store::User after = before;
        after.role = change.role;
        after.email = change.email;
        after.tenant = checked_tenant(context.db, change.role, change.tenant);
        after.max_sites = change.max_sites;
        after.max_domains = change.max_domains;
        store::update_account(tx, after);
        if (after.role != before.role || after.tenant != before.tenant) {
            end_access(tx, id);
            store::revoke_api_tokens(tx, id, context.clock.now());  // made for other rights
        }
        if (after.email != before.email) queue_notice(context, tx, before, Notice::mail_changed, viewer);
        store::insert_audit(tx, viewer, "user.update", subject_of(after), to_json(change_of(before)),
                            to_json(change), context.clock.now());
    });
}

UserId checked_tenant(db::Connection& db, Role role, UserId tenant) {
    if (!tenant) {
        if (role == Role::client_read_only) throw Invalid("tenant", "is missing: whose sites may it see?");
        return {};
    }
    if (is_staff(role)) throw Invalid("tenant", "is only for clients");
    try {
        const auto client = store::get_user(db, tenant);
        if (client.role == Role::client && !client.tenant) return tenant;
    } catch (const NotFound&) {  // as wrong as any other
    }
    throw Invalid("tenant", "must be a client that works with its own sites");
}

Secret create_link(Context& context, const Viewer& viewer, UserId id, LinkPurpose purpose) {
    viewer.demand(Permission::users_manage);
    return db::transact(context.db, [&](db::Transaction& tx) {
        const Time now = context.clock.now();
        const auto user = store::get_user(context.db, id);
        if (!user.active) throw Invalid("user", "is disabled");
        Secret token = crypto::new_token();
        store::insert_link(tx, {.user = id, .purpose = std::string(to_word(purpose)), .issued_by = viewer.id},
                           crypto::token_hash(token.reveal()), now, now + life_of(purpose));
        store::insert_audit(tx, viewer, "user.make_link", subject_of(user), nullptr,
                            Json::object({{"purpose", to_word(purpose)}}), now);
        return token;
    });
}

Secret begin_impersonation(Context& context, const Viewer& viewer, UserId id) {
    viewer.demand(Permission::users_impersonate);
    viewer.demand_oneself();
    return db::transact(context.db, [&](db::Transaction& tx) {
        const Time now = context.clock.now();
        const auto user = store::get_user(context.db, id);
        if (is_staff(user.role)) throw Invalid("user", "is no client: only clients are looked through");
        if (!user.active) throw Invalid("user", "is disabled");
        Secret token = crypto::new_token();
        const auto word = std::string(to_word(LinkPurpose::impersonation));
        store::remove_unused_links(tx, id, word);
        store::insert_link(tx, {.user = id, .purpose = word, .issued_by = viewer.id},
                           crypto::token_hash(token.reveal()), now, now + kImpersonationLink);
        store::insert_audit(tx, viewer, "user.impersonate", subject_of(user), nullptr, nullptr, now);
        return token;
    });
}

std::optional<LinkFound> find_link(Context& context, const std::string& token, const std::string& panel) {
    auto opened = open_link(context, token, panel);
    if (!opened) return std::nullopt;
    return LinkFound{opened->purpose, std::move(opened->user.username)};
}

PasswordSet set_password_by_link(Context& context, const std::string& token, const Secret& password,
                                 const SignInFrom& from) {
    const auto limits = link_limits(from.address);
    if (const auto wait = count_attempt(context, limits)) return {SignInResult::throttled, *wait};
    const auto opened = open_link(context, token, from.panel);
    if (!opened || !sets_password(opened->purpose)) return {};
    forgive(context, limits);  // a password that is refused is no guess of links
    const store::User& user = opened->user;
    check_password(password, {user.username, user.email});
    const std::string hash = crypto::hash_password(password);
    return db::transact(context.db, [&](db::Transaction& tx) -> PasswordSet {
        const Time now = context.clock.now();
        const auto purpose = to_word(opened->purpose);
        if (!store::use_link(tx, crypto::token_hash(token), purpose, now)) return {};
        store::update_password(tx, user.id, hash, now);
        end_access(tx, user.id);
        // Whoever asks for a reset may have lost the account, not only the password.
        if (opened->purpose == LinkPurpose::reset) store::revoke_api_tokens(tx, user.id, now);
        const Viewer viewer = viewer_of(user, from.address, from.request_id);
        if (opened->purpose == LinkPurpose::reset)
            queue_notice(context, tx, user, Notice::password_changed, viewer, from.user_agent);
        store::insert_audit(tx, viewer, "user.set_password", subject_of(user), nullptr,
                            Json::object({{"by", purpose}}), now);
        return {SignInResult::signed_in, {}};
    });
}

}  // namespace rpm::ops
