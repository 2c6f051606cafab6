-- What a user may do just now, in one statement: the base of every request's principal.
--
-- Effective scopes = role ∪ groups ∖ denials. The data scope is the user's own when given, else the widest that
-- the role and the groups open (with portfolio_strict, a role that would open the agency opens the own portfolio
-- only). `agency` opens the own agency and those below it, `region` all agencies of its region.
WITH mine AS (
    SELECT u.status, u.agency_id, u.data_scope, r.code AS role_code, r.base_code AS base_role_code,
        r.permissions AS of_role, o.status AS organization_status, o.settings,
        CASE WHEN r.data_scope_default = 'agency' AND (o.settings ->> 'portfolio_strict')::boolean
            THEN 'own' ELSE r.data_scope_default END AS role_scope
    FROM users u
    JOIN roles r ON r.organization_id = u.organization_id AND r.id = u.role_id
    JOIN organizations o ON o.organization_id = u.organization_id
    WHERE u.organization_id = :organization_id AND u.id = :user_id
), in_groups AS (
    SELECT g.permissions, g.data_scope_override
    FROM group_members m
    JOIN groups g ON g.organization_id = m.organization_id AND g.id = m.group_id
    WHERE m.organization_id = :organization_id AND m.user_id = :user_id
), scopes AS (
    (SELECT unnest(of_role) AS code FROM mine UNION SELECT unnest(permissions) FROM in_groups)
    EXCEPT
    SELECT permission FROM user_permission_denials
    WHERE organization_id = :organization_id AND user_id = :user_id
), reach AS (
    SELECT coalesce(mine.data_scope, (
        SELECT opened.scope
        FROM (SELECT role_scope AS scope UNION ALL SELECT data_scope_override FROM in_groups) opened
        ORDER BY array_position(ARRAY['own', 'agency', 'region', 'all'], opened.scope::text) DESC NULLS LAST
        LIMIT 1
    )) AS data_scope
    FROM mine
)
SELECT mine.role_code, mine.base_role_code, mine.status, mine.organization_status, reach.data_scope, mine.agency_id,
    coalesce((
        SELECT array_agg(a.id ORDER BY a.id)
        FROM agencies a
        LEFT JOIN agencies p ON p.organization_id = a.organization_id AND p.id = a.parent_agency_id
        LEFT JOIN agencies own ON own.organization_id = a.organization_id AND own.id = mine.agency_id
        WHERE a.organization_id = :organization_id AND reach.data_scope IN ('agency', 'region')
            AND (mine.agency_id IN (a.id, a.parent_agency_id, p.parent_agency_id)
                OR reach.data_scope = 'region' AND a.region_id = own.region_id)
    ), '{}') AS agency_ids,
    coalesce((SELECT array_agg(code ORDER BY code) FROM scopes), '{}') AS scopes,
    mine.settings::text AS settings
FROM mine, reach
