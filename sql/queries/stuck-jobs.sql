-- Jobs that should have moved by now: due for two minutes and not taken (no worker?), or with a lease that ended
-- (worker died; housekeeping or the next worker gives the job back).
SELECT j.id, j.kind, n.name AS node, j.state, j.attempts, j.max_attempts, j.run_after, j.claimed_by, j.claimed_until, j.error
  FROM jobs j
  LEFT JOIN nodes n ON j.subject_type = 'node' AND n.id = j.subject_id
 WHERE (j.state = 'queued' AND j.run_after < UTC_TIMESTAMP(6) - INTERVAL 2 MINUTE)
    OR (j.state = 'running' AND j.claimed_until < UTC_TIMESTAMP(6))
 ORDER BY j.run_after;
