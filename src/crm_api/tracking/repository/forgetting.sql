-- Sessions of whole days that ended 13 months ago: counted by day and source, then gone with their events.
WITH due AS (
    SELECT id FROM web_sessions
    WHERE organization_id = :organization_id
        AND started_at < date_trunc('day', now() AT TIME ZONE 'Africa/Algiers' - interval '{months} months')
            AT TIME ZONE 'Africa/Algiers'
    ORDER BY started_at, id LIMIT {most}
),
loose AS (
    DELETE FROM web_events e USING (
        SELECT id FROM web_events
        WHERE organization_id = :organization_id AND session_id IS NULL
            AND at < now() - interval '{months} months'
        LIMIT {most}
    ) old
    WHERE e.organization_id = :organization_id AND e.id = old.id
),
events AS (
    DELETE FROM web_events e USING due WHERE e.organization_id = :organization_id AND e.session_id = due.id
),
conversions AS (
    DELETE FROM web_conversions c USING due
    WHERE c.organization_id = :organization_id AND c.session_id = due.id
),
gone AS (
    DELETE FROM web_sessions s USING due WHERE s.organization_id = :organization_id AND s.id = due.id
    RETURNING s.*
),
days AS (
    INSERT INTO web_days (organization_id, day, source, medium, campaign, device, sessions, unknown_sessions,
        converted_sessions, page_views, goal_value)
    SELECT organization_id, (started_at AT TIME ZONE 'Africa/Algiers')::date, coalesce(utm ->> 'source', ''),
        coalesce(utm ->> 'medium', ''), coalesce(utm ->> 'campaign', ''), device, count(*),
        count(*) FILTER (WHERE NOT consent), count(*) FILTER (WHERE conversions > 0), sum(page_views),
        sum(goal_value)
    FROM gone WHERE NOT is_bot GROUP BY 1, 2, 3, 4, 5, 6
    ON CONFLICT (organization_id, day, source, medium, campaign, device) DO UPDATE SET
        sessions = web_days.sessions + excluded.sessions,
        unknown_sessions = web_days.unknown_sessions + excluded.unknown_sessions,
        converted_sessions = web_days.converted_sessions + excluded.converted_sessions,
        page_views = web_days.page_views + excluded.page_views,
        goal_value = web_days.goal_value + excluded.goal_value
),
visitors AS (
    DELETE FROM web_visitors v WHERE v.organization_id = :organization_id
        AND v.identified_at < now() - interval '{months} months'
        AND NOT EXISTS (SELECT FROM web_sessions s WHERE s.organization_id = :organization_id
            AND s.visitor_id = v.visitor_id AND s.started_at > now() - interval '{months} months')
)
SELECT count(*) FROM due
