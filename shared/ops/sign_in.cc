// SPDX-License-Identifier: MIT
#include "shared/ops/sign_in.h"

#include "shared/crypto/token.h"
#include "shared/ops/factors.h"
#include "shared/ops/mail.h"
#include "shared/ops/sessions.h"
#include "shared/store/attempts.h"
#include "shared/store/settings.h"

namespace rpm::ops {
namespace {

constexpr std::chrono::minutes kPendingLife{30};  // to find a phone, or to set up a factor

// One browser, one cookie: the one it showed is replaced, so that a copy is worth something only until the
// next sign-in.
Secret renew_device(db::Transaction& tx, const store::User& user, const SignInFrom& from, Time now) {
    if (!from.device.empty()) store::remove_known_device(tx, crypto::token_hash(from.device));
    Secret token = crypto::new_token();
    store::insert_known_device(tx, crypto::token_hash(token.reveal()), user.id, now, now + kDeviceLife);
    return token;
}

// The first sign-in of an account is no news.
void tell_of_new_browser(Context& context, db::Transaction& tx, const store::User& user,
                         const SignInFrom& from, Time now) {
    const bool known = !from.device.empty() &&
                       store::is_known_device(context.db, crypto::token_hash(from.device), user.id, now);
    if (known || !user.last_login) return;
    queue_notice(context, tx, user, Notice::new_sign_in, viewer_of(user, from.address, from.request_id),
                 from.user_agent);
}

std::chrono::seconds life_of(db::Connection& db, const std::string& stage) {
    return stage == "full" ? session_limits(store::load_settings(db)).life : kPendingLife;
}

// What being wholly in brings besides the session.
Secret welcome(Context& context, db::Transaction& tx, const store::User& user, const SignInFrom& from,
               const Shown& shown, Time now) {
    tell_of_new_browser(context, tx, user, from, now);
    store::update_last_login(tx, user.id, now);
    Json how = Json::object({{"panel", from.panel}, {"by", shown.method}});
    if (shown.second_factor != nullptr) how["second_factor"] = shown.second_factor;
    store::insert_audit(tx, viewer_of(user, from.address, from.request_id), "user.sign_in", subject_of(user),
                        nullptr, how, now);
    return renew_device(tx, user, from, now);
}

}  // namespace

bool may_use(const store::User& user, const std::string& panel) {
    return user.active && (panel == "client" || is_staff(user.role));
}

store::AuditSubject subject_of(const store::User& user) {
    return {.type = "user", .id = user.id.value(), .name = user.username, .owner = user.owner()};
}

SignIn refused(std::chrono::seconds wait) {
    return {.result = SignInResult::throttled, .token = {}, .device = {}, .stage = {}, .retry_after = wait};
}

void note_attempt(db::Transaction& tx, const std::string& login, const std::string& address, bool succeeded,
                  Time now) {
    store::insert_attempt(tx, login, counted_address(address), succeeded, now);
}

Secret start_session(db::Transaction& tx, const store::User& user, const SignInFrom& from,
                     const SessionStart& start, Time now) {
    Secret token = crypto::new_token();
    const char* second = start.shown.second_factor;
    store::insert_session(tx,
                          {.id = {},
                           .user = user,
                           .panel = from.panel,
                           .address = from.address,
                           .user_agent = from.user_agent,
                           .created_at = now,
                           .last_seen_at = now,
                           .expires_at = now + start.life,
                           .stage = start.stage,
                           .method = start.shown.method,
                           .second_factor = second == nullptr ? "" : second,
                           .confirmed_at = now,
                           .impersonator = start.impersonator},
                          crypto::token_hash(token.reveal()));
    return token;
}

SignIn open_session(Context& context, db::Transaction& tx, const store::User& user, const SignInFrom& from,
                    const Shown& shown, Time now) {
    SignIn in{
        .result = SignInResult::signed_in, .token = {}, .device = {}, .stage = "full", .retry_after = {}};
    if (shown.second_factor == nullptr) in.stage = stage_of(context.db, user);
    in.token = start_session(tx, user, from,
                             {.shown = shown, .stage = in.stage, .life = life_of(context.db, in.stage)}, now);
    if (in.stage == "full") in.device = welcome(context, tx, user, from, shown, now);
    return in;
}

SignIn complete_session(Context& context, db::Transaction& tx, const store::Session& pending,
                        const SignInFrom& from, const char* second_factor, Time now) {
    if (!store::remove_session(tx, pending.user.id, pending.id))
        throw Conflict("this sign-in was completed or ended meanwhile");
    return open_session(context, tx, pending.user, from,
                        {.method = pending.method.c_str(), .second_factor = second_factor}, now);
}

}  // namespace rpm::ops
