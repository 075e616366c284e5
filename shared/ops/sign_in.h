// SPDX-License-Identifier: MIT
// What all ways of signing in share: counting failures, opening the session in its stage. For shared/ops.
#pragma once

#include <vector>

#include "shared/ops/people.h"
#include "shared/store/audit.h"

namespace rpm::ops {

/// Whether this account may use this panel now.
bool may_use(const store::User& user, const std::string& panel);
store::AuditSubject subject_of(const store::User& user);

bool throttled(Context& context, const std::string& username, const std::string& address, Time now);
void note_attempt(db::Transaction& tx, const std::string& username, const std::string& address,
                  bool succeeded, Time now);

/// How somebody showed who they are.
struct Shown {
    const char* method = "password";      ///< of sessions.method
    const char* second_factor = nullptr;  ///< of sessions.second_factor; null: none was shown
};
/// A new session: full, or what is still to be shown or set up (sessions.stage) when the account has a second
/// factor, or its role must have one.
SignIn open_session(Context& context, db::Transaction& tx, const store::User& user, const SignInFrom& from,
                    const Shown& shown, Time now);
/// The session that is not full yet gives way to a full one with a new token, so that whatever knew the old
/// one gains nothing (OWASP ASVS 3.2.1).
Secret complete_session(Context& context, db::Transaction& tx, const store::Session& pending,
                        const SignInFrom& from, const char* second_factor, Time now);

/// Ten new ones in place of the earlier; shown once.
std::vector<Secret> make_recovery_codes(Context& context, db::Transaction& tx, UserId user);

}  // namespace rpm::ops
