// SPDX-License-Identifier: MIT
#include "web/api/handlers.h"

namespace rpm::api {
namespace {

// clang-format off
constexpr Route kRoutes[] = {
    {"GET", "/api/v1/health", &health, Needs::nothing},
    {"GET", "/api/v1/openapi.json", &document, Needs::nothing},
    {"GET", "/api/v1/me", &me, Needs::account},
    {"GET", "/api/v1/tokens", &list_tokens, Needs::account},
    {"DELETE", "/api/v1/tokens/{id}", &revoke_token, Needs::account},

    {"GET", "/api/v1/sites", &list_sites, Needs::sites_read},
    {"POST", "/api/v1/sites", &create_site, Needs::sites_edit},
    {"GET", "/api/v1/sites/{id}", &get_site, Needs::sites_read},
    {"PUT", "/api/v1/sites/{id}", &put_site, Needs::sites_edit},
    {"DELETE", "/api/v1/sites/{id}", &remove_site, Needs::sites_edit},
    {"POST", "/api/v1/sites/{id}/deploy", &deploy_site, Needs::sites_deploy},
    {"POST", "/api/v1/sites/{id}/block", &block_site, Needs::sites_block},
    {"POST", "/api/v1/sites/{id}/pause", &pause_site, Needs::sites_edit},
    {"POST", "/api/v1/sites/{id}/resume", &resume_site, Needs::sites_edit},
    {"GET", "/api/v1/sites/{id}/revisions", &list_revisions, Needs::sites_read},
    {"POST", "/api/v1/sites/{id}/clone", &clone_site, Needs::sites_edit},
    {"POST", "/api/v1/sites/{id}/tags", &tag_site, Needs::sites_edit},
    {"GET", "/api/v1/tags", &list_tags, Needs::sites_read},
    {"POST", "/api/v1/bulk", &change_sites, Needs::sites_edit},
    {"GET", "/api/v1/templates", &list_templates, Needs::sites_read},
    {"GET", "/api/v1/pieces", &list_pieces, Needs::sites_read},
    {"POST", "/api/v1/pieces", &create_piece, Needs::sites_edit},
    {"GET", "/api/v1/pieces/{id}", &get_piece, Needs::sites_read},
    {"PUT", "/api/v1/pieces/{id}", &put_piece, Needs::sites_edit},
    {"DELETE", "/api/v1/pieces/{id}", &remove_piece, Needs::sites_edit},
    {"POST", "/api/v1/pieces/{id}/preview", &preview_piece, Needs::sites_edit},
    {"GET", "/api/v1/pieces/{id}/revisions", &list_piece_revisions, Needs::sites_read},
    {"GET", "/api/v1/sites/{id}/names", &list_names, Needs::sites_read},
    {"POST", "/api/v1/sites/{id}/names/check", &check_names, Needs::sites_edit},
    {"POST", "/api/v1/sites/{id}/names/vouch", &vouch_name, Needs::domains_vouch},

    {"GET", "/api/v1/explain", &explain_request, Needs::sites_read},

    {"GET", "/api/v1/deployments", &list_deployments, Needs::sites_read},
    {"GET", "/api/v1/deployments/{id}", &get_deployment, Needs::sites_read},
    {"POST", "/api/v1/deployments/{id}/approve", &approve_deployment, Needs::deployments_approve},
    {"POST", "/api/v1/deployments/{id}/reject", &reject_deployment, Needs::deployments_approve},
    {"POST", "/api/v1/deployments/{id}/withdraw", &withdraw_deployment, Needs::sites_deploy},

    {"GET", "/api/v1/nodes", &list_nodes, Needs::nodes_read},
    {"GET", "/api/v1/nodes/{id}", &get_node, Needs::nodes_read},
    {"GET", "/api/v1/nodes/{id}/settings", &get_node_settings, Needs::nodes_read},
    {"PUT", "/api/v1/nodes/{id}/settings", &put_node_settings, Needs::nodes_manage},
    {"POST", "/api/v1/nodes/{id}/deploy", &deploy_node, Needs::nodes_manage},

    {"GET", "/api/v1/users", &list_users, Needs::users_read},
    {"POST", "/api/v1/users", &create_user, Needs::users_manage},
    {"GET", "/api/v1/users/{id}", &get_user, Needs::users_read},
    {"PATCH", "/api/v1/users/{id}", &change_user, Needs::users_manage},
    {"POST", "/api/v1/users/{id}/disable", &disable_user, Needs::users_manage},
    {"POST", "/api/v1/users/{id}/enable", &enable_user, Needs::users_manage},
    {"POST", "/api/v1/users/{id}/invite", &invite_user, Needs::users_manage},

    {"GET", "/api/v1/jobs", &list_jobs, Needs::jobs_read},
    {"GET", "/api/v1/audit", &list_audit, Needs::audit_read},
};
// clang-format on

}  // namespace

std::span<const Route> routes() {
    return kRoutes;
}

}  // namespace rpm::api
