-- The events that came in since, put into sessions: one statement however many they are.
-- `line` holds, of each visitor, the new events and the sessions they may go on with, in the order of time.
-- A session begins after a pause, on another day, for another campaign; an unknown visit with an entry.
-- Two sessions that are stored stay two, even where a late event stands between them.
WITH due AS (
    SELECT id FROM web_arrivals WHERE organization_id = :organization_id ORDER BY received_at, id LIMIT {most}
),
taken AS (
    DELETE FROM web_arrivals a USING due WHERE a.organization_id = :organization_id AND a.id = due.id
    RETURNING a.*
),
fresh AS (
    SELECT t.*, coalesce(t.visitor_id, t.batch_id) AS who, t.visitor_id IS NOT NULL AS named,
        l.id AS lead_id, coalesce(t.contact_id, l.converted_contact_id) AS person_id
    FROM taken t
    LEFT JOIN leads l ON l.organization_id = :organization_id AND l.submission_id = t.submission_id
        AND t.type = 'form_submit' AND t.visitor_id IS NOT NULL
    WHERE NOT EXISTS (SELECT FROM web_events e WHERE e.organization_id = :organization_id AND e.id = t.id)
),
visits AS (
    SELECT visitor_id, min(at) AS first_at, max(at) AS last_at FROM fresh WHERE named GROUP BY visitor_id
),
known AS (
    SELECT s.id, s.visitor_id, s.started_at, s.ended_at, s.campaign_key
    FROM visits v
    JOIN web_sessions s ON s.organization_id = :organization_id AND s.visitor_id = v.visitor_id
        AND s.started_at BETWEEN v.first_at - interval '1 day' AND v.last_at + interval '{idle}'
        AND s.ended_at >= v.first_at - interval '{idle}'
),
line AS (
    SELECT who, named, at, at AS until, 1 AS rank, id, key, NULL::uuid AS known_id, campaign_key, is_entry
    FROM fresh
    UNION ALL
    SELECT visitor_id, true, started_at, ended_at, 0, id, id, id, campaign_key, false FROM known
),
paused AS (
    SELECT *, max(until) OVER before AS quiet_since, lag(at) OVER byhour AS previous_at
    FROM line
    WINDOW byhour AS (PARTITION BY who ORDER BY at, rank, id),
        before AS (byhour ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
),
run AS (
    SELECT *, CASE WHEN named THEN quiet_since IS NULL OR at - quiet_since > interval '{idle}'
            OR (at AT TIME ZONE 'Africa/Algiers')::date <> (previous_at AT TIME ZONE 'Africa/Algiers')::date
        ELSE is_entry END AS begins
    FROM paused
),
runs AS (
    SELECT *, sum(begins::int) OVER (PARTITION BY who ORDER BY at, rank, id) AS run FROM run
),
counted AS (
    SELECT *, count(campaign_key) OVER w AS nth, count(known_id) OVER w AS knowns, row_number() OVER w AS place
    FROM runs WINDOW w AS (PARTITION BY who, run ORDER BY at, rank, id)
),
running AS (
    SELECT *, max(campaign_key) OVER (PARTITION BY who, run, nth) AS campaign_now FROM counted
),
parted AS (
    SELECT *, named AND place > 1 AND ((campaign_key IS NOT NULL AND campaign_key IS DISTINCT FROM
            lag(campaign_now) OVER (PARTITION BY who, run ORDER BY at, rank, id))
        OR (known_id IS NOT NULL AND knowns > 1)) AS parts
    FROM running
),
ordered AS (
    SELECT *, sum((begins OR parts)::int) OVER (PARTITION BY who ORDER BY at, rank, id) AS ordinal FROM parted
),
placed AS (
    SELECT id, rank, at, CASE WHEN ordinal > 0 THEN coalesce(
            max(known_id::text) OVER g::uuid, first_value(key) OVER (g ORDER BY at, rank, id)) END AS session_id,
        max(known_id::text) OVER g IS NOT NULL AS goes_on
    FROM ordered WINDOW g AS (PARTITION BY who, ordinal)
),
put AS (
    SELECT f.*, p.session_id, p.goes_on FROM placed p JOIN fresh f ON f.id = p.id WHERE p.rank = 1
),
events AS (
    INSERT INTO web_events (organization_id, id, session_id, type, name, at, received_at, path, props)
    SELECT :organization_id, id, session_id, type, name, at, received_at, path, props FROM put
    ON CONFLICT DO NOTHING
),
met AS (
    SELECT DISTINCT ON (p.session_id, g.id) p.session_id, g.id AS goal_id, p.id AS event_id, p.at, g.value
    FROM put p
    JOIN web_goals g ON g.organization_id = :organization_id AND g.is_active
        AND (g.event_type IS NULL OR g.event_type = p.type)
        AND (g.event_name IS NULL OR g.event_name = p.name)
        AND (g.path_prefix IS NULL OR starts_with(p.path, g.path_prefix))
    WHERE p.session_id IS NOT NULL
    ORDER BY p.session_id, g.id, p.at, p.id
),
converted AS (
    INSERT INTO web_conversions (organization_id, session_id, goal_id, event_id, at, value)
    SELECT :organization_id, session_id, goal_id, event_id, at, value FROM met
    ON CONFLICT DO NOTHING
    RETURNING session_id, value
),
earned AS (
    SELECT session_id, count(*) AS conversions, sum(value) AS value FROM converted GROUP BY session_id
),
whole AS (
    SELECT p.session_id, bool_or(goes_on) AS goes_on, min(at) AS first_at, max(at) AS last_at,
        count(*) AS events, count(*) FILTER (WHERE type = 'page_view') AS page_views
    FROM put p WHERE session_id IS NOT NULL GROUP BY session_id
),
first AS (
    SELECT DISTINCT ON (session_id) * FROM put
    WHERE session_id IS NOT NULL AND NOT goes_on ORDER BY session_id, at, id
),
begun AS (
    INSERT INTO web_sessions (organization_id, id, visitor_id, message_id, consent, started_at, ended_at, device,
        wilaya_code, ip_prefix, utm, campaign_key, landing, referrer, is_bot, events, page_views, conversions,
        goal_value, updated_at)
    SELECT :organization_id, f.session_id, f.visitor_id, f.message_id, f.consent, w.first_at, w.last_at, f.device,
        f.wilaya_code, f.ip_prefix, f.utm, f.campaign_key, f.path, f.referrer, f.is_bot, w.events, w.page_views,
        coalesce(e.conversions, 0), coalesce(e.value, 0), clock_timestamp()
    FROM first f JOIN whole w USING (session_id) LEFT JOIN earned e USING (session_id)
    RETURNING id
),
went_on AS (
    UPDATE web_sessions s SET started_at = least(s.started_at, w.first_at),
        ended_at = greatest(s.ended_at, w.last_at), events = s.events + w.events,
        page_views = s.page_views + w.page_views, conversions = s.conversions + coalesce(e.conversions, 0),
        goal_value = s.goal_value + coalesce(e.value, 0), updated_at = clock_timestamp()
    FROM whole w LEFT JOIN earned e USING (session_id)
    WHERE s.organization_id = :organization_id AND s.id = w.session_id AND w.goes_on
    RETURNING s.id
),
met_people AS (
    SELECT DISTINCT ON (visitor_id) visitor_id, person_id, CASE WHEN person_id IS NULL THEN lead_id END AS lead_id,
        CASE WHEN contact_id IS NULL THEN 'form' ELSE 'click' END AS identified_by, at
    FROM fresh
    WHERE named AND (lead_id IS NOT NULL OR person_id IS NOT NULL)
        AND (person_id IS NULL OR EXISTS (SELECT FROM contacts c
            WHERE c.organization_id = :organization_id AND c.id = person_id))
    ORDER BY visitor_id, at DESC, id
),
identified AS (
    INSERT INTO web_visitors (organization_id, visitor_id, contact_id, lead_id, identified_by, identified_at)
    SELECT :organization_id, visitor_id, person_id, lead_id, identified_by, at FROM met_people
    ON CONFLICT (organization_id, visitor_id) DO UPDATE SET contact_id = excluded.contact_id,
        lead_id = excluded.lead_id, identified_by = excluded.identified_by, identified_at = excluded.identified_at
    WHERE excluded.contact_id IS NOT NULL OR web_visitors.contact_id IS NULL
    RETURNING visitor_id
)
SELECT (SELECT count(*) FROM taken), (SELECT count(*) FROM begun), (SELECT count(*) FROM went_on),
    (SELECT array_agg(visitor_id) FROM visits), (SELECT count(*) FROM identified)
