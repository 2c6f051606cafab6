CREATE TABLE legal_deadlines (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    code VARCHAR(40) NOT NULL,
    valid_from DATE NOT NULL,
    value INTEGER NOT NULL,
    unit VARCHAR(40) NOT NULL,
    label_fr TEXT NOT NULL,
    label_ar TEXT,
    label_en TEXT,
    source TEXT NOT NULL,
    verified BOOLEAN NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_legal_deadlines PRIMARY KEY (organization_id, id),
    CONSTRAINT ck_legal_deadlines_value_range CHECK (value BETWEEN 0 AND 100000),
    CONSTRAINT ck_legal_deadlines_flag_range CHECK (unit <> 'flag' OR value <= 1),
    CONSTRAINT ck_legal_deadlines_label_fr_length CHECK (char_length(label_fr) <= 160),
    CONSTRAINT ck_legal_deadlines_label_ar_length CHECK (char_length(label_ar) <= 160),
    CONSTRAINT ck_legal_deadlines_label_en_length CHECK (char_length(label_en) <= 160),
    CONSTRAINT ck_legal_deadlines_source_length CHECK (char_length(source) <= 300),
    CONSTRAINT ck_legal_deadlines_code_known CHECK (code IN ('claim_report_general', 'claim_report_theft', 'claim_report_hail', 'claim_report_livestock', 'claim_report_catnat', 'claim_late', 'settle_auto', 'settle_ida', 'settle_tous_risques', 'settle_catnat', 'late_interest_rate', 'premium_notice', 'premium_grace', 'premium_formal_notice', 'premium_suspend', 'premium_terminate', 'premium_reinstate', 'premium_promise_pause', 'limitation', 'cash_ban', 'env_tax', 'breach_notice', 'dsr_rectify', 'dsr_access', 'direct_marketing')),
    CONSTRAINT ck_legal_deadlines_unit_known CHECK (unit IN ('calendar_days', 'working_days', 'hours', 'months', 'basis_points', 'flag'))
)
;;
CREATE UNIQUE INDEX uq_legal_deadlines_code ON legal_deadlines (organization_id, code, valid_from)
;;
ALTER TABLE legal_deadlines ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE legal_deadlines FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON legal_deadlines
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON legal_deadlines TO crm_app
