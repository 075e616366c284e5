-- What the clients' panel may do to rows that it may change, where rights to tables and columns cannot say it: steps from
-- one state to another, and what only the staff decides. Part of accounts.sql; repeatable. Other accounts pass.
--
-- Triggers, because the CHECK OPTION of a view sees the new row alone. USER() is the account that connected; what a rule
-- reads is read with the rights of the database's owner. Whoever breaks a rule gets SQLSTATE 45000.

DELIMITER //

-- A queued deployment releases nothing by itself: what nodes serve stands in sites, guarded below.
DROP TRIGGER IF EXISTS `@DATABASE@`.client_asks_deployments//
CREATE DEFINER = 'rpmgr_ops'@'@HOST@' TRIGGER `@DATABASE@`.client_asks_deployments
  BEFORE INSERT ON `@DATABASE@`.deployments FOR EACH ROW
IF SUBSTRING_INDEX(USER(), '@', 1) = 'rpmgr_client' THEN
  IF NEW.state NOT IN ('queued', 'awaiting_approval') THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'guard: a deployment begins queued or waiting';
  END IF;
END IF//

-- Approving and rejecting is the staff's; so is what became of a deployment that runs.
DROP TRIGGER IF EXISTS `@DATABASE@`.client_calls_off_deployments//
CREATE DEFINER = 'rpmgr_ops'@'@HOST@' TRIGGER `@DATABASE@`.client_calls_off_deployments
  BEFORE UPDATE ON `@DATABASE@`.deployments FOR EACH ROW
IF SUBSTRING_INDEX(USER(), '@', 1) = 'rpmgr_client' THEN
  IF OLD.state <> 'awaiting_approval' OR NEW.state NOT IN ('cancelled', 'voided') OR NEW.decided_by IS NOT NULL THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'guard: only a waiting deployment is called off';
  END IF;
END IF//

DROP TRIGGER IF EXISTS `@DATABASE@`.client_adds_deployment_nodes//
CREATE DEFINER = 'rpmgr_ops'@'@HOST@' TRIGGER `@DATABASE@`.client_adds_deployment_nodes
  BEFORE INSERT ON `@DATABASE@`.deployment_nodes FOR EACH ROW
IF SUBSTRING_INDEX(USER(), '@', 1) = 'rpmgr_client' THEN
  IF NEW.state <> 'queued' THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'guard: a part of a deployment begins queued';
  END IF;
END IF//

DROP TRIGGER IF EXISTS `@DATABASE@`.client_asks_jobs//
CREATE DEFINER = 'rpmgr_ops'@'@HOST@' TRIGGER `@DATABASE@`.client_asks_jobs
  BEFORE INSERT ON `@DATABASE@`.jobs FOR EACH ROW
IF SUBSTRING_INDEX(USER(), '@', 1) = 'rpmgr_client' THEN
  IF NOT (NEW.state = 'queued' AND NEW.kind IN ('node.deploy', 'domain.check', 'notification.send')
          OR NEW.state = 'awaiting_approval' AND NEW.kind = 'deployment.release') THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'guard: not a job of the clients'' panel';
  END IF;
END IF//

-- The column is granted for LAST_INSERT_ID(id), which tells the number of the job that was joined.
DROP TRIGGER IF EXISTS `@DATABASE@`.client_joins_jobs//
CREATE DEFINER = 'rpmgr_ops'@'@HOST@' TRIGGER `@DATABASE@`.client_joins_jobs
  BEFORE UPDATE ON `@DATABASE@`.jobs FOR EACH ROW
IF SUBSTRING_INDEX(USER(), '@', 1) = 'rpmgr_client' THEN
  IF NEW.id <> OLD.id THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'guard: jobs keep their number';
  END IF;
END IF//

DROP TRIGGER IF EXISTS `@DATABASE@`.client_adds_sites//
CREATE DEFINER = 'rpmgr_ops'@'@HOST@' TRIGGER `@DATABASE@`.client_adds_sites
  BEFORE INSERT ON `@DATABASE@`.sites FOR EACH ROW
IF SUBSTRING_INDEX(USER(), '@', 1) = 'rpmgr_client' THEN
  IF NOT EXISTS (SELECT 1 FROM users WHERE id = NEW.owner_id AND role IN ('client', 'client_read_only')) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'guard: sites here belong to clients';
  END IF;
END IF//

-- Above all: nothing is released unapproved where the setting approval.clients asks for approval.
DROP TRIGGER IF EXISTS `@DATABASE@`.client_changes_sites//
CREATE DEFINER = 'rpmgr_ops'@'@HOST@' TRIGGER `@DATABASE@`.client_changes_sites
  BEFORE UPDATE ON `@DATABASE@`.sites FOR EACH ROW
IF SUBSTRING_INDEX(USER(), '@', 1) = 'rpmgr_client' THEN
  IF NOT EXISTS (SELECT 1 FROM users WHERE id = OLD.owner_id AND role IN ('client', 'client_read_only')) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'guard: a site of the staff';
  END IF;
  IF NOT (NEW.removed_at <=> OLD.removed_at) AND (OLD.removed_at IS NOT NULL OR OLD.state = 'blocked') THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'guard: a blocked site stays, a removed one is gone';
  END IF;
  IF (NEW.state = 'blocked') <> (OLD.state = 'blocked') OR (OLD.state = 'blocked' AND
     (NEW.block_status <> OLD.block_status OR NEW.blocked_reason <> OLD.blocked_reason)) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'guard: the staff blocks and unblocks';
  END IF;
  IF NEW.head_number < OLD.head_number OR (NOT (NEW.head_revision_id <=> OLD.head_revision_id) AND NOT EXISTS
     (SELECT 1 FROM site_revisions WHERE id = NEW.head_revision_id AND site_id = NEW.id AND number = NEW.head_number)) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'guard: not the next version of this site';
  END IF;
  IF NOT (NEW.released_revision_id <=> OLD.released_revision_id) AND (NOT (NEW.released_revision_id <=> NEW.head_revision_id)
     OR EXISTS (SELECT 1 FROM settings WHERE name = 'approval.clients' AND value = 'on')) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'guard: a release that nobody approved';
  END IF;
END IF//

-- Directives of the engine are kept as the last version has them: with others, nodes could be taken over. What nodes
-- serve has these, or those of a snippet that the site may use; nobody writes directives into snippets here either.
-- A copy of a site has the directives of what it copies: of the same client.
DROP TRIGGER IF EXISTS `@DATABASE@`.client_adds_revisions//
CREATE DEFINER = 'rpmgr_ops'@'@HOST@' TRIGGER `@DATABASE@`.client_adds_revisions
  BEFORE INSERT ON `@DATABASE@`.site_revisions FOR EACH ROW
IF SUBSTRING_INDEX(USER(), '@', 1) = 'rpmgr_client' THEN
  IF NOT EXISTS (SELECT 1 FROM sites s JOIN users u ON u.id = s.owner_id WHERE s.id = NEW.site_id
                  AND u.role IN ('client', 'client_read_only'))
     OR NOT EXISTS (SELECT 1 FROM users WHERE id = NEW.created_by AND role IN ('client', 'client_read_only')) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'guard: not a version by a client of a client''s site';
  END IF;
  -- What is no JSON for the database, such as too deep a tree, hides its members from the rules below; so do names with
  -- letters written as \u0061, which the programs never write.
  IF NOT JSON_VALID(NEW.definition) OR NOT JSON_VALID(COALESCE(NEW.composed, '{}'))
     OR INSTR(REPLACE(NEW.definition, '\\\\', ''), '\\u006') + INSTR(REPLACE(NEW.definition, '\\\\', ''), '\\u007') > 0
     OR INSTR(REPLACE(COALESCE(NEW.composed, ''), '\\\\', ''), '\\u006') + INSTR(REPLACE(COALESCE(NEW.composed, ''), '\\\\', ''), '\\u007') > 0 THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'guard: not a definition';
  END IF;
  IF JSON_CONTAINS_PATH(NEW.definition, 'one', '$.raw') AND NOT EXISTS
     (SELECT 1 FROM sites s JOIN sites l ON l.id = s.id OR (s.head_revision_id IS NULL AND l.owner_id = s.owner_id)
        JOIN site_revisions r ON r.id = l.head_revision_id
       WHERE s.id = NEW.site_id AND l.removed_at IS NULL
         AND CAST(JSON_EXTRACT(r.definition, '$.raw') AS BINARY) =
             CAST(JSON_EXTRACT(NEW.definition, '$.raw') AS BINARY))
     OR NOT JSON_CONTAINS_PATH(NEW.definition, 'one', '$.raw') AND EXISTS
     (SELECT 1 FROM sites s JOIN site_revisions r ON r.id = s.head_revision_id
       WHERE s.id = NEW.site_id AND JSON_CONTAINS_PATH(r.definition, 'one', '$.raw')) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'guard: directives are the operator''s';
  END IF;
  IF JSON_CONTAINS_PATH(NEW.composed, 'one', '$.raw.nginx')
     AND NOT (CAST(JSON_EXTRACT(NEW.composed, '$.raw.nginx') AS BINARY) <=>
              CAST(JSON_EXTRACT(NEW.definition, '$.raw.nginx') AS BINARY))
     AND NOT EXISTS (SELECT 1 FROM sites s JOIN shared_pieces p
                         ON p.owner_id = s.owner_id OR (p.owner_id IS NULL AND p.is_offered)
                      WHERE s.id = NEW.site_id AND p.kind = 'snippet' AND p.removed_at IS NULL
                        AND CAST(JSON_EXTRACT(p.definition, '$.raw.nginx') AS BINARY) =
                            CAST(JSON_EXTRACT(NEW.composed, '$.raw.nginx') AS BINARY)) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'guard: directives are the operator''s';
  END IF;
  IF JSON_CONTAINS_PATH(NEW.composed, 'one', '$.raw.caddy')
     AND NOT (CAST(JSON_EXTRACT(NEW.composed, '$.raw.caddy') AS BINARY) <=>
              CAST(JSON_EXTRACT(NEW.definition, '$.raw.caddy') AS BINARY))
     AND NOT EXISTS (SELECT 1 FROM sites s JOIN shared_pieces p
                         ON p.owner_id = s.owner_id OR (p.owner_id IS NULL AND p.is_offered)
                      WHERE s.id = NEW.site_id AND p.kind = 'snippet' AND p.removed_at IS NULL
                        AND CAST(JSON_EXTRACT(p.definition, '$.raw.caddy') AS BINARY) =
                            CAST(JSON_EXTRACT(NEW.composed, '$.raw.caddy') AS BINARY)) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'guard: directives are the operator''s';
  END IF;
  IF JSON_CONTAINS_PATH(NEW.composed, 'one', '$.raw.traefik')
     AND NOT (CAST(JSON_EXTRACT(NEW.composed, '$.raw.traefik') AS BINARY) <=>
              CAST(JSON_EXTRACT(NEW.definition, '$.raw.traefik') AS BINARY))
     AND NOT EXISTS (SELECT 1 FROM sites s JOIN shared_pieces p
                         ON p.owner_id = s.owner_id OR (p.owner_id IS NULL AND p.is_offered)
                      WHERE s.id = NEW.site_id AND p.kind = 'snippet' AND p.removed_at IS NULL
                        AND CAST(JSON_EXTRACT(p.definition, '$.raw.traefik') AS BINARY) =
                            CAST(JSON_EXTRACT(NEW.composed, '$.raw.traefik') AS BINARY)) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'guard: directives are the operator''s';
  END IF;
END IF//

-- A staff's snippet is not written here at all (views.sql); a client's keeps the directives that an administrator put in.
DROP TRIGGER IF EXISTS `@DATABASE@`.client_adds_pieces//
CREATE DEFINER = 'rpmgr_ops'@'@HOST@' TRIGGER `@DATABASE@`.client_adds_pieces
  BEFORE INSERT ON `@DATABASE@`.shared_pieces FOR EACH ROW
IF SUBSTRING_INDEX(USER(), '@', 1) = 'rpmgr_client' THEN
  IF NOT JSON_VALID(NEW.definition)
     OR INSTR(REPLACE(NEW.definition, '\\\\', ''), '\\u006') + INSTR(REPLACE(NEW.definition, '\\\\', ''), '\\u007') > 0
     OR CONCAT(COALESCE(NULLIF(BINARY JSON_EXTRACT(NEW.definition, '$.raw.nginx'), '\"\"'), ''),
               COALESCE(NULLIF(BINARY JSON_EXTRACT(NEW.definition, '$.raw.caddy'), '\"\"'), ''),
               COALESCE(NULLIF(BINARY JSON_EXTRACT(NEW.definition, '$.raw.traefik'), '\"\"'), '')) <> '' THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'guard: directives are the operator''s';
  END IF;
END IF//

DROP TRIGGER IF EXISTS `@DATABASE@`.client_changes_pieces//
CREATE DEFINER = 'rpmgr_ops'@'@HOST@' TRIGGER `@DATABASE@`.client_changes_pieces
  BEFORE UPDATE ON `@DATABASE@`.shared_pieces FOR EACH ROW
IF SUBSTRING_INDEX(USER(), '@', 1) = 'rpmgr_client' THEN
  IF NOT JSON_VALID(NEW.definition)
     OR INSTR(REPLACE(NEW.definition, '\\\\', ''), '\\u006') + INSTR(REPLACE(NEW.definition, '\\\\', ''), '\\u007') > 0
     OR CONCAT_WS('\n', COALESCE(NULLIF(BINARY JSON_EXTRACT(NEW.definition, '$.raw.nginx'), '\"\"'), ''),
                        COALESCE(NULLIF(BINARY JSON_EXTRACT(NEW.definition, '$.raw.caddy'), '\"\"'), ''),
                        COALESCE(NULLIF(BINARY JSON_EXTRACT(NEW.definition, '$.raw.traefik'), '\"\"'), '')) <>
        CONCAT_WS('\n', COALESCE(NULLIF(BINARY JSON_EXTRACT(OLD.definition, '$.raw.nginx'), '\"\"'), ''),
                        COALESCE(NULLIF(BINARY JSON_EXTRACT(OLD.definition, '$.raw.caddy'), '\"\"'), ''),
                        COALESCE(NULLIF(BINARY JSON_EXTRACT(OLD.definition, '$.raw.traefik'), '\"\"'), '')) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'guard: directives are the operator''s';
  END IF;
  IF NEW.head_number < OLD.head_number OR (OLD.removed_at IS NOT NULL AND NOT (NEW.removed_at <=> OLD.removed_at)) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'guard: versions count up, and what is removed is gone';
  END IF;
END IF//

DROP TRIGGER IF EXISTS `@DATABASE@`.client_adds_piece_revisions//
CREATE DEFINER = 'rpmgr_ops'@'@HOST@' TRIGGER `@DATABASE@`.client_adds_piece_revisions
  BEFORE INSERT ON `@DATABASE@`.shared_piece_revisions FOR EACH ROW
IF SUBSTRING_INDEX(USER(), '@', 1) = 'rpmgr_client' THEN
  IF NOT JSON_VALID(NEW.definition)
     OR INSTR(REPLACE(NEW.definition, '\\\\', ''), '\\u006') + INSTR(REPLACE(NEW.definition, '\\\\', ''), '\\u007') > 0
     OR NOT EXISTS
     (SELECT 1 FROM shared_pieces p
       WHERE p.id = NEW.piece_id
         AND CONCAT_WS('\n', COALESCE(NULLIF(BINARY JSON_EXTRACT(NEW.definition, '$.raw.nginx'), '\"\"'), ''),
                             COALESCE(NULLIF(BINARY JSON_EXTRACT(NEW.definition, '$.raw.caddy'), '\"\"'), ''),
                             COALESCE(NULLIF(BINARY JSON_EXTRACT(NEW.definition, '$.raw.traefik'), '\"\"'), '')) =
             CONCAT_WS('\n', COALESCE(NULLIF(BINARY JSON_EXTRACT(p.definition, '$.raw.nginx'), '\"\"'), ''),
                             COALESCE(NULLIF(BINARY JSON_EXTRACT(p.definition, '$.raw.caddy'), '\"\"'), ''),
                             COALESCE(NULLIF(BINARY JSON_EXTRACT(p.definition, '$.raw.traefik'), '\"\"'), ''))) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'guard: directives are the operator''s';
  END IF;
END IF//

-- What a version was composed of, tags and ports: of clients' sites only.
DROP TRIGGER IF EXISTS `@DATABASE@`.client_adds_revision_pieces//
CREATE DEFINER = 'rpmgr_ops'@'@HOST@' TRIGGER `@DATABASE@`.client_adds_revision_pieces
  BEFORE INSERT ON `@DATABASE@`.site_revision_pieces FOR EACH ROW
IF SUBSTRING_INDEX(USER(), '@', 1) = 'rpmgr_client' THEN
  IF NOT EXISTS (SELECT 1 FROM site_revisions r JOIN sites s ON s.id = r.site_id JOIN users u ON u.id = s.owner_id
                  WHERE r.id = NEW.revision_id
                  AND u.role IN ('client', 'client_read_only')) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'guard: a site of the staff';
  END IF;
END IF//

DROP TRIGGER IF EXISTS `@DATABASE@`.client_adds_tags//
CREATE DEFINER = 'rpmgr_ops'@'@HOST@' TRIGGER `@DATABASE@`.client_adds_tags
  BEFORE INSERT ON `@DATABASE@`.site_tags FOR EACH ROW
IF SUBSTRING_INDEX(USER(), '@', 1) = 'rpmgr_client' THEN
  IF NOT EXISTS (SELECT 1 FROM sites s JOIN users u ON u.id = s.owner_id WHERE s.id = NEW.site_id
                  AND u.role IN ('client', 'client_read_only')) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'guard: a site of the staff';
  END IF;
END IF//

DROP TRIGGER IF EXISTS `@DATABASE@`.client_removes_tags//
CREATE DEFINER = 'rpmgr_ops'@'@HOST@' TRIGGER `@DATABASE@`.client_removes_tags
  BEFORE DELETE ON `@DATABASE@`.site_tags FOR EACH ROW
IF SUBSTRING_INDEX(USER(), '@', 1) = 'rpmgr_client' THEN
  IF NOT EXISTS (SELECT 1 FROM sites s JOIN users u ON u.id = s.owner_id WHERE s.id = OLD.site_id
                  AND u.role IN ('client', 'client_read_only')) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'guard: a site of the staff';
  END IF;
END IF//

DROP TRIGGER IF EXISTS `@DATABASE@`.client_adds_ports//
CREATE DEFINER = 'rpmgr_ops'@'@HOST@' TRIGGER `@DATABASE@`.client_adds_ports
  BEFORE INSERT ON `@DATABASE@`.site_ports FOR EACH ROW
IF SUBSTRING_INDEX(USER(), '@', 1) = 'rpmgr_client' THEN
  IF NOT EXISTS (SELECT 1 FROM sites s JOIN users u ON u.id = s.owner_id WHERE s.id = NEW.site_id
                  AND u.role IN ('client', 'client_read_only')) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'guard: a site of the staff';
  END IF;
END IF//

DROP TRIGGER IF EXISTS `@DATABASE@`.client_removes_ports//
CREATE DEFINER = 'rpmgr_ops'@'@HOST@' TRIGGER `@DATABASE@`.client_removes_ports
  BEFORE DELETE ON `@DATABASE@`.site_ports FOR EACH ROW
IF SUBSTRING_INDEX(USER(), '@', 1) = 'rpmgr_client' THEN
  IF NOT EXISTS (SELECT 1 FROM sites s JOIN users u ON u.id = s.owner_id WHERE s.id = OLD.site_id
                  AND u.role IN ('client', 'client_read_only')) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'guard: a site of the staff';
  END IF;
END IF//

-- Only a new site gets its nodes here: all of them.
DROP TRIGGER IF EXISTS `@DATABASE@`.client_adds_targets//
CREATE DEFINER = 'rpmgr_ops'@'@HOST@' TRIGGER `@DATABASE@`.client_adds_targets
  BEFORE INSERT ON `@DATABASE@`.site_targets FOR EACH ROW
IF SUBSTRING_INDEX(USER(), '@', 1) = 'rpmgr_client' THEN
  IF NOT EXISTS (SELECT 1 FROM sites s JOIN users u ON u.id = s.owner_id WHERE s.id = NEW.site_id
                  AND u.role IN ('client', 'client_read_only') AND s.released_revision_id IS NULL) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'guard: nodes are chosen by the staff';
  END IF;
END IF//

DROP TRIGGER IF EXISTS `@DATABASE@`.client_removes_targets//
CREATE DEFINER = 'rpmgr_ops'@'@HOST@' TRIGGER `@DATABASE@`.client_removes_targets
  BEFORE DELETE ON `@DATABASE@`.site_targets FOR EACH ROW
IF SUBSTRING_INDEX(USER(), '@', 1) = 'rpmgr_client' THEN
  IF NOT EXISTS (SELECT 1 FROM sites s JOIN users u ON u.id = s.owner_id WHERE s.id = OLD.site_id
                  AND u.role IN ('client', 'client_read_only') AND s.state <> 'blocked') THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'guard: nodes are chosen by the staff';
  END IF;
END IF//

DROP TRIGGER IF EXISTS `@DATABASE@`.client_adds_names//
CREATE DEFINER = 'rpmgr_ops'@'@HOST@' TRIGGER `@DATABASE@`.client_adds_names
  BEFORE INSERT ON `@DATABASE@`.site_domains FOR EACH ROW
IF SUBSTRING_INDEX(USER(), '@', 1) = 'rpmgr_client' THEN
  IF NOT EXISTS (SELECT 1 FROM sites s JOIN users u ON u.id = s.owner_id WHERE s.id = NEW.site_id
                  AND u.role IN ('client', 'client_read_only')) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'guard: a site of the staff';
  END IF;
END IF//

DROP TRIGGER IF EXISTS `@DATABASE@`.client_removes_names//
CREATE DEFINER = 'rpmgr_ops'@'@HOST@' TRIGGER `@DATABASE@`.client_removes_names
  BEFORE DELETE ON `@DATABASE@`.site_domains FOR EACH ROW
IF SUBSTRING_INDEX(USER(), '@', 1) = 'rpmgr_client' THEN
  IF NOT EXISTS (SELECT 1 FROM sites s JOIN users u ON u.id = s.owner_id WHERE s.id = OLD.site_id
                  AND u.role IN ('client', 'client_read_only') AND s.state <> 'blocked') THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'guard: names of blocked sites and of the staff stay';
  END IF;
END IF//

DROP TRIGGER IF EXISTS `@DATABASE@`.client_removes_proofs//
CREATE DEFINER = 'rpmgr_ops'@'@HOST@' TRIGGER `@DATABASE@`.client_removes_proofs
  BEFORE DELETE ON `@DATABASE@`.domain_proofs FOR EACH ROW
IF SUBSTRING_INDEX(USER(), '@', 1) = 'rpmgr_client' THEN
  IF OLD.state <> 'pending' THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'guard: what is proven stays';
  END IF;
END IF//

DELIMITER ;
