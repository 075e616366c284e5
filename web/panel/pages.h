// SPDX-License-Identifier: MIT
// The pages that both panels have. Each function answers one route; the tables are web/admin/routes.cc and
// web/client/routes.cc.
#pragma once

#include "web/auth/visit.h"

namespace rpm::web {

http::Response health(Visit& visit);         ///< GET /health: plain, for balancers
http::Response overview_page(Visit& visit);  ///< GET /; a fragment for the poller

http::Response sites_page(Visit& visit);         ///< GET /sites
http::Response site_page(Visit& visit);          ///< GET /sites/{id}
http::Response pause_site(Visit& visit);         ///< POST /sites/{id}/pause
http::Response resume_site(Visit& visit);        ///< POST /sites/{id}/resume
http::Response block_site(Visit& visit);         ///< POST /sites/{id}/block
http::Response unblock_site(Visit& visit);       ///< POST /sites/{id}/unblock
http::Response delete_site(Visit& visit);        ///< POST /sites/{id}/delete
http::Response new_site_page(Visit& visit);      ///< GET /sites/new
http::Response create_site(Visit& visit);        ///< POST /sites/new
http::Response edit_site_page(Visit& visit);     ///< GET /sites/{id}/edit
http::Response save_site(Visit& visit);          ///< POST /sites/{id}/edit
http::Response preview_new_site(Visit& visit);   ///< POST /sites/new/preview: a fragment
http::Response preview_site(Visit& visit);       ///< POST /sites/{id}/preview: a fragment
http::Response site_history_page(Visit& visit);  ///< GET /sites/{id}/history
http::Response site_names(Visit& visit);         ///< GET /sites/{id}/names: a fragment, or 304
http::Response check_site_names(Visit& visit);   ///< POST /sites/{id}/names/check: looks at once
http::Response vouch_site_name(Visit& visit);    ///< POST /sites/{id}/names/vouch; staff
http::Response restore_site(Visit& visit);       ///< POST /sites/{id}/restore

http::Response bulk_page(Visit& visit);      ///< GET /sites/bulk: what to change on the chosen sites
http::Response change_sites(Visit& visit);   ///< POST /sites/bulk: look at it, then do it
http::Response clone_site(Visit& visit);     ///< POST /sites/{id}/clone
http::Response tag_site(Visit& visit);       ///< POST /sites/{id}/tags
http::Response save_template(Visit& visit);  ///< POST /sites/{id}/template

http::Response pieces_page(Visit& visit);     ///< GET /shared
http::Response new_piece_page(Visit& visit);  ///< GET /shared/new
http::Response create_piece(Visit& visit);    ///< POST /shared/new
http::Response piece_page(Visit& visit);      ///< GET /shared/{id}
http::Response save_piece(Visit& visit);      ///< POST /shared/{id}: look at what it does, then save
http::Response delete_piece(Visit& visit);    ///< POST /shared/{id}/delete

http::Response explain_page(Visit& visit);       ///< GET /explain
http::Response review_page(Visit& visit);        ///< GET /review
http::Response deploy(Visit& visit);             ///< POST /review
http::Response deployments_page(Visit& visit);   ///< GET /deployments
http::Response deployment_page(Visit& visit);    ///< GET /deployments/{id}
http::Response deployment_live(Visit& visit);    ///< GET /deployments/{id}/live: a fragment, or 304
http::Response cancel_deployment(Visit& visit);  ///< POST /deployments/{id}/cancel; admins
http::Response retry_deployment(Visit& visit);   ///< POST /deployments/{id}/retry
http::Response deployment_plan(Visit& visit);  ///< GET /deployments/{id}/plan: of one that waits for approval
http::Response withdraw_deployment(Visit& visit);  ///< POST /deployments/{id}/withdraw
http::Response approve_deployment(Visit& visit);   ///< POST /deployments/{id}/approve; staff
http::Response reject_deployment(Visit& visit);    ///< POST /deployments/{id}/reject; staff
http::Response approvals_page(Visit& visit);       ///< GET /approvals; staff

http::Response audit_page(Visit& visit);    ///< GET /audit
http::Response export_audit(Visit& visit);  ///< GET /audit/export: CSV or JSON lines
http::Response csp_report(Visit& visit);    ///< POST /csp-report: what browsers refused to load
/// The one address that takes a POST without session and token: browsers send their reports to it by
/// themselves.
inline constexpr std::string_view kReportPath = "/csp-report";

}  // namespace rpm::web
