// SPDX-License-Identifier: MIT
#include "web/client/routes.h"

#include "web/account/routes.h"

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
    {"POST", "/sites/{id}/restore", &restore_site, Needs::sites_edit},
    {"POST", "/sites/{id}/pause", &pause_site, Needs::sites_edit},
    {"POST", "/sites/{id}/resume", &resume_site, Needs::sites_edit},
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

    {"GET", "/audit", &audit_page, Needs::audit_read},
    {"GET", "/audit/export", &export_audit, Needs::audit_read, Fresh::yes},
    {"GET", "/deployments/{id}/plan", &deployment_plan, Needs::sites_read},
    {"POST", "/deployments/{id}/withdraw", &withdraw_deployment, Needs::sites_deploy},
});
// clang-format on

}  // namespace

std::span<const Route> client_routes() {
    return kRoutes;
}

}  // namespace rpm::web
