-- SPDX-License-Identifier: MIT
-- Every page that lists sites reads which ones, and of each a key that stands for all it shows of it: rows that it
-- has shown before it need not read again. The database makes the key, so whoever changes a row changes its key.

ALTER TABLE sites
  ADD COLUMN list_key BINARY(16) GENERATED ALWAYS AS (UNHEX(LEFT(SHA2(CONCAT_WS(' ', owner_id, domain, tls_mode, state, head_number, released_number, deploy_state, node_count, updated_at, upstream_summary), 256), 32))) STORED COMMENT 'digest over what lists show of the site',
  DROP KEY k_list,
  DROP KEY k_owner_list,
  ADD KEY k_list (removed_at, domain, id, list_key),
  ADD KEY k_owner_list (owner_id, removed_at, domain, id, list_key);
