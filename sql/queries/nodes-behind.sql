-- Nodes that do not yet serve what they should: which site, which version they serve, which one is released.
SELECT n.name AS node, n.state AS node_state, n.is_active, s.domain, s.released_number AS should_serve,
       r.number AS serves, q.message AS refused_because
  FROM site_targets t
  JOIN sites s ON s.id = t.site_id AND s.removed_at IS NULL AND s.released_revision_id IS NOT NULL
  JOIN nodes n ON n.id = t.node_id
  LEFT JOIN node_sites x ON x.node_id = t.node_id AND x.site_id = t.site_id
  LEFT JOIN site_revisions r ON r.id = x.revision_id
  LEFT JOIN node_quarantine q ON q.node_id = t.node_id AND q.site_id = t.site_id AND q.revision_id = s.released_revision_id
 WHERE x.revision_id IS NULL OR x.revision_id <> s.released_revision_id
 ORDER BY n.name, s.domain;
