-- A portfolio the night after yesterday's pass: $1 organization, $2 instalments, $3 today. Four a contract, their
-- days spread over the year; nine in ten are paid once due, the others stand where the clock has brought them.
SET session_replication_role = replica;
INSERT INTO organizations (organization_id, id, version, name, status, timezone, locale, currency)
SELECT :org, :org, 1, 'Alliance', 'active', 'Africa/Algiers', 'fr-DZ', 'DZD';
INSERT INTO agencies (organization_id, id, version, code, name, type, status, region_id, wilaya_code)
SELECT :org, ('00000000-0000-0000-0001-' || lpad(n::text, 12, '0'))::uuid, 1, (16000 + n)::text, 'Agence ' || n,
    'direct_agency', 'active', :org, '16' FROM generate_series(1, 40) n;
INSERT INTO products (organization_id, id, version, code, branch_code, label_fr, target, compulsory,
    tax_profile_code, tacit_renewal, sellable_online, takaful, status, valid_from)
SELECT :org, gen_random_uuid(), 1, 'AUTO_P', '11', 'Auto', 'both', 'partly', 'AUTO', true, false, false, 'active',
    '2020-01-01';
INSERT INTO accounts (organization_id, id, version, number, type, name, status, lifecycle, tier, revenue_band,
    addresses, phones, emails, kpis, agency_id)
SELECT :org, ('00000000-0000-0000-0002-' || lpad(n::text, 12, '0'))::uuid, 1, 'C' || lpad(n::text, 8, '0'),
    CASE WHEN n % 40 = 0 THEN 'company' ELSE 'household' END, 'Famille ' || n, 'active', 'customer', 'standard', 0,
    '[]', '[]', '[]', '{}', ('00000000-0000-0000-0001-' || lpad((1 + n % 40)::text, 12, '0'))::uuid
FROM generate_series(1, :rows / 4) n;
INSERT INTO policies (organization_id, id, version, number, account_id, product_code, branch_code, channel,
    subscribed_on, effective_at, expires_at, term_months, renewal_type, net_premium, total_premium,
    term_net_premium, annual_net_premium, payment_plan, status, agency_id)
SELECT :org, ('00000000-0000-0000-0003-' || lpad(n::text, 12, '0'))::uuid, 1, 'P' || n,
    ('00000000-0000-0000-0002-' || lpad(n::text, 12, '0'))::uuid, 'AUTO_P', '11', 'agency', first.day, first.day,
    first.day + interval '1 year', 12, 'tacit', 4000000, 4000000, 4000000, 4000000, 'quarterly', 'in_force',
    ('00000000-0000-0000-0001-' || lpad((1 + n % 40)::text, 12, '0'))::uuid
FROM generate_series(1, :rows / 4) n, LATERAL (SELECT :on - (n % 365) AS day) first;
INSERT INTO premium_schedules (organization_id, id, version, policy_id, policy_version, payment_plan, total)
SELECT organization_id, id, 1, id, 1, 'quarterly', total_premium FROM policies;
INSERT INTO instalments (organization_id, id, version, schedule_id, policy_id, account_id, seq, period_from,
    period_to, due_on, bill_on, net, total, paid_amount, status, agency_id)
SELECT organization_id, gen_random_uuid(), 1, id, id, account_id, part.seq + 1, part.day, part.day + 91, part.day,
    part.day - 30, 1000000, 1000000, 0, CASE WHEN part.day < :on + 30 THEN 'billed' ELSE 'scheduled' END, agency_id
FROM policies, LATERAL (SELECT seq, (effective_at::date + seq * 91) AS day FROM generate_series(0, 3) seq) part;
INSERT INTO receivables (organization_id, id, version, account_id, policy_id, instalment_id, kind,
    original_amount, paid_amount, due_on, status, dunning_state, dunning_level, dunning_from_on, dunning_next_on,
    agency_id)
SELECT i.organization_id, gen_random_uuid(), 1, account_id, policy_id, id, 'premium', total,
    CASE WHEN paid THEN total ELSE 0 END, due_on, CASE WHEN paid THEN 'settled' ELSE 'open' END,
    CASE WHEN paid THEN 'ended' WHEN late <= 0 THEN 'noticed' WHEN late <= 15 THEN 'due'
        WHEN late = 16 THEN 'overdue' WHEN late <= 47 THEN 'formal_notice_sent' WHEN late <= 58 THEN 'suspended'
        ELSE 'terminated' END,
    CASE WHEN paid OR late <= 15 THEN 0 WHEN late = 16 THEN 1 ELSE 3 END, due_on,
    CASE WHEN paid OR late > 58 THEN NULL WHEN late <= 0 THEN due_on WHEN late <= 15 THEN due_on + 15
        WHEN late = 16 THEN due_on + 16 WHEN late <= 47 THEN due_on + 47 ELSE due_on + 58 END, agency_id
FROM instalments i, LATERAL (SELECT :on - due_on AS late) l,
    LATERAL (SELECT late > 0 AND hashtext(i.id::text) % 10 <> 0 AS paid) p
WHERE i.status = 'billed';
UPDATE instalments i SET status = 'paid', paid_amount = total FROM receivables r
WHERE r.instalment_id = i.id AND r.status = 'settled';
SET session_replication_role = origin;
ANALYZE;
