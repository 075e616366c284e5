// SPDX-License-Identifier: MIT
#include "web/admin/routes.h"

#include "web/account/routes.h"
#include "web/admin/pages.h"

namespace rpm::web {
namespace {

// clang-format off
constexpr auto kRoutes = with_account_routes({
    {"GET", "/", &overview_page, Needs::sites_read},
    {"GET", "/sites", &sites_page, Needs::sites_read},
    {"GET", "/sites/new", &new_site_page, Needs::sites_edit},
    {"POST", "/sites/new", &create_site, Needs::sites_edit},
    {"POST", "/sites/new/preview", &preview_new_site, Needs::sites_edit},
    {"GET", "/sites/{id}", &site_page, Needs::sites_read},
    {"GET", "/sites/{id}/edit", &edit_site_page, Needs::sites_edit},
    {"POST", "/sites/{id}/edit", &save_site, Needs::sites_edit},
    {"POST", "/sites/{id}/preview", &preview_site, Needs::sites_edit},
    {"GET", "/sites/{id}/history", &site_history_page, Needs::sites_read},
    {"GET", "/sites/{id}/names", &site_names, Needs::sites_read},
    {"POST", "/sites/{id}/names/check", &check_site_names, Needs::sites_edit},
    {"POST", "/sites/{id}/names/vouch", &vouch_site_name, Needs::domains_vouch},
    {"POST", "/sites/{id}/restore", &restore_site, Needs::sites_edit},
    {"POST", "/sites/{id}/pause", &pause_site, Needs::sites_edit},
    {"POST", "/sites/{id}/resume", &resume_site, Needs::sites_edit},
    {"POST", "/sites/{id}/block", &block_site, Needs::sites_block},
    {"POST", "/sites/{id}/unblock", &unblock_site, Needs::sites_block},
    {"POST", "/sites/{id}/delete", &delete_site, Needs::sites_edit, Fresh::yes},

    {"GET", "/sites/bulk", &bulk_page, Needs::sites_edit},
    {"POST", "/sites/bulk", &change_sites, Needs::sites_edit},
    {"POST", "/sites/{id}/clone", &clone_site, Needs::sites_edit},
    {"POST", "/sites/{id}/tags", &tag_site, Needs::sites_edit},
    {"POST", "/sites/{id}/template", &save_template, Needs::sites_edit},

    {"GET", "/shared", &pieces_page, Needs::sites_read},
    {"GET", "/shared/new", &new_piece_page, Needs::sites_edit},
    {"POST", "/shared/new", &create_piece, Needs::sites_edit},
    {"GET", "/shared/{id}", &piece_page, Needs::sites_read},
    {"POST", "/shared/{id}", &save_piece, Needs::sites_edit},
    {"POST", "/shared/{id}/delete", &delete_piece, Needs::sites_edit},

    {"GET", "/explain", &explain_page, Needs::sites_read},
    {"GET", "/review", &review_page, Needs::sites_read},
    {"POST", "/review", &deploy, Needs::sites_deploy},
    {"GET", "/deployments", &deployments_page, Needs::sites_read},
    {"GET", "/deployments/{id}", &deployment_page, Needs::sites_read},
    {"GET", "/deployments/{id}/live", &deployment_live, Needs::sites_read},
    {"POST", "/deployments/{id}/retry", &retry_deployment, Needs::sites_deploy},
    {"GET", "/deployments/{id}/plan", &deployment_plan, Needs::sites_read},
    {"POST", "/deployments/{id}/withdraw", &withdraw_deployment, Needs::sites_deploy},
    {"POST", "/deployments/{id}/approve", &approve_deployment, Needs::deployments_approve},
    {"POST", "/deployments/{id}/reject", &reject_deployment, Needs::deployments_approve},
    {"GET", "/approvals", &approvals_page, Needs::deployments_approve},
    {"POST", "/deployments/{id}/cancel", &cancel_deployment, Needs::jobs_manage},

    {"GET", "/nodes", &nodes_page, Needs::nodes_read},
    {"GET", "/nodes/{id}", &node_page, Needs::nodes_read},
    {"POST", "/nodes/{id}/check", &check_node, Needs::nodes_manage},
    {"POST", "/nodes/{id}/enable", &enable_node, Needs::nodes_manage},
    {"POST", "/nodes/{id}/disable", &disable_node, Needs::nodes_manage},
    {"GET", "/nodes/{id}/settings", &node_settings_page, Needs::nodes_read},
    {"POST", "/nodes/{id}/settings", &save_node_settings, Needs::nodes_manage},
    {"POST", "/nodes/{id}/trust", &trust_node, Needs::nodes_manage, Fresh::yes},
    {"GET", "/jobs", &jobs_page, Needs::jobs_read},
    {"POST", "/jobs/{id}/retry", &retry_job, Needs::jobs_manage},
    {"POST", "/jobs/{id}/cancel", &cancel_job, Needs::jobs_manage},
    {"GET", "/audit", &audit_page, Needs::audit_read},
    {"GET", "/audit/export", &export_audit, Needs::audit_read, Fresh::yes},
    {"GET", "/csp-reports", &csp_reports_page, Needs::settings_read},
    {"GET", "/users", &users_page, Needs::users_read},
    {"POST", "/users/{id}/reset-factors", &reset_user_factors, Needs::users_manage, Fresh::yes},
    {"POST", "/users", &add_user, Needs::users_manage, Fresh::yes},
    {"GET", "/users/{id}", &user_page, Needs::users_read},
    {"POST", "/users/{id}", &save_user, Needs::users_manage, Fresh::yes},
    {"POST", "/users/{id}/sign-out", &sign_out_user, Needs::users_manage, Fresh::yes},
    {"POST", "/users/{id}/send", &send_user_link, Needs::users_manage, Fresh::yes},
    {"POST", "/users/{id}/link", &make_user_link, Needs::users_manage, Fresh::yes},
    {"POST", "/users/{id}/impersonate", &impersonate_user, Needs::users_impersonate, Fresh::yes},
    {"POST", "/users/{id}/enable", &enable_user, Needs::users_manage, Fresh::yes},
    {"POST", "/users/{id}/disable", &disable_user, Needs::users_manage, Fresh::yes},
    {"POST", "/users/{id}/tokens/{token}/revoke", &revoke_user_token, Needs::users_manage, Fresh::yes},
    {"GET", "/settings", &settings_page, Needs::settings_read},
    {"POST", "/settings/{section}", &save_settings, Needs::settings_manage, Fresh::yes},
});
// clang-format on

}  // namespace

std::span<const Route> admin_routes() {
    return kRoutes;
}

}  // namespace rpm::web
