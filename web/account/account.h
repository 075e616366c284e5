// SPDX-License-Identifier: MIT
// Signing in and out, the account page, and the choice of theme: the same in both panels.
#pragma once

#include "web/auth/visit.h"

namespace rpm::web {

http::Response login_page(Visit& visit);       ///< GET /login
http::Response login(Visit& visit);            ///< POST /login
http::Response link_page(Visit& visit);        ///< GET /login/link/{token}: asks for a click, uses nothing up
http::Response login_by_link(Visit& visit);    ///< POST /login/link/{token}
http::Response forgot_page(Visit& visit);      ///< GET /login/forgot; 404 while mail is off
http::Response ask_for_reset(Visit& visit);    ///< POST /login/forgot
http::Response logout(Visit& visit);           ///< POST /logout
http::Response account_page(Visit& visit);     ///< GET /account
http::Response change_password(Visit& visit);  ///< POST /account/password
http::Response revoke_session(Visit& visit);   ///< POST /account/sessions/{id}/revoke
http::Response revoke_others(Visit& visit);    ///< POST /account/sessions/revoke-others
/// The sign-in page again, with the reason.
http::Response login_refused(Visit& visit, const std::string& next, const std::string& error, int status);
/// Where to go after signing in: only ever a page of this panel.
std::string next_of(std::string_view wanted);
http::Response tokens_page(Visit& visit);   ///< GET /account/tokens
http::Response add_token(Visit& visit);     ///< POST /account/tokens: shows the token, once
http::Response revoke_token(Visit& visit);  ///< POST /account/tokens/{id}/revoke
http::Response choose_theme(Visit& visit);  ///< POST /prefs/theme

}  // namespace rpm::web
