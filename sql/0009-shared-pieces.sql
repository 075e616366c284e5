-- SPDX-License-Identifier: MIT
-- Settings that many sites share: snippets, access lists and templates; what each version of a site was composed
-- of; and tags. The rules are in shared/model/shared_piece.h.

CREATE TABLE shared_pieces (
  id          BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'row id',
  kind        VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'snippet | access_list | template',
  owner_id    BIGINT UNSIGNED NULL COMMENT 'the client; NULL: of the staff',
  name        VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'how definitions refer to it; never changes',
  description VARCHAR(200) NOT NULL DEFAULT '' COMMENT 'for people',
  is_offered  BOOLEAN NOT NULL DEFAULT FALSE COMMENT 'of the staff: clients may use it too',
  head_number INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'number of the newest version within the piece',
  definition  MEDIUMTEXT NOT NULL COMMENT 'JSON of the newest version, for whoever may use the piece without seeing its history',
  created_at  DATETIME(6) NOT NULL COMMENT 'UTC',
  updated_at  DATETIME(6) NOT NULL COMMENT 'UTC',
  removed_at  DATETIME(6) NULL COMMENT 'UTC; set: kept for the history of sites only',
  owner_key   BIGINT UNSIGNED GENERATED ALWAYS AS (COALESCE(owner_id, 0)) STORED COMMENT 'for u_name, which NULL would escape',
  live        BOOLEAN GENERATED ALWAYS AS (IF(removed_at IS NULL, TRUE, NULL)) STORED COMMENT 'for u_name: a removed name is free again',
  PRIMARY KEY (id),
  UNIQUE KEY u_name (owner_key, kind, name, live),
  CONSTRAINT f_piece_owner FOREIGN KEY (owner_id) REFERENCES users (id),
  CONSTRAINT c_piece_kind CHECK (kind IN ('snippet', 'access_list', 'template'))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='settings that several sites share';

CREATE TABLE shared_piece_revisions (
  id         BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'row id',
  piece_id   BIGINT UNSIGNED NOT NULL COMMENT 'the piece',
  number     INT UNSIGNED NOT NULL COMMENT '1, 2, 3 … within the piece',
  definition MEDIUMTEXT NOT NULL COMMENT 'JSON, some members of a definition; never changed after insert',
  created_by BIGINT UNSIGNED NULL COMMENT 'who saved it',
  reason     VARCHAR(200) NOT NULL DEFAULT '' COMMENT 'why, in the words of who saved it',
  created_at DATETIME(6) NOT NULL COMMENT 'UTC',
  PRIMARY KEY (id),
  UNIQUE KEY u_number (piece_id, number),
  CONSTRAINT f_piece_revision FOREIGN KEY (piece_id) REFERENCES shared_pieces (id),
  CONSTRAINT f_piece_revision_user FOREIGN KEY (created_by) REFERENCES users (id) ON DELETE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='every version of every shared piece';

ALTER TABLE site_revisions
  ADD COLUMN composed MEDIUMTEXT NULL COMMENT 'JSON, the definition with its shared pieces put in: what nodes serve; NULL: the definition itself' AFTER definition;

CREATE TABLE site_revision_pieces (
  revision_id BIGINT UNSIGNED NOT NULL COMMENT 'version of a site',
  piece_id    BIGINT UNSIGNED NOT NULL COMMENT 'piece that is in it',
  number      INT UNSIGNED NOT NULL COMMENT 'version of the piece',
  kind        VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'of the piece, for whoever may not read it',
  name        VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'of the piece, likewise',
  PRIMARY KEY (revision_id, piece_id),
  KEY k_piece (piece_id, revision_id),
  CONSTRAINT f_composed_revision FOREIGN KEY (revision_id) REFERENCES site_revisions (id) ON DELETE CASCADE,
  CONSTRAINT f_composed_piece FOREIGN KEY (piece_id) REFERENCES shared_pieces (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='what versions of sites were composed of';

CREATE TABLE site_tags (
  site_id BIGINT UNSIGNED NOT NULL COMMENT 'the site',
  tag     VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'short word',
  PRIMARY KEY (site_id, tag),
  KEY k_tag (tag, site_id),
  CONSTRAINT f_tagged_site FOREIGN KEY (site_id) REFERENCES sites (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='words to find sites by';

-- Lists show the tags, so the key of what they show covers them.
ALTER TABLE sites
  ADD COLUMN tags VARCHAR(700) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'for lists: what site_tags has, with blanks between' AFTER upstream_summary;
ALTER TABLE sites
  MODIFY COLUMN list_key BINARY(16) GENERATED ALWAYS AS (UNHEX(LEFT(SHA2(CONCAT_WS(' ', owner_id, domain, tls_mode, state, head_number, released_number, deploy_state, node_count, updated_at, tags, upstream_summary), 256), 32))) STORED COMMENT 'digest over what lists show of the site';
