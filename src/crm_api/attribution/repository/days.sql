INSERT INTO campaign_days (organization_id, campaign_id, day, opens, clicks, sessions, forms)
SELECT :organization_id, :campaign_id, (at AT TIME ZONE 'Africa/Algiers')::date,
    count(*) FILTER (WHERE kind = 'open'), count(*) FILTER (WHERE kind = 'click'),
    count(*) FILTER (WHERE kind = 'session'), count(*) FILTER (WHERE kind = 'form')
FROM touches WHERE organization_id = :organization_id AND campaign_id = :campaign_id GROUP BY 3
ON CONFLICT (organization_id, campaign_id, day) DO UPDATE SET opens = excluded.opens,
    clicks = excluded.clicks, sessions = excluded.sessions, forms = excluded.forms
