CREATE TABLE claim_settings (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    content JSONB DEFAULT '{}' NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_claim_settings PRIMARY KEY (organization_id, id)
)
;;
CREATE UNIQUE INDEX uq_claim_settings_one ON claim_settings (organization_id)
;;
ALTER TABLE claim_settings ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE claim_settings FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON claim_settings
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON claim_settings TO crm_app
;;
CREATE TABLE claims (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    number TEXT NOT NULL,
    status VARCHAR(40) NOT NULL,
    status_since TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    policy_id UUID,
    policy_version INTEGER,
    policy_unknown BOOLEAN NOT NULL,
    account_id UUID,
    product_code TEXT,
    branch_code TEXT,
    insured_object_id UUID,
    coverage_check VARCHAR(40) NOT NULL,
    coverage_check_reason VARCHAR(40),
    coverages_invoked TEXT[] DEFAULT '{}' NOT NULL,
    declarant_contact_id UUID,
    declarant_name TEXT,
    channel VARCHAR(40) NOT NULL,
    occurred_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    occurred_precision VARCHAR(40) NOT NULL,
    discovered_at TIMESTAMP(3) WITH TIME ZONE,
    declared_at TIMESTAMP(3) WITH TIME ZONE,
    report_rule VARCHAR(40),
    report_deadline_at TIMESTAMP(3) WITH TIME ZONE,
    late_declaration BOOLEAN NOT NULL,
    late_reason TEXT,
    catnat_published_on DATE,
    cause VARCHAR(40) NOT NULL,
    wilaya_code TEXT NOT NULL,
    commune TEXT,
    address TEXT,
    latitude NUMERIC(9, 6),
    longitude NUMERIC(9, 6),
    accuracy_m INTEGER,
    circumstances TEXT NOT NULL,
    has_adversary BOOLEAN NOT NULL,
    adversary_insured BOOLEAN,
    liability_percent INTEGER,
    regime VARCHAR(40),
    estimate_amount BIGINT,
    deductible_amount BIGINT,
    approved_amount BIGINT,
    committed_amount BIGINT DEFAULT '0' NOT NULL,
    reserve_amount BIGINT DEFAULT '0' NOT NULL,
    paid_amount BIGINT DEFAULT '0' NOT NULL,
    expense_paid_amount BIGINT DEFAULT '0' NOT NULL,
    recovery_amount BIGINT DEFAULT '0' NOT NULL,
    recovery_expected_amount BIGINT DEFAULT '0' NOT NULL,
    settle_rule VARCHAR(40),
    target_settlement_at TIMESTAMP(3) WITH TIME ZONE,
    due_key TIMESTAMP(3) WITH TIME ZONE GENERATED ALWAYS AS (coalesce(target_settlement_at, '2999-12-31 00:00:00+00'::timestamptz)) STORED NOT NULL,
    risk_told_at TIMESTAMP(3) WITH TIME ZONE,
    breach_told_at TIMESTAMP(3) WITH TIME ZONE,
    decided_at TIMESTAMP(3) WITH TIME ZONE,
    refusal_motive TEXT,
    appeal_path TEXT,
    settled_at TIMESTAMP(3) WITH TIME ZONE,
    closed_at TIMESTAMP(3) WITH TIME ZONE,
    closing_reason VARCHAR(40),
    reopened_at TIMESTAMP(3) WITH TIME ZONE,
    reopening_reason VARCHAR(40),
    reopening_note TEXT,
    reopened_count INTEGER DEFAULT '0' NOT NULL,
    litigation_reference TEXT,
    litigation_note TEXT,
    sealed BYTEA,
    masked JSONB DEFAULT '{}' NOT NULL,
    owner_user_id UUID,
    agency_id UUID,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_claims PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_claims_policy FOREIGN KEY(organization_id, policy_id) REFERENCES policies (organization_id, id),
    CONSTRAINT fk_claims_account FOREIGN KEY(organization_id, account_id) REFERENCES accounts (organization_id, id),
    CONSTRAINT fk_claims_declarant FOREIGN KEY(organization_id, declarant_contact_id) REFERENCES contacts (organization_id, id),
    CONSTRAINT fk_claims_object FOREIGN KEY(organization_id, insured_object_id) REFERENCES insured_objects (organization_id, id),
    CONSTRAINT fk_claims_agency FOREIGN KEY(organization_id, agency_id) REFERENCES agencies (organization_id, id),
    CONSTRAINT fk_claims_handler FOREIGN KEY(organization_id, owner_user_id) REFERENCES users (organization_id, id),
    CONSTRAINT ck_claims_handled_by_an_agency CHECK (agency_id IS NOT NULL),
    CONSTRAINT ck_claims_liability_steps CHECK (liability_percent IN (0, 25, 50, 75, 100)),
    CONSTRAINT ck_claims_policy_named_or_unknown CHECK (policy_unknown = (policy_id IS NULL)),
    CONSTRAINT ck_claims_version_of_a_policy CHECK ((policy_version IS NULL) OR (policy_id IS NOT NULL)),
    CONSTRAINT ck_claims_amounts CHECK (reserve_amount >= 0 AND paid_amount >= 0 AND recovery_amount >= 0 AND expense_paid_amount >= 0 AND recovery_expected_amount >= 0 AND estimate_amount >= 0 AND deductible_amount >= 0),
    CONSTRAINT ck_claims_expenses_are_paid CHECK (expense_paid_amount <= paid_amount),
    CONSTRAINT ck_claims_never_above_what_was_approved CHECK (committed_amount >= 0 AND committed_amount <= coalesce(approved_amount, 0)),
    CONSTRAINT ck_claims_closed_without_reserve CHECK (status <> 'closed' OR reserve_amount = 0),
    CONSTRAINT ck_claims_number_length CHECK (char_length(number) <= 40),
    CONSTRAINT ck_claims_circumstances_length CHECK (char_length(circumstances) <= 4000),
    CONSTRAINT ck_claims_address_length CHECK (char_length(address) <= 300),
    CONSTRAINT ck_claims_status_known CHECK (status IN ('draft', 'declared', 'registered', 'documents_pending', 'under_review', 'appraisal_ordered', 'appraised', 'decision_pending', 'approved', 'refused', 'payment_pending', 'settled', 'litigation', 'closed', 'reopened')),
    CONSTRAINT ck_claims_coverage_check_known CHECK (coverage_check IN ('passed', 'failed', 'unknown')),
    CONSTRAINT ck_claims_coverage_check_reason_known CHECK (coverage_check_reason IN ('policy_unknown', 'never_in_force', 'before_cover', 'after_cover', 'suspended', 'coverage_missing')),
    CONSTRAINT ck_claims_channel_known CHECK (channel IN ('mobile_app', 'portal', 'phone', 'agency', 'expert', 'partner')),
    CONSTRAINT ck_claims_occurred_precision_known CHECK (occurred_precision IN ('exact', 'day', 'unknown')),
    CONSTRAINT ck_claims_report_rule_known CHECK (report_rule IN ('claim_report_general', 'claim_report_theft', 'claim_report_hail', 'claim_report_livestock', 'claim_report_catnat', 'claim_late', 'settle_auto', 'settle_ida', 'settle_tous_risques', 'settle_catnat', 'late_interest_rate', 'premium_notice', 'premium_grace', 'premium_formal_notice', 'premium_suspend', 'premium_terminate', 'premium_reinstate', 'premium_promise_pause', 'limitation', 'cash_ban', 'env_tax', 'breach_notice', 'dsr_rectify', 'dsr_access', 'direct_marketing')),
    CONSTRAINT ck_claims_cause_known CHECK (cause IN ('collision', 'collision_hit_and_run', 'single_vehicle', 'parked_damage', 'theft', 'attempted_theft', 'vandalism', 'glass_breakage', 'fire', 'explosion', 'water_damage', 'flood', 'earthquake', 'storm', 'hail', 'landslide', 'livestock_death', 'bodily_injury', 'third_party_liability', 'transport_damage', 'machinery_breakdown', 'travel_assistance', 'legal_dispute', 'other')),
    CONSTRAINT ck_claims_regime_known CHECK (regime IN ('ida', 'own_damage', 'third_party_claim', 'common_law', 'catnat', 'assistance')),
    CONSTRAINT ck_claims_settle_rule_known CHECK (settle_rule IN ('claim_report_general', 'claim_report_theft', 'claim_report_hail', 'claim_report_livestock', 'claim_report_catnat', 'claim_late', 'settle_auto', 'settle_ida', 'settle_tous_risques', 'settle_catnat', 'late_interest_rate', 'premium_notice', 'premium_grace', 'premium_formal_notice', 'premium_suspend', 'premium_terminate', 'premium_reinstate', 'premium_promise_pause', 'limitation', 'cash_ban', 'env_tax', 'breach_notice', 'dsr_rectify', 'dsr_access', 'direct_marketing')),
    CONSTRAINT ck_claims_closing_reason_known CHECK (closing_reason IN ('settled', 'refused', 'no_follow_up', 'below_deductible', 'withdrawn', 'time_barred', 'duplicate')),
    CONSTRAINT ck_claims_reopening_reason_known CHECK (reopening_reason IN ('new_damage', 'second_appraisal', 'court', 'new_document', 'other'))
)
;;
CREATE INDEX ix_claims_account ON claims (organization_id, account_id, created_at, id) WHERE account_id IS NOT NULL
;;
CREATE INDEX ix_claims_agency ON claims (organization_id, agency_id, created_at, id)
;;
CREATE INDEX ix_claims_declarant ON claims (organization_id, declarant_contact_id, created_at, id) WHERE declarant_contact_id IS NOT NULL
;;
CREATE INDEX ix_claims_declared ON claims (organization_id, declared_at, id)
;;
CREATE INDEX ix_claims_due ON claims (organization_id, due_key, id)
;;
CREATE INDEX ix_claims_handler ON claims (organization_id, owner_user_id, created_at, id)
;;
CREATE INDEX ix_claims_newest ON claims (organization_id, created_at, id)
;;
CREATE INDEX ix_claims_occurred ON claims (organization_id, occurred_at, id)
;;
CREATE INDEX ix_claims_policy ON claims (organization_id, policy_id, occurred_at, id) WHERE policy_id IS NOT NULL
;;
CREATE INDEX ix_claims_running ON claims (organization_id, target_settlement_at) WHERE breach_told_at IS NULL AND status NOT IN ('draft', 'settled', 'refused', 'closed')
;;
CREATE INDEX ix_claims_status ON claims (organization_id, status, created_at, id)
;;
CREATE UNIQUE INDEX uq_claims_number ON claims (organization_id, number)
;;
ALTER TABLE claims ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE claims FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON claims
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON claims TO crm_app
;;
CREATE TABLE claim_decisions (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    claim_id UUID NOT NULL,
    outcome VARCHAR(40) NOT NULL,
    status VARCHAR(40) NOT NULL,
    amount BIGINT,
    motive TEXT,
    appeal_path TEXT,
    limit_amount BIGINT NOT NULL,
    author_id UUID NOT NULL,
    confirmed_by_id UUID,
    decided_at TIMESTAMP(3) WITH TIME ZONE,
    turned_down_reason TEXT,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_claim_decisions PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_claim_decisions_claim FOREIGN KEY(organization_id, claim_id) REFERENCES claims (organization_id, id),
    CONSTRAINT ck_claim_decisions_amount_sign CHECK (amount > 0),
    CONSTRAINT ck_claim_decisions_amount_of_an_approval CHECK ((outcome = 'approve') = (amount IS NOT NULL)),
    CONSTRAINT ck_claim_decisions_refused_for_a_reason CHECK (outcome = 'approve' OR motive IS NOT NULL),
    CONSTRAINT ck_claim_decisions_not_confirmed_by_the_author CHECK (confirmed_by_id <> author_id),
    CONSTRAINT ck_claim_decisions_motive_length CHECK (char_length(motive) <= 2000),
    CONSTRAINT ck_claim_decisions_appeal_path_length CHECK (char_length(appeal_path) <= 1000),
    CONSTRAINT ck_claim_decisions_outcome_known CHECK (outcome IN ('approve', 'refuse')),
    CONSTRAINT ck_claim_decisions_status_known CHECK (status IN ('proposed', 'effective', 'turned_down'))
)
;;
CREATE INDEX ix_claim_decisions_claim ON claim_decisions (organization_id, claim_id, created_at, id)
;;
CREATE UNIQUE INDEX uq_claim_decisions_waiting ON claim_decisions (organization_id, claim_id) WHERE status = 'proposed'
;;
ALTER TABLE claim_decisions ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE claim_decisions FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON claim_decisions
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON claim_decisions TO crm_app
;;
CREATE TABLE claim_documents_required (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    claim_id UUID NOT NULL,
    kind VARCHAR(40) NOT NULL,
    status VARCHAR(40) NOT NULL,
    document_id UUID,
    requested_at TIMESTAMP(3) WITH TIME ZONE,
    received_at TIMESTAMP(3) WITH TIME ZONE,
    judged_at TIMESTAMP(3) WITH TIME ZONE,
    refusal_reason TEXT,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_claim_documents_required PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_claim_documents_required_claim FOREIGN KEY(organization_id, claim_id) REFERENCES claims (organization_id, id),
    CONSTRAINT ck_claim_documents_required_received_is_there CHECK (status = 'missing' OR document_id IS NOT NULL),
    CONSTRAINT ck_claim_documents_required_refusal_reason_length CHECK (char_length(refusal_reason) <= 500),
    CONSTRAINT ck_claim_documents_required_kind_known CHECK (kind IN ('id_card', 'driving_licence', 'vehicle_registration', 'plate_photo', 'constat_amiable', 'police_report', 'damage_photo', 'repair_quote', 'invoice', 'appraisal_report', 'medical_certificate', 'death_certificate', 'rib', 'policy_schedule', 'certificate', 'quittance', 'endorsement', 'mise_en_demeure', 'discharge', 'contract_signed', 'mission_order', 'complaint_letter', 'other', 'import', 'export')),
    CONSTRAINT ck_claim_documents_required_status_known CHECK (status IN ('missing', 'received', 'accepted', 'refused'))
)
;;
CREATE UNIQUE INDEX uq_claim_documents_kind ON claim_documents_required (organization_id, claim_id, kind)
;;
ALTER TABLE claim_documents_required ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE claim_documents_required FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON claim_documents_required
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON claim_documents_required TO crm_app
;;
CREATE TABLE claim_fraud (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    version INTEGER NOT NULL,
    score INTEGER NOT NULL,
    status VARCHAR(40) NOT NULL,
    indicators JSONB DEFAULT '[]' NOT NULL,
    note TEXT,
    judged_by_id UUID,
    judged_at TIMESTAMP(3) WITH TIME ZONE,
    assessed_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_claim_fraud PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_claim_fraud_claim FOREIGN KEY(organization_id, id) REFERENCES claims (organization_id, id),
    CONSTRAINT ck_claim_fraud_score_range CHECK (score BETWEEN 0 AND 100),
    CONSTRAINT ck_claim_fraud_note_length CHECK (char_length(note) <= 2000),
    CONSTRAINT ck_claim_fraud_status_known CHECK (status IN ('none', 'suspected', 'investigating', 'cleared', 'confirmed'))
)
;;
ALTER TABLE claim_fraud ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE claim_fraud FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON claim_fraud
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON claim_fraud TO crm_app
;;
CREATE TABLE claim_health (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    version INTEGER NOT NULL,
    sealed BYTEA,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_claim_health PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_claim_health_claim FOREIGN KEY(organization_id, id) REFERENCES claims (organization_id, id)
)
;;
ALTER TABLE claim_health ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE claim_health FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON claim_health
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON claim_health TO crm_app
;;
CREATE TABLE claim_participants (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    claim_id UUID NOT NULL,
    contact_id UUID,
    account_id UUID,
    name TEXT,
    roles TEXT[] NOT NULL,
    phone TEXT,
    vehicle JSONB,
    statement_document_id UUID,
    contact_allowed BOOLEAN NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_claim_participants PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_claim_participants_claim FOREIGN KEY(organization_id, claim_id) REFERENCES claims (organization_id, id),
    CONSTRAINT fk_claim_participants_contact FOREIGN KEY(organization_id, contact_id) REFERENCES contacts (organization_id, id),
    CONSTRAINT fk_claim_participants_account FOREIGN KEY(organization_id, account_id) REFERENCES accounts (organization_id, id),
    CONSTRAINT ck_claim_participants_somebody CHECK (num_nonnulls(contact_id, account_id, name) >= 1),
    CONSTRAINT ck_claim_participants_some_role CHECK (cardinality(roles) > 0),
    CONSTRAINT ck_claim_participants_name_length CHECK (char_length(name) <= 160)
)
;;
CREATE INDEX ix_claim_participants_claim ON claim_participants (organization_id, claim_id, id)
;;
CREATE INDEX ix_claim_participants_contact ON claim_participants (organization_id, contact_id) WHERE contact_id IS NOT NULL
;;
ALTER TABLE claim_participants ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE claim_participants FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON claim_participants
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON claim_participants TO crm_app
;;
CREATE TABLE claim_reserve_movements (
    organization_id UUID NOT NULL,
    id BIGINT GENERATED BY DEFAULT AS IDENTITY,
    claim_id UUID NOT NULL,
    coverage_code TEXT NOT NULL,
    kind VARCHAR(40) NOT NULL,
    sequence INTEGER NOT NULL,
    movement BIGINT NOT NULL,
    balance BIGINT NOT NULL,
    reason TEXT NOT NULL,
    made_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    made_by_id UUID,
    CONSTRAINT pk_claim_reserve_movements PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_claim_reserve_movements_claim FOREIGN KEY(organization_id, claim_id) REFERENCES claims (organization_id, id),
    CONSTRAINT ck_claim_reserve_movements_balance_sign CHECK (balance >= 0),
    CONSTRAINT ck_claim_reserve_movements_moves_something CHECK (movement <> 0),
    CONSTRAINT ck_claim_reserve_movements_coverage_code_length CHECK (char_length(coverage_code) <= 12),
    CONSTRAINT ck_claim_reserve_movements_reason_length CHECK (char_length(reason) <= 200),
    CONSTRAINT ck_claim_reserve_movements_kind_known CHECK (kind IN ('indemnity', 'expense', 'recovery_expected'))
)
;;
CREATE UNIQUE INDEX uq_claim_reserve_movements_no ON claim_reserve_movements (organization_id, claim_id, coverage_code, kind, sequence)
;;
ALTER TABLE claim_reserve_movements ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE claim_reserve_movements FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON claim_reserve_movements
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT ON claim_reserve_movements TO crm_app
;;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON claim_reserve_movements
    FOR EACH ROW EXECUTE FUNCTION crm_refuse_change()
;;
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON claim_reserve_movements
    FOR EACH STATEMENT EXECUTE FUNCTION crm_refuse_change()
;;
CREATE TABLE recoveries (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    claim_id UUID NOT NULL,
    direction VARCHAR(40) NOT NULL,
    opponent TEXT NOT NULL,
    convention VARCHAR(40) NOT NULL,
    external_reference TEXT,
    claimed BIGINT NOT NULL,
    agreed BIGINT,
    received BIGINT,
    status VARCHAR(40) NOT NULL,
    opened_on DATE NOT NULL,
    agreed_at TIMESTAMP(3) WITH TIME ZONE,
    ended_at TIMESTAMP(3) WITH TIME ZONE,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_recoveries PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_recoveries_claim FOREIGN KEY(organization_id, claim_id) REFERENCES claims (organization_id, id),
    CONSTRAINT ck_recoveries_amounts CHECK (claimed > 0 AND agreed >= 0 AND received >= 0),
    CONSTRAINT ck_recoveries_received_what_was_agreed CHECK (received IS NULL OR agreed IS NOT NULL),
    CONSTRAINT ck_recoveries_opponent_length CHECK (char_length(opponent) <= 120),
    CONSTRAINT ck_recoveries_external_reference_length CHECK (char_length(external_reference) <= 80),
    CONSTRAINT ck_recoveries_direction_known CHECK (direction IN ('exercised', 'suffered')),
    CONSTRAINT ck_recoveries_convention_known CHECK (convention IN ('ida', 'none')),
    CONSTRAINT ck_recoveries_status_known CHECK (status IN ('open', 'agreed', 'compensated', 'closed', 'abandoned'))
)
;;
CREATE INDEX ix_recoveries_claim ON recoveries (organization_id, claim_id, created_at, id)
;;
CREATE INDEX ix_recoveries_opened ON recoveries (organization_id, opened_on, id)
;;
CREATE INDEX ix_recoveries_status ON recoveries (organization_id, status, opened_on, id)
;;
ALTER TABLE recoveries ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE recoveries FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON recoveries
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON recoveries TO crm_app
;;
CREATE TABLE appraisals (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    claim_id UUID NOT NULL,
    type VARCHAR(40) NOT NULL,
    status VARCHAR(40) NOT NULL,
    adjuster_participant_id UUID,
    adjuster_name TEXT,
    ordered_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    visit_at TIMESTAMP(3) WITH TIME ZONE,
    place TEXT,
    visited_at TIMESTAMP(3) WITH TIME ZONE,
    reported_at TIMESTAMP(3) WITH TIME ZONE,
    report_document_id UUID,
    parts BIGINT,
    labour BIGINT,
    vat BIGINT,
    wear_percent NUMERIC(9, 6),
    market_value BIGINT,
    salvage_value BIGINT,
    outcome VARCHAR(40),
    net_amount BIGINT,
    judged_at TIMESTAMP(3) WITH TIME ZONE,
    contest_reason TEXT,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_appraisals PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_appraisals_claim FOREIGN KEY(organization_id, claim_id) REFERENCES claims (organization_id, id),
    CONSTRAINT fk_appraisals_adjuster FOREIGN KEY(organization_id, adjuster_participant_id) REFERENCES claim_participants (organization_id, id),
    CONSTRAINT ck_appraisals_some_adjuster CHECK (num_nonnulls(adjuster_participant_id, adjuster_name) >= 1),
    CONSTRAINT ck_appraisals_amounts CHECK (parts >= 0 AND labour >= 0 AND vat >= 0 AND market_value >= 0 AND salvage_value >= 0 AND net_amount >= 0),
    CONSTRAINT ck_appraisals_wear_range CHECK (wear_percent BETWEEN 0 AND 1),
    CONSTRAINT ck_appraisals_total_loss_of_a_value CHECK (outcome <> 'total_loss' OR market_value IS NOT NULL),
    CONSTRAINT ck_appraisals_adjuster_name_length CHECK (char_length(adjuster_name) <= 160),
    CONSTRAINT ck_appraisals_place_length CHECK (char_length(place) <= 200),
    CONSTRAINT ck_appraisals_type_known CHECK (type IN ('first', 'second', 'third_party')),
    CONSTRAINT ck_appraisals_status_known CHECK (status IN ('ordered', 'scheduled', 'visited', 'reported', 'accepted', 'contested', 'cancelled')),
    CONSTRAINT ck_appraisals_outcome_known CHECK (outcome IN ('repairable', 'total_loss'))
)
;;
CREATE INDEX ix_appraisals_claim ON appraisals (organization_id, claim_id, ordered_at, id)
;;
ALTER TABLE appraisals ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE appraisals FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON appraisals
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON appraisals TO crm_app
;;
CREATE TABLE claim_payments (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    claim_id UUID NOT NULL,
    payee_participant_id UUID NOT NULL,
    coverage_code TEXT NOT NULL,
    kind VARCHAR(40) NOT NULL,
    status VARCHAR(40) NOT NULL,
    gross BIGINT NOT NULL,
    deductible_applied BIGINT DEFAULT '0' NOT NULL,
    net BIGINT NOT NULL,
    method VARCHAR(40) NOT NULL,
    bank_account_ref TEXT,
    discharge_document_id UUID,
    approved_by_id UUID,
    approved_at TIMESTAMP(3) WITH TIME ZONE,
    ordered_at TIMESTAMP(3) WITH TIME ZONE,
    paid_at TIMESTAMP(3) WITH TIME ZONE,
    reference TEXT,
    end_reason TEXT,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_claim_payments PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_claim_payments_claim FOREIGN KEY(organization_id, claim_id) REFERENCES claims (organization_id, id),
    CONSTRAINT fk_claim_payments_payee FOREIGN KEY(organization_id, payee_participant_id) REFERENCES claim_participants (organization_id, id),
    CONSTRAINT ck_claim_payments_amounts CHECK (gross > 0 AND deductible_applied >= 0 AND net > 0),
    CONSTRAINT ck_claim_payments_adds_up CHECK (net = gross - deductible_applied),
    CONSTRAINT ck_claim_payments_not_approved_by_who_proposed CHECK (approved_by_id <> created_by_id),
    CONSTRAINT ck_claim_payments_bank_account_ref_length CHECK (char_length(bank_account_ref) <= 40),
    CONSTRAINT ck_claim_payments_coverage_code_length CHECK (char_length(coverage_code) <= 12),
    CONSTRAINT ck_claim_payments_kind_known CHECK (kind IN ('indemnity', 'advance', 'repairer', 'deductible_refund', 'expert_fee', 'lawyer_fee', 'other')),
    CONSTRAINT ck_claim_payments_status_known CHECK (status IN ('proposed', 'approved', 'ordered', 'paid', 'rejected', 'stopped')),
    CONSTRAINT ck_claim_payments_method_known CHECK (method IN ('bank_transfer', 'cheque', 'ccp'))
)
;;
CREATE INDEX ix_claim_payments_claim ON claim_payments (organization_id, claim_id, created_at, id)
;;
ALTER TABLE claim_payments ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE claim_payments FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON claim_payments
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON claim_payments TO crm_app
