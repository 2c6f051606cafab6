WITH c AS (
    SELECT id, coalesce(utm ->> 'campaign', lower(number)) AS utm, coalesce(launched_at, created_at) AS begun,
        coalesce(ends_at, completed_at, now()) + make_interval(days => attribution_window_days) AS over
    FROM campaigns WHERE organization_id = :organization_id AND id = :campaign_id
),
visits AS (
    SELECT count(*) AS sessions, count(*) FILTER (WHERE conversions > 0) AS converted
    FROM web_sessions WHERE organization_id = :organization_id AND utm_campaign = (SELECT utm FROM c) AND NOT is_bot
),
old AS (
    SELECT coalesce(sum(sessions), 0) AS sessions, coalesce(sum(converted_sessions), 0) AS converted FROM web_days
    WHERE organization_id = :organization_id AND campaign = (SELECT utm FROM c)
),
arrived AS (
    SELECT DISTINCT coalesce(l.converted_contact_id, l.id) AS person FROM leads l
    WHERE l.organization_id = :organization_id AND l.campaign_id = :campaign_id AND l.deleted_at IS NULL
        AND NOT EXISTS (SELECT FROM leads e WHERE e.organization_id = :organization_id
            AND e.converted_contact_id = l.converted_contact_id AND e.created_at < l.created_at)
),
reached AS (
    SELECT count(DISTINCT m.contact_id) AS people
    FROM sends s JOIN messages m ON m.organization_id = :organization_id AND m.send_id = s.id
    WHERE s.organization_id = :organization_id AND s.source_type = 'campaign' AND s.source_id = :campaign_id
        AND m.delivered_at IS NOT NULL
),
influenced AS (
    SELECT contact_id AS person FROM touches, c
    WHERE organization_id = :organization_id AND campaign_id = :campaign_id AND at BETWEEN c.begun AND c.over
    UNION SELECT person FROM arrived
),
tested AS (
    SELECT r.part = 'holdout' AS held, count(*) AS people, count(*) FILTER (WHERE EXISTS (
        SELECT FROM policies p WHERE p.organization_id = :organization_id
            AND p.policyholder_contact_id = r.contact_id AND p.status NOT IN ('proposed', 'cancelled')
            AND p.subscribed_on >= c.begun::date AND p.subscribed_on <= c.over::date)) AS bought
    FROM campaign_recipients r, c
    WHERE r.organization_id = :organization_id AND r.campaign_id = :campaign_id AND r.part <> 'left_out'
    GROUP BY 1
)
SELECT jsonb_build_object(
    'sessions', (SELECT sessions FROM visits) + (SELECT sessions FROM old),
    'converted_sessions', (SELECT converted FROM visits) + (SELECT converted FROM old),
    'new_contacts', (SELECT count(*) FROM arrived), 'reached', (SELECT people FROM reached),
    'influenced', (SELECT count(*) FROM influenced),
    'treated', coalesce((SELECT people FROM tested WHERE NOT held), 0),
    'treated_bought', coalesce((SELECT bought FROM tested WHERE NOT held), 0),
    'control', coalesce((SELECT people FROM tested WHERE held), 0),
    'control_bought', coalesce((SELECT bought FROM tested WHERE held), 0))
