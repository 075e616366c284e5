// SPDX-License-Identifier: MIT
// The routes that every panel has: whether it is well, signing in, and the visitor's own account.
//
//     constexpr auto kRoutes = with_account_routes({
//         {"GET", "/sites", &sites_page, Needs::sites_read},
//     });
#pragma once

#include <algorithm>
#include <array>

#include "web/account/account.h"
#include "web/account/factors.h"
#include "web/account/oidc.h"
#include "web/panel/confirm.h"
#include "web/panel/pages.h"

namespace rpm::web {

// clang-format off
inline constexpr Route kAccountRoutes[] = {
    {"GET", "/health", &health, Needs::nothing},
    {"POST", kReportPath, &csp_report, Needs::nothing},
    {"GET", "/login", &login_page, Needs::nothing},
    {"POST", "/login", &login, Needs::nothing},
    {"GET", "/login/forgot", &forgot_page, Needs::nothing},
    {"POST", "/login/forgot", &ask_for_reset, Needs::nothing},
    {"GET", "/login/link/{token}", &link_page, Needs::nothing},
    {"POST", "/login/link/{token}", &login_by_link, Needs::nothing},
    {"GET", "/login/second", &second_page, Needs::nothing},
    {"POST", "/login/second", &show_code, Needs::nothing},
    {"POST", "/login/passkey/options", &login_passkey_options, Needs::nothing},
    {"POST", "/login/passkey", &login_by_passkey, Needs::nothing},
    {"GET", "/login/oidc", &start_oidc, Needs::nothing},
    {"GET", "/login/oidc/callback", &finish_oidc, Needs::nothing},
    {"POST", "/logout", &logout, Needs::nothing},
    {"GET", "/account", &account_page, Needs::account},
    // Whoever must set up a factor before anything else comes here too; each of them asks who it is.
    {"GET", "/account/factors", &factors_page, Needs::nothing, Fresh::yes},
    {"POST", "/account/factors/totp/start", &start_totp, Needs::nothing, Fresh::yes},
    {"GET", "/account/factors/totp", &totp_page, Needs::nothing, Fresh::yes},
    {"POST", "/account/factors/totp", &confirm_totp, Needs::nothing, Fresh::yes},
    {"POST", "/account/factors/passkeys/options", &new_passkey_options, Needs::nothing, Fresh::yes},
    {"POST", "/account/factors/passkeys", &add_passkey, Needs::nothing, Fresh::yes},
    {"POST", "/account/factors/totp/remove", &remove_totp, Needs::account, Fresh::yes},
    {"POST", "/account/factors/recovery", &renew_recovery_codes, Needs::account, Fresh::yes},
    {"POST", "/account/factors/passkeys/{id}/rename", &rename_passkey, Needs::account},
    {"POST", "/account/factors/passkeys/{id}/remove", &remove_passkey, Needs::account, Fresh::yes},
    {"GET", "/account/oidc", &link_oidc, Needs::account, Fresh::yes},
    {"POST", "/account/oidc/remove", &unlink_oidc, Needs::account, Fresh::yes},
    {"POST", "/account/confirm", &confirm, Needs::account, Fresh::yes},
    {"POST", "/account/password", &change_password, Needs::account},
    {"POST", "/account/sessions/revoke-others", &revoke_others, Needs::account},
    {"POST", "/account/sessions/{id}/revoke", &revoke_session, Needs::account},
    {"GET", "/account/tokens", &tokens_page, Needs::account},
    {"POST", "/account/tokens", &add_token, Needs::account, Fresh::yes},
    {"POST", "/account/tokens/{id}/revoke", &revoke_token, Needs::account},
    {"POST", "/prefs/theme", &choose_theme, Needs::account},
};
// clang-format on

/// These, then the panel's own.
template <std::size_t N>
constexpr auto with_account_routes(const Route (&own)[N]) {
    std::array<Route, std::size(kAccountRoutes) + N> all{};
    std::ranges::copy(own, std::ranges::copy(kAccountRoutes, all.begin()).out);
    return all;
}

}  // namespace rpm::web
