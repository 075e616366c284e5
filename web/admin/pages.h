// SPDX-License-Identifier: MIT
// The pages that only administrators have. Each function answers one route of web/admin/routes.cc.
#pragma once

#include "web/auth/visit.h"

namespace rpm::web {

http::Response nodes_page(Visit& visit);    ///< GET /nodes
http::Response node_page(Visit& visit);     ///< GET /nodes/{id}
http::Response check_node(Visit& visit);    ///< POST /nodes/{id}/check: brings it up to date
http::Response enable_node(Visit& visit);   ///< POST /nodes/{id}/enable
http::Response disable_node(Visit& visit);  ///< POST /nodes/{id}/disable
http::Response trust_node(Visit& visit);    ///< POST /nodes/{id}/trust

http::Response jobs_page(Visit& visit);   ///< GET /jobs
http::Response retry_job(Visit& visit);   ///< POST /jobs/{id}/retry
http::Response cancel_job(Visit& visit);  ///< POST /jobs/{id}/cancel

http::Response csp_reports_page(Visit& visit);  ///< GET /csp-reports

http::Response users_page(Visit& visit);    ///< GET /users
http::Response add_user(Visit& visit);      ///< POST /users
http::Response enable_user(Visit& visit);   ///< POST /users/{id}/enable
http::Response disable_user(Visit& visit);  ///< POST /users/{id}/disable

}  // namespace rpm::web
