-- The first schema. Everything that is common to MySQL 8 and MariaDB 10.6 and nothing else.
-- Conventions: InnoDB, utf8mb4, times in UTC with microseconds, states as short words, a comment on everything.

CREATE TABLE users (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'row id',
  username      VARCHAR(64) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL COMMENT 'sign-in name, compared without case',
  email         VARCHAR(254) NOT NULL DEFAULT '' COMMENT 'for notices; may be empty',
  password_hash VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'Argon2id text; NULL: signs in by link only',
  role          VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'admin | client',
  is_active     BOOLEAN NOT NULL DEFAULT TRUE COMMENT 'may sign in',
  theme         VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'auto' COMMENT 'auto | light | dark',
  created_at    DATETIME(6) NOT NULL COMMENT 'UTC',
  last_login    DATETIME(6) NULL COMMENT 'UTC, last successful sign-in',
  PRIMARY KEY (id),
  UNIQUE KEY u_username (username),
  CONSTRAINT c_user_role CHECK (role IN ('admin', 'client')),
  CONSTRAINT c_user_theme CHECK (theme IN ('auto', 'light', 'dark'))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='people who sign in';

CREATE TABLE sessions (
  id           BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'row id',
  token_hash   BINARY(32) NOT NULL COMMENT 'SHA-256 of the cookie value',
  user_id      BIGINT UNSIGNED NOT NULL COMMENT 'whose session',
  panel        VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'admin | client: valid in this panel only',
  address      VARCHAR(45) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'client address at sign-in',
  user_agent   VARCHAR(255) NOT NULL DEFAULT '' COMMENT 'as the browser sent it, cut',
  created_at   DATETIME(6) NOT NULL COMMENT 'UTC',
  last_seen_at DATETIME(6) NOT NULL COMMENT 'UTC, written at most once a minute',
  expires_at   DATETIME(6) NOT NULL COMMENT 'UTC, absolute limit',
  PRIMARY KEY (id),
  UNIQUE KEY u_token (token_hash),
  KEY k_user (user_id),
  KEY k_expiry (expires_at),
  CONSTRAINT f_session_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='signed-in browsers';

CREATE TABLE sign_in_links (
  token_hash BINARY(32) NOT NULL COMMENT 'SHA-256 of the token in the link',
  user_id    BIGINT UNSIGNED NOT NULL COMMENT 'who is signed in by it',
  created_at DATETIME(6) NOT NULL COMMENT 'UTC',
  expires_at DATETIME(6) NOT NULL COMMENT 'UTC',
  used_at    DATETIME(6) NULL COMMENT 'UTC; a link works once',
  PRIMARY KEY (token_hash),
  KEY k_expiry (expires_at),
  CONSTRAINT f_link_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='single-use sign-in links';

CREATE TABLE login_attempts (
  id         BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'row id',
  account    VARCHAR(64) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL COMMENT 'name as typed, cut; may not exist',
  address    VARCHAR(45) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'client address',
  succeeded  BOOLEAN NOT NULL COMMENT 'signed in',
  created_at DATETIME(6) NOT NULL COMMENT 'UTC',
  PRIMARY KEY (id),
  KEY k_account (account, created_at),
  KEY k_address (address, created_at),
  KEY k_created (created_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='for throttling; kept for a day';

CREATE TABLE api_tokens (
  id           BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'row id',
  user_id      BIGINT UNSIGNED NOT NULL COMMENT 'acts as this user',
  name         VARCHAR(64) NOT NULL COMMENT 'what it is for',
  token_hash   BINARY(32) NOT NULL COMMENT 'SHA-256 of the token',
  created_at   DATETIME(6) NOT NULL COMMENT 'UTC',
  expires_at   DATETIME(6) NULL COMMENT 'UTC; NULL: does not expire',
  last_used_at DATETIME(6) NULL COMMENT 'UTC, written at most once a minute',
  PRIMARY KEY (id),
  UNIQUE KEY u_token (token_hash),
  KEY k_user (user_id),
  CONSTRAINT f_token_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='bearer tokens of the REST API';

CREATE TABLE credentials (
  id          BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'row id',
  kind        VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'ssh_key',
  fingerprint VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'of the public half: SHA256:…',
  public_line VARCHAR(2048) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'authorized_keys form',
  sealed      TEXT CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'private half, sealed; only workers can open it',
  created_at  DATETIME(6) NOT NULL COMMENT 'UTC',
  PRIMARY KEY (id),
  UNIQUE KEY u_fingerprint (fingerprint)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='what workers sign in to nodes with';

CREATE TABLE nodes (
  id              BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'row id',
  name            VARCHAR(64) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL COMMENT 'short name',
  ip_address      VARCHAR(253) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'address or host name for SSH',
  ssh_port        SMALLINT UNSIGNED NOT NULL DEFAULT 22 COMMENT 'TCP port of sshd',
  ssh_user        VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'account on the node',
  credential_id   BIGINT UNSIGNED NULL COMMENT 'key to sign in with',
  proxy_type      VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'nginx | caddy | traefik',
  listen_address  VARCHAR(45) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'NULL: all addresses',
  http_port       SMALLINT UNSIGNED NOT NULL DEFAULT 80 COMMENT 'plain HTTP',
  https_port      SMALLINT UNSIGNED NOT NULL DEFAULT 443 COMMENT 'TLS',
  proof_port      SMALLINT UNSIGNED NOT NULL DEFAULT 8081 COMMENT 'where the engine tells its release',
  is_active       BOOLEAN NOT NULL DEFAULT TRUE COMMENT 'receives deployments',
  is_discovered   BOOLEAN NOT NULL DEFAULT FALSE COMMENT 'kept by nodes.yaml; hand-made nodes are never overwritten',
  state           VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'unknown' COMMENT 'unknown | ok | unreachable | host_key | failed',
  state_reason    TEXT NULL COMMENT 'in words',
  state_since     DATETIME(6) NOT NULL COMMENT 'UTC, of the last change of state',
  current_release CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'last release proven live',
  last_contact_at DATETIME(6) NULL COMMENT 'UTC, last completed run of the node script',
  created_at      DATETIME(6) NOT NULL COMMENT 'UTC',
  updated_at      DATETIME(6) NOT NULL COMMENT 'UTC',
  PRIMARY KEY (id),
  UNIQUE KEY u_name (name),
  CONSTRAINT f_node_credential FOREIGN KEY (credential_id) REFERENCES credentials (id),
  CONSTRAINT c_node_type CHECK (proxy_type IN ('nginx', 'caddy', 'traefik')),
  CONSTRAINT c_node_state CHECK (state IN ('unknown', 'ok', 'unreachable', 'host_key', 'failed'))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='servers that run a proxy engine';

CREATE TABLE node_host_keys (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'row id',
  node_id       BIGINT UNSIGNED NOT NULL COMMENT 'the node that showed it',
  key_type      VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'ssh-ed25519, …',
  key_blob      VARBINARY(2048) NOT NULL COMMENT 'public key in SSH wire form',
  fingerprint   VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'SHA256:…',
  state         VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'offered | trusted | retired',
  first_seen_at DATETIME(6) NOT NULL COMMENT 'UTC',
  decided_by    BIGINT UNSIGNED NULL COMMENT 'who trusted or retired it; NULL: nodes.yaml',
  decided_at    DATETIME(6) NULL COMMENT 'UTC',
  PRIMARY KEY (id),
  UNIQUE KEY u_node_key (node_id, fingerprint),
  CONSTRAINT f_hostkey_node FOREIGN KEY (node_id) REFERENCES nodes (id) ON DELETE CASCADE,
  CONSTRAINT f_hostkey_user FOREIGN KEY (decided_by) REFERENCES users (id) ON DELETE SET NULL,
  CONSTRAINT c_hostkey_state CHECK (state IN ('offered', 'trusted', 'retired'))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='SSH host keys; only a trusted one is connected to';

CREATE TABLE certificates (
  id          BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'row id',
  owner_id    BIGINT UNSIGNED NOT NULL COMMENT 'whose certificate',
  kind        VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'self_signed',
  fingerprint CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'SHA-256 of the leaf, hex',
  subject     VARCHAR(255) NOT NULL COMMENT 'common name',
  chain_pem   MEDIUMTEXT CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'leaf first',
  sealed_key  TEXT CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'private key, sealed; only workers can open it',
  key_digest  CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'SHA-256 of the key file: manifests need no unsealing',
  not_before  DATETIME(6) NOT NULL COMMENT 'UTC',
  not_after   DATETIME(6) NOT NULL COMMENT 'UTC',
  created_at  DATETIME(6) NOT NULL COMMENT 'UTC',
  PRIMARY KEY (id),
  UNIQUE KEY u_fingerprint (fingerprint),
  KEY k_expiry (not_after),
  KEY k_owner (owner_id),
  CONSTRAINT f_certificate_owner FOREIGN KEY (owner_id) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='certificates and their sealed keys';

CREATE TABLE certificate_names (
  certificate_id BIGINT UNSIGNED NOT NULL COMMENT 'the certificate',
  name           VARCHAR(253) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'DNS name, may start with *.',
  PRIMARY KEY (certificate_id, name),
  KEY k_name (name),
  CONSTRAINT f_name_certificate FOREIGN KEY (certificate_id) REFERENCES certificates (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='names that a certificate covers';

CREATE TABLE sites (
  id                   BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'row id',
  owner_id             BIGINT UNSIGNED NOT NULL COMMENT 'the client, or an admin',
  domain               VARCHAR(253) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'primary name of the head revision',
  upstream_summary     VARCHAR(255) NOT NULL DEFAULT '' COMMENT 'for lists: first server and how many more',
  tls_mode             VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'none | self_signed',
  state                VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'active' COMMENT 'active | paused | blocked',
  block_status         SMALLINT UNSIGNED NOT NULL DEFAULT 403 COMMENT 'answered while blocked: 403, 451, 503',
  blocked_reason       VARCHAR(500) NOT NULL DEFAULT '' COMMENT 'shown to the owner',
  head_revision_id     BIGINT UNSIGNED NULL COMMENT 'latest saved definition',
  head_number          INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'its number within the site',
  released_revision_id BIGINT UNSIGNED NULL COMMENT 'what nodes should serve; NULL: never deployed',
  released_number      INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'its number; 0: never deployed',
  deploy_state         VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'draft' COMMENT 'draft | deploying | live | failed: of the released revision',
  node_count           INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'targets, for lists',
  removed_at           DATETIME(6) NULL COMMENT 'UTC; set: nodes drop it at their next release',
  created_at           DATETIME(6) NOT NULL COMMENT 'UTC',
  updated_at           DATETIME(6) NOT NULL COMMENT 'UTC',
  PRIMARY KEY (id),
  KEY k_list (removed_at, domain, id),
  KEY k_owner_list (owner_id, removed_at, domain, id),
  CONSTRAINT f_site_owner FOREIGN KEY (owner_id) REFERENCES users (id),
  CONSTRAINT c_site_state CHECK (state IN ('active', 'paused', 'blocked')),
  CONSTRAINT c_site_deploy CHECK (deploy_state IN ('draft', 'deploying', 'live', 'failed'))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='what visitors reach under one or more names';

CREATE TABLE site_revisions (
  id             BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'row id',
  site_id        BIGINT UNSIGNED NOT NULL COMMENT 'the site',
  number         INT UNSIGNED NOT NULL COMMENT '1, 2, 3 … within the site',
  definition     MEDIUMTEXT NOT NULL COMMENT 'JSON, schema version inside; never changed after insert',
  certificate_id BIGINT UNSIGNED NULL COMMENT 'served with this revision',
  created_by     BIGINT UNSIGNED NULL COMMENT 'who saved it',
  reason         VARCHAR(200) NOT NULL DEFAULT '' COMMENT 'why, in the words of who saved it',
  created_at     DATETIME(6) NOT NULL COMMENT 'UTC',
  PRIMARY KEY (id),
  UNIQUE KEY u_number (site_id, number),
  CONSTRAINT f_revision_site FOREIGN KEY (site_id) REFERENCES sites (id) ON DELETE CASCADE,
  CONSTRAINT f_revision_certificate FOREIGN KEY (certificate_id) REFERENCES certificates (id),
  CONSTRAINT f_revision_user FOREIGN KEY (created_by) REFERENCES users (id) ON DELETE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='every saved definition of every site';

ALTER TABLE sites
  ADD CONSTRAINT f_site_head FOREIGN KEY (head_revision_id) REFERENCES site_revisions (id),
  ADD CONSTRAINT f_site_released FOREIGN KEY (released_revision_id) REFERENCES site_revisions (id);

CREATE TABLE site_domains (
  domain  VARCHAR(253) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'host name, may start with *.',
  site_id BIGINT UNSIGNED NOT NULL COMMENT 'the only site that may have it, in its head or its released revision',
  PRIMARY KEY (domain),
  KEY k_site (site_id),
  CONSTRAINT f_domain_site FOREIGN KEY (site_id) REFERENCES sites (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='which site holds a name';

CREATE TABLE site_targets (
  site_id BIGINT UNSIGNED NOT NULL COMMENT 'the site',
  node_id BIGINT UNSIGNED NOT NULL COMMENT 'a node that should serve it',
  PRIMARY KEY (site_id, node_id),
  KEY k_node (node_id),
  CONSTRAINT f_target_site FOREIGN KEY (site_id) REFERENCES sites (id) ON DELETE CASCADE,
  CONSTRAINT f_target_node FOREIGN KEY (node_id) REFERENCES nodes (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='where a site should be served';

CREATE TABLE file_contents (
  digest     BINARY(32) NOT NULL COMMENT 'SHA-256 of the content',
  content    MEDIUMBLOB NOT NULL COMMENT 'a rendered file; never a private key',
  created_at DATETIME(6) NOT NULL COMMENT 'UTC',
  PRIMARY KEY (digest)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='rendered files by content, for diffs and rollback';

CREATE TABLE releases (
  id         BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'row id',
  node_id    BIGINT UNSIGNED NOT NULL COMMENT 'the node',
  release_id CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'digest of the bundle',
  manifest   MEDIUMTEXT CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'sha256sum lines; digests are keys of file_contents',
  proven_at  DATETIME(6) NOT NULL COMMENT 'UTC, last time it was proven live',
  PRIMARY KEY (id),
  UNIQUE KEY u_release (node_id, release_id),
  KEY k_recent (node_id, proven_at),
  CONSTRAINT f_release_node FOREIGN KEY (node_id) REFERENCES nodes (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='what was proven live on a node';

CREATE TABLE node_sites (
  node_id     BIGINT UNSIGNED NOT NULL COMMENT 'the node',
  site_id     BIGINT UNSIGNED NOT NULL COMMENT 'a site in its live release',
  revision_id BIGINT UNSIGNED NOT NULL COMMENT 'the revision that it serves',
  PRIMARY KEY (node_id, site_id),
  KEY k_site (site_id),
  CONSTRAINT f_served_node FOREIGN KEY (node_id) REFERENCES nodes (id) ON DELETE CASCADE,
  CONSTRAINT f_served_site FOREIGN KEY (site_id) REFERENCES sites (id) ON DELETE CASCADE,
  CONSTRAINT f_served_revision FOREIGN KEY (revision_id) REFERENCES site_revisions (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='what each node was last proven to serve';

CREATE TABLE node_quarantine (
  node_id     BIGINT UNSIGNED NOT NULL COMMENT 'the node whose engine refused it',
  site_id     BIGINT UNSIGNED NOT NULL COMMENT 'the site',
  revision_id BIGINT UNSIGNED NOT NULL COMMENT 'the refused revision; a newer one is tried again',
  message     TEXT NOT NULL COMMENT 'the engine''s own words',
  line        INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'line of the rendered file; 0: unknown',
  created_at  DATETIME(6) NOT NULL COMMENT 'UTC',
  PRIMARY KEY (node_id, site_id),
  KEY k_site (site_id),
  CONSTRAINT f_quarantine_node FOREIGN KEY (node_id) REFERENCES nodes (id) ON DELETE CASCADE,
  CONSTRAINT f_quarantine_site FOREIGN KEY (site_id) REFERENCES sites (id) ON DELETE CASCADE,
  CONSTRAINT f_quarantine_revision FOREIGN KEY (revision_id) REFERENCES site_revisions (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='revisions that a node keeps out; it serves the last good one';

CREATE TABLE jobs (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'row id',
  kind          VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'node.deploy',
  subject_type  VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'node',
  subject_id    BIGINT UNSIGNED NOT NULL COMMENT 'row id of the subject',
  state         VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'queued | awaiting_approval | running | succeeded | failed | cancelled',
  priority      SMALLINT NOT NULL DEFAULT 100 COMMENT 'smaller runs first',
  attempts      SMALLINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'claims so far',
  max_attempts  SMALLINT UNSIGNED NOT NULL DEFAULT 8 COMMENT 'then it fails',
  run_after     DATETIME(6) NOT NULL COMMENT 'UTC, not before',
  claimed_by    VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'host:pid of the worker',
  claimed_until DATETIME(6) NULL COMMENT 'UTC, end of the lease',
  claim_token   BINARY(16) NULL COMMENT 'a worker that lost its lease cannot finish the job',
  dedupe_key    VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'set while queued: a second request joins this job',
  lane          VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'jobs of one lane never run at the same time; NULL: any may',
  running_lane  VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'the lane while running, else NULL; unique',
  requested_by  BIGINT UNSIGNED NULL COMMENT 'user; NULL: the system',
  reason        VARCHAR(200) NOT NULL DEFAULT '' COMMENT 'why, for people',
  payload       MEDIUMTEXT NULL COMMENT 'JSON; never a secret',
  result        TEXT NULL COMMENT 'how it ended, for people',
  error         TEXT NULL COMMENT 'what went wrong last',
  created_at    DATETIME(6) NOT NULL COMMENT 'UTC',
  started_at    DATETIME(6) NULL COMMENT 'UTC, of the last claim',
  finished_at   DATETIME(6) NULL COMMENT 'UTC',
  PRIMARY KEY (id),
  UNIQUE KEY u_dedupe (dedupe_key),
  UNIQUE KEY u_running_lane (running_lane),
  KEY k_claim (state, kind, priority, run_after, id),
  KEY k_lease (claimed_until),
  KEY k_finished (finished_at),
  KEY k_subject (subject_type, subject_id, id),
  CONSTRAINT f_job_user FOREIGN KEY (requested_by) REFERENCES users (id) ON DELETE SET NULL,
  CONSTRAINT c_job_state CHECK (state IN ('queued', 'awaiting_approval', 'running', 'succeeded', 'failed', 'cancelled'))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='what should be made true';

CREATE TABLE deployments (
  id           BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'row id; the number that people see',
  owner_id     BIGINT UNSIGNED NULL COMMENT 'client whose sites alone it carries; NULL: admins only',
  requested_by BIGINT UNSIGNED NULL COMMENT 'user; NULL: the system',
  reason       VARCHAR(200) NOT NULL DEFAULT '' COMMENT 'in the words of who asked',
  state        VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'queued | running | succeeded | failed | partial | cancelled',
  plan_digest  CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'of the plan that was reviewed; empty: none was',
  request_id   VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'of the click that asked for it',
  created_at   DATETIME(6) NOT NULL COMMENT 'UTC',
  started_at   DATETIME(6) NULL COMMENT 'UTC',
  finished_at  DATETIME(6) NULL COMMENT 'UTC',
  PRIMARY KEY (id),
  KEY k_owner (owner_id, id),
  CONSTRAINT f_deployment_owner FOREIGN KEY (owner_id) REFERENCES users (id) ON DELETE SET NULL,
  CONSTRAINT f_deployment_user FOREIGN KEY (requested_by) REFERENCES users (id) ON DELETE SET NULL,
  CONSTRAINT c_deployment_state CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'partial', 'cancelled'))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='one request to bring nodes up to date';

CREATE TABLE deployment_sites (
  deployment_id BIGINT UNSIGNED NOT NULL COMMENT 'the deployment',
  site_id       BIGINT UNSIGNED NOT NULL COMMENT 'a site that it releases',
  revision_id   BIGINT UNSIGNED NULL COMMENT 'the revision released; NULL: the site is removed',
  PRIMARY KEY (deployment_id, site_id),
  KEY k_site (site_id, deployment_id),
  CONSTRAINT f_ds_deployment FOREIGN KEY (deployment_id) REFERENCES deployments (id) ON DELETE CASCADE,
  CONSTRAINT f_ds_site FOREIGN KEY (site_id) REFERENCES sites (id) ON DELETE CASCADE,
  CONSTRAINT f_ds_revision FOREIGN KEY (revision_id) REFERENCES site_revisions (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='what a deployment releases';

CREATE TABLE deployment_nodes (
  deployment_id BIGINT UNSIGNED NOT NULL COMMENT 'the deployment',
  node_id       BIGINT UNSIGNED NOT NULL COMMENT 'a node that it changes',
  job_id        BIGINT UNSIGNED NULL COMMENT 'the job that carries it; several deployments may share one',
  state         VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'queued | running | succeeded | unchanged | failed | cancelled',
  step          VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'connect | upload | test | switch | reload | verify',
  steps         TEXT NULL COMMENT 'JSON: [{"name","state","ms","text"}]',
  release_id    CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'what it tried to make live',
  engine_output MEDIUMTEXT NULL COMMENT 'the engine''s own words, bounded',
  error         TEXT NULL COMMENT 'in words, when it failed',
  started_at    DATETIME(6) NULL COMMENT 'UTC',
  finished_at   DATETIME(6) NULL COMMENT 'UTC',
  PRIMARY KEY (deployment_id, node_id),
  KEY k_node_state (node_id, state),
  KEY k_job (job_id),
  CONSTRAINT f_dn_deployment FOREIGN KEY (deployment_id) REFERENCES deployments (id) ON DELETE CASCADE,
  CONSTRAINT f_dn_node FOREIGN KEY (node_id) REFERENCES nodes (id) ON DELETE CASCADE,
  CONSTRAINT f_dn_job FOREIGN KEY (job_id) REFERENCES jobs (id) ON DELETE SET NULL,
  CONSTRAINT c_dn_state CHECK (state IN ('queued', 'running', 'succeeded', 'unchanged', 'failed', 'cancelled'))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='how a deployment went on each node';

CREATE TABLE audit_log (
  id          BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'row id',
  at          DATETIME(6) NOT NULL COMMENT 'UTC',
  user_id     BIGINT UNSIGNED NULL COMMENT 'who; NULL: the system. No foreign key: rows outlive their users',
  username    VARCHAR(64) NOT NULL COMMENT 'who, as it was then',
  address     VARCHAR(45) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'from where',
  owner_id    BIGINT UNSIGNED NULL COMMENT 'the client whose object it is: what that client may see',
  action      VARCHAR(48) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'site.create, node.trust_key, …',
  object_type VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'site, node, user, …',
  object_id   BIGINT UNSIGNED NULL COMMENT 'row id of the object',
  object_name VARCHAR(253) NOT NULL DEFAULT '' COMMENT 'its name then',
  before_json MEDIUMTEXT NULL COMMENT 'JSON of what changed; never a secret',
  after_json  MEDIUMTEXT NULL COMMENT 'JSON of what changed; never a secret',
  request_id  VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'of the request or job',
  PRIMARY KEY (id),
  KEY k_at (at),
  KEY k_object (object_type, object_id, id),
  KEY k_owner (owner_id, id),
  KEY k_user (user_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='who did what; web accounts may only insert and read';
