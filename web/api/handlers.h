// SPDX-License-Identifier: MIT
// The functions that answer, one file per resource.
#pragma once

#include "web/api/api.h"

namespace rpm::api {

http::Response health(Call& call);
http::Response document(Call& call);
http::Response me(Call& call);
http::Response list_tokens(Call& call);
http::Response revoke_token(Call& call);

http::Response list_sites(Call& call);
http::Response create_site(Call& call);
http::Response get_site(Call& call);
http::Response put_site(Call& call);
http::Response clone_site(Call& call);
http::Response tag_site(Call& call);
http::Response list_tags(Call& call);
http::Response change_sites(Call& call);
http::Response remove_site(Call& call);
http::Response deploy_site(Call& call);
http::Response block_site(Call& call);
http::Response pause_site(Call& call);
http::Response resume_site(Call& call);
http::Response list_revisions(Call& call);

http::Response list_pieces(Call& call);
http::Response create_piece(Call& call);
http::Response get_piece(Call& call);
http::Response put_piece(Call& call);
http::Response preview_piece(Call& call);
http::Response remove_piece(Call& call);
http::Response list_piece_revisions(Call& call);
http::Response list_templates(Call& call);

http::Response list_names(Call& call);
http::Response check_names(Call& call);
http::Response vouch_name(Call& call);

http::Response explain_request(Call& call);

http::Response list_deployments(Call& call);
http::Response get_deployment(Call& call);
http::Response approve_deployment(Call& call);
http::Response reject_deployment(Call& call);
http::Response withdraw_deployment(Call& call);

http::Response list_nodes(Call& call);
http::Response get_node(Call& call);
http::Response get_node_settings(Call& call);
http::Response put_node_settings(Call& call);
http::Response deploy_node(Call& call);

http::Response list_users(Call& call);
http::Response get_user(Call& call);
http::Response create_user(Call& call);
http::Response change_user(Call& call);
http::Response disable_user(Call& call);
http::Response enable_user(Call& call);
http::Response invite_user(Call& call);

http::Response list_jobs(Call& call);

http::Response list_audit(Call& call);

}  // namespace rpm::api
