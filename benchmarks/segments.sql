-- A portfolio: :rows people, each the head of an account; two of three have a contract, one of nine two, one of ten
-- a debt, one of two hundred an open claim. :on is today, :org the organization.
SET session_replication_role = replica;
INSERT INTO organizations (organization_id, id, version, name, status, timezone, locale, currency)
SELECT :org, :org, 1, 'Alliance', 'active', 'Africa/Algiers', 'fr-DZ', 'DZD';
INSERT INTO accounts (organization_id, id, version, number, type, name, status, lifecycle, tier, revenue_band,
    addresses, phones, emails, kpis)
SELECT :org, ('00000000-0000-0000-0002-' || lpad(n::text, 12, '0'))::uuid, 1, 'C' || lpad(n::text, 8, '0'),
    CASE WHEN n % 40 = 0 THEN 'company' ELSE 'household' END, 'Famille ' || n, 'active', 'customer', 'standard', 0,
    '[]', '[]', '[]', '{}' FROM generate_series(1, :rows) n;
INSERT INTO contacts (organization_id, id, version, civility, last_name, first_name, display_name, emails, phones,
    addresses, account_links, preferred_language, registered_on, do_not_contact, is_deceased, tags)
SELECT :org, ('00000000-0000-0000-0004-' || lpad(n::text, 12, '0'))::uuid, 1, 'none', 'AISSANI', 'Ilyes' || n,
    'AISSANI Ilyes' || n, '[]', '[]', '[]', '[]', CASE WHEN n % 3 = 0 THEN 'ar' ELSE 'fr' END, :on - (n % 3000),
    n % 50 = 0, n % 500 = 0, CASE WHEN n % 100 = 0 THEN '{vip}'::text[] ELSE '{}'::text[] END
FROM generate_series(1, :rows) n;
INSERT INTO contact_account_links (organization_id, id, contact_id, account_id, role, is_primary, from_date)
SELECT :org, gen_random_uuid(), ('00000000-0000-0000-0004-' || lpad(n::text, 12, '0'))::uuid,
    ('00000000-0000-0000-0002-' || lpad(n::text, 12, '0'))::uuid, 'head', true, :on - (n % 3000)
FROM generate_series(1, :rows) n;
INSERT INTO policies (organization_id, id, version, number, account_id, policyholder_contact_id, product_code,
    branch_code, channel, subscribed_on, effective_at, expires_at, term_months, renewal_type, net_premium,
    total_premium, term_net_premium, annual_net_premium, payment_plan, status, agency_id)
SELECT :org, ('00000000-0000-0000-0003-' || lpad((n + 1000000000 * k)::text, 12, '0'))::uuid, 1, 'P' || n || '-' || k,
    ('00000000-0000-0000-0002-' || lpad(n::text, 12, '0'))::uuid,
    CASE WHEN n % 10 <> 0 THEN ('00000000-0000-0000-0004-' || lpad(n::text, 12, '0'))::uuid END,
    CASE WHEN k = 1 THEN 'AUTO_P' ELSE 'MRH' END, '11', 'agency', first.day, first.day, first.day + interval '1 year',
    12, 'tacit', 4000000, 4000000, 4000000, 4000000, 'quarterly', 'in_force', :org
FROM generate_series(1, :rows) n, generate_series(1, 2) k, LATERAL (SELECT :on - (n % 365) AS day) first
WHERE n % 3 <> 0 AND (k = 1 OR n % 9 = 1);
INSERT INTO receivables (organization_id, id, version, account_id, kind, original_amount, due_on, status,
    dunning_state, dunning_level, dunning_from_on)
SELECT :org, gen_random_uuid(), 1, ('00000000-0000-0000-0002-' || lpad(n::text, 12, '0'))::uuid, 'premium', 1000000,
    :on - (n % 120), 'open', 'due', 0, :on FROM generate_series(1, :rows, 10) n;
INSERT INTO claims (organization_id, id, version, number, status, account_id, declarant_contact_id, channel,
    occurred_at, cause, wilaya_code, circumstances, policy_unknown, coverage_check, occurred_precision,
    agency_id, late_declaration, has_adversary)
SELECT :org, gen_random_uuid(), 1, 'S' || n, 'registered',
    ('00000000-0000-0000-0002-' || lpad(n::text, 12, '0'))::uuid,
    ('00000000-0000-0000-0004-' || lpad(n::text, 12, '0'))::uuid, 'agency', :on, 'collision', '16', 'Choc', true,
    'unknown', 'exact', :org, false, false FROM generate_series(1, :rows, 200) n;
SET session_replication_role = origin;
ANALYZE;
