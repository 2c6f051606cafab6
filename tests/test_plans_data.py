FILL = """
INSERT INTO accounts (organization_id, id, version, number, type, name, status, lifecycle, tier, revenue_band,
    addresses, phones, emails, agency_id, tags, kpis)
SELECT $1, gen_random_uuid(), 1, 'C' || lpad(n::text, 8, '0'), 'household',
    (ARRAY['Ilyès','Amina','Mohamed','Karim','Yasmine','Sofiane','Nadia','Rachid','Lina','Omar'])[1 + n % 10]
    || ' ' || (ARRAY['AISSANI','BENALI','BOUCHAREB','KADDOUR','MEZIANE','HADDAD','CHERIF','SAIDI'])[1 + n / 10 % 8]
    || ' ' || to_hex(n),
    'active', 'prospect', 'standard', n % 5,
    '[{"kind":"home","lines":["1"],"wilaya_code":"16"}]',
    jsonb_build_array(jsonb_build_object('value', '+2135' || lpad(n::text, 8, '0'))),
    jsonb_build_array(jsonb_build_object('value', 'client' || n || '@example.com')),
    $2, CASE WHEN n % 1000 = 0 THEN ARRAY['vip', 'flotte'] WHEN n % 10 = 0 THEN ARRAY['vip'] ELSE '{}' END, '{}'
FROM generate_series(1, $3) n"""
