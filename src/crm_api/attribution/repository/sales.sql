-- Contracts of people whom the campaign touched within the window before they bought, with all their touches.
WITH mine AS (
    SELECT DISTINCT contact_id FROM touches WHERE organization_id = :organization_id AND campaign_id = :campaign_id
),
near AS (
    SELECT p.id FROM mine JOIN policies p ON p.organization_id = :organization_id
        AND p.policyholder_contact_id = mine.contact_id
    UNION
    SELECT p.id FROM mine
    JOIN contact_account_links l ON l.organization_id = :organization_id AND l.contact_id = mine.contact_id
    JOIN policies p ON p.organization_id = :organization_id AND p.account_id = l.account_id
),
sold AS (
    SELECT p.id, p.account_id, p.policyholder_contact_id, least(p.net_premium, p.annual_net_premium) AS revenue,
        (p.subscribed_on + 1)::timestamp AT TIME ZONE 'Africa/Algiers' AS at,
        NOT EXISTS (SELECT FROM policies o WHERE o.organization_id = :organization_id
            AND o.account_id = p.account_id AND o.subscribed_on < p.subscribed_on) AS is_new
    FROM near JOIN policies p ON p.organization_id = :organization_id AND p.id = near.id
    WHERE p.status <> 'proposed' AND NOT (p.status = 'cancelled'
        AND p.status_since <= (p.subscribed_on + 31)::timestamp AT TIME ZONE 'Africa/Algiers')
)
SELECT s.id, s.revenue, s.at, s.account_id, s.is_new, t.at, t.campaign_id, t.channel
FROM sold s JOIN touches t ON t.organization_id = :organization_id
    AND t.at <= s.at AND t.at > s.at - make_interval(days => :days)
    AND (t.contact_id = s.policyholder_contact_id OR t.contact_id IN (SELECT l.contact_id
        FROM contact_account_links l
        WHERE l.organization_id = :organization_id AND l.account_id = s.account_id))
ORDER BY s.id, t.at, t.source_id
