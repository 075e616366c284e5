-- People: roles and tenants, second factors, single sign-on, tokens with scopes, proofs of domains, approval, mail,
-- settings, and seals over the audit log.

-- ---- Accounts -------------------------------------------------------------------------------------------------

ALTER TABLE users DROP CONSTRAINT c_user_role;
ALTER TABLE users
  MODIFY password_hash VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'Argon2id text, or an imported bcrypt one until the next sign-in; NULL: no password',
  MODIFY role VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'admin | operator | read_only | client | client_read_only',
  ADD COLUMN tenant_id BIGINT UNSIGNED NULL COMMENT 'client whose sites this client account works with; NULL: its own',
  ADD COLUMN max_sites INT UNSIGNED NULL COMMENT 'limit of a client; NULL: the default in settings',
  ADD COLUMN max_domains INT UNSIGNED NULL COMMENT 'limit of a client; NULL: the default in settings',
  ADD COLUMN password_changed_at DATETIME(6) NULL COMMENT 'UTC',
  ADD COLUMN passkey_handle BINARY(32) NULL COMMENT 'random WebAuthn user handle, tells nothing of the person',
  ADD UNIQUE KEY u_passkey_handle (passkey_handle),
  ADD KEY k_tenant (tenant_id),
  ADD CONSTRAINT f_user_tenant FOREIGN KEY (tenant_id) REFERENCES users (id),
  ADD CONSTRAINT c_user_role CHECK (role IN ('admin', 'operator', 'read_only', 'client', 'client_read_only'));

ALTER TABLE sessions
  ADD COLUMN stage VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'full' COMMENT 'full | second_factor | enrolment: what is still to be shown',
  ADD COLUMN method VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'password' COMMENT 'password | link | passkey | oidc | impersonation',
  ADD COLUMN second_factor VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'totp | passkey | recovery | oidc; NULL: none was shown',
  ADD COLUMN confirmed_at DATETIME(6) NULL COMMENT 'UTC, when the person was last asked to prove who they are',
  ADD COLUMN impersonator_id BIGINT UNSIGNED NULL COMMENT 'administrator who looks through this client''s eyes',
  ADD CONSTRAINT f_session_impersonator FOREIGN KEY (impersonator_id) REFERENCES users (id) ON DELETE CASCADE,
  ADD CONSTRAINT c_session_stage CHECK (stage IN ('full', 'second_factor', 'enrolment'));

ALTER TABLE sign_in_links
  ADD COLUMN purpose VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'sign_in' COMMENT 'sign_in | reset | invitation | impersonation',
  ADD COLUMN issued_by BIGINT UNSIGNED NULL COMMENT 'administrator who made it; NULL: asked for by mail, or the command',
  ADD CONSTRAINT f_link_issuer FOREIGN KEY (issued_by) REFERENCES users (id) ON DELETE CASCADE,
  ADD CONSTRAINT c_link_purpose CHECK (purpose IN ('sign_in', 'reset', 'invitation', 'impersonation'));

ALTER TABLE users ADD KEY k_email (email);
ALTER TABLE login_attempts COMMENT = 'who tried to sign in, for people to look at; kept for a day';

CREATE TABLE attempt_counters (
  key_hash BINARY(32) NOT NULL COMMENT 'SHA-256 of what is counted: an account, a network, a browser, a session',
  hits     INT UNSIGNED NOT NULL COMMENT 'attempts within the window',
  ends_at  DATETIME(6) NOT NULL COMMENT 'UTC, end of the window',
  PRIMARY KEY (key_hash),
  KEY k_end (ends_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='limits on guessing, where no memcached counts';

CREATE TABLE known_devices (
  token_hash   BINARY(32) NOT NULL COMMENT 'SHA-256 of the browser''s device cookie',
  user_id      BIGINT UNSIGNED NOT NULL COMMENT 'who signed in there before',
  created_at   DATETIME(6) NOT NULL COMMENT 'UTC',
  expires_at   DATETIME(6) NOT NULL COMMENT 'UTC',
  PRIMARY KEY (token_hash),
  KEY k_user (user_id),
  KEY k_expiry (expires_at),
  CONSTRAINT f_device_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='browsers that strangers'' failures cannot lock out';

-- ---- Second factors and single sign-on --------------------------------------------------------------------------

CREATE TABLE user_totp (
  user_id      BIGINT UNSIGNED NOT NULL COMMENT 'whose',
  sealed       VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'shared secret, encrypted with the panels'' key',
  last_step    BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'time step of the last accepted code: no code works twice',
  confirmed_at DATETIME(6) NULL COMMENT 'UTC; NULL: set up, but no code was shown yet',
  created_at   DATETIME(6) NOT NULL COMMENT 'UTC',
  PRIMARY KEY (user_id),
  CONSTRAINT f_totp_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='time-based one-time passwords (RFC 6238)';

CREATE TABLE recovery_codes (
  code_hash  BINARY(32) NOT NULL COMMENT 'SHA-256 of user id and code; a code has 80 random bits',
  user_id    BIGINT UNSIGNED NOT NULL COMMENT 'whose',
  created_at DATETIME(6) NOT NULL COMMENT 'UTC',
  used_at    DATETIME(6) NULL COMMENT 'UTC; a code works once',
  PRIMARY KEY (code_hash),
  KEY k_user (user_id),
  CONSTRAINT f_recovery_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='what replaces a lost second factor, once each';

CREATE TABLE passkeys (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'row id',
  user_id       BIGINT UNSIGNED NOT NULL COMMENT 'whose',
  credential_id VARBINARY(1023) NOT NULL COMMENT 'as the authenticator named it',
  credential_hash BINARY(32) NOT NULL COMMENT 'SHA-256 of credential_id, for the index',
  public_key    VARBINARY(1024) NOT NULL COMMENT 'x and y (ES256), point (EdDSA), modulus and exponent (RS256)',
  algorithm     INT NOT NULL COMMENT 'COSE algorithm: -7 ES256, -8 EdDSA, -257 RS256',
  sign_count    INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'of the last use; going back means a copy',
  aaguid        BINARY(16) NOT NULL COMMENT 'model of the authenticator',
  rp_id         VARCHAR(253) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'host of the panel it was made for',
  name          VARCHAR(64) NOT NULL COMMENT 'as the person called it',
  created_at    DATETIME(6) NOT NULL COMMENT 'UTC',
  last_used_at  DATETIME(6) NULL COMMENT 'UTC',
  PRIMARY KEY (id),
  UNIQUE KEY u_credential (credential_hash),
  KEY k_user (user_id),
  CONSTRAINT f_passkey_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='WebAuthn credentials';

CREATE TABLE sign_in_challenges (
  token_hash BINARY(32) NOT NULL COMMENT 'SHA-256 of what the browser brings back',
  kind       VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'passkey_login | passkey_add | oidc',
  user_id    BIGINT UNSIGNED NULL COMMENT 'for whom; NULL: nobody yet',
  data       TEXT NOT NULL COMMENT 'JSON of the ceremony; secrets in it are encrypted with the panels'' key',
  created_at DATETIME(6) NOT NULL COMMENT 'UTC',
  expires_at DATETIME(6) NOT NULL COMMENT 'UTC',
  PRIMARY KEY (token_hash),
  KEY k_expiry (expires_at),
  CONSTRAINT f_challenge_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='ceremonies under way; taken out by their end';

CREATE TABLE oidc_identities (
  issuer     VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'iss of the provider',
  subject    VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'sub, never reassigned by the provider',
  user_id    BIGINT UNSIGNED NOT NULL COMMENT 'our account',
  created_at DATETIME(6) NOT NULL COMMENT 'UTC',
  PRIMARY KEY (issuer, subject),
  KEY k_user (user_id),
  CONSTRAINT f_oidc_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='accounts at an OpenID provider';

-- ---- Tokens -------------------------------------------------------------------------------------------------------

ALTER TABLE api_tokens
  ADD COLUMN hint VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'first characters, to tell tokens apart',
  ADD COLUMN scopes VARCHAR(1000) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'permission words with blanks between; empty: all of the role',
  ADD COLUMN networks VARCHAR(1000) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'CIDR networks it works from, with blanks between; empty: all',
  ADD COLUMN last_address VARCHAR(45) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'where it was used last',
  ADD COLUMN revoked_at DATETIME(6) NULL COMMENT 'UTC; set: it does not work any more';

CREATE TABLE token_failures (
  network VARCHAR(45) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'where wrong tokens came from; of IPv6 the /64',
  hits    INT UNSIGNED NOT NULL COMMENT 'wrong tokens within the window',
  ends_at DATETIME(6) NOT NULL COMMENT 'UTC, end of the window',
  PRIMARY KEY (network),
  KEY k_end (ends_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='limits on wrong API tokens; apart from the counters of sign-ins, which the API may not touch';

-- ---- Domains ------------------------------------------------------------------------------------------------------

CREATE TABLE domain_proofs (
  id         BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'row id',
  owner_id   BIGINT UNSIGNED NOT NULL COMMENT 'client that must show it holds the name',
  domain     VARCHAR(253) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'name without *.',
  token      VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'what DNS or the web server must answer; public',
  state      VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'pending' COMMENT 'pending | proven',
  method     VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'txt | http | admin: how it was proven',
  error      VARCHAR(500) NULL COMMENT 'what the last look found instead, in words',
  checked_at DATETIME(6) NULL COMMENT 'UTC, of the last look',
  proven_at  DATETIME(6) NULL COMMENT 'UTC',
  proven_by  BIGINT UNSIGNED NULL COMMENT 'administrator who vouched',
  created_at DATETIME(6) NOT NULL COMMENT 'UTC',
  PRIMARY KEY (id),
  UNIQUE KEY u_proof (owner_id, domain),
  KEY k_domain (domain),
  CONSTRAINT f_proof_owner FOREIGN KEY (owner_id) REFERENCES users (id) ON DELETE CASCADE,
  CONSTRAINT f_proof_by FOREIGN KEY (proven_by) REFERENCES users (id) ON DELETE SET NULL,
  CONSTRAINT c_proof_state CHECK (state IN ('pending', 'proven'))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='which client has shown that it holds which name';

-- What was served before names had to be proven stays: its owner holds it.
INSERT INTO domain_proofs (owner_id, domain, token, state, method, proven_at, created_at)
  SELECT held.owner_id, held.domain, LEFT(SHA2(CONCAT(UUID(), RAND(), held.domain), 256), 43), 'proven', 'admin',
         UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)
    FROM (SELECT DISTINCT s.owner_id, IF(d.domain LIKE '*.%', SUBSTRING(d.domain, 3), d.domain) AS domain
            FROM site_domains d
            JOIN sites s ON s.id = d.site_id AND s.released_revision_id IS NOT NULL
            JOIN users u ON u.id = s.owner_id AND u.role = 'client') held;

-- Names below a name are found by the beginning of this column.
ALTER TABLE site_domains
  ADD COLUMN reversed VARCHAR(253) CHARACTER SET ascii COLLATE ascii_bin GENERATED ALWAYS AS (REVERSE(domain)) STORED COMMENT 'domain from its end: moc.elpmaxe',
  ADD KEY k_reversed (reversed);

CREATE TABLE turns (
  name  VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'zone:example.com (last two labels) | owner:7',
  taken BIGINT UNSIGNED NOT NULL COMMENT 'how often',
  PRIMARY KEY (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='whoever gives out names below a zone, or what a client has a limited number of, counts here first: one after the other';

-- ---- Approval -----------------------------------------------------------------------------------------------------

ALTER TABLE deployments DROP CONSTRAINT c_deployment_state;
ALTER TABLE deployments
  MODIFY state VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'awaiting_approval | voided | rejected | queued | running | succeeded | failed | partial | cancelled',
  ADD COLUMN basis CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'digest over what the plan was made of, when it has to be approved',
  ADD COLUMN decided_by BIGINT UNSIGNED NULL COMMENT 'who approved or rejected it',
  ADD COLUMN decided_at DATETIME(6) NULL COMMENT 'UTC',
  ADD COLUMN decision VARCHAR(500) NOT NULL DEFAULT '' COMMENT 'why, or why it became void',
  ADD KEY k_state (state, id),
  ADD CONSTRAINT f_deployment_decider FOREIGN KEY (decided_by) REFERENCES users (id) ON DELETE SET NULL,
  ADD CONSTRAINT c_deployment_state CHECK (state IN ('awaiting_approval', 'voided', 'rejected', 'queued', 'running', 'succeeded', 'failed', 'partial', 'cancelled'));

-- ---- Mail ---------------------------------------------------------------------------------------------------------

CREATE TABLE notifications (
  id         BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'row id',
  kind       VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'reset | invitation | security | approval',
  user_id    BIGINT UNSIGNED NULL COMMENT 'to whom',
  recipient  VARCHAR(254) NOT NULL COMMENT 'mail address at that time',
  subject    VARCHAR(200) NOT NULL COMMENT 'never holds a secret',
  sealed     MEDIUMTEXT CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'text, sealed: it may hold a link that signs in; NULL after it was sent',
  state      VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'queued' COMMENT 'queued | sent | failed',
  error      VARCHAR(500) NULL COMMENT 'what the mail server said last',
  created_at DATETIME(6) NOT NULL COMMENT 'UTC',
  expires_at DATETIME(6) NULL COMMENT 'UTC; later it is not worth sending',
  sent_at    DATETIME(6) NULL COMMENT 'UTC',
  PRIMARY KEY (id),
  KEY k_created (created_at),
  CONSTRAINT f_notification_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
  CONSTRAINT c_notification_state CHECK (state IN ('queued', 'sent', 'failed'))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='mail on its way; a job carries each';

-- ---- Settings -----------------------------------------------------------------------------------------------------

CREATE TABLE settings (
  name       VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'sign_in.second_factor, …',
  value      TEXT NOT NULL COMMENT 'as text; sealed when it is a secret',
  updated_at DATETIME(6) NOT NULL COMMENT 'UTC',
  updated_by BIGINT UNSIGNED NULL COMMENT 'who',
  PRIMARY KEY (name),
  CONSTRAINT f_setting_user FOREIGN KEY (updated_by) REFERENCES users (id) ON DELETE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='what administrators decided; absent: the default';

-- ---- Audit --------------------------------------------------------------------------------------------------------

ALTER TABLE audit_log
  ADD COLUMN impersonator_id BIGINT UNSIGNED NULL COMMENT 'administrator who acted as user_id',
  ADD COLUMN impersonator VARCHAR(64) NOT NULL DEFAULT '' COMMENT 'its name then';

CREATE TABLE audit_seals (
  id          BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'row id; without gaps',
  first_id    BIGINT UNSIGNED NOT NULL COMMENT 'first audit row that it covers',
  last_id     BIGINT UNSIGNED NOT NULL COMMENT 'last audit row that it covers; the next seal begins after it',
  row_count   INT UNSIGNED NOT NULL COMMENT 'rows between them, both included',
  row_index   MEDIUMBLOB NOT NULL COMMENT 'of each row in order: its id (8 bytes, big-endian) and its SHA-256',
  rows_digest BINARY(32) NOT NULL COMMENT 'SHA-256 over row_index',
  previous    BINARY(32) NOT NULL COMMENT 'digest of the seal before; zeros for the first',
  digest      BINARY(32) NOT NULL COMMENT 'SHA-256 over all of the above',
  key_id      CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'which key signed',
  signature   BINARY(64) NOT NULL COMMENT 'Ed25519 over digest, with a key that only workers have',
  sealed_at   DATETIME(6) NOT NULL COMMENT 'UTC',
  PRIMARY KEY (id),
  UNIQUE KEY u_last (last_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='hash chain over the audit log';

CREATE TABLE audit_forwarding (
  receiver   VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'syslog',
  last_id    BIGINT UNSIGNED NOT NULL COMMENT 'last audit row that went out to it',
  updated_at DATETIME(6) NOT NULL COMMENT 'UTC',
  PRIMARY KEY (receiver)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='how far the audit log was forwarded';

CREATE TABLE csp_reports (
  digest     BINARY(32) NOT NULL COMMENT 'SHA-256 of panel, document, directive and blocked',
  panel      VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'admin | client',
  document   VARCHAR(500) NOT NULL COMMENT 'path of the page, without its query',
  directive  VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'what was violated',
  blocked    VARCHAR(500) NOT NULL COMMENT 'what the page tried to use',
  times      INT UNSIGNED NOT NULL COMMENT 'how often',
  first_seen DATETIME(6) NOT NULL COMMENT 'UTC',
  last_seen  DATETIME(6) NOT NULL COMMENT 'UTC',
  PRIMARY KEY (digest),
  KEY k_last (last_seen)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='violations of the content security policy that browsers reported';
