-- SPDX-License-Identifier: MIT
-- The clients' panel counts apart, so that whoever has its database account cannot undo what the staff's panel counted.

CREATE TABLE client_attempt_counters (
  key_hash BINARY(32) NOT NULL COMMENT 'SHA-256 of what is counted: an account, a network, a browser, a session',
  hits     INT UNSIGNED NOT NULL COMMENT 'attempts within the window',
  ends_at  DATETIME(6) NOT NULL COMMENT 'UTC, end of the window',
  PRIMARY KEY (key_hash),
  KEY k_end (ends_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='attempt_counters of the clients'' panel, where no memcached counts';
