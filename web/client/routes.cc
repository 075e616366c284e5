// SPDX-License-Identifier: MIT
#include "web/client/routes.h"

#include "web/account/account.h"
#include "web/panel/pages.h"

namespace rpm::web {
namespace {

// clang-format off
constexpr Route kRoutes[] = {
    {"GET", "/health", &health, Needs::nothing},
    {"GET", "/login", &login_page, Needs::nothing},
    {"POST", "/login", &login, Needs::nothing},
    {"GET", "/login/link/{token}", &link_page, Needs::nothing},
    {"POST", "/login/link/{token}", &login_by_link, Needs::nothing},
    {"POST", "/logout", &logout, Needs::user},
    {"GET", "/account", &account_page, Needs::user},
    {"POST", "/account/password", &change_password, Needs::user},
    {"POST", "/account/sessions/revoke-others", &revoke_others, Needs::user},
    {"POST", "/account/sessions/{id}/revoke", &revoke_session, Needs::user},
    {"POST", "/prefs/theme", &choose_theme, Needs::user},

    {"GET", "/", &overview_page, Needs::user},
    {"GET", "/sites", &sites_page, Needs::user},
    {"GET", "/sites/new", &new_site_page, Needs::user},
    {"POST", "/sites/new", &create_site, Needs::user},
    {"POST", "/sites/new/preview", &preview_new_site, Needs::user},
    {"GET", "/sites/{id}", &site_page, Needs::user},
    {"GET", "/sites/{id}/edit", &edit_site_page, Needs::user},
    {"POST", "/sites/{id}/edit", &save_site, Needs::user},
    {"POST", "/sites/{id}/preview", &preview_site, Needs::user},
    {"GET", "/sites/{id}/history", &site_history_page, Needs::user},
    {"POST", "/sites/{id}/restore", &restore_site, Needs::user},
    {"POST", "/sites/{id}/pause", &pause_site, Needs::user},
    {"POST", "/sites/{id}/resume", &resume_site, Needs::user},
    {"POST", "/sites/{id}/delete", &delete_site, Needs::user},

    {"GET", "/review", &review_page, Needs::user},
    {"POST", "/review", &deploy, Needs::user},
    {"GET", "/deployments", &deployments_page, Needs::user},
    {"GET", "/deployments/{id}", &deployment_page, Needs::user},
    {"GET", "/deployments/{id}/live", &deployment_live, Needs::user},
    {"POST", "/deployments/{id}/retry", &retry_deployment, Needs::user},
};
// clang-format on

}  // namespace

std::span<const Route> client_routes() {
    return kRoutes;
}

}  // namespace rpm::web
