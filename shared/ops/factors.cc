// SPDX-License-Identifier: MIT
#include "shared/ops/factors.h"

#include "shared/base/text.h"
#include "shared/crypto/recovery_code.h"
#include "shared/crypto/token.h"
#include "shared/crypto/totp.h"
#include "shared/ops/mail.h"
#include "shared/ops/sessions.h"
#include "shared/ops/settings.h"
#include "shared/ops/sign_in.h"
#include "shared/store/settings.h"
#include "shared/store/tokens.h"

namespace rpm::ops {
namespace {

constexpr const char* kIssuer = "Proxy Manager";

std::string purpose_of(UserId user) {
    return "totp:" + user.text();
}

void audit(Context& context, db::Transaction& tx, const Viewer& viewer, const store::User& user,
           const char* action, const Json& after = nullptr) {
    store::insert_audit(tx, viewer, action, subject_of(user), nullptr, after, context.clock.now());
}

Viewer viewer_of(const store::Session& session, const SignInFrom& from) {
    return ops::viewer_of(session.user, from.address, from.request_id);
}

// Takes the code as used, in the transaction that completes the sign-in. Answers which factor it is of.
const char* use_code(Context& context, db::Transaction& tx, UserId user, const std::string& code, Time now) {
    if (use_totp(context, tx, user, code, now)) return "totp";
    const auto hash = crypto::recovery_code_hash(user.value(), code);
    return store::use_recovery_code(tx, user, hash, now) ? "recovery" : nullptr;
}

}  // namespace

bool use_totp(Context& context, db::Transaction& tx, UserId user, const std::string& code, Time now) {
    const auto totp = store::find_totp(context.db, user);
    if (!totp || !totp->confirmed) return false;
    const Secret seed = the_vault(context).decrypt(totp->encrypted, purpose_of(user));
    const auto step = crypto::totp::verify(seed, code, now, totp->last_step);
    return step && store::use_totp_step(tx, user, *step);
}

std::vector<Secret> make_recovery_codes(Context& context, db::Transaction& tx, UserId user) {
    auto codes = crypto::new_recovery_codes();
    std::vector<std::string> hashes;
    for (const Secret& code : codes)
        hashes.push_back(crypto::recovery_code_hash(user.value(), code.reveal()));
    store::replace_recovery_codes(tx, user, hashes, context.clock.now());
    return codes;
}

bool begin_adding(Context& context, db::Transaction& tx, const store::Session& session) {
    store::lock_user(tx, session.user.id);  // two that add at once are not both the first
    const bool first = !store::count_factors(context.db, session.user.id).any();
    // It had to set one up when it began; since then somebody did, and that one was not shown here.
    if (!first && session.stage != "full")
        throw Conflict("a second factor was set up meanwhile: sign in again");
    return first;
}

std::string stage_of(db::Connection& db, const store::User& user) {
    if (store::count_factors(db, user.id).any()) return "second_factor";
    return demands_second_factor(store::load_settings(db), user.role) ? "enrolment" : "full";
}

SignIn show_code(Context& context, const store::Session& pending, const std::string& code,
                 const SignInFrom& from) {
    const Time now = context.clock.now();
    const std::string& name = pending.user.username;
    const auto limits = factor_limits(pending.user.id);
    if (const auto wait = count_attempt(context, limits)) return refused(*wait);
    SignIn in = db::transact(context.db, [&](db::Transaction& tx) -> SignIn {
        const char* const factor = use_code(context, tx, pending.user.id, code, now);
        note_attempt(tx, name, from.address, factor != nullptr, now);
        if (factor == nullptr) return {};
        return complete_session(context, tx, pending, from, factor, now);
    });
    if (in.result == SignInResult::signed_in) forgive(context, limits);
    return in;
}

// ---- One-time passwords
// ------------------------------------------------------------------------------------

void start_totp(Context& context, const store::Session& session) {
    const UserId user = session.user.id;
    const std::string row = the_vault(context).encrypt(crypto::totp::new_seed(), purpose_of(user));
    db::transact(context.db, [&](db::Transaction& tx) {
        if (!store::insert_totp(tx, user, row, context.clock.now()))
            throw Conflict("an application is set up already: remove it first");
    });
}

std::optional<TotpSetup> find_totp_setup(Context& context, const store::Session& session) {
    const auto totp = store::find_totp(context.db, session.user.id);
    if (!totp || totp->confirmed) return std::nullopt;
    const Secret seed = the_vault(context).decrypt(totp->encrypted, purpose_of(session.user.id));
    return TotpSetup{.uri = crypto::totp::uri(seed, kIssuer, session.user.username),
                     .text = crypto::totp::shown(seed)};
}

namespace {

// What every first factor brings.
Added added(Context& context, db::Transaction& tx, const store::Session& session, bool first,
            const SignInFrom& from, const char* factor) {
    Added out;
    if (first) out.recovery_codes = make_recovery_codes(context, tx, session.user.id);
    if (session.stage != "full")
        out.session = complete_session(context, tx, session, from, factor, context.clock.now());
    return out;
}

}  // namespace

Added confirm_totp(Context& context, const store::Session& session, const std::string& code,
                   const SignInFrom& from) {
    const UserId user = session.user.id;
    const Time now = context.clock.now();
    const auto totp = store::find_totp(context.db, user);
    if (!totp || totp->confirmed) throw Conflict("no application is being set up");
    const auto limits = factor_limits(user);
    if (count_attempt(context, limits)) throw Invalid("code", "was wrong too often, wait 15 minutes");
    const Secret seed = the_vault(context).decrypt(totp->encrypted, purpose_of(user));
    const auto step = crypto::totp::verify(seed, code, now, totp->last_step);
    if (!step) {
        db::transact(context.db, [&](db::Transaction& tx) {
            note_attempt(tx, session.user.username, from.address, false, now);
        });
        throw Invalid("code", "is not what the application shows now; is the clock of the phone right?");
    }
    forgive(context, limits);
    return db::transact(context.db, [&](db::Transaction& tx) {
        const bool first = begin_adding(context, tx, session);
        store::confirm_totp(tx, user, *step, now);
        audit(context, tx, viewer_of(session, from), session.user, "user.totp_add");
        queue_notice(context, tx, session.user, Notice::factor_added, viewer_of(session, from),
                     from.user_agent, "authenticator application");
        return added(context, tx, session, first, from, "totp");
    });
}

void remove_totp(Context& context, const Viewer& viewer) {
    db::transact(context.db, [&](db::Transaction& tx) {
        const auto user = store::get_user(context.db, viewer.id);
        if (!store::remove_totp(tx, user.id)) throw NotFound("no application is set up");
        audit(context, tx, viewer, user, "user.totp_remove");
        queue_notice(context, tx, user, Notice::factor_removed, viewer, {}, "authenticator application");
    });
}

std::vector<Secret> renew_recovery_codes(Context& context, const Viewer& viewer) {
    return db::transact(context.db, [&](db::Transaction& tx) {
        const auto user = store::get_user(context.db, viewer.id);
        if (!store::count_factors(context.db, user.id).any())
            throw Conflict("recovery codes stand in for a second factor: set one up first");
        audit(context, tx, viewer, user, "user.recovery_codes");
        return make_recovery_codes(context, tx, user.id);
    });
}

void reset_factors(Context& context, const Viewer& viewer, UserId id) {
    viewer.demand(Permission::users_manage);
    db::transact(context.db, [&](db::Transaction& tx) {
        const auto user = store::get_user(context.db, id);
        store::remove_factors(tx, id);
        end_access(tx, id);
        store::revoke_api_tokens(tx, id, context.clock.now());
        queue_notice(context, tx, user, Notice::factor_removed, viewer, {});
        audit(context, tx, viewer, user, "user.factors_reset");
    });
}

}  // namespace rpm::ops
