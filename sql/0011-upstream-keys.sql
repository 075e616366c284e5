-- SPDX-License-Identifier: MIT
-- Certificates that sites show to their servers are kept among those that visitors see.

ALTER TABLE certificates
  MODIFY kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'self_signed: shown to visitors; upstream: shown to servers, its key came with a definition';
