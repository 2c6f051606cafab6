CREATE TABLE loyalty_programs (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    name TEXT DEFAULT 'Eden' NOT NULL,
    active BOOLEAN DEFAULT true NOT NULL,
    dinars_per_point INTEGER DEFAULT '100' NOT NULL,
    no_claim_points INTEGER DEFAULT '200' NOT NULL,
    referral_points INTEGER DEFAULT '100' NOT NULL,
    silver_from INTEGER DEFAULT '1000' NOT NULL,
    gold_from INTEGER DEFAULT '5000' NOT NULL,
    platinum_from INTEGER DEFAULT '15000' NOT NULL,
    validity_months INTEGER DEFAULT '24' NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_loyalty_programs PRIMARY KEY (organization_id, id),
    CONSTRAINT ck_loyalty_programs_dinars CHECK (dinars_per_point BETWEEN 1 AND 100000),
    CONSTRAINT ck_loyalty_programs_gifts CHECK (no_claim_points >= 0 AND referral_points >= 0),
    CONSTRAINT ck_loyalty_programs_tiers CHECK (0 < silver_from AND silver_from < gold_from AND gold_from < platinum_from),
    CONSTRAINT ck_loyalty_programs_validity CHECK (validity_months BETWEEN 1 AND 120),
    CONSTRAINT ck_loyalty_programs_name_length CHECK (char_length(name) <= 80)
)
;;
CREATE INDEX ix_loyalty_programs_newest ON loyalty_programs (organization_id, created_at, id)
;;
CREATE UNIQUE INDEX uq_loyalty_programs_one ON loyalty_programs (organization_id)
;;
ALTER TABLE loyalty_programs ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE loyalty_programs FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON loyalty_programs
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON loyalty_programs TO crm_app
;;
CREATE TABLE loyalty_accounts (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    contact_id UUID NOT NULL,
    consent_id UUID NOT NULL,
    status VARCHAR(40) NOT NULL,
    balance INTEGER DEFAULT '0' NOT NULL,
    owed INTEGER DEFAULT '0' NOT NULL,
    tier VARCHAR(40) NOT NULL,
    tier_until DATE,
    enrolled_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_loyalty_accounts PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_loyalty_accounts_contact FOREIGN KEY(organization_id, contact_id) REFERENCES contacts (organization_id, id),
    CONSTRAINT fk_loyalty_accounts_consent FOREIGN KEY(organization_id, consent_id) REFERENCES consents (organization_id, id),
    CONSTRAINT ck_loyalty_accounts_balance_never_negative CHECK (balance >= 0),
    CONSTRAINT ck_loyalty_accounts_owed_never_negative CHECK (owed >= 0),
    CONSTRAINT ck_loyalty_accounts_status_known CHECK (status IN ('active', 'closed')),
    CONSTRAINT ck_loyalty_accounts_tier_known CHECK (tier IN ('standard', 'silver', 'gold', 'platinum'))
)
;;
CREATE INDEX ix_loyalty_accounts_newest ON loyalty_accounts (organization_id, created_at, id)
;;
CREATE INDEX ix_loyalty_accounts_tier ON loyalty_accounts (organization_id, tier, created_at, id)
;;
CREATE UNIQUE INDEX uq_loyalty_accounts_contact ON loyalty_accounts (organization_id, contact_id)
;;
ALTER TABLE loyalty_accounts ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE loyalty_accounts FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON loyalty_accounts
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON loyalty_accounts TO crm_app
;;
CREATE TABLE loyalty_transactions (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    loyalty_account_id UUID NOT NULL,
    type VARCHAR(40) NOT NULL,
    origin VARCHAR(40) NOT NULL,
    points INTEGER NOT NULL,
    shortfall INTEGER DEFAULT '0' NOT NULL,
    source_id UUID,
    idempotency_key TEXT NOT NULL,
    expires_on DATE,
    reason TEXT,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_loyalty_transactions PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_loyalty_transactions_account FOREIGN KEY(organization_id, loyalty_account_id) REFERENCES loyalty_accounts (organization_id, id),
    CONSTRAINT ck_loyalty_transactions_moves_something CHECK (points <> 0 OR shortfall > 0),
    CONSTRAINT ck_loyalty_transactions_shortfall_sign CHECK (shortfall >= 0),
    CONSTRAINT ck_loyalty_transactions_adjusted_with_reason CHECK (type <> 'adjust' OR reason IS NOT NULL),
    CONSTRAINT ck_loyalty_transactions_earned_is_positive CHECK ((type = 'earn' AND points > 0) = (type = 'earn')),
    CONSTRAINT ck_loyalty_transactions_spent_is_negative CHECK (type NOT IN ('redeem', 'expire') OR points < 0),
    CONSTRAINT ck_loyalty_transactions_idempotency_key_length CHECK (char_length(idempotency_key) <= 120),
    CONSTRAINT ck_loyalty_transactions_reason_length CHECK (char_length(reason) <= 200),
    CONSTRAINT ck_loyalty_transactions_type_known CHECK (type IN ('earn', 'redeem', 'expire', 'adjust', 'reverse')),
    CONSTRAINT ck_loyalty_transactions_origin_known CHECK (origin IN ('premium', 'no_claim', 'referral', 'redemption', 'expiry', 'staff', 'debt'))
)
;;
CREATE INDEX ix_loyalty_transactions_account ON loyalty_transactions (organization_id, loyalty_account_id, created_at, id)
;;
CREATE INDEX ix_loyalty_transactions_expiry ON loyalty_transactions (organization_id, expires_on) WHERE expires_on IS NOT NULL
;;
CREATE INDEX ix_loyalty_transactions_newest ON loyalty_transactions (organization_id, created_at, id)
;;
CREATE INDEX ix_loyalty_transactions_source ON loyalty_transactions (organization_id, source_id, origin)
;;
CREATE UNIQUE INDEX uq_loyalty_transactions_key ON loyalty_transactions (organization_id, idempotency_key)
;;
ALTER TABLE loyalty_transactions ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE loyalty_transactions FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON loyalty_transactions
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT ON loyalty_transactions TO crm_app
;;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON loyalty_transactions
    FOR EACH ROW EXECUTE FUNCTION crm_refuse_change()
;;
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON loyalty_transactions
    FOR EACH STATEMENT EXECUTE FUNCTION crm_refuse_change()
;;
CREATE TABLE loyalty_rewards (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    code TEXT NOT NULL,
    label_fr TEXT NOT NULL,
    kind VARCHAR(40) NOT NULL,
    cost_points INTEGER NOT NULL,
    stock INTEGER,
    coverage_code TEXT,
    valid_from DATE NOT NULL,
    valid_to DATE,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_loyalty_rewards PRIMARY KEY (organization_id, id),
    CONSTRAINT ck_loyalty_rewards_costs_something CHECK (cost_points > 0),
    CONSTRAINT ck_loyalty_rewards_stock_never_negative CHECK (stock >= 0),
    CONSTRAINT ck_loyalty_rewards_order CHECK (valid_to >= valid_from),
    CONSTRAINT ck_loyalty_rewards_cover_named CHECK ((kind = 'optional_cover_discount') = (coverage_code IS NOT NULL)),
    CONSTRAINT ck_loyalty_rewards_code_length CHECK (char_length(code) <= 40),
    CONSTRAINT ck_loyalty_rewards_label_fr_length CHECK (char_length(label_fr) <= 120),
    CONSTRAINT ck_loyalty_rewards_coverage_code_length CHECK (char_length(coverage_code) <= 12),
    CONSTRAINT ck_loyalty_rewards_kind_known CHECK (kind IN ('assistance_upgrade', 'optional_cover_discount', 'gift', 'voucher'))
)
;;
CREATE INDEX ix_loyalty_rewards_newest ON loyalty_rewards (organization_id, created_at, id)
;;
CREATE UNIQUE INDEX uq_loyalty_rewards_code ON loyalty_rewards (organization_id, code)
;;
ALTER TABLE loyalty_rewards ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE loyalty_rewards FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON loyalty_rewards
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON loyalty_rewards TO crm_app
;;
CREATE TABLE loyalty_redemptions (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    loyalty_account_id UUID NOT NULL,
    reward_id UUID NOT NULL,
    points INTEGER NOT NULL,
    status VARCHAR(40) NOT NULL,
    cancel_reason TEXT,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_loyalty_redemptions PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_loyalty_redemptions_account FOREIGN KEY(organization_id, loyalty_account_id) REFERENCES loyalty_accounts (organization_id, id),
    CONSTRAINT fk_loyalty_redemptions_reward FOREIGN KEY(organization_id, reward_id) REFERENCES loyalty_rewards (organization_id, id),
    CONSTRAINT ck_loyalty_redemptions_costs_something CHECK (points > 0),
    CONSTRAINT ck_loyalty_redemptions_cancel_reason_length CHECK (char_length(cancel_reason) <= 200),
    CONSTRAINT ck_loyalty_redemptions_status_known CHECK (status IN ('requested', 'approved', 'delivered', 'cancelled'))
)
;;
CREATE INDEX ix_loyalty_redemptions_account ON loyalty_redemptions (organization_id, loyalty_account_id, created_at, id)
;;
CREATE INDEX ix_loyalty_redemptions_newest ON loyalty_redemptions (organization_id, created_at, id)
;;
CREATE INDEX ix_loyalty_redemptions_status ON loyalty_redemptions (organization_id, status, created_at, id)
;;
ALTER TABLE loyalty_redemptions ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE loyalty_redemptions FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON loyalty_redemptions
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON loyalty_redemptions TO crm_app
