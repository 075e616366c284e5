// SPDX-License-Identifier: MIT
// All commands of `rpmgr`, in one list, and the way from words to the function.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "workers/ctl/command.h"
#include "workers/ctl/environment.h"

namespace rpm::ctl {

int migrate(Environment&, const Arguments&);

int init_keys(Environment&, const Arguments&);
int list_keys(Environment&, const Arguments&);
int rotate_keys(Environment&, const Arguments&);
int retire_key(Environment&, const Arguments&);
int rotate_audit_key(Environment&, const Arguments&);

int add_user(Environment&, const Arguments&);
int list_users(Environment&, const Arguments&);
int enable_user(Environment&, const Arguments&);
int disable_user(Environment&, const Arguments&);
int reset_user_factors(Environment&, const Arguments&);
int set_user(Environment&, const Arguments&);
int invite_user(Environment&, const Arguments&);
int make_reset_link(Environment&, const Arguments&);
int sign_out_user(Environment&, const Arguments&);
int make_login_link(Environment&, const Arguments&);
int add_token(Environment&, const Arguments&);
int list_tokens(Environment&, const Arguments&);
int revoke_token(Environment&, const Arguments&);

int list_nodes(Environment&, const Arguments&);
int discover_nodes(Environment&, const Arguments&);
int trust_node(Environment&, const Arguments&);
int enable_node(Environment&, const Arguments&);
int disable_node(Environment&, const Arguments&);
int deploy_node(Environment&, const Arguments&);
int node_settings(Environment&, const Arguments&);
int list_node_lists(Environment&, const Arguments&);
int show_node_manual(Environment&, const Arguments&);
int show_node_schema(Environment&, const Arguments&);

int list_sites(Environment&, const Arguments&);
int show_site(Environment&, const Arguments&);
int add_site(Environment&, const Arguments&);
int update_site(Environment&, const Arguments&);
int clone_site(Environment&, const Arguments&);
int tag_site(Environment&, const Arguments&);
int change_sites(Environment&, const Arguments&);
int begin_site(Environment&, const Arguments&);
int list_templates(Environment&, const Arguments&);
int save_template(Environment&, const Arguments&);
int list_snippets(Environment&, const Arguments&);
int show_snippet(Environment&, const Arguments&);
int add_snippet(Environment&, const Arguments&);
int update_snippet(Environment&, const Arguments&);
int remove_snippet(Environment&, const Arguments&);
int block_site(Environment&, const Arguments&);
int pause_site(Environment&, const Arguments&);
int resume_site(Environment&, const Arguments&);
int remove_site(Environment&, const Arguments&);

int explain_request(Environment&, const Arguments&);

int list_domains(Environment&, const Arguments&);
int check_domain(Environment&, const Arguments&);
int vouch_domain(Environment&, const Arguments&);

int deploy_sites(Environment&, const Arguments&);
int list_deployments(Environment&, const Arguments&);
int approve_deployment(Environment&, const Arguments&);
int reject_deployment(Environment&, const Arguments&);
int show_status(Environment&, const Arguments&);

int list_jobs(Environment&, const Arguments&);
int cancel_job(Environment&, const Arguments&);
int retry_job(Environment&, const Arguments&);

int list_audit(Environment&, const Arguments&);
int export_audit(Environment&, const Arguments&);
int verify_audit(Environment&, const Arguments&);

int list_settings(Environment&, const Arguments&);
int get_setting(Environment&, const Arguments&);
int set_setting(Environment&, const Arguments&);
int reset_setting(Environment&, const Arguments&);
int show_settings_manual(Environment&, const Arguments&);
/// docs/settings.md
std::string settings_manual();

int show_site_manual(Environment&, const Arguments&);
int show_site_schema(Environment&, const Arguments&);
int show_engines(Environment&, const Arguments&);
int show_engines_manual(Environment&, const Arguments&);
/// docs/site-definition.md, and the first table of docs/engines.md
std::string site_manual();
std::string node_manual();
std::string engines_manual();

std::span<const Command> commands();

/// The command that the words name and the words after it; throws Invalid, suggesting a near one.
struct Call {
    const Command* command;
    std::vector<std::string> rest;
};
Call find_command(const std::vector<std::string>& words);

/// Usage and purpose of all commands whose words start with these (all when empty).
std::string help(const std::vector<std::string>& words);

/// Options that hold wherever they stand, because their names have a dot (settings) or are on a short list;
/// the others belong to the command.
struct SplitLine {
    std::vector<std::string> global;
    std::vector<std::string> command;
    bool help = false;
};
SplitLine split_line(int argc, const char* const* argv);

}  // namespace rpm::ctl
