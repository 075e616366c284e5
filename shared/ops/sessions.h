// SPDX-License-Identifier: MIT
// What becomes of sessions after signing in: a new id at every change of what they are worth, proof that the
// person is still there, and their end.
#pragma once

#include <chrono>
#include <optional>

#include "shared/base/secret.h"
#include "shared/model/settings.h"
#include "shared/model/viewer.h"
#include "shared/ops/context.h"
#include "shared/store/users.h"

namespace rpm::ops {

/// As administrators decided (sign_in.* of the settings).
struct SessionLimits {
    std::chrono::seconds idle{};  ///< unused for so long it ends
    std::chrono::seconds life{};  ///< and in any case after this
};
SessionLimits session_limits(const Settings& settings);

/// The token of the same session from now on; the one before is worth nothing. For every step that makes a
/// session worth more: whoever planted or saw the old cookie is left behind (OWASP, session fixation).
Secret renew_session(db::Transaction& tx, SessionId session);

/// Whether the person proved who they are a short while ago (sign_in.confirm_after of the settings).
bool is_fresh(Context& context, const store::Session& session);

/// What a person may show to prove it once more. Whoever adds a means adds a member here, its check to
/// right_proof() in sessions.cc, and its field to templates/confirm.html.
struct Proof {
    Secret password;
};
enum class ConfirmResult { confirmed, wrong, throttled };
struct Confirmation {
    ConfirmResult result = ConfirmResult::wrong;
    Secret token;                        ///< when confirmed: of the renewed session
    std::chrono::seconds retry_after{};  ///< when throttled
};
/// Guesses are limited per session, so that a browser left open is no place for them and nobody can keep the
/// owner's other browsers from working.
Confirmation confirm_identity(Context& context, const store::Session& session, const Proof& proof,
                              const Viewer& viewer);
/// Whether there is anything that this person can show; without, only signing in again makes fresh.
bool can_confirm(const store::User& user);

/// Ends what opens the account besides its secrets: sessions (but one), links that were not used yet, and the
/// standing of its browsers. Part of every change after which nobody else should be in.
void end_access(db::Transaction& tx, UserId user, SessionId except = {});

/// Ends all sessions but `except`. Of oneself; of others needs users_manage. Answers how many.
std::size_t sign_out_everywhere(Context& context, const Viewer& viewer, UserId user, SessionId except = {});

}  // namespace rpm::ops
