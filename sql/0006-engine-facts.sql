-- SPDX-License-Identifier: MIT
-- What a node's engine is, so that a definition is held against what it can do; and whom it believes about visitors.

ALTER TABLE nodes
  ADD COLUMN engine_version VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'as the node said last; NULL: to be asked at the next deployment; empty: it did not say' AFTER proxy_type,
  ADD COLUMN engine_modules TEXT CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'modules of the engine as the node said last, separated by blanks' AFTER engine_version,
  ADD COLUMN engine_file VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'what the version was learned from: inode, time and size of the program; another one is asked anew' AFTER engine_modules,
  ADD COLUMN trusted_proxies TEXT CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'networks whose X-Forwarded-For tells the visitor, separated by blanks; NULL: none' AFTER resolvers_given;
