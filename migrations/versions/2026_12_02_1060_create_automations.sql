CREATE TABLE automations (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    name TEXT NOT NULL,
    name_folded TEXT COLLATE "C" GENERATED ALWAYS AS (crm_fold(name)) STORED NOT NULL,
    status VARCHAR(40) NOT NULL,
    recipe TEXT,
    re_entry VARCHAR(40) NOT NULL,
    exits TEXT[] NOT NULL,
    latest INTEGER NOT NULL,
    trigger JSONB NOT NULL,
    goal JSONB,
    first_step TEXT NOT NULL,
    steps JSONB NOT NULL,
    version_id UUID,
    activated_at TIMESTAMP(3) WITH TIME ZONE,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_automations PRIMARY KEY (organization_id, id),
    CONSTRAINT ck_automations_latest CHECK (latest >= 1),
    CONSTRAINT ck_automations_name_length CHECK (char_length(name) <= 120),
    CONSTRAINT ck_automations_status_known CHECK (status IN ('draft', 'active', 'paused', 'archived')),
    CONSTRAINT ck_automations_re_entry_known CHECK (re_entry IN ('never', 'after_exit', 'always'))
)
;;
CREATE INDEX ix_automations_newest ON automations (organization_id, created_at, id)
;;
CREATE INDEX ix_automations_status ON automations (organization_id, status, id)
;;
CREATE UNIQUE INDEX uq_automations_name ON automations (organization_id, name_folded)
;;
ALTER TABLE automations ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE automations FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON automations
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON automations TO crm_app
;;
CREATE TABLE automation_versions (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    automation_id UUID NOT NULL,
    revision INTEGER NOT NULL,
    trigger JSONB NOT NULL,
    goal JSONB,
    first_step TEXT NOT NULL,
    steps JSONB NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_automation_versions PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_automation_versions_automation FOREIGN KEY(organization_id, automation_id) REFERENCES automations (organization_id, id)
)
;;
CREATE INDEX ix_automation_versions_newest ON automation_versions (organization_id, created_at, id)
;;
CREATE UNIQUE INDEX uq_automation_versions_revision ON automation_versions (organization_id, automation_id, revision)
;;
ALTER TABLE automation_versions ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE automation_versions FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON automation_versions
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON automation_versions TO crm_app
;;
CREATE TABLE enrolments (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    automation_id UUID NOT NULL,
    automation_version_id UUID NOT NULL,
    contact_id UUID NOT NULL,
    occasion TEXT NOT NULL,
    status VARCHAR(40) NOT NULL,
    step TEXT NOT NULL,
    next_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    exit_reason TEXT,
    ended_at TIMESTAMP(3) WITH TIME ZONE,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_enrolments PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_enrolments_automation FOREIGN KEY(organization_id, automation_id) REFERENCES automations (organization_id, id),
    CONSTRAINT fk_enrolments_version FOREIGN KEY(organization_id, automation_version_id) REFERENCES automation_versions (organization_id, id),
    CONSTRAINT fk_enrolments_contact FOREIGN KEY(organization_id, contact_id) REFERENCES contacts (organization_id, id),
    CONSTRAINT ck_enrolments_ended CHECK ((status = 'active') = (ended_at IS NULL)),
    CONSTRAINT ck_enrolments_step_length CHECK (char_length(step) <= 40),
    CONSTRAINT ck_enrolments_occasion_length CHECK (char_length(occasion) <= 120),
    CONSTRAINT ck_enrolments_exit_reason_length CHECK (char_length(exit_reason) <= 40),
    CONSTRAINT ck_enrolments_status_known CHECK (status IN ('active', 'completed', 'exited', 'error'))
)
;;
CREATE INDEX ix_enrolments_contact ON enrolments (organization_id, contact_id, created_at, id)
;;
CREATE INDEX ix_enrolments_due ON enrolments (organization_id, next_at, id) WHERE status = 'active'
;;
CREATE INDEX ix_enrolments_newest ON enrolments (organization_id, created_at, id)
;;
CREATE INDEX ix_enrolments_step ON enrolments (organization_id, automation_id, step, status, next_at, id)
;;
CREATE UNIQUE INDEX uq_enrolments_active ON enrolments (organization_id, automation_id, contact_id) WHERE status = 'active'
;;
CREATE UNIQUE INDEX uq_enrolments_occasion ON enrolments (organization_id, automation_id, occasion)
;;
ALTER TABLE enrolments ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE enrolments FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON enrolments
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON enrolments TO crm_app
;;
CREATE TABLE enrolment_steps (
    organization_id UUID NOT NULL,
    enrolment_id UUID NOT NULL,
    step TEXT NOT NULL,
    automation_id UUID NOT NULL,
    outcome TEXT,
    at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_enrolment_steps PRIMARY KEY (organization_id, enrolment_id, step),
    CONSTRAINT fk_enrolment_steps_enrolment FOREIGN KEY(organization_id, enrolment_id) REFERENCES enrolments (organization_id, id) ON DELETE CASCADE
)
;;
CREATE INDEX ix_enrolment_steps_automation ON enrolment_steps (organization_id, automation_id, step)
;;
ALTER TABLE enrolment_steps ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE enrolment_steps FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON enrolment_steps
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON enrolment_steps TO crm_app
