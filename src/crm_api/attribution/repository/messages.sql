INSERT INTO touches (organization_id, source_id, contact_id, campaign_id, channel, kind, at)
SELECT :organization_id, m.id, m.contact_id, :campaign_id, m.channel,
    CASE WHEN m.clicked_at IS NULL THEN 'open' ELSE 'click' END, coalesce(m.clicked_at, m.opened_at)
FROM sends s
JOIN messages m ON m.organization_id = :organization_id AND m.send_id = s.id
    AND (m.clicked_at IS NOT NULL OR m.opened_at IS NOT NULL)
WHERE s.organization_id = :organization_id AND s.source_type = 'campaign' AND s.source_id = :campaign_id
UNION ALL
SELECT :organization_id, l.id, l.converted_contact_id, :campaign_id, l.source, 'form', l.created_at
FROM leads l WHERE l.organization_id = :organization_id AND l.campaign_id = :campaign_id
    AND l.converted_contact_id IS NOT NULL
ON CONFLICT (organization_id, source_id) DO UPDATE SET kind = excluded.kind, at = excluded.at
    WHERE touches.kind <> excluded.kind
