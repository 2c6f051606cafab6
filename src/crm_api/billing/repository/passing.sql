-- The nightly pass of the legal clock: one statement for each step (repository/passing.py fills in the braces
-- with constants of the house; what differs between two nights is a parameter). Rows that somebody else
-- holds are left for the next go. A row that has moved no longer meets the condition: twice is once.
WITH due AS (
    SELECT r.organization_id, r.id, r.account_id, r.policy_id, r.instalment_id, r.agency_id, r.owner_user_id,
        r.dunning_cycle, r.dunning_state, r.dunning_level, r.dunning_next_on, r.balance
    FROM receivables r
    WHERE r.organization_id = :organization_id AND r.dunning_state IN ({from_states})
        AND r.dunning_next_on <= :on AND r.status IN ('open', 'partially_settled'){condition}
    ORDER BY r.dunning_next_on, r.id
    LIMIT {most} FOR UPDATE OF r SKIP LOCKED
),
reckoned AS (SELECT start, ends FROM unnest(:starts, :ends) AS known (start, ends)),
moved AS (
    UPDATE receivables r SET dunning_state = '{to_state}', dunning_level = greatest(r.dunning_level, {level}),
        dunning_next_on = reckoned.ends, dunning_since = :moment, version = r.version + 1,
        updated_at = clock_timestamp(), updated_by_id = :actor_id
    FROM due LEFT JOIN reckoned ON reckoned.start = due.dunning_next_on
    WHERE r.organization_id = due.organization_id AND r.id = due.id
    RETURNING due.*, r.dunning_level AS level_now, r.dunning_next_on AS next_now
),
rounds AS (
    SELECT moved.*, 1 + (
        SELECT count(*) FROM dunning_steps s
        WHERE s.organization_id = moved.organization_id AND s.receivable_id = moved.id
            AND s.cycle = moved.dunning_cycle AND s.kind = '{step}'
    )::integer AS round, (
        SELECT max(s.effective_on) FROM dunning_steps s
        WHERE s.organization_id = moved.organization_id AND s.receivable_id = moved.id
            AND s.cycle = moved.dunning_cycle
    ) AS counted_from FROM moved
),
steps AS (
    INSERT INTO dunning_steps (organization_id, receivable_id, cycle, kind, round, effective_on, rule_code,
        counted_from, balance, channel, at, actor_id)
    SELECT organization_id, id, dunning_cycle, '{step}', round, dunning_next_on, {rule}, counted_from, balance,
        '{channel}', :moment, :actor_id
    FROM rounds
){more},
lines AS (
    INSERT INTO audit_log (organization_id, actor_type, actor_id, ip, request_id, action, object_type,
        object_id, changes)
    SELECT organization_id, :actor_type, :actor_id, :ip, :request_id, 'receivable.updated', 'receivable', id,
        jsonb_build_object('dunning_state', jsonb_build_array(dunning_state, '{to_state}'),
            'dunning_level', jsonb_build_array(dunning_level, level_now),
            'dunning_next_on', jsonb_build_array(dunning_next_on, next_now))
    FROM moved
),
facts AS (
    INSERT INTO event_log (organization_id, actor_type, actor_id, kind, object_type, object_id, data)
    SELECT organization_id, :actor_type, :actor_id, 'receivable.dunning_changed', 'receivable', id,
        jsonb_build_object('receivable_id', id, 'account_id', account_id, 'state', '{to_state}',
            'level', level_now)
    FROM moved
)
SELECT agency_id, count(*)::integer FROM moved GROUP BY agency_id
