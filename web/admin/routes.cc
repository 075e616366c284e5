// SPDX-License-Identifier: MIT
#include "web/admin/routes.h"

#include "web/account/account.h"
#include "web/admin/pages.h"
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

    {"GET", "/", &overview_page, Needs::admin},
    {"GET", "/sites", &sites_page, Needs::admin},
    {"GET", "/sites/new", &new_site_page, Needs::admin},
    {"POST", "/sites/new", &create_site, Needs::admin},
    {"POST", "/sites/new/preview", &preview_new_site, Needs::admin},
    {"GET", "/sites/{id}", &site_page, Needs::admin},
    {"GET", "/sites/{id}/edit", &edit_site_page, Needs::admin},
    {"POST", "/sites/{id}/edit", &save_site, Needs::admin},
    {"POST", "/sites/{id}/preview", &preview_site, Needs::admin},
    {"GET", "/sites/{id}/history", &site_history_page, Needs::admin},
    {"POST", "/sites/{id}/restore", &restore_site, Needs::admin},
    {"POST", "/sites/{id}/pause", &pause_site, Needs::admin},
    {"POST", "/sites/{id}/resume", &resume_site, Needs::admin},
    {"POST", "/sites/{id}/block", &block_site, Needs::admin},
    {"POST", "/sites/{id}/unblock", &unblock_site, Needs::admin},
    {"POST", "/sites/{id}/delete", &delete_site, Needs::admin},

    {"GET", "/review", &review_page, Needs::admin},
    {"POST", "/review", &deploy, Needs::admin},
    {"GET", "/deployments", &deployments_page, Needs::admin},
    {"GET", "/deployments/{id}", &deployment_page, Needs::admin},
    {"GET", "/deployments/{id}/live", &deployment_live, Needs::admin},
    {"POST", "/deployments/{id}/retry", &retry_deployment, Needs::admin},
    {"POST", "/deployments/{id}/cancel", &cancel_deployment, Needs::admin},

    {"GET", "/nodes", &nodes_page, Needs::admin},
    {"GET", "/nodes/{id}", &node_page, Needs::admin},
    {"POST", "/nodes/{id}/check", &check_node, Needs::admin},
    {"POST", "/nodes/{id}/enable", &enable_node, Needs::admin},
    {"POST", "/nodes/{id}/disable", &disable_node, Needs::admin},
    {"POST", "/nodes/{id}/trust", &trust_node, Needs::admin},
    {"GET", "/jobs", &jobs_page, Needs::admin},
    {"POST", "/jobs/{id}/retry", &retry_job, Needs::admin},
    {"POST", "/jobs/{id}/cancel", &cancel_job, Needs::admin},
    {"GET", "/audit", &audit_page, Needs::admin},
    {"GET", "/users", &users_page, Needs::admin},
    {"POST", "/users", &add_user, Needs::admin},
    {"POST", "/users/{id}/enable", &enable_user, Needs::admin},
    {"POST", "/users/{id}/disable", &disable_user, Needs::admin},
};
// clang-format on

}  // namespace

std::span<const Route> admin_routes() {
    return kRoutes;
}

}  // namespace rpm::web
