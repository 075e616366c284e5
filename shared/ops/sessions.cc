// SPDX-License-Identifier: MIT
#include "shared/ops/sessions.h"

#include "shared/crypto/password.h"
#include "shared/crypto/token.h"
#include "shared/ops/sign_in.h"
#include "shared/ops/throttle.h"
#include "shared/store/attempts.h"
#include "shared/store/audit.h"
#include "shared/store/settings.h"

namespace rpm::ops {
namespace {

bool right_password(db::Connection& db, UserId user, const Secret& password) {
    return !password.empty() && crypto::verify_password(store::find_password_hash(db, user), password);
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

ProofMeans proof_means(db::Connection& db, const store::Session& session) {
    if (session.impersonator) return {};
    const UserId user = session.user.id;
    ProofMeans means{.password = !store::find_password_hash(db, user).empty()};
    const auto totp = means.password ? std::nullopt : store::find_totp(db, user);
    means.code = totp && totp->confirmed;
    if (has_passkeys(db, session.panel)) {
        const auto party = relying_party(db, session.panel);
        for (const auto& passkey : store::list_passkeys(db, user)) means.passkey |= passkey.rp_id == party.id;
    }
    return means;
}

Confirmation confirm_identity(Context& context, const store::Session& session, const Proof& proof,
                              const Viewer& viewer) {
    const ProofMeans means = proof_means(context.db, session);
    std::vector<Limit> limits = guess_limits(session.id);
    // Six digits are few: counted with those of signing in.
    if (means.code) limits.push_back(factor_limits(session.user.id).front());
    if (const auto wait = count_attempt(context, limits))
        return {.result = ConfirmResult::throttled, .token = {}, .retry_after = *wait};
    const Time now = context.clock.now();
    const char* shown = nullptr;
    if (means.password && right_password(context.db, session.user.id, proof.password)) shown = "password";
    if (shown == nullptr && means.passkey && proof.passkey && shows_passkey(context, session, *proof.passkey))
        shown = "passkey";
    Confirmation done = db::transact(context.db, [&](db::Transaction& tx) -> Confirmation {
        if (shown == nullptr && means.code && use_totp(context, tx, session.user.id, proof.code, now))
            shown = "totp";
        if (shown == nullptr) {
            store::insert_attempt(tx, session.user.username, counted_address(viewer.address), false, now);
            return {};
        }
        store::update_session_confirmed(tx, session.id, now);
        store::insert_audit(tx, viewer, "user.confirm",
                            {.type = "user",
                             .id = session.user.id.value(),
                             .name = session.user.username,
                             .owner = session.user.owner()},
                            nullptr, Json::object({{"by", shown}}), now);
        return {
            .result = ConfirmResult::confirmed, .token = renew_session(tx, session.id), .retry_after = {}};
    });
    if (done.result == ConfirmResult::confirmed) forgive(context, limits);
    return done;
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
