// SPDX-License-Identifier: MIT
// Second factors: setting them up, showing them, losing them.
//
// Whoever has a factor signs in by password, link or provider into a session of stage second_factor, which
// show_code() or show_passkey() turn into a full one. Whoever has none although the role demands one comes
// into stage enrolment, which ends with the first factor. A passkey alone, by sign_in_by_passkey(), is both:
// something one has, unlocked by something one knows or is (user verification).
//
// Wrong codes count as failed sign-ins of the account (shared/ops/people.h). Bad input throws Invalid for
// "code", "name" or "passkey".
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "shared/base/json.h"
#include "shared/crypto/webauthn.h"
#include "shared/ops/people.h"
#include "shared/store/factors.h"

namespace rpm::ops {

/// What is left to show after the first step: full | second_factor | enrolment.
std::string stage_of(db::Connection& db, const store::User& user);

/// A code of the application, or one of the recovery codes.
SignIn show_code(Context& context, const store::Session& pending, const std::string& code,
                 const SignInFrom& from);

// ---- One-time passwords ----------------------------------------------------------------------------------

/// A seed that waits for its first code; an earlier one that waits is dropped. Throws Conflict when one is in
/// use.
void start_totp(Context& context, const store::Session& session);
/// What is to be shown while it waits.
struct TotpSetup {
    Secret uri;   ///< for the QR code
    Secret text;  ///< for people who type
};
std::optional<TotpSetup> find_totp_setup(Context& context, const store::Session& session);
void remove_totp(Context& context, const Viewer& viewer);

/// The first factor brings recovery codes, and ends the stage enrolment by a new session.
struct Added {
    std::vector<Secret> recovery_codes;  ///< empty: those from before hold
    std::optional<SignIn> session;       ///< that was completed by it
};
Added confirm_totp(Context& context, const store::Session& session, const std::string& code,
                   const SignInFrom& from);

/// Those from before end.
std::vector<Secret> renew_recovery_codes(Context& context, const Viewer& viewer);

// ---- Passkeys --------------------------------------------------------------------------------------------

/// What the browser needs, and the token that it brings back with the answer.
struct Ceremony {
    Secret token;
    Json options;  ///< for navigator.credentials, binary values as base64url
};
/// The panel as browsers know it; throws Conflict when nobody has said its address, or it is none that
/// passkeys work with.
crypto::webauthn::RelyingParty relying_party(db::Connection& db, const std::string& panel);
/// Whether passkeys can work at this panel at all.
bool has_passkeys(db::Connection& db, const std::string& panel);

Ceremony start_adding_passkey(Context& context, const store::Session& session);
Added add_passkey(Context& context, const store::Session& session, const std::string& token,
                  const crypto::webauthn::Registration& given, const std::string& name,
                  const SignInFrom& from);
void rename_passkey(Context& context, const Viewer& viewer, PasskeyId id, const std::string& name);
void remove_passkey(Context& context, const Viewer& viewer, PasskeyId id);

/// As second factor of this session, or without one: as the only sign-in.
Ceremony start_passkey(Context& context, const std::string& panel,
                       const std::optional<store::Session>& pending);
struct PasskeyAnswer {
    std::string token;
    std::string credential_id;
    crypto::webauthn::Assertion assertion;
};
SignIn show_passkey(Context& context, const store::Session& pending, const PasskeyAnswer& answer,
                    const SignInFrom& from);
SignIn sign_in_by_passkey(Context& context, const PasskeyAnswer& answer, const SignInFrom& from);

// ---- Loss
// --------------------------------------------------------------------------------------------------

/// Takes all factors of somebody who lost them and ends that account's sessions. Needs users_manage.
void reset_factors(Context& context, const Viewer& viewer, UserId user);

}  // namespace rpm::ops
