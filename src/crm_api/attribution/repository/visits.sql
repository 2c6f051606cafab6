INSERT INTO touches (organization_id, source_id, contact_id, campaign_id, channel, kind, at)
SELECT :organization_id, s.id, s.contact_id, c.id, coalesce(s.utm ->> 'source',
    CASE WHEN s.referrer IS NOT NULL THEN 'referral' END), 'session', s.started_at
FROM web_sessions s
LEFT JOIN campaigns c ON c.organization_id = :organization_id
    AND coalesce(c.utm ->> 'campaign', lower(c.number)) = s.utm_campaign
WHERE s.organization_id = :organization_id AND s.updated_at > :since AND s.contact_id IS NOT NULL AND NOT s.is_bot
    AND s.message_id IS NULL
ON CONFLICT (organization_id, source_id) DO UPDATE SET campaign_id = excluded.campaign_id
