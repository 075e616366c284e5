// SPDX-License-Identifier: MIT
#include "shared/ops/sessions.h"

#include "shared/crypto/password.h"
#include "shared/crypto/token.h"
#include "shared/ops/throttle.h"
#include "shared/store/attempts.h"
#include "shared/store/audit.h"
#include "shared/store/settings.h"

namespace rpm::ops {
namespace {

bool right_proof(const store::User& user, const Proof& proof) {
    return !user.password_hash.empty() && !proof.password.empty() &&
           crypto::verify_password(user.password_hash, proof.password);
}

}  // namespace

SessionLimits session_limits(const Settings& settings) {
    return {.idle = std::chrono::minutes(settings.number(Setting::session_idle)),
            .life = std::chrono::hours(settings.number(Setting::session_life))};
}

Secret renew_session(db::Transaction& tx, SessionId session) {
    Secret token = crypto::new_token();
    store::update_session_token(tx, session, crypto::token_hash(token.reveal()));
    return token;
}

bool is_fresh(Context& context, const store::Session& session) {
    if (!session.confirmed_at) return false;
    const auto minutes = store::load_settings(context.db).number(Setting::confirm_after);
    return context.clock.now() < *session.confirmed_at + std::chrono::minutes(minutes);
}

Confirmation confirm_identity(Context& context, const store::Session& session, const Proof& proof,
                              const Viewer& viewer) {
    const std::vector<Limit> limits = guess_limits(session.id);
    if (const auto wait = count_attempt(context, limits))
        return {.result = ConfirmResult::throttled, .token = {}, .retry_after = *wait};
    const Time now = context.clock.now();
    // Whoever looks through a client's eyes shows the own password, not the client's.
    const store::User who =
        session.impersonator ? store::get_user(context.db, session.impersonator) : session.user;
    const bool right = right_proof(who, proof);
    Confirmation done = db::transact(context.db, [&](db::Transaction& tx) -> Confirmation {
        if (!right) {
            store::insert_attempt(tx, session.user.username, counted_address(viewer.address), false, now);
            return {};
        }
        store::update_session_confirmed(tx, session.id, now);
        store::insert_audit(tx, viewer, "user.confirm",
                            {.type = "user",
                             .id = session.user.id.value(),
                             .name = session.user.username,
                             .owner = session.user.owner()},
                            nullptr, nullptr, now);
        return {
            .result = ConfirmResult::confirmed, .token = renew_session(tx, session.id), .retry_after = {}};
    });
    if (right) forgive(context, limits);
    return done;
}

bool can_confirm(const store::User& user) {
    return !user.password_hash.empty();
}

void end_access(db::Transaction& tx, UserId user, SessionId except) {
    store::remove_sessions(tx, user, except);
    store::remove_unused_links(tx, user);
    store::remove_known_devices(tx, user);
}

std::size_t sign_out_everywhere(Context& context, const Viewer& viewer, UserId id, SessionId except) {
    viewer.demand_oneself();
    if (viewer.id != id) viewer.demand(Permission::users_manage);
    return db::transact(context.db, [&](db::Transaction& tx) {
        const auto user = store::get_user(context.db, id);
        const std::size_t ended = store::remove_sessions(tx, id, except);
        store::remove_unused_links(tx, id);
        store::remove_known_devices(tx, id);
        store::insert_audit(tx, viewer, "user.sign_out_everywhere",
                            {.type = "user", .id = id.value(), .name = user.username, .owner = user.owner()},
                            nullptr, Json::object({{"sessions", ended}}), context.clock.now());
        return ended;
    });
}

}  // namespace rpm::ops
