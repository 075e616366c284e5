-- Everything that was done to a site, also under its earlier names. Set the name first.
SET @domain = 'shop.example.com';
SELECT a.at, a.username, a.address, a.action, a.object_name, a.request_id, a.before_json, a.after_json
  FROM audit_log a
 WHERE a.object_type = 'site'
   AND a.object_id IN (SELECT object_id FROM audit_log
                        WHERE object_type = 'site' AND object_name = CONVERT(@domain USING utf8mb4) COLLATE utf8mb4_unicode_ci)
 ORDER BY a.id DESC;
