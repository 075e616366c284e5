-- SPDX-License-Identifier: MIT
-- Upstreams given by name are asked of name servers: the node's own, unless nodes.yaml says others.

ALTER TABLE nodes
  ADD COLUMN resolvers VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'its name servers as it said last, separated by blanks; NULL: not asked yet' AFTER proof_port,
  ADD COLUMN resolvers_given VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'the ones to use instead; NULL: its own' AFTER resolvers;
