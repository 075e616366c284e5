// SPDX-License-Identifier: MIT
#include "shared/ops/people.h"

#include "shared/base/text.h"
#include "shared/crypto/password.h"
#include "shared/crypto/token.h"
#include "shared/model/mail.h"
#include "shared/model/values.h"
#include "shared/ops/accounts.h"
#include "shared/ops/mail.h"
#include "shared/ops/passwords.h"
#include "shared/ops/sessions.h"
#include "shared/ops/sign_in.h"
#include "shared/store/attempts.h"
#include "shared/store/audit.h"

namespace rpm::ops {
namespace {

using namespace std::chrono_literals;

constexpr auto kSeenInterval = 1min;  // one write a minute, not one per page

// An administrator looks through the user's eyes: neither the owner's sign-in nor the owner's browser.
Secret open_impersonation(db::Transaction& tx, const store::User& user, const store::User& by,
                          const SignInFrom& from, Time now) {
    Secret token = start_session(
        tx, user, from,
        {.shown = {.method = "impersonation"}, .life = kImpersonationLife, .impersonator = by.id}, now);
    Viewer viewer = viewer_of(user, from.address, from.request_id);
    viewer.impersonator = by.id;
    viewer.impersonator_name = by.username;
    store::insert_audit(tx, viewer, "user.sign_in", subject_of(user), nullptr,
                        Json::object({{"panel", from.panel}, {"by", "impersonation"}}), now);
    return token;
}

bool may_impersonate(const store::User& user) {
    return user.active && allows(user.role, Permission::users_impersonate);
}

std::optional<store::User> find_account(db::Connection& db, const std::string& login) {
    return login.find('@') == std::string::npos ? store::find_user(db, login)
                                                : store::find_user_by_mail(db, login);
}

// The limits are those of the account however it was named, and as strict for names that nobody has.
std::vector<Limit> limits_of(Context& context, const std::optional<store::User>& user,
                             const std::string& login, const SignInFrom& from, Time now) {
    const std::string account = user ? user->id.text() : '"' + text::lower(login.substr(0, 254)) + '"';
    const std::string device = from.device.empty() ? "" : crypto::token_hash(from.device);
    const bool known =
        !device.empty() && store::is_known_device(context.db, device, user ? user->id : UserId(), now);
    return sign_in_limits(account, from.address, known ? device : "");
}

std::string minutes_words(std::chrono::seconds time) {
    const auto minutes = std::chrono::ceil<std::chrono::minutes>(time).count();
    return std::to_string(minutes) + (minutes == 1 ? " minute" : " minutes");
}

}  // namespace

Viewer viewer_of(const store::User& user, const std::string& address, const std::string& request_id) {
    return {.id = user.id,
            .username = user.username,
            .role = user.role,
            .address = address,
            .request_id = request_id,
            .tenant = user.tenant};
}

SignIn sign_in(Context& context, const std::string& login, const Secret& password, const SignInFrom& from) {
    const Time now = context.clock.now();
    const auto user = find_account(context.db, login);
    const auto limits = limits_of(context, user, login, from, now);
    if (const auto wait = count_attempt(context, limits)) return refused(*wait);
    bool right = false;
    if (user && !user->password_hash.empty())
        right = crypto::verify_password(user->password_hash, password);
    else
        crypto::verify_nothing(password);
    // Success costs one Argon2id besides, to keep the password better: so failure does.
    if (!right && user && crypto::is_bcrypt(user->password_hash)) crypto::verify_nothing(password);
    const bool allowed = right && may_use(*user, from.panel);
    SignIn result = db::transact(context.db, [&](db::Transaction& tx) -> SignIn {
        note_attempt(tx, login, from.address, allowed, now);
        if (!allowed) return {};
        if (crypto::needs_rehash(user->password_hash))
            store::update_password_hash(tx, user->id, crypto::hash_password(password));
        return open_session(context, tx, *user, from, {.method = "password"}, now);
    });
    if (allowed) forgive(context, limits);
    return result;
}

SignIn sign_in_by_link(Context& context, const std::string& token, const SignInFrom& from) {
    const Time now = context.clock.now();
    const auto limits = link_limits(from.address);
    if (const auto wait = count_attempt(context, limits)) return refused(*wait);
    SignIn result = db::transact(context.db, [&](db::Transaction& tx) -> SignIn {
        if (const auto link = store::use_link(tx, crypto::token_hash(token), "sign_in", now)) {
            const auto user = store::get_user(context.db, link->user);
            if (may_use(user, from.panel))
                return open_session(context, tx, user, from, {.method = "link"}, now);
        }
        if (const auto link = store::use_link(tx, crypto::token_hash(token), "impersonation", now)) {
            const auto user = store::get_user(context.db, link->user);
            const auto by = store::get_user(context.db, link->issued_by);
            if (from.panel == "client" && user.active && !is_staff(user.role) && may_impersonate(by))
                return {.result = SignInResult::signed_in,
                        .token = open_impersonation(tx, user, by, from, now),
                        .device = {},
                        .stage = "full",
                        .retry_after = {}};
        }
        note_attempt(tx, "link", from.address, false, now);
        return {};
    });
    if (result.result == SignInResult::signed_in) forgive(context, limits);
    return result;
}

std::optional<store::Session> find_session(Context& context, const std::string& token,
                                           const std::string& panel) {
    if (token.empty()) return std::nullopt;
    const Time now = context.clock.now();
    auto session = store::find_session(context.db, crypto::token_hash(token), panel, now);
    if (!session || !may_use(session->user, panel)) return std::nullopt;
    if (session->impersonator &&
        !(session->impersonator_active && allows(session->impersonator_role, Permission::users_impersonate)))
        return std::nullopt;
    // Limits that administrators tightened hold for sessions that are there already.
    const auto limits = session_limits(session->limits);
    if (session->last_seen_at + limits.idle < now || session->created_at + limits.life < now)
        return std::nullopt;
    if (session->last_seen_at + kSeenInterval < now)
        db::transact(context.db,
                     [&](db::Transaction& tx) { store::update_session_seen(tx, session->id, now); });
    return session;
}

void sign_out(Context& context, const store::Session& session) {
    db::transact(context.db, [&](db::Transaction& tx) {
        store::remove_session(tx, session.user.id, session.id);
        Viewer viewer = viewer_of(session.user, session.address, {});
        viewer.impersonator = session.impersonator;
        viewer.impersonator_name = session.impersonator_name;
        store::insert_audit(tx, viewer, "user.sign_out", subject_of(session.user), nullptr, nullptr,
                            context.clock.now());
    });
}

UserId create_user(Context& context, const Viewer& viewer, const NewUser& wanted) {
    viewer.demand(Permission::users_manage);
    Problems problems;
    if (!Name::parse(wanted.username))
        problems.add("username", "must be 1 to 64 letters, digits, dots, hyphens or underscores");
    if (!wanted.email.empty() && !is_mail_address(wanted.email))
        problems.add("email", "is not a mail address");
    if (!problems.empty()) throw Invalid(problems);
    if (!wanted.password.empty()) check_password(wanted.password, {wanted.username, wanted.email});
    if (!wanted.password_hash.empty() && !crypto::is_password_hash(wanted.password_hash))
        throw Invalid("password_hash", "is neither Argon2id nor bcrypt of cost 4 to 14");
    const std::string hash =
        wanted.password.empty() ? wanted.password_hash : crypto::hash_password(wanted.password);
    return db::transact(context.db, [&](db::Transaction& tx) {
        const Time now = context.clock.now();
        if (store::find_user(context.db, wanted.username)) throw Invalid("username", "is taken");
        store::User user;
        user.username = wanted.username;
        user.email = wanted.email;
        user.role = wanted.role;
        user.tenant = checked_tenant(context.db, wanted.role, wanted.tenant);
        user.password_hash = hash;
        user.id = store::insert_user(tx, user, now);
        store::insert_audit(tx, viewer, "user.create", subject_of(user), nullptr,
                            Json::object({{"role", to_word(user.role)},
                                          {"email", user.email},
                                          {"tenant", user.tenant ? Json(user.tenant.value()) : Json()}}),
                            now);
        return user.id;
    });
}

Secret change_password(Context& context, const store::Session& session, const Secret& old_password,
                       const Secret& new_password, const Viewer& viewer) {
    viewer.demand_oneself();
    const std::string& hash = session.user.password_hash;
    // As at sign-in: a browser left open is no place to guess the password.
    const auto limits = guess_limits(session.id);
    if (const auto wait = count_attempt(context, limits))
        throw Invalid("old_password", "was wrong too often, wait " + minutes_words(*wait));
    if (hash.empty() && !is_fresh(context, session))
        throw Invalid("old_password", "is none: sign out, sign in again, then set one within some minutes");
    if (!hash.empty() && !crypto::verify_password(hash, old_password)) {
        db::transact(context.db, [&](db::Transaction& tx) {
            store::insert_attempt(tx, session.user.username, counted_address(viewer.address), false,
                                  context.clock.now());
        });
        throw Invalid("old_password", "is wrong");
    }
    forgive(context, limits);
    check_password(new_password, {session.user.username, session.user.email});
    const std::string next = crypto::hash_password(new_password);
    return db::transact(context.db, [&](db::Transaction& tx) {
        const Time now = context.clock.now();
        store::update_password(tx, session.user.id, next, now);
        store::update_session_confirmed(tx, session.id, now);
        end_access(tx, session.user.id, session.id);
        queue_notice(context, tx, session.user, Notice::password_changed, viewer, session.user_agent);
        store::insert_audit(tx, viewer, "user.change_password", subject_of(session.user), nullptr, nullptr,
                            now);
        return renew_session(tx, session.id);
    });
}

void set_user_active(Context& context, const Viewer& viewer, UserId id, bool active) {
    viewer.demand(Permission::users_manage);
    if (id == viewer.id && !active) throw Invalid("user", "is yourself");
    db::transact(context.db, [&](db::Transaction& tx) {
        const auto user = store::get_user(context.db, id);
        store::update_active(tx, id, active);
        if (!active) end_access(tx, id);
        store::insert_audit(tx, viewer, active ? "user.enable" : "user.disable", subject_of(user),
                            Json::object({{"active", user.active}}), Json::object({{"active", active}}),
                            context.clock.now());
    });
}

void set_theme(Context& context, const Viewer& viewer, const std::string& theme) {
    if (theme != "auto" && theme != "light" && theme != "dark")
        throw Invalid("theme", "must be auto, light or dark");
    db::transact(context.db, [&](db::Transaction& tx) { store::update_theme(tx, viewer.id, theme); });
}

bool revoke_session(Context& context, const Viewer& viewer, SessionId session) {
    viewer.demand_oneself();
    return db::transact(context.db, [&](db::Transaction& tx) {
        if (!store::remove_session(tx, viewer.id, session)) return false;
        store::insert_audit(
            tx, viewer, "user.revoke_session",
            {.type = "user", .id = viewer.id.value(), .name = viewer.username, .owner = viewer.id}, nullptr,
            nullptr, context.clock.now());
        return true;
    });
}

Secret create_sign_in_link(Context& context, const Viewer& viewer, UserId id, std::chrono::seconds life) {
    viewer.demand(Permission::users_manage);
    return db::transact(context.db, [&](db::Transaction& tx) {
        const Time now = context.clock.now();
        const auto user = store::get_user(context.db, id);
        Secret token = crypto::new_token();
        store::insert_link(tx, {.user = id, .issued_by = viewer.id}, crypto::token_hash(token.reveal()), now,
                           now + life);
        store::insert_audit(tx, viewer, "user.sign_in_link", subject_of(user), nullptr, nullptr, now);
        return token;
    });
}

}  // namespace rpm::ops
