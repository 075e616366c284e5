-- The accounts of the programs, each with what its statements need and nothing else.
-- Filled in and run by sql/create-accounts after `rpmgr migrate`; repeatable. While it runs, an account may be
-- without rights for a moment.
--
--                 panels                    workers
--   audit_log     insert, read              insert, read      nobody changes or removes rows
--   audit_seals   admin: until when         insert, read      nobody changes or removes seals
--   credentials   nothing                   read, insert
--   settings      read; admin: all          read              secrets in them open with the panels' key only
--   certificates  insert, read but the key  read              sealed keys are written, never read, by panels
--   nodes         read; admin: switch off;  read, write       clients' panel changes no node
--                 admin, API: settings
--   address_lists read                      all               housekeeping keeps them fresh
--   releases,     read                      all               housekeeping removes old ones
--   file_contents
--   domain_proofs read, ask (admin, API:    read, prove       clients' panel proves nothing
--                 vouch)
--   jobs          insert, join (admin:      all
--                 cancel)
--   users         read but secrets; write:  read but secrets  clients' panel: clients only, by the views client_…
--                 admin, API (no password)                    of views.sql; nobody else's password is read
--   sessions and  admin: all; clients'      remove            the API ends them, and reads none
--   other ways in panel: clients only
--   sites,        read, change; clients'    read; outcomes    no release, approval or directive but the staff's:
--   deployments   panel: by guards.sql                        triggers for the clients' panel
--   attempt_      of its own panel          remove            the API counts tokens only
--   counters

CREATE USER IF NOT EXISTS 'rpmgr_admin'@'@HOST@' IDENTIFIED BY '@ADMIN_PASSWORD@';
CREATE USER IF NOT EXISTS 'rpmgr_client'@'@HOST@' IDENTIFIED BY '@CLIENT_PASSWORD@';
CREATE USER IF NOT EXISTS 'rpmgr_api'@'@HOST@' IDENTIFIED BY '@API_PASSWORD@';
CREATE USER IF NOT EXISTS 'rpmgr_worker'@'@HOST@' IDENTIFIED BY '@WORKER_PASSWORD@';
ALTER USER 'rpmgr_admin'@'@HOST@' IDENTIFIED BY '@ADMIN_PASSWORD@';
ALTER USER 'rpmgr_client'@'@HOST@' IDENTIFIED BY '@CLIENT_PASSWORD@';
ALTER USER 'rpmgr_api'@'@HOST@' IDENTIFIED BY '@API_PASSWORD@';
ALTER USER 'rpmgr_worker'@'@HOST@' IDENTIFIED BY '@WORKER_PASSWORD@';

-- Rights of an earlier version that are not needed any more.
REVOKE ALL PRIVILEGES, GRANT OPTION FROM 'rpmgr_admin'@'@HOST@';
REVOKE ALL PRIVILEGES, GRANT OPTION FROM 'rpmgr_client'@'@HOST@';
REVOKE ALL PRIVILEGES, GRANT OPTION FROM 'rpmgr_api'@'@HOST@';
REVOKE ALL PRIVILEGES, GRANT OPTION FROM 'rpmgr_worker'@'@HOST@';

-- Rules for what is granted below, before it is.
-- @INCLUDE guards.sql

-- ---- What every panel and the API do: read, and change sites ------------------------------------------------
-- @EACH WEB rpmgr_admin rpmgr_client rpmgr_api
GRANT SELECT ON `@DATABASE@`.schema_migrations TO '@WEB@'@'@HOST@';
GRANT SELECT (id, username, email, role, is_active, theme, created_at, last_login, tenant_id, max_sites, max_domains,
              password_changed_at) ON `@DATABASE@`.users TO '@WEB@'@'@HOST@';
GRANT SELECT ON `@DATABASE@`.nodes TO '@WEB@'@'@HOST@';
GRANT SELECT ON `@DATABASE@`.address_lists TO '@WEB@'@'@HOST@';
GRANT SELECT, INSERT (owner_id, domain, tls_mode, created_at, updated_at),
      UPDATE (domain, upstream_summary, tags, tls_mode, state, block_status, blocked_reason, head_revision_id, head_number,
              released_revision_id, released_number, deploy_state, node_count, removed_at, updated_at)
      ON `@DATABASE@`.sites TO '@WEB@'@'@HOST@';
GRANT SELECT, INSERT ON `@DATABASE@`.site_revisions TO '@WEB@'@'@HOST@';
GRANT SELECT, INSERT, DELETE ON `@DATABASE@`.site_domains TO '@WEB@'@'@HOST@';
GRANT SELECT, INSERT, DELETE ON `@DATABASE@`.site_targets TO '@WEB@'@'@HOST@';
GRANT SELECT, INSERT, DELETE ON `@DATABASE@`.site_ports TO '@WEB@'@'@HOST@';
GRANT SELECT, INSERT, UPDATE ON `@DATABASE@`.turns TO '@WEB@'@'@HOST@';
GRANT SELECT, INSERT, DELETE ON `@DATABASE@`.site_tags TO '@WEB@'@'@HOST@';
GRANT SELECT, INSERT ON `@DATABASE@`.site_revision_pieces TO '@WEB@'@'@HOST@';
GRANT SELECT ON `@DATABASE@`.offered_pieces TO '@WEB@'@'@HOST@';
-- Asking for a proof is for all; what is proven, only a worker or an administrator says.
GRANT SELECT, INSERT (owner_id, domain, token, created_at), DELETE ON `@DATABASE@`.domain_proofs TO '@WEB@'@'@HOST@';
GRANT SELECT (id, owner_id, kind, fingerprint, subject, chain_pem, key_digest, not_before, not_after, created_at),
      INSERT ON `@DATABASE@`.certificates TO '@WEB@'@'@HOST@';
GRANT SELECT, INSERT ON `@DATABASE@`.certificate_names TO '@WEB@'@'@HOST@';
GRANT SELECT ON `@DATABASE@`.file_contents TO '@WEB@'@'@HOST@';
GRANT SELECT ON `@DATABASE@`.releases TO '@WEB@'@'@HOST@';
GRANT SELECT ON `@DATABASE@`.node_sites TO '@WEB@'@'@HOST@';
GRANT SELECT, DELETE ON `@DATABASE@`.node_quarantine TO '@WEB@'@'@HOST@';
GRANT SELECT, INSERT (kind, subject_type, subject_id, state, priority, run_after, dedupe_key, lane, requested_by, reason,
                      payload, created_at), UPDATE (id, priority, run_after) ON `@DATABASE@`.jobs TO '@WEB@'@'@HOST@';
GRANT SELECT, INSERT (owner_id, requested_by, reason, state, plan_digest, basis, request_id, created_at),
      UPDATE (state, decided_by, decided_at, decision, finished_at) ON `@DATABASE@`.deployments TO '@WEB@'@'@HOST@';
GRANT SELECT, INSERT ON `@DATABASE@`.deployment_sites TO '@WEB@'@'@HOST@';
GRANT SELECT, INSERT (deployment_id, node_id, job_id, state) ON `@DATABASE@`.deployment_nodes TO '@WEB@'@'@HOST@';
GRANT SELECT, INSERT ON `@DATABASE@`.audit_log TO '@WEB@'@'@HOST@';
GRANT INSERT ON `@DATABASE@`.notifications TO '@WEB@'@'@HOST@';
GRANT SELECT ON `@DATABASE@`.settings TO '@WEB@'@'@HOST@';
-- @END

-- ---- Signing in ------------------------------------------------------------------------------------------------
-- @EACH WEB rpmgr_admin rpmgr_client
GRANT INSERT ON `@DATABASE@`.login_attempts TO '@WEB@'@'@HOST@';
GRANT SELECT, INSERT, UPDATE, DELETE ON `@DATABASE@`.@VIEWS@attempt_counters TO '@WEB@'@'@HOST@';
GRANT SELECT (digest, times), INSERT, UPDATE (times, last_seen) ON `@DATABASE@`.csp_reports TO '@WEB@'@'@HOST@';
GRANT SELECT (issuer, subject, user_id) ON `@DATABASE@`.oidc_identities TO '@WEB@'@'@HOST@';
-- @END
-- What opens an account: all of it at one panel, through views that know clients only at the other.
-- @EACH WEB rpmgr_admin rpmgr_client
GRANT SELECT, INSERT, UPDATE (last_seen_at, token_hash, confirmed_at), DELETE ON `@DATABASE@`.@VIEWS@sessions TO '@WEB@'@'@HOST@';
GRANT SELECT, INSERT, DELETE ON `@DATABASE@`.@VIEWS@known_devices TO '@WEB@'@'@HOST@';
GRANT SELECT, INSERT, UPDATE (revoked_at) ON `@DATABASE@`.@VIEWS@api_tokens TO '@WEB@'@'@HOST@';
GRANT SELECT, UPDATE (used_at), DELETE ON `@DATABASE@`.@VIEWS@sign_in_links TO '@WEB@'@'@HOST@';
GRANT SELECT (id, password_hash, passkey_handle),
      UPDATE (password_hash, password_changed_at, last_login, theme, passkey_handle) ON `@DATABASE@`.@VIEWS@users
      TO '@WEB@'@'@HOST@';
GRANT SELECT, INSERT, UPDATE, DELETE ON `@DATABASE@`.@VIEWS@user_totp TO '@WEB@'@'@HOST@';
GRANT SELECT, INSERT, UPDATE (used_at), DELETE ON `@DATABASE@`.@VIEWS@recovery_codes TO '@WEB@'@'@HOST@';
GRANT SELECT, INSERT, UPDATE (sign_count, last_used_at, name), DELETE ON `@DATABASE@`.@VIEWS@passkeys TO '@WEB@'@'@HOST@';
GRANT SELECT, INSERT, UPDATE (data), DELETE ON `@DATABASE@`.@VIEWS@sign_in_challenges TO '@WEB@'@'@HOST@';
GRANT SELECT, INSERT, DELETE ON `@DATABASE@`.@VIEWS@oidc_identities TO '@WEB@'@'@HOST@';
-- Accounts that single sign-on makes, and their roles: of clients only at the clients' panel.
GRANT INSERT (username, email, role, is_active, theme, created_at, tenant_id), UPDATE (role)
      ON `@DATABASE@`.@VIEWS@users TO '@WEB@'@'@HOST@';
-- @END

-- ---- Shared pieces: clients' only at the clients' panel -------------------------------------------------------------
-- @EACH WEB rpmgr_admin rpmgr_client
GRANT SELECT, INSERT, UPDATE (description, is_offered, head_number, definition, updated_at, removed_at)
      ON `@DATABASE@`.@VIEWS@shared_pieces TO '@WEB@'@'@HOST@';
GRANT SELECT, INSERT ON `@DATABASE@`.@VIEWS@shared_piece_revisions TO '@WEB@'@'@HOST@';
-- @END
GRANT SELECT, INSERT, UPDATE (description, is_offered, head_number, definition, updated_at, removed_at)
      ON `@DATABASE@`.shared_pieces TO 'rpmgr_api'@'@HOST@';
GRANT SELECT, INSERT ON `@DATABASE@`.shared_piece_revisions TO 'rpmgr_api'@'@HOST@';

-- ---- The API: tokens tell when they were used, and the ways into an account end with it ---------------------------
GRANT SELECT, UPDATE (last_used_at, last_address, revoked_at) ON `@DATABASE@`.api_tokens TO 'rpmgr_api'@'@HOST@';
GRANT SELECT, INSERT, UPDATE ON `@DATABASE@`.token_failures TO 'rpmgr_api'@'@HOST@';
GRANT SELECT (id, user_id), DELETE ON `@DATABASE@`.sessions TO 'rpmgr_api'@'@HOST@';
GRANT SELECT (user_id, purpose, used_at), DELETE ON `@DATABASE@`.sign_in_links TO 'rpmgr_api'@'@HOST@';
GRANT SELECT (user_id), DELETE ON `@DATABASE@`.known_devices TO 'rpmgr_api'@'@HOST@';

-- ---- What administrators do besides ---------------------------------------------------------------------------
-- @EACH WEB rpmgr_admin rpmgr_api
GRANT INSERT (username, email, role, is_active, theme, created_at, tenant_id),
      UPDATE (is_active, role, email, tenant_id, max_sites, max_domains) ON `@DATABASE@`.users TO '@WEB@'@'@HOST@';
-- @END
GRANT INSERT ON `@DATABASE@`.sign_in_links TO 'rpmgr_admin'@'@HOST@';
GRANT SELECT (id, last_id) ON `@DATABASE@`.audit_seals TO 'rpmgr_admin'@'@HOST@';
GRANT SELECT ON `@DATABASE@`.csp_reports TO 'rpmgr_admin'@'@HOST@';
GRANT INSERT, UPDATE, DELETE ON `@DATABASE@`.settings TO 'rpmgr_admin'@'@HOST@';
GRANT UPDATE (is_active, updated_at, state, state_reason, state_since, last_contact_at)
      ON `@DATABASE@`.nodes TO 'rpmgr_admin'@'@HOST@';
GRANT SELECT, UPDATE (state, decided_by, decided_at) ON `@DATABASE@`.node_host_keys TO 'rpmgr_admin'@'@HOST@';
-- The API shows administrators the host keys.
GRANT SELECT (id, node_id, key_type, key_blob, fingerprint, state, first_seen_at, decided_at)
      ON `@DATABASE@`.node_host_keys TO 'rpmgr_api'@'@HOST@';
-- @EACH WEB rpmgr_admin rpmgr_api
GRANT UPDATE (owner_id) ON `@DATABASE@`.sites TO '@WEB@'@'@HOST@';
GRANT UPDATE (settings, settings_by_file, listed_proxies, updated_at) ON `@DATABASE@`.nodes TO '@WEB@'@'@HOST@';
GRANT UPDATE (state, dedupe_key, finished_at) ON `@DATABASE@`.jobs TO '@WEB@'@'@HOST@';
GRANT INSERT, UPDATE (state, method, error, proven_at, proven_by, failing_since) ON `@DATABASE@`.domain_proofs TO '@WEB@'@'@HOST@';
GRANT UPDATE (state, finished_at) ON `@DATABASE@`.deployment_nodes TO '@WEB@'@'@HOST@';
-- @END

-- ---- Workers -----------------------------------------------------------------------------------------------------
GRANT SELECT ON `@DATABASE@`.schema_migrations TO 'rpmgr_worker'@'@HOST@';
GRANT SELECT (id, username, email, role, is_active, theme, created_at, last_login, tenant_id, max_sites, max_domains,
              password_changed_at) ON `@DATABASE@`.users TO 'rpmgr_worker'@'@HOST@';
-- Mail: workers make the links that go out, panels only ask for them.
-- They tell of names that are not shown any more.
GRANT SELECT, INSERT, UPDATE (state, recipient, error, sealed, sent_at), DELETE ON `@DATABASE@`.notifications
      TO 'rpmgr_worker'@'@HOST@';
GRANT SELECT ON `@DATABASE@`.settings TO 'rpmgr_worker'@'@HOST@';
GRANT SELECT, INSERT ON `@DATABASE@`.credentials TO 'rpmgr_worker'@'@HOST@';
GRANT SELECT, INSERT, UPDATE ON `@DATABASE@`.nodes TO 'rpmgr_worker'@'@HOST@';
GRANT SELECT, INSERT, UPDATE, DELETE ON `@DATABASE@`.address_lists TO 'rpmgr_worker'@'@HOST@';
GRANT SELECT, INSERT, UPDATE ON `@DATABASE@`.node_host_keys TO 'rpmgr_worker'@'@HOST@';
GRANT SELECT ON `@DATABASE@`.certificates TO 'rpmgr_worker'@'@HOST@';
GRANT SELECT ON `@DATABASE@`.certificate_names TO 'rpmgr_worker'@'@HOST@';
GRANT SELECT, UPDATE (deploy_state) ON `@DATABASE@`.sites TO 'rpmgr_worker'@'@HOST@';
GRANT SELECT ON `@DATABASE@`.site_revisions TO 'rpmgr_worker'@'@HOST@';
GRANT SELECT ON `@DATABASE@`.site_domains TO 'rpmgr_worker'@'@HOST@';
GRANT SELECT ON `@DATABASE@`.site_targets TO 'rpmgr_worker'@'@HOST@';
GRANT SELECT ON `@DATABASE@`.site_ports TO 'rpmgr_worker'@'@HOST@';
-- An update of several tables opens what refers to them.
GRANT SELECT ON `@DATABASE@`.site_tags TO 'rpmgr_worker'@'@HOST@';
GRANT SELECT, INSERT, UPDATE, DELETE ON `@DATABASE@`.file_contents TO 'rpmgr_worker'@'@HOST@';
GRANT SELECT, INSERT, UPDATE, DELETE ON `@DATABASE@`.releases TO 'rpmgr_worker'@'@HOST@';
GRANT SELECT, UPDATE (state, method, error, checked_at, proven_at, failing_since, failed_looks) ON `@DATABASE@`.domain_proofs TO 'rpmgr_worker'@'@HOST@';
GRANT SELECT, INSERT, UPDATE, DELETE ON `@DATABASE@`.node_sites TO 'rpmgr_worker'@'@HOST@';
GRANT SELECT, INSERT, UPDATE, DELETE ON `@DATABASE@`.node_quarantine TO 'rpmgr_worker'@'@HOST@';
GRANT SELECT, INSERT, UPDATE, DELETE ON `@DATABASE@`.jobs TO 'rpmgr_worker'@'@HOST@';
GRANT SELECT, INSERT, UPDATE ON `@DATABASE@`.deployments TO 'rpmgr_worker'@'@HOST@';
GRANT SELECT ON `@DATABASE@`.deployment_sites TO 'rpmgr_worker'@'@HOST@';
GRANT SELECT, INSERT, UPDATE ON `@DATABASE@`.deployment_nodes TO 'rpmgr_worker'@'@HOST@';
-- rpmgr-housekeep seals the audit log and forwards it: it must see all of it, and can change none of it.
GRANT SELECT, INSERT ON `@DATABASE@`.audit_log TO 'rpmgr_worker'@'@HOST@';
GRANT SELECT, INSERT ON `@DATABASE@`.audit_seals TO 'rpmgr_worker'@'@HOST@';
GRANT SELECT, INSERT, UPDATE ON `@DATABASE@`.audit_forwarding TO 'rpmgr_worker'@'@HOST@';
-- Housekeeping removes what has run out, without seeing what it was.
GRANT SELECT (expires_at), DELETE ON `@DATABASE@`.sessions TO 'rpmgr_worker'@'@HOST@';
GRANT SELECT (last_seen), DELETE ON `@DATABASE@`.csp_reports TO 'rpmgr_worker'@'@HOST@';
GRANT SELECT (expires_at), DELETE ON `@DATABASE@`.sign_in_challenges TO 'rpmgr_worker'@'@HOST@';
GRANT SELECT (expires_at, used_at, user_id, purpose), INSERT, DELETE ON `@DATABASE@`.sign_in_links
      TO 'rpmgr_worker'@'@HOST@';
GRANT SELECT (created_at), DELETE ON `@DATABASE@`.login_attempts TO 'rpmgr_worker'@'@HOST@';
GRANT SELECT (ends_at), DELETE ON `@DATABASE@`.attempt_counters TO 'rpmgr_worker'@'@HOST@';
GRANT SELECT (ends_at), DELETE ON `@DATABASE@`.client_attempt_counters TO 'rpmgr_worker'@'@HOST@';
GRANT SELECT (ends_at), DELETE ON `@DATABASE@`.token_failures TO 'rpmgr_worker'@'@HOST@';
GRANT SELECT (expires_at), DELETE ON `@DATABASE@`.known_devices TO 'rpmgr_worker'@'@HOST@';
