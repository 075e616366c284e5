// SPDX-License-Identifier: MIT
#include "web/api/handlers.h"

namespace rpm::api {
namespace {

// clang-format off
constexpr Route kRoutes[] = {
    {"GET", "/api/v1/health", &health, Needs::nothing},
    {"GET", "/api/v1/openapi.json", &document, Needs::nothing},
    {"GET", "/api/v1/me", &me, Needs::user},

    {"GET", "/api/v1/sites", &list_sites, Needs::user},
    {"POST", "/api/v1/sites", &create_site, Needs::user},
    {"GET", "/api/v1/sites/{id}", &get_site, Needs::user},
    {"PUT", "/api/v1/sites/{id}", &put_site, Needs::user},
    {"DELETE", "/api/v1/sites/{id}", &remove_site, Needs::user},
    {"POST", "/api/v1/sites/{id}/deploy", &deploy_site, Needs::user},
    {"POST", "/api/v1/sites/{id}/block", &block_site, Needs::admin},
    {"POST", "/api/v1/sites/{id}/pause", &pause_site, Needs::user},
    {"POST", "/api/v1/sites/{id}/resume", &resume_site, Needs::user},
    {"GET", "/api/v1/sites/{id}/revisions", &list_revisions, Needs::user},

    {"GET", "/api/v1/deployments", &list_deployments, Needs::user},
    {"GET", "/api/v1/deployments/{id}", &get_deployment, Needs::user},

    {"GET", "/api/v1/nodes", &list_nodes, Needs::admin},
    {"GET", "/api/v1/nodes/{id}", &get_node, Needs::admin},
    {"POST", "/api/v1/nodes/{id}/deploy", &deploy_node, Needs::admin},

    {"GET", "/api/v1/jobs", &list_jobs, Needs::admin},
};
// clang-format on

}  // namespace

std::span<const Route> routes() {
    return kRoutes;
}

}  // namespace rpm::api
