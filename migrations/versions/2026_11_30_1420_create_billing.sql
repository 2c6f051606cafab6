CREATE TABLE payments (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    number TEXT NOT NULL,
    direction VARCHAR(40) NOT NULL,
    account_id UUID NOT NULL,
    amount BIGINT NOT NULL,
    method VARCHAR(40) NOT NULL,
    status VARCHAR(40) NOT NULL,
    received_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    value_date DATE NOT NULL,
    reference TEXT NOT NULL,
    payer_name TEXT,
    psp_provider TEXT,
    psp_intent_id TEXT,
    wanted JSONB DEFAULT '[]' NOT NULL,
    refunded_amount BIGINT DEFAULT '0' NOT NULL,
    reversal_of_id UUID,
    settled_at TIMESTAMP(3) WITH TIME ZONE,
    deposited_at TIMESTAMP(3) WITH TIME ZONE,
    ended_at TIMESTAMP(3) WITH TIME ZONE,
    failure_reason TEXT,
    source_system TEXT DEFAULT 'crm' NOT NULL,
    external_id TEXT,
    as_of TIMESTAMP(3) WITH TIME ZONE,
    owner_user_id UUID,
    agency_id UUID,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_payments PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_payments_account FOREIGN KEY(organization_id, account_id) REFERENCES accounts (organization_id, id),
    CONSTRAINT fk_payments_cashier FOREIGN KEY(organization_id, owner_user_id) REFERENCES users (organization_id, id),
    CONSTRAINT fk_payments_agency FOREIGN KEY(organization_id, agency_id) REFERENCES agencies (organization_id, id),
    CONSTRAINT fk_payments_origin FOREIGN KEY(organization_id, reversal_of_id) REFERENCES payments (organization_id, id),
    CONSTRAINT ck_payments_amount_sign CHECK (amount > 0),
    CONSTRAINT ck_payments_refunded_no_more CHECK (refunded_amount BETWEEN 0 AND amount),
    CONSTRAINT ck_payments_psp_whole CHECK ((psp_provider IS NULL) = (psp_intent_id IS NULL)),
    CONSTRAINT ck_payments_cheque_states CHECK (method = 'cheque' OR status NOT IN ('received', 'deposited')),
    CONSTRAINT ck_payments_only_out_gives_back CHECK (direction = 'out' OR reversal_of_id IS NULL),
    CONSTRAINT ck_payments_number_length CHECK (char_length(number) <= 40),
    CONSTRAINT ck_payments_reference_length CHECK (char_length(reference) <= 80),
    CONSTRAINT ck_payments_payer_name_length CHECK (char_length(payer_name) <= 160),
    CONSTRAINT ck_payments_psp_provider_length CHECK (char_length(psp_provider) <= 40),
    CONSTRAINT ck_payments_psp_intent_id_length CHECK (char_length(psp_intent_id) <= 120),
    CONSTRAINT ck_payments_failure_reason_length CHECK (char_length(failure_reason) <= 300),
    CONSTRAINT ck_payments_source_system_length CHECK (char_length(source_system) <= 40),
    CONSTRAINT ck_payments_external_id_length CHECK (char_length(external_id) <= 80),
    CONSTRAINT ck_payments_direction_known CHECK (direction IN ('in', 'out')),
    CONSTRAINT ck_payments_method_known CHECK (method IN ('card_cib', 'edahabia', 'tpe', 'bank_transfer', 'cheque', 'ccp', 'direct_debit', 'cash', 'mobile_wallet')),
    CONSTRAINT ck_payments_status_known CHECK (status IN ('initiated', 'authorised', 'received', 'deposited', 'cleared', 'settled', 'bounced', 'failed', 'cancelled', 'expired', 'reversed', 'refunded'))
)
;;
CREATE INDEX ix_payments_account ON payments (organization_id, account_id, received_at, id)
;;
CREATE INDEX ix_payments_agency ON payments (organization_id, agency_id, received_at, id)
;;
CREATE INDEX ix_payments_cashier ON payments (organization_id, owner_user_id, received_at, id)
;;
CREATE INDEX ix_payments_likeness ON payments (organization_id, reference, method, amount, value_date)
;;
CREATE INDEX ix_payments_method ON payments (organization_id, method, received_at, id)
;;
CREATE INDEX ix_payments_newest ON payments (organization_id, created_at, id)
;;
CREATE INDEX ix_payments_of_origin ON payments (organization_id, reversal_of_id) WHERE reversal_of_id IS NOT NULL
;;
CREATE INDEX ix_payments_received ON payments (organization_id, received_at, id)
;;
CREATE INDEX ix_payments_status ON payments (organization_id, status, received_at, id)
;;
CREATE UNIQUE INDEX uq_payments_external ON payments (organization_id, source_system, external_id) WHERE external_id IS NOT NULL
;;
CREATE UNIQUE INDEX uq_payments_intent ON payments (organization_id, psp_provider, psp_intent_id) WHERE psp_intent_id IS NOT NULL
;;
CREATE UNIQUE INDEX uq_payments_number ON payments (organization_id, number)
;;
ALTER TABLE payments ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE payments FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON payments
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON payments TO crm_app
;;
CREATE TABLE payment_returns (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    payment_id UUID NOT NULL,
    kind VARCHAR(40) NOT NULL,
    amount BIGINT NOT NULL,
    method VARCHAR(40),
    reference TEXT,
    reason TEXT NOT NULL,
    status VARCHAR(40) NOT NULL,
    out_payment_id UUID,
    decided_by_id UUID,
    decided_at TIMESTAMP(3) WITH TIME ZONE,
    decision_reason TEXT,
    owner_user_id UUID,
    agency_id UUID,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_payment_returns PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_payment_returns_payment FOREIGN KEY(organization_id, payment_id) REFERENCES payments (organization_id, id),
    CONSTRAINT fk_payment_returns_carried_out FOREIGN KEY(organization_id, out_payment_id) REFERENCES payments (organization_id, id),
    CONSTRAINT ck_payment_returns_amount_sign CHECK (amount > 0),
    CONSTRAINT ck_payment_returns_decided_by_another CHECK (decided_by_id <> owner_user_id),
    CONSTRAINT ck_payment_returns_decided_by_somebody CHECK ((status IN ('approved', 'refused')) = (decided_by_id IS NOT NULL)),
    CONSTRAINT ck_payment_returns_reason_length CHECK (char_length(reason) <= 500),
    CONSTRAINT ck_payment_returns_decision_reason_length CHECK (char_length(decision_reason) <= 500),
    CONSTRAINT ck_payment_returns_kind_known CHECK (kind IN ('refund', 'reversal')),
    CONSTRAINT ck_payment_returns_method_known CHECK (method IN ('card_cib', 'edahabia', 'tpe', 'bank_transfer', 'cheque', 'ccp', 'direct_debit', 'cash', 'mobile_wallet')),
    CONSTRAINT ck_payment_returns_status_known CHECK (status IN ('requested', 'approved', 'refused', 'cancelled'))
)
;;
CREATE INDEX ix_payment_returns_agency ON payment_returns (organization_id, agency_id, created_at, id)
;;
CREATE INDEX ix_payment_returns_newest ON payment_returns (organization_id, created_at, id)
;;
CREATE INDEX ix_payment_returns_payment ON payment_returns (organization_id, payment_id, created_at, id)
;;
CREATE INDEX ix_payment_returns_status ON payment_returns (organization_id, status, created_at, id)
;;
CREATE UNIQUE INDEX uq_payment_returns_open ON payment_returns (organization_id, payment_id) WHERE status = 'requested'
;;
ALTER TABLE payment_returns ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE payment_returns FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON payment_returns
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON payment_returns TO crm_app
;;
CREATE TABLE premium_schedules (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    policy_id UUID NOT NULL,
    policy_version INTEGER NOT NULL,
    endorsement_id UUID,
    payment_plan VARCHAR(40) NOT NULL,
    total BIGINT NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_premium_schedules PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_premium_schedules_policy FOREIGN KEY(organization_id, policy_id) REFERENCES policies (organization_id, id),
    CONSTRAINT fk_premium_schedules_endorsement FOREIGN KEY(organization_id, endorsement_id) REFERENCES endorsements (organization_id, id),
    CONSTRAINT ck_premium_schedules_payment_plan_known CHECK (payment_plan IN ('single', 'semiannual', 'quarterly', 'monthly'))
)
;;
CREATE UNIQUE INDEX uq_premium_schedules_version ON premium_schedules (organization_id, policy_id, policy_version)
;;
ALTER TABLE premium_schedules ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE premium_schedules FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON premium_schedules
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON premium_schedules TO crm_app
;;
CREATE TABLE instalments (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    schedule_id UUID NOT NULL,
    policy_id UUID NOT NULL,
    account_id UUID NOT NULL,
    seq INTEGER NOT NULL,
    period_from DATE NOT NULL,
    period_to DATE NOT NULL,
    due_on DATE NOT NULL,
    bill_on DATE NOT NULL,
    paid_amount BIGINT DEFAULT '0' NOT NULL,
    status VARCHAR(40) NOT NULL,
    net BIGINT NOT NULL,
    fee BIGINT DEFAULT '0' NOT NULL,
    vat BIGINT DEFAULT '0' NOT NULL,
    fga BIGINT DEFAULT '0' NOT NULL,
    dimension_stamp BIGINT DEFAULT '0' NOT NULL,
    graduated_stamp BIGINT DEFAULT '0' NOT NULL,
    vehicle_tax BIGINT DEFAULT '0' NOT NULL,
    total BIGINT NOT NULL,
    owner_user_id UUID,
    agency_id UUID,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_instalments PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_instalments_schedule FOREIGN KEY(organization_id, schedule_id) REFERENCES premium_schedules (organization_id, id),
    CONSTRAINT fk_instalments_policy FOREIGN KEY(organization_id, policy_id) REFERENCES policies (organization_id, id),
    CONSTRAINT fk_instalments_account FOREIGN KEY(organization_id, account_id) REFERENCES accounts (organization_id, id),
    CONSTRAINT ck_instalments_adds_up CHECK (total = net + fee + vat + fga + dimension_stamp + graduated_stamp + vehicle_tax),
    CONSTRAINT ck_instalments_total_sign CHECK (total >= 0 AND net >= 0),
    CONSTRAINT ck_instalments_paid_no_more CHECK (paid_amount BETWEEN 0 AND total),
    CONSTRAINT ck_instalments_period CHECK (period_to > period_from),
    CONSTRAINT ck_instalments_seq_from_one CHECK (seq >= 1),
    CONSTRAINT ck_instalments_status_known CHECK (status IN ('scheduled', 'billed', 'partially_paid', 'paid', 'overdue', 'written_off', 'cancelled', 'refunded'))
)
;;
CREATE INDEX ix_instalments_account ON instalments (organization_id, account_id, due_on, id)
;;
CREATE INDEX ix_instalments_agency ON instalments (organization_id, agency_id, due_on, id)
;;
CREATE INDEX ix_instalments_due ON instalments (organization_id, due_on, id)
;;
CREATE INDEX ix_instalments_newest ON instalments (organization_id, created_at, id)
;;
CREATE INDEX ix_instalments_policy ON instalments (organization_id, policy_id, due_on, id)
;;
CREATE INDEX ix_instalments_producer ON instalments (organization_id, owner_user_id, due_on, id)
;;
CREATE INDEX ix_instalments_status ON instalments (organization_id, status, due_on, id)
;;
CREATE INDEX ix_instalments_to_bill ON instalments (organization_id, bill_on, id) WHERE status = 'scheduled'
;;
CREATE UNIQUE INDEX uq_instalments_seq ON instalments (organization_id, schedule_id, seq)
;;
ALTER TABLE instalments ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE instalments FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON instalments
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON instalments TO crm_app
;;
CREATE TABLE premium_receipts (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    number TEXT NOT NULL,
    type VARCHAR(40) NOT NULL,
    policy_id UUID NOT NULL,
    account_id UUID NOT NULL,
    instalment_id UUID,
    endorsement_id UUID,
    issued_on DATE NOT NULL,
    source_system TEXT DEFAULT 'crm' NOT NULL,
    external_id TEXT,
    as_of TIMESTAMP(3) WITH TIME ZONE,
    net BIGINT NOT NULL,
    fee BIGINT DEFAULT '0' NOT NULL,
    vat BIGINT DEFAULT '0' NOT NULL,
    fga BIGINT DEFAULT '0' NOT NULL,
    dimension_stamp BIGINT DEFAULT '0' NOT NULL,
    graduated_stamp BIGINT DEFAULT '0' NOT NULL,
    vehicle_tax BIGINT DEFAULT '0' NOT NULL,
    total BIGINT NOT NULL,
    owner_user_id UUID,
    agency_id UUID,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_premium_receipts PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_premium_receipts_policy FOREIGN KEY(organization_id, policy_id) REFERENCES policies (organization_id, id),
    CONSTRAINT fk_premium_receipts_account FOREIGN KEY(organization_id, account_id) REFERENCES accounts (organization_id, id),
    CONSTRAINT fk_premium_receipts_instalment FOREIGN KEY(organization_id, instalment_id) REFERENCES instalments (organization_id, id),
    CONSTRAINT fk_premium_receipts_endorsement FOREIGN KEY(organization_id, endorsement_id) REFERENCES endorsements (organization_id, id),
    CONSTRAINT ck_premium_receipts_adds_up CHECK (total = net + fee + vat + fga + dimension_stamp + graduated_stamp + vehicle_tax),
    CONSTRAINT ck_premium_receipts_refunds_are_negative CHECK ((type = 'refund') = (total < 0)),
    CONSTRAINT ck_premium_receipts_number_length CHECK (char_length(number) <= 60),
    CONSTRAINT ck_premium_receipts_source_system_length CHECK (char_length(source_system) <= 40),
    CONSTRAINT ck_premium_receipts_external_id_length CHECK (char_length(external_id) <= 80),
    CONSTRAINT ck_premium_receipts_type_known CHECK (type IN ('new', 'renewal', 'endorsement', 'refund'))
)
;;
CREATE INDEX ix_premium_receipts_account ON premium_receipts (organization_id, account_id, issued_on, id)
;;
CREATE INDEX ix_premium_receipts_agency ON premium_receipts (organization_id, agency_id, issued_on, id)
;;
CREATE INDEX ix_premium_receipts_issued ON premium_receipts (organization_id, issued_on, id)
;;
CREATE INDEX ix_premium_receipts_newest ON premium_receipts (organization_id, created_at, id)
;;
CREATE INDEX ix_premium_receipts_policy ON premium_receipts (organization_id, policy_id, issued_on, id)
;;
CREATE INDEX ix_premium_receipts_producer ON premium_receipts (organization_id, owner_user_id, issued_on, id)
;;
CREATE UNIQUE INDEX uq_premium_receipts_external ON premium_receipts (organization_id, source_system, external_id) WHERE external_id IS NOT NULL
;;
CREATE UNIQUE INDEX uq_premium_receipts_instalment ON premium_receipts (organization_id, instalment_id) WHERE instalment_id IS NOT NULL AND type <> 'refund'
;;
CREATE UNIQUE INDEX uq_premium_receipts_number ON premium_receipts (organization_id, number)
;;
ALTER TABLE premium_receipts ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE premium_receipts FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON premium_receipts
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON premium_receipts TO crm_app
;;
CREATE TABLE customer_credits (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    account_id UUID NOT NULL,
    origin VARCHAR(40) NOT NULL,
    payment_id UUID,
    receipt_id UUID,
    amount BIGINT NOT NULL,
    used_amount BIGINT DEFAULT '0' NOT NULL,
    refunded_amount BIGINT DEFAULT '0' NOT NULL,
    balance BIGINT GENERATED ALWAYS AS (amount - used_amount - refunded_amount) STORED NOT NULL,
    owner_user_id UUID,
    agency_id UUID,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_customer_credits PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_customer_credits_account FOREIGN KEY(organization_id, account_id) REFERENCES accounts (organization_id, id),
    CONSTRAINT fk_customer_credits_payment FOREIGN KEY(organization_id, payment_id) REFERENCES payments (organization_id, id),
    CONSTRAINT fk_customer_credits_receipt FOREIGN KEY(organization_id, receipt_id) REFERENCES premium_receipts (organization_id, id),
    CONSTRAINT ck_customer_credits_one_origin CHECK (num_nonnulls(payment_id, receipt_id) = 1),
    CONSTRAINT ck_customer_credits_amounts CHECK (amount > 0 AND used_amount >= 0 AND refunded_amount >= 0),
    CONSTRAINT ck_customer_credits_never_below_zero CHECK (used_amount + refunded_amount <= amount),
    CONSTRAINT ck_customer_credits_origin_known CHECK (origin IN ('overpayment', 'endorsement', 'termination', 'cancellation'))
)
;;
CREATE INDEX ix_customer_credits_account ON customer_credits (organization_id, account_id, created_at, id)
;;
CREATE INDEX ix_customer_credits_agency ON customer_credits (organization_id, agency_id, created_at, id)
;;
CREATE INDEX ix_customer_credits_left ON customer_credits (organization_id, account_id, created_at, id) WHERE balance > 0
;;
CREATE INDEX ix_customer_credits_newest ON customer_credits (organization_id, created_at, id)
;;
CREATE INDEX ix_customer_credits_payment ON customer_credits (organization_id, payment_id)
;;
ALTER TABLE customer_credits ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE customer_credits FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON customer_credits
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON customer_credits TO crm_app
;;
CREATE TABLE receivables (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    account_id UUID NOT NULL,
    policy_id UUID,
    instalment_id UUID,
    receipt_id UUID,
    kind VARCHAR(40) NOT NULL,
    original_amount BIGINT NOT NULL,
    paid_amount BIGINT DEFAULT '0' NOT NULL,
    written_off_amount BIGINT DEFAULT '0' NOT NULL,
    balance BIGINT GENERATED ALWAYS AS (original_amount - paid_amount - written_off_amount) STORED NOT NULL,
    due_on DATE NOT NULL,
    status VARCHAR(40) NOT NULL,
    settled_at TIMESTAMP(3) WITH TIME ZONE,
    dispute_reason TEXT,
    disputed_at TIMESTAMP(3) WITH TIME ZONE,
    collector_user_id UUID,
    dunning_state VARCHAR(40) NOT NULL,
    dunning_level INTEGER DEFAULT '0' NOT NULL,
    dunning_cycle INTEGER DEFAULT '1' NOT NULL,
    dunning_from_on DATE NOT NULL,
    dunning_next_on DATE,
    dunning_since TIMESTAMP(3) WITH TIME ZONE,
    promise_amount BIGINT,
    promise_on DATE,
    source_system TEXT DEFAULT 'crm' NOT NULL,
    external_id TEXT,
    as_of TIMESTAMP(3) WITH TIME ZONE,
    owner_user_id UUID,
    agency_id UUID,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_receivables PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_receivables_account FOREIGN KEY(organization_id, account_id) REFERENCES accounts (organization_id, id),
    CONSTRAINT fk_receivables_policy FOREIGN KEY(organization_id, policy_id) REFERENCES policies (organization_id, id),
    CONSTRAINT fk_receivables_receipt FOREIGN KEY(organization_id, receipt_id) REFERENCES premium_receipts (organization_id, id),
    CONSTRAINT fk_receivables_instalment FOREIGN KEY(organization_id, instalment_id) REFERENCES instalments (organization_id, id),
    CONSTRAINT fk_receivables_collector FOREIGN KEY(organization_id, collector_user_id) REFERENCES users (organization_id, id),
    CONSTRAINT ck_receivables_amount_sign CHECK (original_amount > 0),
    CONSTRAINT ck_receivables_paid_sign CHECK (paid_amount >= 0 AND written_off_amount >= 0),
    CONSTRAINT ck_receivables_never_below_zero CHECK (paid_amount + written_off_amount <= original_amount),
    CONSTRAINT ck_receivables_settled_when_nothing_is_left CHECK ((status IN ('settled', 'written_off')) = (paid_amount + written_off_amount = original_amount)),
    CONSTRAINT ck_receivables_disputed_since CHECK ((status = 'disputed') = (disputed_at IS NOT NULL)),
    CONSTRAINT ck_receivables_dunning_level_range CHECK (dunning_level BETWEEN 0 AND 4),
    CONSTRAINT ck_receivables_dunning_cycle_from_one CHECK (dunning_cycle >= 1),
    CONSTRAINT ck_receivables_dispute_reason_length CHECK (char_length(dispute_reason) <= 300),
    CONSTRAINT ck_receivables_source_system_length CHECK (char_length(source_system) <= 40),
    CONSTRAINT ck_receivables_external_id_length CHECK (char_length(external_id) <= 80),
    CONSTRAINT ck_receivables_kind_known CHECK (kind IN ('premium', 'recovery', 'deductible', 'overpaid_claim', 'other')),
    CONSTRAINT ck_receivables_status_known CHECK (status IN ('open', 'partially_settled', 'settled', 'disputed', 'written_off')),
    CONSTRAINT ck_receivables_dunning_state_known CHECK (dunning_state IN ('quiet', 'noticed', 'due', 'overdue', 'formal_notice_due', 'formal_notice_sent', 'suspension_proposed', 'suspended', 'termination_proposed', 'terminated', 'ended'))
)
;;
CREATE INDEX ix_receivables_account ON receivables (organization_id, account_id, due_on, id)
;;
CREATE INDEX ix_receivables_agency ON receivables (organization_id, agency_id, due_on, id)
;;
CREATE INDEX ix_receivables_balance ON receivables (organization_id, balance, id)
;;
CREATE INDEX ix_receivables_clock ON receivables (organization_id, dunning_state, dunning_next_on, id) WHERE dunning_next_on IS NOT NULL AND status IN ('open', 'partially_settled')
;;
CREATE INDEX ix_receivables_collector ON receivables (organization_id, collector_user_id, due_on, id)
;;
CREATE INDEX ix_receivables_due ON receivables (organization_id, due_on, id)
;;
CREATE INDEX ix_receivables_instalment ON receivables (organization_id, instalment_id)
;;
CREATE INDEX ix_receivables_newest ON receivables (organization_id, created_at, id)
;;
CREATE INDEX ix_receivables_owed ON receivables (organization_id, due_on, id) WHERE balance > 0
;;
CREATE INDEX ix_receivables_policy ON receivables (organization_id, policy_id, due_on, id)
;;
CREATE INDEX ix_receivables_producer ON receivables (organization_id, owner_user_id, due_on, id)
;;
CREATE INDEX ix_receivables_status ON receivables (organization_id, status, due_on, id)
;;
CREATE UNIQUE INDEX uq_receivables_external ON receivables (organization_id, source_system, external_id) WHERE external_id IS NOT NULL
;;
CREATE UNIQUE INDEX uq_receivables_receipt ON receivables (organization_id, receipt_id) WHERE receipt_id IS NOT NULL
;;
ALTER TABLE receivables ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE receivables FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON receivables
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON receivables TO crm_app
;;
CREATE TABLE arrears_plans (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    receivable_id UUID NOT NULL,
    total BIGINT NOT NULL,
    paid_before BIGINT NOT NULL,
    status VARCHAR(40) NOT NULL,
    ended_at TIMESTAMP(3) WITH TIME ZONE,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_arrears_plans PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_arrears_plans_receivable FOREIGN KEY(organization_id, receivable_id) REFERENCES receivables (organization_id, id),
    CONSTRAINT ck_arrears_plans_amount_sign CHECK (total > 0),
    CONSTRAINT ck_arrears_plans_status_known CHECK (status IN ('active', 'completed', 'broken', 'cancelled'))
)
;;
CREATE INDEX ix_arrears_plans_receivable ON arrears_plans (organization_id, receivable_id, created_at, id)
;;
CREATE INDEX ix_arrears_plans_running ON arrears_plans (organization_id, id) WHERE status = 'active'
;;
CREATE UNIQUE INDEX uq_arrears_plans_active ON arrears_plans (organization_id, receivable_id) WHERE status = 'active'
;;
ALTER TABLE arrears_plans ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE arrears_plans FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON arrears_plans
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON arrears_plans TO crm_app
;;
CREATE TABLE dunning_pauses (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    receivable_id UUID NOT NULL,
    cycle INTEGER NOT NULL,
    kind VARCHAR(40) NOT NULL,
    from_on DATE NOT NULL,
    to_on DATE,
    held_next_on DATE,
    days INTEGER DEFAULT '0' NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_dunning_pauses PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_dunning_pauses_receivable FOREIGN KEY(organization_id, receivable_id) REFERENCES receivables (organization_id, id),
    CONSTRAINT ck_dunning_pauses_period CHECK (to_on >= from_on),
    CONSTRAINT ck_dunning_pauses_days_sign CHECK (days >= 0),
    CONSTRAINT ck_dunning_pauses_kind_known CHECK (kind IN ('promise', 'dispute', 'plan'))
)
;;
CREATE INDEX ix_dunning_pauses_receivable ON dunning_pauses (organization_id, receivable_id, from_on, id)
;;
CREATE UNIQUE INDEX uq_dunning_pauses_running ON dunning_pauses (organization_id, receivable_id, kind) WHERE to_on IS NULL
;;
ALTER TABLE dunning_pauses ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE dunning_pauses FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON dunning_pauses
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON dunning_pauses TO crm_app
;;
CREATE TABLE dunning_proposals (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    receivable_id UUID NOT NULL,
    policy_id UUID NOT NULL,
    cycle INTEGER NOT NULL,
    round INTEGER DEFAULT '1' NOT NULL,
    kind VARCHAR(40) NOT NULL,
    status VARCHAR(40) NOT NULL,
    proposed_on DATE NOT NULL,
    confirmed_by_id UUID,
    confirmed_at TIMESTAMP(3) WITH TIME ZONE,
    approved_by_id UUID,
    decided_at TIMESTAMP(3) WITH TIME ZONE,
    decision_reason TEXT,
    posting_number TEXT,
    owner_user_id UUID,
    agency_id UUID,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_dunning_proposals PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_dunning_proposals_receivable FOREIGN KEY(organization_id, receivable_id) REFERENCES receivables (organization_id, id),
    CONSTRAINT fk_dunning_proposals_policy FOREIGN KEY(organization_id, policy_id) REFERENCES policies (organization_id, id),
    CONSTRAINT ck_dunning_proposals_approved_by_another CHECK (approved_by_id <> confirmed_by_id),
    CONSTRAINT ck_dunning_proposals_approved_by_somebody CHECK (status <> 'approved' OR approved_by_id IS NOT NULL),
    CONSTRAINT ck_dunning_proposals_decision_reason_length CHECK (char_length(decision_reason) <= 500),
    CONSTRAINT ck_dunning_proposals_kind_known CHECK (kind IN ('suspension', 'termination')),
    CONSTRAINT ck_dunning_proposals_status_known CHECK (status IN ('proposed', 'confirmed', 'approved', 'refused', 'lapsed'))
)
;;
CREATE INDEX ix_dunning_proposals_agency ON dunning_proposals (organization_id, agency_id, created_at, id)
;;
CREATE INDEX ix_dunning_proposals_newest ON dunning_proposals (organization_id, created_at, id)
;;
CREATE INDEX ix_dunning_proposals_policy ON dunning_proposals (organization_id, policy_id, created_at, id)
;;
CREATE INDEX ix_dunning_proposals_producer ON dunning_proposals (organization_id, owner_user_id, created_at, id)
;;
CREATE INDEX ix_dunning_proposals_status ON dunning_proposals (organization_id, status, created_at, id)
;;
CREATE UNIQUE INDEX uq_dunning_proposals_once ON dunning_proposals (organization_id, receivable_id, cycle, kind, round)
;;
ALTER TABLE dunning_proposals ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE dunning_proposals FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON dunning_proposals
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON dunning_proposals TO crm_app
;;
CREATE TABLE dunning_steps (
    organization_id UUID NOT NULL,
    id BIGINT GENERATED BY DEFAULT AS IDENTITY,
    receivable_id UUID NOT NULL,
    cycle INTEGER NOT NULL,
    kind VARCHAR(40) NOT NULL,
    round INTEGER DEFAULT '1' NOT NULL,
    effective_on DATE NOT NULL,
    rule_code TEXT,
    counted_from DATE,
    balance BIGINT NOT NULL,
    channel VARCHAR(40) NOT NULL,
    posting_number TEXT,
    document_id UUID,
    notification_id UUID,
    at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    actor_id UUID,
    CONSTRAINT pk_dunning_steps PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_dunning_steps_receivable FOREIGN KEY(organization_id, receivable_id) REFERENCES receivables (organization_id, id),
    CONSTRAINT ck_dunning_steps_from_one CHECK (cycle >= 1 AND round >= 1),
    CONSTRAINT ck_dunning_steps_rule_code_length CHECK (char_length(rule_code) <= 40),
    CONSTRAINT ck_dunning_steps_posting_number_length CHECK (char_length(posting_number) <= 60),
    CONSTRAINT ck_dunning_steps_kind_known CHECK (kind IN ('notice', 'due', 'reminder', 'formal_notice_due', 'formal_notice', 'suspension_proposal', 'suspension', 'termination_proposal', 'termination', 'reinstatement', 'ended')),
    CONSTRAINT ck_dunning_steps_channel_known CHECK (channel IN ('letter', 'registered_letter', 'email', 'none'))
)
;;
CREATE UNIQUE INDEX uq_dunning_steps_once ON dunning_steps (organization_id, receivable_id, cycle, kind, round)
;;
ALTER TABLE dunning_steps ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE dunning_steps FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON dunning_steps
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT ON dunning_steps TO crm_app
;;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON dunning_steps
    FOR EACH ROW EXECUTE FUNCTION crm_refuse_change()
;;
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON dunning_steps
    FOR EACH STATEMENT EXECUTE FUNCTION crm_refuse_change()
;;
CREATE TABLE payment_allocations (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    payment_id UUID,
    credit_id UUID,
    receivable_id UUID NOT NULL,
    amount BIGINT NOT NULL,
    taken_back_at TIMESTAMP(3) WITH TIME ZONE,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_payment_allocations PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_payment_allocations_payment FOREIGN KEY(organization_id, payment_id) REFERENCES payments (organization_id, id),
    CONSTRAINT fk_payment_allocations_credit FOREIGN KEY(organization_id, credit_id) REFERENCES customer_credits (organization_id, id),
    CONSTRAINT fk_payment_allocations_receivable FOREIGN KEY(organization_id, receivable_id) REFERENCES receivables (organization_id, id),
    CONSTRAINT ck_payment_allocations_one_source CHECK (num_nonnulls(payment_id, credit_id) = 1),
    CONSTRAINT ck_payment_allocations_amount_sign CHECK (amount > 0)
)
;;
CREATE INDEX ix_payment_allocations_credit ON payment_allocations (organization_id, credit_id)
;;
CREATE INDEX ix_payment_allocations_payment ON payment_allocations (organization_id, payment_id)
;;
CREATE INDEX ix_payment_allocations_receivable ON payment_allocations (organization_id, receivable_id, created_at, id)
;;
ALTER TABLE payment_allocations ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE payment_allocations FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON payment_allocations
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON payment_allocations TO crm_app
;;
CREATE TABLE promises_to_pay (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    receivable_id UUID NOT NULL,
    amount BIGINT NOT NULL,
    promised_on DATE NOT NULL,
    paid_before BIGINT NOT NULL,
    said TEXT,
    status VARCHAR(40) NOT NULL,
    ended_at TIMESTAMP(3) WITH TIME ZONE,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_promises_to_pay PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_promises_to_pay_receivable FOREIGN KEY(organization_id, receivable_id) REFERENCES receivables (organization_id, id),
    CONSTRAINT ck_promises_to_pay_amount_sign CHECK (amount > 0),
    CONSTRAINT ck_promises_to_pay_said_length CHECK (char_length(said) <= 300),
    CONSTRAINT ck_promises_to_pay_status_known CHECK (status IN ('open', 'kept', 'broken', 'replaced'))
)
;;
CREATE INDEX ix_promises_to_pay_receivable ON promises_to_pay (organization_id, receivable_id, created_at, id)
;;
CREATE INDEX ix_promises_to_pay_running ON promises_to_pay (organization_id, promised_on) WHERE status = 'open'
;;
CREATE UNIQUE INDEX uq_promises_to_pay_open ON promises_to_pay (organization_id, receivable_id) WHERE status = 'open'
;;
ALTER TABLE promises_to_pay ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE promises_to_pay FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON promises_to_pay
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON promises_to_pay TO crm_app
;;
CREATE TABLE write_offs (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    receivable_id UUID NOT NULL,
    amount BIGINT NOT NULL,
    reason TEXT NOT NULL,
    status VARCHAR(40) NOT NULL,
    decided_by_id UUID,
    decided_at TIMESTAMP(3) WITH TIME ZONE,
    decision_reason TEXT,
    owner_user_id UUID,
    agency_id UUID,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_write_offs PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_write_offs_receivable FOREIGN KEY(organization_id, receivable_id) REFERENCES receivables (organization_id, id),
    CONSTRAINT ck_write_offs_amount_sign CHECK (amount > 0),
    CONSTRAINT ck_write_offs_decided_by_another CHECK (decided_by_id <> owner_user_id),
    CONSTRAINT ck_write_offs_decided_by_somebody CHECK ((status IN ('approved', 'refused')) = (decided_by_id IS NOT NULL)),
    CONSTRAINT ck_write_offs_reason_length CHECK (char_length(reason) <= 500),
    CONSTRAINT ck_write_offs_decision_reason_length CHECK (char_length(decision_reason) <= 500),
    CONSTRAINT ck_write_offs_status_known CHECK (status IN ('requested', 'approved', 'refused', 'cancelled'))
)
;;
CREATE INDEX ix_write_offs_agency ON write_offs (organization_id, agency_id, created_at, id)
;;
CREATE INDEX ix_write_offs_newest ON write_offs (organization_id, created_at, id)
;;
CREATE INDEX ix_write_offs_receivable ON write_offs (organization_id, receivable_id, created_at, id)
;;
CREATE INDEX ix_write_offs_status ON write_offs (organization_id, status, created_at, id)
;;
CREATE UNIQUE INDEX uq_write_offs_open ON write_offs (organization_id, receivable_id) WHERE status = 'requested'
;;
ALTER TABLE write_offs ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE write_offs FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON write_offs
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON write_offs TO crm_app
;;
CREATE TABLE arrears_parts (
    organization_id UUID NOT NULL,
    plan_id UUID NOT NULL,
    seq INTEGER NOT NULL,
    due_on DATE NOT NULL,
    amount BIGINT NOT NULL,
    CONSTRAINT pk_arrears_parts PRIMARY KEY (organization_id, plan_id, seq),
    CONSTRAINT fk_arrears_parts_plan FOREIGN KEY(organization_id, plan_id) REFERENCES arrears_plans (organization_id, id),
    CONSTRAINT ck_arrears_parts_amount_sign CHECK (amount > 0),
    CONSTRAINT ck_arrears_parts_seq_from_one CHECK (seq >= 1)
)
;;
ALTER TABLE arrears_parts ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE arrears_parts FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON arrears_parts
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON arrears_parts TO crm_app
