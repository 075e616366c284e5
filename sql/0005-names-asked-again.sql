-- SPDX-License-Identifier: MIT
-- Proofs of names are asked for again, and end when they are not shown any more.

ALTER TABLE domain_proofs
  ADD COLUMN failing_since DATETIME(6) NULL COMMENT 'UTC, since when looks find something else than what was proven; NULL: it is shown' AFTER proven_by,
  ADD COLUMN failed_looks INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'looks since then that got an answer' AFTER failing_since,
  ADD KEY k_checked (state, checked_at);

ALTER TABLE sign_in_challenges
  MODIFY kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'passkey_login | passkey_add | passkey_confirm | oidc';
