-- The receipts and debts of all instalments whose notice is due, in one statement (repository/passing.py).
WITH due AS (
    SELECT i.*, p.product_code, p.previous_policy_id, a.code AS agency_code
    FROM instalments i
    JOIN policies p ON p.organization_id = i.organization_id AND p.id = i.policy_id
    JOIN agencies a ON a.organization_id = p.organization_id AND a.id = p.agency_id
    WHERE i.organization_id = :organization_id AND i.status = 'scheduled' AND i.bill_on <= :on
        AND p.status IN ('issued', 'in_force', 'suspended')
    ORDER BY i.bill_on, i.id
    LIMIT {most} FOR UPDATE OF i SKIP LOCKED
),
groups AS (SELECT agency_code, product_code, count(*) AS size FROM due GROUP BY agency_code, product_code),
reserved AS (
    INSERT INTO number_sequences (organization_id, name, value)
    SELECT :organization_id, 'premium_receipt.' || agency_code || '.' || :year || '.' || product_code, size
    FROM groups
    ON CONFLICT (organization_id, name) DO UPDATE SET value = number_sequences.value + EXCLUDED.value
    RETURNING name, value
),
numbered AS MATERIALIZED (
    SELECT due.*, gen_random_uuid() AS receipt_id, gen_random_uuid() AS receivable_id,
        due.agency_code || '/' || :year || '/' || due.product_code || '/' || lpad((reserved.value - groups.size
            + row_number() OVER (PARTITION BY due.agency_code, due.product_code ORDER BY due.due_on, due.id)
        )::text, 5, '0') AS number
    FROM due
    JOIN groups ON groups.agency_code = due.agency_code AND groups.product_code = due.product_code
    JOIN reserved ON reserved.name
        = 'premium_receipt.' || due.agency_code || '.' || :year || '.' || due.product_code
),
receipts AS (
    INSERT INTO premium_receipts (organization_id, id, version, number, type, policy_id, account_id,
        instalment_id, issued_on, owner_user_id, agency_id, created_by_id, updated_by_id, {lines})
    SELECT organization_id, receipt_id, 1, number,
        CASE WHEN previous_policy_id IS NULL THEN 'new' ELSE 'renewal' END, policy_id, account_id, id, :on,
        owner_user_id, agency_id, :actor_id, :actor_id, {lines}
    FROM numbered
),
billed AS (
    UPDATE instalments i SET status = CASE WHEN i.total = 0 THEN 'paid' ELSE 'billed' END,
        version = i.version + 1, updated_at = clock_timestamp(), updated_by_id = :actor_id
    FROM numbered n WHERE i.organization_id = n.organization_id AND i.id = n.id
),
debts AS (
    INSERT INTO receivables (organization_id, id, version, account_id, policy_id, instalment_id, receipt_id,
        kind, original_amount, due_on, status, dunning_state, dunning_from_on, dunning_next_on, dunning_since,
        owner_user_id, agency_id, created_by_id, updated_by_id)
    SELECT organization_id, receivable_id, 1, account_id, policy_id, id, receipt_id, 'premium', total, due_on,
        'open', CASE WHEN due_on > :on THEN 'noticed' ELSE 'quiet' END, due_on, due_on, :moment,
        owner_user_id, agency_id, :actor_id, :actor_id
    FROM numbered WHERE total > 0
),
steps AS (
    INSERT INTO dunning_steps (organization_id, receivable_id, cycle, kind, effective_on, rule_code,
        counted_from, balance, channel, at, actor_id)
    SELECT organization_id, receivable_id, 1, 'notice', :on, 'premium_notice', due_on, total, 'letter',
        :moment, :actor_id
    FROM numbered WHERE total > 0 AND due_on > :on
),
journal AS (
    INSERT INTO audit_log (organization_id, actor_type, actor_id, ip, request_id, action, object_type,
        object_id, changes)
    SELECT organization_id, :actor_type, :actor_id, :ip, :request_id, 'instalment.updated', 'instalment', id,
        jsonb_build_object('status', jsonb_build_array('scheduled', 'billed')) FROM numbered
    UNION ALL
    SELECT organization_id, :actor_type, :actor_id, :ip, :request_id, 'premium_receipt.created',
        'premium_receipt', receipt_id, jsonb_build_object('number', jsonb_build_array(NULL, number),
        'total', jsonb_build_array(NULL, crm_money(total))) FROM numbered
    UNION ALL
    SELECT organization_id, :actor_type, :actor_id, :ip, :request_id, 'receivable.created', 'receivable',
        receivable_id, jsonb_build_object('original_amount', jsonb_build_array(NULL, crm_money(total)),
        'due_on', jsonb_build_array(NULL, due_on)) FROM numbered WHERE total > 0
),
facts AS (
    INSERT INTO event_log (organization_id, actor_type, actor_id, kind, object_type, object_id, data)
    SELECT organization_id, :actor_type, :actor_id, 'instalment.billed', 'instalment', id,
        jsonb_build_object('instalment_id', id, 'policy_id', policy_id, 'receipt_number', number,
            'due_on', due_on) FROM numbered
    UNION ALL
    SELECT organization_id, :actor_type, :actor_id, 'receivable.opened', 'receivable', receivable_id,
        jsonb_build_object('receivable_id', receivable_id, 'account_id', account_id, 'policy_id', policy_id,
            'due_on', due_on) FROM numbered WHERE total > 0
)
SELECT account_id, receivable_id FROM numbered WHERE total > 0
