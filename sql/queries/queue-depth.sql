-- How much waits, by kind and state, and for how long.
SELECT kind, state, COUNT(*) AS jobs, MIN(created_at) AS oldest,
       TIMESTAMPDIFF(SECOND, MIN(created_at), UTC_TIMESTAMP(6)) AS oldest_seconds
  FROM jobs
 WHERE state IN ('queued', 'awaiting_approval', 'running')
 GROUP BY kind, state
 ORDER BY kind, state;
