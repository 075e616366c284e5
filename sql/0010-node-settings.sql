-- SPDX-License-Identifier: MIT
-- What a node answers for unknown names, and lists of proxies that it believes, read from URLs.

ALTER TABLE nodes
  ADD COLUMN settings MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL COMMENT 'JSON: default site and trusted lists, without defaults; NULL: all defaults' AFTER trusted_proxies,
  ADD COLUMN settings_by_file BOOLEAN NOT NULL DEFAULT 0 COMMENT '1: nodes.yaml says them, nobody else changes them' AFTER settings,
  ADD COLUMN listed_proxies MEDIUMTEXT CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'networks of its trusted lists as they were read last, separated by blanks; believed like trusted_proxies' AFTER settings_by_file;

CREATE TABLE address_lists (
  url VARCHAR(300) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'where the list is read',
  networks MEDIUMTEXT CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'as they were read last, separated by blanks; empty: never yet',
  digest CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'SHA-256 of networks in hex; empty: never read',
  entries INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'how many networks',
  fetched_at DATETIME(6) NULL COMMENT 'UTC, when it was read and taken last; NULL: never',
  changed_at DATETIME(6) NULL COMMENT 'UTC, when it was another one than before; NULL: never read',
  tried_at DATETIME(6) NULL COMMENT 'UTC, when it was asked for last; NULL: never',
  error VARCHAR(500) NOT NULL DEFAULT '' COMMENT 'why the last answer was not taken; empty: it was',
  PRIMARY KEY (url)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='lists of networks that nodes believe, kept fresh by rpmgr-housekeep';
