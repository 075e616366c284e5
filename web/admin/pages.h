// SPDX-License-Identifier: MIT
// The pages that only administrators have. Each function answers one route of web/admin/routes.cc.
#pragma once

#include "web/auth/visit.h"

namespace rpm::web {

http::Response nodes_page(Visit& visit);          ///< GET /nodes
http::Response node_page(Visit& visit);           ///< GET /nodes/{id}
http::Response check_node(Visit& visit);          ///< POST /nodes/{id}/check: brings it up to date
http::Response enable_node(Visit& visit);         ///< POST /nodes/{id}/enable
http::Response disable_node(Visit& visit);        ///< POST /nodes/{id}/disable
http::Response trust_node(Visit& visit);          ///< POST /nodes/{id}/trust
http::Response node_settings_page(Visit& visit);  ///< GET /nodes/{id}/settings
http::Response save_node_settings(Visit& visit);  ///< POST /nodes/{id}/settings

http::Response jobs_page(Visit& visit);   ///< GET /jobs
http::Response retry_job(Visit& visit);   ///< POST /jobs/{id}/retry
http::Response cancel_job(Visit& visit);  ///< POST /jobs/{id}/cancel

http::Response csp_reports_page(Visit& visit);  ///< GET /csp-reports

http::Response settings_page(Visit& visit);  ///< GET /settings
http::Response save_settings(Visit& visit);  ///< POST /settings/{section}

http::Response reset_user_factors(Visit& visit);  ///< POST /users/{id}/reset-factors
http::Response users_page(Visit& visit);          ///< GET /users
http::Response add_user(Visit& visit);            ///< POST /users
http::Response user_page(Visit& visit);           ///< GET /users/{id}
http::Response save_user(Visit& visit);           ///< POST /users/{id}
http::Response sign_out_user(Visit& visit);       ///< POST /users/{id}/sign-out
http::Response send_user_link(Visit& visit);      ///< POST /users/{id}/send: by mail
http::Response make_user_link(Visit& visit);      ///< POST /users/{id}/link: shown once
http::Response impersonate_user(Visit& visit);    ///< POST /users/{id}/impersonate: a link, shown once
http::Response revoke_user_token(Visit& visit);   ///< POST /users/{id}/tokens/{token}/revoke
http::Response enable_user(Visit& visit);         ///< POST /users/{id}/enable
http::Response disable_user(Visit& visit);        ///< POST /users/{id}/disable

}  // namespace rpm::web
