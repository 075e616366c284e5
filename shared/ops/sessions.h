// SPDX-License-Identifier: MIT
// What becomes of sessions after signing in: a new id at every change of what they are worth, proof that the
// person is still there, and their end.
#pragma once

#include <chrono>
#include <optional>

#include "shared/base/json.h"
#include "shared/base/secret.h"
#include "shared/model/settings.h"
#include "shared/model/viewer.h"
#include "shared/ops/context.h"
#include "shared/ops/factors.h"
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

/// What this person can show to prove it once more.
struct ProofMeans {
    bool password = false;
    bool code = false;     ///< of the application; for accounts without a password only: it is half a sign-in
    bool passkey = false;  ///< of this panel, with PIN, finger or face: it signs in alone, too
    bool any() const { return password || code || passkey; }
};
/// Nothing while an administrator looks through a client's eyes: the clients' panel knows nothing of the
/// administrator's, so one begins anew at the other panel, which asks there.
ProofMeans proof_means(db::Connection& db, const store::Session& session);
/// For the passkey of a proof.
Ceremony start_confirming(Context& context, const store::Session& session);

/// Whoever adds a means adds a member here and to ProofMeans, its check to confirm_identity(), and its field
/// to templates/confirm.html.
struct Proof {
    Secret password{};
    std::string code{};
    std::optional<PasskeyAnswer> passkey{};
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

/// Ends what opens the account besides its secrets: sessions (but one), links that were not used yet, and the
/// standing of its browsers. Part of every change after which nobody else should be in.
void end_access(db::Transaction& tx, UserId user, SessionId except = {});

/// Ends all sessions but `except`. Of oneself; of others needs users_manage. Answers how many.
std::size_t sign_out_everywhere(Context& context, const Viewer& viewer, UserId user, SessionId except = {});

}  // namespace rpm::ops
