-- Views, made anew after each migration, so this file may change at will. First those that DBAs ask.

CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_queue AS
  SELECT j.id, j.kind, j.state, j.subject_type, j.subject_id, n.name AS node, j.attempts, j.max_attempts, j.run_after,
         j.claimed_by, j.claimed_until, u.username AS requested_by, j.reason, j.error, j.created_at
    FROM jobs j
    LEFT JOIN nodes n ON j.subject_type = 'node' AND n.id = j.subject_id
    LEFT JOIN users u ON u.id = j.requested_by
   WHERE j.state IN ('queued', 'awaiting_approval', 'running');

CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_node_state AS
  SELECT n.id, n.name, n.ip_address, n.proxy_type, n.is_active, n.state, n.state_reason, n.state_since,
         n.current_release, n.last_contact_at,
         (SELECT COUNT(*) FROM node_sites s WHERE s.node_id = n.id) AS sites,
         (SELECT COUNT(*) FROM node_quarantine q WHERE q.node_id = n.id) AS quarantined
    FROM nodes n;

CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_recent_changes AS
  SELECT id, at, username, action, object_type, object_id, object_name, request_id
    FROM audit_log
   WHERE at > UTC_TIMESTAMP(6) - INTERVAL 7 DAY;

CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_expiring_certificates AS
  SELECT c.id, c.subject, c.kind, c.not_after, u.username AS owner,
         TIMESTAMPDIFF(DAY, UTC_TIMESTAMP(6), c.not_after) AS days_left
    FROM certificates c
    JOIN users u ON u.id = c.owner_id
   WHERE c.not_after < UTC_TIMESTAMP(6) + INTERVAL 30 DAY;

-- ---- What the clients' panel has of people ------------------------------------------------------------------------
--
-- Its database account has no right to the tables themselves where they hold what opens an account (sql/accounts.sql),
-- only to these views: they show and take rows of clients and sessions of the clients' panel, nothing of the staff.
-- They work with the rights of whoever made them, the account of `rpmgr migrate`. Which names begin with client_ is
-- told to the programs by web/panel/program.cc.

CREATE OR REPLACE ALGORITHM = MERGE SQL SECURITY DEFINER VIEW client_users AS
  SELECT id, username, email, password_hash, role, is_active, theme, created_at, last_login, tenant_id,
         password_changed_at, passkey_handle
    FROM users
   WHERE role IN ('client', 'client_read_only')
  WITH CASCADED CHECK OPTION;

CREATE OR REPLACE ALGORITHM = MERGE SQL SECURITY DEFINER VIEW client_sessions AS
  SELECT * FROM sessions
   WHERE panel = 'client' AND user_id IN (SELECT id FROM users WHERE role IN ('client', 'client_read_only'))
  WITH CASCADED CHECK OPTION;

CREATE OR REPLACE ALGORITHM = MERGE SQL SECURITY DEFINER VIEW client_sign_in_links AS
  SELECT * FROM sign_in_links WHERE user_id IN (SELECT id FROM users WHERE role IN ('client', 'client_read_only'))
  WITH CASCADED CHECK OPTION;

CREATE OR REPLACE ALGORITHM = MERGE SQL SECURITY DEFINER VIEW client_known_devices AS
  SELECT * FROM known_devices WHERE user_id IN (SELECT id FROM users WHERE role IN ('client', 'client_read_only'))
  WITH CASCADED CHECK OPTION;

CREATE OR REPLACE ALGORITHM = MERGE SQL SECURITY DEFINER VIEW client_user_totp AS
  SELECT * FROM user_totp WHERE user_id IN (SELECT id FROM users WHERE role IN ('client', 'client_read_only'))
  WITH CASCADED CHECK OPTION;

CREATE OR REPLACE ALGORITHM = MERGE SQL SECURITY DEFINER VIEW client_recovery_codes AS
  SELECT * FROM recovery_codes WHERE user_id IN (SELECT id FROM users WHERE role IN ('client', 'client_read_only'))
  WITH CASCADED CHECK OPTION;

CREATE OR REPLACE ALGORITHM = MERGE SQL SECURITY DEFINER VIEW client_passkeys AS
  SELECT * FROM passkeys WHERE user_id IN (SELECT id FROM users WHERE role IN ('client', 'client_read_only'))
  WITH CASCADED CHECK OPTION;

CREATE OR REPLACE ALGORITHM = MERGE SQL SECURITY DEFINER VIEW client_oidc_identities AS
  SELECT * FROM oidc_identities WHERE user_id IN (SELECT id FROM users WHERE role IN ('client', 'client_read_only'))
  WITH CASCADED CHECK OPTION;

CREATE OR REPLACE ALGORITHM = MERGE SQL SECURITY DEFINER VIEW client_api_tokens AS
  SELECT * FROM api_tokens WHERE user_id IN (SELECT id FROM users WHERE role IN ('client', 'client_read_only'))
  WITH CASCADED CHECK OPTION;

-- Of nobody yet, too: who signs in by passkey or at a provider says so at the end.
CREATE OR REPLACE ALGORITHM = MERGE SQL SECURITY DEFINER VIEW client_sign_in_challenges AS
  SELECT * FROM sign_in_challenges
   WHERE user_id IS NULL OR user_id IN (SELECT id FROM users WHERE role IN ('client', 'client_read_only'))
  WITH CASCADED CHECK OPTION;

-- ---- What the clients' panel has of shared pieces -----------------------------------------------------------------
--
-- It reads and writes those of clients by client_…; of the staff's it sees what is offered, without their history.

CREATE OR REPLACE ALGORITHM = MERGE SQL SECURITY DEFINER VIEW client_shared_pieces AS
  SELECT * FROM shared_pieces
   WHERE NOT is_offered
     AND owner_id IN (SELECT id FROM users WHERE role IN ('client', 'client_read_only'))
  WITH CASCADED CHECK OPTION;

CREATE OR REPLACE ALGORITHM = MERGE SQL SECURITY DEFINER VIEW client_shared_piece_revisions AS
  SELECT * FROM shared_piece_revisions
   WHERE piece_id IN (SELECT id FROM shared_pieces
                       WHERE owner_id IN (SELECT id FROM users WHERE role IN ('client', 'client_read_only')))
  WITH CASCADED CHECK OPTION;

CREATE OR REPLACE ALGORITHM = MERGE SQL SECURITY DEFINER VIEW offered_pieces AS
  SELECT id, kind, name, description, head_number, definition, created_at, updated_at
    FROM shared_pieces
   WHERE owner_id IS NULL AND is_offered AND removed_at IS NULL;
