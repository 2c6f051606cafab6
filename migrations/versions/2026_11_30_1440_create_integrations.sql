CREATE TABLE reconciliations (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    system TEXT NOT NULL,
    entity VARCHAR(40) NOT NULL,
    as_of TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    cells JSONB DEFAULT '[]' NOT NULL,
    difference_count INTEGER DEFAULT '0' NOT NULL,
    agrees BOOLEAN NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_reconciliations PRIMARY KEY (organization_id, id),
    CONSTRAINT ck_reconciliations_system_length CHECK (char_length(system) <= 40),
    CONSTRAINT ck_reconciliations_entity_known CHECK (entity IN ('policies', 'receivables'))
)
;;
CREATE INDEX ix_reconciliations_newest ON reconciliations (organization_id, created_at, id)
;;
CREATE INDEX ix_reconciliations_system ON reconciliations (organization_id, system, created_at, id)
;;
ALTER TABLE reconciliations ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE reconciliations FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON reconciliations
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON reconciliations TO crm_app
;;
CREATE TABLE integration_batches (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    system TEXT NOT NULL,
    entity VARCHAR(40) NOT NULL,
    job_id UUID NOT NULL,
    actor JSONB NOT NULL,
    row_count INTEGER NOT NULL,
    parts_done INTEGER DEFAULT '0' NOT NULL,
    counts JSONB DEFAULT '{}' NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_integration_batches PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_integration_batches_job FOREIGN KEY(organization_id, job_id) REFERENCES job_runs (organization_id, id),
    CONSTRAINT ck_integration_batches_system_length CHECK (char_length(system) <= 40),
    CONSTRAINT ck_integration_batches_entity_known CHECK (entity IN ('policies'))
)
;;
CREATE INDEX ix_integration_batches_newest ON integration_batches (organization_id, created_at, id)
;;
CREATE UNIQUE INDEX uq_integration_batches_job ON integration_batches (organization_id, job_id)
;;
ALTER TABLE integration_batches ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE integration_batches FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON integration_batches
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON integration_batches TO crm_app
;;
CREATE TABLE reconciliation_differences (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    reconciliation_id UUID NOT NULL,
    seq INTEGER NOT NULL,
    kind VARCHAR(40) NOT NULL,
    agency_code TEXT,
    branch_code TEXT,
    external_id TEXT,
    object_id UUID,
    count_here INTEGER,
    count_there INTEGER,
    amount_here BIGINT,
    amount_there BIGINT,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_reconciliation_differences PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_reconciliation_differences_reconciliation FOREIGN KEY(organization_id, reconciliation_id) REFERENCES reconciliations (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_reconciliation_differences_seq_from_one CHECK (seq >= 1),
    CONSTRAINT ck_reconciliation_differences_agency_code_length CHECK (char_length(agency_code) <= 20),
    CONSTRAINT ck_reconciliation_differences_branch_code_length CHECK (char_length(branch_code) <= 20),
    CONSTRAINT ck_reconciliation_differences_external_id_length CHECK (char_length(external_id) <= 80),
    CONSTRAINT ck_reconciliation_differences_kind_known CHECK (kind IN ('count_differs', 'sum_differs', 'missing_here', 'missing_there', 'amount_differs'))
)
;;
CREATE UNIQUE INDEX uq_reconciliation_differences_seq ON reconciliation_differences (organization_id, reconciliation_id, seq)
;;
ALTER TABLE reconciliation_differences ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE reconciliation_differences FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON reconciliation_differences
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON reconciliation_differences TO crm_app
