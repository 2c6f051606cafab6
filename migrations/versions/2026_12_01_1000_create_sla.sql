CREATE TABLE sla_hours_seen (
    organization_id UUID NOT NULL,
    fingerprint TEXT NOT NULL,
    CONSTRAINT pk_sla_hours_seen PRIMARY KEY (organization_id)
)
;;
ALTER TABLE sla_hours_seen ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE sla_hours_seen FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON sla_hours_seen
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON sla_hours_seen TO crm_app
;;
CREATE TABLE sla_policies (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    name TEXT NOT NULL,
    position INTEGER NOT NULL,
    status VARCHAR(40) NOT NULL,
    conditions JSONB DEFAULT '{}' NOT NULL,
    hours VARCHAR(40) NOT NULL,
    calendar_id UUID,
    resolution_counts VARCHAR(40) NOT NULL,
    targets JSONB NOT NULL,
    escalations JSONB DEFAULT '[]' NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_sla_policies PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_sla_policies_calendar FOREIGN KEY(organization_id, calendar_id) REFERENCES business_calendars (organization_id, id),
    CONSTRAINT ck_sla_policies_calendar_named CHECK ((hours = 'calendar') = (calendar_id IS NOT NULL)),
    CONSTRAINT ck_sla_policies_position_range CHECK (position BETWEEN 1 AND 10000),
    CONSTRAINT ck_sla_policies_name_length CHECK (char_length(name) <= 80),
    CONSTRAINT ck_sla_policies_status_known CHECK (status IN ('active', 'retired')),
    CONSTRAINT ck_sla_policies_hours_known CHECK (hours IN ('agency', 'calendar', 'always')),
    CONSTRAINT ck_sla_policies_resolution_counts_known CHECK (resolution_counts IN ('requester_wait', 'agent_work'))
)
;;
CREATE INDEX ix_sla_policies_position ON sla_policies (organization_id, position, id)
;;
CREATE UNIQUE INDEX uq_sla_policies_name ON sla_policies (organization_id, name)
;;
ALTER TABLE sla_policies ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE sla_policies FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON sla_policies
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON sla_policies TO crm_app
;;
CREATE TABLE sla_clocks (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    policy_id UUID,
    about JSONB NOT NULL,
    category VARCHAR(40) NOT NULL,
    history JSONB NOT NULL,
    next_due_at TIMESTAMP(3) WITH TIME ZONE,
    started_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP(3) WITH TIME ZONE,
    CONSTRAINT pk_sla_clocks PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_sla_clocks_policy FOREIGN KEY(organization_id, policy_id) REFERENCES sla_policies (organization_id, id),
    CONSTRAINT ck_sla_clocks_category_known CHECK (category IN ('new', 'open', 'pending', 'on_hold', 'solved', 'closed'))
)
;;
CREATE INDEX ix_sla_clocks_open ON sla_clocks (organization_id, id) WHERE ended_at IS NULL
;;
CREATE INDEX ix_sla_clocks_policy ON sla_clocks (organization_id, policy_id, id)
;;
ALTER TABLE sla_clocks ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE sla_clocks FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON sla_clocks
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON sla_clocks TO crm_app
;;
CREATE TABLE sla_timers (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    clock_id UUID NOT NULL,
    metric VARCHAR(40) NOT NULL,
    instance INTEGER NOT NULL,
    state VARCHAR(40) NOT NULL,
    target_minutes INTEGER NOT NULL,
    started_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    paused_at TIMESTAMP(3) WITH TIME ZONE,
    elapsed_ms BIGINT NOT NULL,
    due_at TIMESTAMP(3) WITH TIME ZONE,
    fulfilled_at TIMESTAMP(3) WITH TIME ZONE,
    breached_at TIMESTAMP(3) WITH TIME ZONE,
    cancelled_at TIMESTAMP(3) WITH TIME ZONE,
    over_at TIMESTAMP(3) WITH TIME ZONE,
    told_percent INTEGER NOT NULL,
    next_alert_at TIMESTAMP(3) WITH TIME ZONE,
    CONSTRAINT pk_sla_timers PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_sla_timers_clock FOREIGN KEY(organization_id, clock_id) REFERENCES sla_clocks (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_sla_timers_target_range CHECK (target_minutes BETWEEN 1 AND 525600),
    CONSTRAINT ck_sla_timers_instance_from_one CHECK (instance >= 1),
    CONSTRAINT ck_sla_timers_metric_known CHECK (metric IN ('first_reply', 'next_reply', 'update', 'resolution')),
    CONSTRAINT ck_sla_timers_state_known CHECK (state IN ('running', 'paused', 'fulfilled', 'breached', 'cancelled'))
)
;;
CREATE INDEX ix_sla_timers_alert ON sla_timers (organization_id, next_alert_at, clock_id) WHERE next_alert_at IS NOT NULL
;;
CREATE INDEX ix_sla_timers_fulfilled ON sla_timers (organization_id, fulfilled_at, id)
;;
CREATE INDEX ix_sla_timers_over ON sla_timers (organization_id, over_at, id)
;;
CREATE UNIQUE INDEX uq_sla_timers_instance ON sla_timers (organization_id, clock_id, metric, instance)
;;
ALTER TABLE sla_timers ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE sla_timers FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON sla_timers
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON sla_timers TO crm_app
