// SPDX-License-Identifier: MIT
// What all ways of signing in share: opening the session in its stage, completing it. For shared/ops.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "shared/ops/people.h"
#include "shared/ops/throttle.h"
#include "shared/store/audit.h"

namespace rpm::ops {

/// Whether this account may use this panel now.
bool may_use(const store::User& user, const std::string& panel);
store::AuditSubject subject_of(const store::User& user);

SignIn refused(std::chrono::seconds wait);  ///< throttled
/// Written down for people and statistics; what is limited is counted by shared/ops/throttle.h.
void note_attempt(db::Transaction& tx, const std::string& login, const std::string& address, bool succeeded,
                  Time now);

/// How somebody showed who they are.
struct Shown {
    const char* method = "password";      ///< of sessions.method
    const char* second_factor = nullptr;  ///< of sessions.second_factor; null: none was shown
};
/// The row of a new session, as far as it does not follow from who signs in and from where.
struct SessionStart {
    Shown shown;
    std::string stage = "full";  ///< of sessions.stage
    std::chrono::seconds life{};
    UserId impersonator{};  ///< administrator who looks through the user's eyes
};
/// Answers its token. The person counts as having proved just now who they are.
Secret start_session(db::Transaction& tx, const store::User& user, const SignInFrom& from,
                     const SessionStart& start, Time now);
/// A new session: full, or what is still to be shown or set up (sessions.stage) when the account has a second
/// factor, or its role must have one. A full one brings the browser's device cookie.
SignIn open_session(Context& context, db::Transaction& tx, const store::User& user, const SignInFrom& from,
                    const Shown& shown, Time now);
/// The session that is not full yet gives way to a full one with a new token, so that whatever knew the old
/// one gains nothing (session fixation).
SignIn complete_session(Context& context, db::Transaction& tx, const store::Session& pending,
                        const SignInFrom& from, const char* second_factor, Time now);

/// Before a factor is added: whether it is the first. Throws Conflict for a session that was opened to set
/// one up when somebody else has done so since: else it would be a way around that one.
bool begin_adding(Context& context, db::Transaction& tx, const store::Session& session);

/// Ten new ones in place of the earlier; shown once.
std::vector<Secret> make_recovery_codes(Context& context, db::Transaction& tx, UserId user);

}  // namespace rpm::ops
