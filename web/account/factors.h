// SPDX-License-Identifier: MIT
// Second factors in the browser: setting them up, and showing them at sign-in. The same in both panels.
//
// The pages below /account/factors serve whoever is signed in, and whoever must set up a factor first
// (sessions.stage enrolment), who reaches nothing else. Those below /login serve the second step
// (stage second_factor) and the sign-in by passkey alone.
#pragma once

#include <string>

#include "shared/ops/people.h"
#include "web/auth/visit.h"

namespace rpm::web {

http::Response factors_page(Visit& visit);          ///< GET /account/factors
http::Response start_totp(Visit& visit);            ///< POST /account/factors/totp/start
http::Response totp_page(Visit& visit);             ///< GET /account/factors/totp
http::Response confirm_totp(Visit& visit);          ///< POST /account/factors/totp
http::Response remove_totp(Visit& visit);           ///< POST /account/factors/totp/remove
http::Response renew_recovery_codes(Visit& visit);  ///< POST /account/factors/recovery
http::Response new_passkey_options(Visit& visit);   ///< POST /account/factors/passkeys/options: JSON
http::Response add_passkey(Visit& visit);           ///< POST /account/factors/passkeys
http::Response rename_passkey(Visit& visit);        ///< POST /account/factors/passkeys/{id}/rename
http::Response remove_passkey(Visit& visit);        ///< POST /account/factors/passkeys/{id}/remove

http::Response second_page(Visit& visit);            ///< GET /login/second
http::Response show_code(Visit& visit);              ///< POST /login/second
http::Response login_passkey_options(Visit& visit);  ///< POST /login/passkey/options: JSON
http::Response login_by_passkey(Visit& visit);       ///< POST /login/passkey

/// Where a sign-in goes on: the page that was wanted, or what is still to be shown.
std::string after_sign_in(const rpm::ops::SignIn& result, const std::string& next);

}  // namespace rpm::web
