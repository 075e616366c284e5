-- SPDX-License-Identifier: MIT
-- Ports of streams: one stream for each port of a node. And whose PROXY protocol a node believes.

CREATE TABLE site_ports (
  node_id  BIGINT UNSIGNED NOT NULL COMMENT 'the node that should listen',
  protocol VARCHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'tcp | udp',
  port     SMALLINT UNSIGNED NOT NULL COMMENT '1 to 65535',
  site_id  BIGINT UNSIGNED NOT NULL COMMENT 'the only site that may have it there, in its head or its released revision',
  PRIMARY KEY (node_id, protocol, port),
  KEY k_site (site_id),
  CONSTRAINT f_port_node FOREIGN KEY (node_id) REFERENCES nodes (id) ON DELETE CASCADE,
  CONSTRAINT f_port_site FOREIGN KEY (site_id) REFERENCES sites (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='which stream holds a port of a node';

ALTER TABLE nodes
  ADD COLUMN proxy_protocol TEXT CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'networks of balancers whose connections to the HTTP ports begin with the PROXY protocol, separated by blanks; NULL: none' AFTER trusted_proxies;
