-- Views for DBAs; made anew after each migration, so this file may change at will.

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
