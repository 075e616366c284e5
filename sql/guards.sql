-- What the clients' panel may do to rows that it may change, where rights to tables and columns cannot say it: steps from
-- one state to another, and what only the staff decides. Part of accounts.sql; repeatable. Other accounts pass.
--
-- Triggers, because the CHECK OPTION of a view sees the new row alone. USER() is the account that connected; what a rule
-- reads is read with the rights of the database's owner. Whoever breaks a rule gets SQLSTATE 45000.

DELIMITER //

-- What several rules ask. Nobody is granted their execution: the rules run them with the rights of the owner.
DROP FUNCTION IF EXISTS `@DATABASE@`.is_client//
CREATE DEFINER = 'rpmgr_ops'@'@HOST@' FUNCTION `@DATABASE@`.is_client(user BIGINT UNSIGNED)
  RETURNS BOOLEAN READS SQL DATA
RETURN EXISTS (SELECT 1 FROM users WHERE id = user AND role IN ('client', 'client_read_only'))//

DROP FUNCTION IF EXISTS `@DATABASE@`.is_site_of_client//
CREATE DEFINER = 'rpmgr_ops'@'@HOST@' FUNCTION `@DATABASE@`.is_site_of_client(site BIGINT UNSIGNED)
  RETURNS BOOLEAN READS SQL DATA
RETURN EXISTS (SELECT 1 FROM sites s JOIN users u ON u.id = s.owner_id
                WHERE s.id = site AND u.role IN ('client', 'client_read_only'))//

-- What is no JSON for the database, such as too deep a tree, hides its members from the rules; so do names with letters
-- written as \u0061, which the programs never write.
DROP FUNCTION IF EXISTS `@DATABASE@`.is_readable//
CREATE DEFINER = 'rpmgr_ops'@'@HOST@' FUNCTION `@DATABASE@`.is_readable(definition LONGTEXT)
  RETURNS BOOLEAN DETERMINISTIC NO SQL
RETURN JSON_VALID(definition) AND INSTR(REPLACE(definition, '\\\\', ''), '\\u006') = 0
       AND INSTR(REPLACE(definition, '\\\\', ''), '\\u007') = 0//

-- The directives of one engine ('$.raw.nginx') as they are written; empty: none.
DROP FUNCTION IF EXISTS `@DATABASE@`.directives_of//
CREATE DEFINER = 'rpmgr_ops'@'@HOST@' FUNCTION `@DATABASE@`.directives_of(definition LONGTEXT, member VARCHAR(20))
  RETURNS LONGBLOB DETERMINISTIC NO SQL
RETURN COALESCE(NULLIF(CAST(JSON_EXTRACT(definition, member) AS BINARY), '""'), '')//

DROP FUNCTION IF EXISTS `@DATABASE@`.same_directives//
CREATE DEFINER = 'rpmgr_ops'@'@HOST@' FUNCTION `@DATABASE@`.same_directives(one LONGTEXT, other LONGTEXT)
  RETURNS BOOLEAN DETERMINISTIC NO SQL
RETURN directives_of(one, '$.raw.nginx') = directives_of(other, '$.raw.nginx')
       AND directives_of(one, '$.raw.caddy') = directives_of(other, '$.raw.caddy')
       AND directives_of(one, '$.raw.traefik') = directives_of(other, '$.raw.traefik')//

-- What is composed has the directives of the definition, or those of a snippet that the site may use.
DROP FUNCTION IF EXISTS `@DATABASE@`.may_be_composed//
CREATE DEFINER = 'rpmgr_ops'@'@HOST@' FUNCTION `@DATABASE@`.may_be_composed(
    site BIGINT UNSIGNED, definition LONGTEXT, composed LONGTEXT, member VARCHAR(20))
  RETURNS BOOLEAN READS SQL DATA
RETURN directives_of(composed, member) IN ('', directives_of(definition, member))
       OR EXISTS (SELECT 1 FROM sites s JOIN shared_pieces p
                      ON p.owner_id = s.owner_id OR (p.owner_id IS NULL AND p.is_offered)
                   WHERE s.id = site AND p.kind = 'snippet' AND p.removed_at IS NULL
                     AND directives_of(p.definition, member) = directives_of(composed, member))//

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
  IF NOT is_client(NEW.owner_id) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'guard: sites here belong to clients';
  END IF;
END IF//

-- Above all: nothing is released unapproved where the setting approval.clients asks for approval.
DROP TRIGGER IF EXISTS `@DATABASE@`.client_changes_sites//
CREATE DEFINER = 'rpmgr_ops'@'@HOST@' TRIGGER `@DATABASE@`.client_changes_sites
  BEFORE UPDATE ON `@DATABASE@`.sites FOR EACH ROW
IF SUBSTRING_INDEX(USER(), '@', 1) = 'rpmgr_client' THEN
  IF NOT is_client(OLD.owner_id) THEN
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
  IF NOT is_site_of_client(NEW.site_id) OR NOT is_client(NEW.created_by) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'guard: not a version by a client of a client''s site';
  END IF;
  IF NOT is_readable(NEW.definition) OR NOT is_readable(COALESCE(NEW.composed, '{}')) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'guard: not a definition';
  END IF;
  IF NOT same_directives(NEW.definition, '{}') AND NOT EXISTS
     (SELECT 1 FROM sites s JOIN sites l ON l.id = s.id OR (s.head_revision_id IS NULL AND l.owner_id = s.owner_id)
        JOIN site_revisions r ON r.id = l.head_revision_id
       WHERE s.id = NEW.site_id AND l.removed_at IS NULL AND same_directives(r.definition, NEW.definition))
     OR same_directives(NEW.definition, '{}') AND EXISTS
     (SELECT 1 FROM sites s JOIN site_revisions r ON r.id = s.head_revision_id
       WHERE s.id = NEW.site_id AND NOT same_directives(r.definition, '{}'))
     OR NOT may_be_composed(NEW.site_id, NEW.definition, COALESCE(NEW.composed, '{}'), '$.raw.nginx')
     OR NOT may_be_composed(NEW.site_id, NEW.definition, COALESCE(NEW.composed, '{}'), '$.raw.caddy')
     OR NOT may_be_composed(NEW.site_id, NEW.definition, COALESCE(NEW.composed, '{}'), '$.raw.traefik') THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'guard: directives are the operator''s';
  END IF;
END IF//

-- A staff's snippet is not written here at all (views.sql); a client's keeps the directives that an administrator put in.
DROP TRIGGER IF EXISTS `@DATABASE@`.client_adds_pieces//
CREATE DEFINER = 'rpmgr_ops'@'@HOST@' TRIGGER `@DATABASE@`.client_adds_pieces
  BEFORE INSERT ON `@DATABASE@`.shared_pieces FOR EACH ROW
IF SUBSTRING_INDEX(USER(), '@', 1) = 'rpmgr_client' THEN
  IF NOT is_readable(NEW.definition) OR NOT same_directives(NEW.definition, '{}') THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'guard: directives are the operator''s';
  END IF;
END IF//

DROP TRIGGER IF EXISTS `@DATABASE@`.client_changes_pieces//
CREATE DEFINER = 'rpmgr_ops'@'@HOST@' TRIGGER `@DATABASE@`.client_changes_pieces
  BEFORE UPDATE ON `@DATABASE@`.shared_pieces FOR EACH ROW
IF SUBSTRING_INDEX(USER(), '@', 1) = 'rpmgr_client' THEN
  IF NOT is_readable(NEW.definition) OR NOT same_directives(NEW.definition, OLD.definition) THEN
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
  IF NOT is_readable(NEW.definition) OR NOT EXISTS
     (SELECT 1 FROM shared_pieces p WHERE p.id = NEW.piece_id AND same_directives(NEW.definition, p.definition)) THEN
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
  IF NOT is_site_of_client(NEW.site_id) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'guard: a site of the staff';
  END IF;
END IF//

DROP TRIGGER IF EXISTS `@DATABASE@`.client_removes_tags//
CREATE DEFINER = 'rpmgr_ops'@'@HOST@' TRIGGER `@DATABASE@`.client_removes_tags
  BEFORE DELETE ON `@DATABASE@`.site_tags FOR EACH ROW
IF SUBSTRING_INDEX(USER(), '@', 1) = 'rpmgr_client' THEN
  IF NOT is_site_of_client(OLD.site_id) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'guard: a site of the staff';
  END IF;
END IF//

DROP TRIGGER IF EXISTS `@DATABASE@`.client_adds_ports//
CREATE DEFINER = 'rpmgr_ops'@'@HOST@' TRIGGER `@DATABASE@`.client_adds_ports
  BEFORE INSERT ON `@DATABASE@`.site_ports FOR EACH ROW
IF SUBSTRING_INDEX(USER(), '@', 1) = 'rpmgr_client' THEN
  IF NOT is_site_of_client(NEW.site_id) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'guard: a site of the staff';
  END IF;
END IF//

DROP TRIGGER IF EXISTS `@DATABASE@`.client_removes_ports//
CREATE DEFINER = 'rpmgr_ops'@'@HOST@' TRIGGER `@DATABASE@`.client_removes_ports
  BEFORE DELETE ON `@DATABASE@`.site_ports FOR EACH ROW
IF SUBSTRING_INDEX(USER(), '@', 1) = 'rpmgr_client' THEN
  IF NOT is_site_of_client(OLD.site_id) THEN
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
  IF NOT is_site_of_client(NEW.site_id) THEN
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
