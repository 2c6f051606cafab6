CREATE TABLE coverage_definitions (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    code TEXT NOT NULL,
    label_fr TEXT NOT NULL,
    label_ar TEXT,
    label_en TEXT,
    kind VARCHAR(40) NOT NULL,
    mandatory BOOLEAN NOT NULL,
    default_limit BIGINT,
    deductible_rule JSONB DEFAULT '{}' NOT NULL,
    waiting_days INTEGER NOT NULL,
    depends_on TEXT[] DEFAULT '{}' NOT NULL,
    excludes TEXT[] DEFAULT '{}' NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_coverage_definitions PRIMARY KEY (organization_id, id),
    CONSTRAINT ck_coverage_definitions_code_length CHECK (char_length(code) <= 12),
    CONSTRAINT ck_coverage_definitions_label_fr_length CHECK (char_length(label_fr) <= 120),
    CONSTRAINT ck_coverage_definitions_kind_known CHECK (kind IN ('flat', 'rate_on_value', 'table', 'included'))
)
;;
CREATE UNIQUE INDEX uq_coverage_definitions_code ON coverage_definitions (organization_id, code)
;;
ALTER TABLE coverage_definitions ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE coverage_definitions FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON coverage_definitions
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON coverage_definitions TO crm_app
;;
CREATE TABLE products (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    code TEXT NOT NULL,
    branch_code TEXT NOT NULL,
    label_fr TEXT NOT NULL,
    label_ar TEXT,
    label_en TEXT,
    description TEXT,
    target VARCHAR(40) NOT NULL,
    target_audience TEXT,
    object_kinds TEXT[] DEFAULT '{}' NOT NULL,
    compulsory VARCHAR(40) NOT NULL,
    compulsory_basis TEXT,
    questionnaire JSONB DEFAULT '{}' NOT NULL,
    eligibility JSONB DEFAULT '[]' NOT NULL,
    tax_profile_code TEXT NOT NULL,
    tariff_code TEXT,
    term_months INTEGER[] DEFAULT '{}' NOT NULL,
    tacit_renewal BOOLEAN NOT NULL,
    sellable_online BOOLEAN NOT NULL,
    takaful BOOLEAN NOT NULL,
    documents_underwriting TEXT[] DEFAULT '{}' NOT NULL,
    documents_claim JSONB DEFAULT '{}' NOT NULL,
    status VARCHAR(40) NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_products PRIMARY KEY (organization_id, id),
    CONSTRAINT ck_products_validity CHECK (valid_to >= valid_from),
    CONSTRAINT ck_products_code_length CHECK (char_length(code) <= 40),
    CONSTRAINT ck_products_label_fr_length CHECK (char_length(label_fr) <= 120),
    CONSTRAINT ck_products_description_length CHECK (char_length(description) <= 4000),
    CONSTRAINT ck_products_target_known CHECK (target IN ('individual', 'company', 'both')),
    CONSTRAINT ck_products_compulsory_known CHECK (compulsory IN ('yes', 'partly', 'no')),
    CONSTRAINT ck_products_status_known CHECK (status IN ('draft', 'active', 'retired'))
)
;;
CREATE INDEX ix_products_newest ON products (organization_id, created_at, id)
;;
CREATE UNIQUE INDEX uq_products_code ON products (organization_id, code)
;;
ALTER TABLE products ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE products FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON products
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON products TO crm_app
;;
CREATE TABLE tax_profiles (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    code TEXT NOT NULL,
    valid_from DATE NOT NULL,
    vat_rate NUMERIC(9, 6) NOT NULL,
    vat_base VARCHAR(40) NOT NULL,
    fga_rate NUMERIC(9, 6) NOT NULL,
    fga_base VARCHAR(40) NOT NULL,
    policy_fee BIGINT NOT NULL,
    dimension_stamp BIGINT NOT NULL,
    stamp_mode VARCHAR(40) NOT NULL,
    stamp_brackets JSONB DEFAULT '[]' NOT NULL,
    stamp_multiplier JSONB DEFAULT '{}' NOT NULL,
    vehicle_tax JSONB DEFAULT '{}' NOT NULL,
    source_ref TEXT,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_tax_profiles PRIMARY KEY (organization_id, id),
    CONSTRAINT ck_tax_profiles_amounts CHECK (policy_fee >= 0 AND dimension_stamp >= 0),
    CONSTRAINT ck_tax_profiles_rates CHECK (vat_rate BETWEEN 0 AND 1 AND fga_rate BETWEEN 0 AND 1),
    CONSTRAINT ck_tax_profiles_code_length CHECK (char_length(code) <= 20),
    CONSTRAINT ck_tax_profiles_source_ref_length CHECK (char_length(source_ref) <= 200),
    CONSTRAINT ck_tax_profiles_vat_base_known CHECK (vat_base IN ('net_plus_fee', 'net')),
    CONSTRAINT ck_tax_profiles_fga_base_known CHECK (fga_base IN ('rc_plus_fee', 'net')),
    CONSTRAINT ck_tax_profiles_stamp_mode_known CHECK (stamp_mode IN ('none', 'progressive', 'slab'))
)
;;
CREATE UNIQUE INDEX uq_tax_profiles_code ON tax_profiles (organization_id, code, valid_from)
;;
ALTER TABLE tax_profiles ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE tax_profiles FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON tax_profiles
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON tax_profiles TO crm_app
;;
CREATE TABLE plans (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    product_code TEXT NOT NULL,
    code TEXT NOT NULL,
    label_fr TEXT NOT NULL,
    label_ar TEXT,
    label_en TEXT,
    coverages JSONB DEFAULT '[]' NOT NULL,
    min_value BIGINT,
    max_value BIGINT,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_plans PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_plans_product FOREIGN KEY(organization_id, product_code) REFERENCES products (organization_id, code),
    CONSTRAINT ck_plans_values CHECK (min_value >= 0 AND max_value >= min_value),
    CONSTRAINT ck_plans_code_length CHECK (char_length(code) <= 20),
    CONSTRAINT ck_plans_label_fr_length CHECK (char_length(label_fr) <= 80)
)
;;
CREATE UNIQUE INDEX uq_plans_code ON plans (organization_id, product_code, code)
;;
ALTER TABLE plans ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE plans FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON plans
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON plans TO crm_app
;;
CREATE TABLE tariff_rows (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    product_code TEXT NOT NULL,
    coverage_code TEXT NOT NULL,
    part VARCHAR(40) NOT NULL,
    measure TEXT DEFAULT '' NOT NULL,
    group_code TEXT DEFAULT '' NOT NULL,
    keys JSONB DEFAULT '{}' NOT NULL,
    flat_amount BIGINT,
    rate NUMERIC(12, 6),
    min_premium BIGINT,
    valid_from DATE NOT NULL,
    valid_to DATE,
    source_ref TEXT,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_tariff_rows PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_tariff_rows_product FOREIGN KEY(organization_id, product_code) REFERENCES products (organization_id, code),
    CONSTRAINT ck_tariff_rows_amount_or_rate CHECK ((flat_amount IS NULL) <> (rate IS NULL)),
    CONSTRAINT ck_tariff_rows_shares_are_rates CHECK (part NOT IN ('factor', 'loading', 'penalty', 'term', 'discount_cap') OR rate IS NOT NULL),
    CONSTRAINT ck_tariff_rows_not_negative CHECK (flat_amount >= 0 AND rate >= 0 AND min_premium >= 0),
    CONSTRAINT ck_tariff_rows_validity CHECK (valid_to >= valid_from),
    CONSTRAINT ck_tariff_rows_coverage_code_length CHECK (char_length(coverage_code) <= 20),
    CONSTRAINT ck_tariff_rows_measure_length CHECK (char_length(measure) <= 40),
    CONSTRAINT ck_tariff_rows_group_code_length CHECK (char_length(group_code) <= 20),
    CONSTRAINT ck_tariff_rows_source_ref_length CHECK (char_length(source_ref) <= 200),
    CONSTRAINT ck_tariff_rows_part_known CHECK (part IN ('measure', 'base', 'factor', 'floor', 'loading', 'penalty', 'term', 'discount_cap'))
)
;;
CREATE INDEX ix_tariff_rows_begin ON tariff_rows (organization_id, valid_from, id)
;;
CREATE INDEX ix_tariff_rows_product ON tariff_rows (organization_id, product_code, coverage_code, valid_from, id)
;;
CREATE UNIQUE INDEX uq_tariff_rows_start ON tariff_rows (organization_id, product_code, coverage_code, part, measure, group_code, keys, valid_from)
;;
ALTER TABLE tariff_rows ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE tariff_rows FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON tariff_rows
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON tariff_rows TO crm_app
;;
CREATE TABLE insured_objects (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    account_id UUID NOT NULL,
    contact_id UUID,
    kind VARCHAR(40) NOT NULL,
    label_text TEXT NOT NULL,
    status VARCHAR(40) NOT NULL,
    details JSONB DEFAULT '{}' NOT NULL,
    plate_index BYTEA,
    vin_index BYTEA,
    valuation_amount BIGINT,
    valued_on DATE,
    sealed BYTEA,
    masked JSONB DEFAULT '{}' NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_insured_objects PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_insured_objects_account FOREIGN KEY(organization_id, account_id) REFERENCES accounts (organization_id, id),
    CONSTRAINT fk_insured_objects_contact FOREIGN KEY(organization_id, contact_id) REFERENCES contacts (organization_id, id),
    CONSTRAINT ck_insured_objects_label_text_length CHECK (char_length(label_text) <= 160),
    CONSTRAINT ck_insured_objects_valuation_sign CHECK (valuation_amount >= 0),
    CONSTRAINT ck_insured_objects_kind_known CHECK (kind IN ('vehicle', 'home', 'business', 'boat', 'goods', 'person', 'agricultural', 'engineering', 'none')),
    CONSTRAINT ck_insured_objects_status_known CHECK (status IN ('active', 'removed'))
)
;;
CREATE INDEX ix_insured_objects_account ON insured_objects (organization_id, account_id, id)
;;
CREATE INDEX ix_insured_objects_newest ON insured_objects (organization_id, created_at, id)
;;
CREATE INDEX ix_insured_objects_plate ON insured_objects (organization_id, plate_index) WHERE plate_index IS NOT NULL
;;
CREATE INDEX ix_insured_objects_vin ON insured_objects (organization_id, vin_index) WHERE vin_index IS NOT NULL
;;
ALTER TABLE insured_objects ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE insured_objects FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON insured_objects
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON insured_objects TO crm_app
;;
CREATE TABLE policies (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    number TEXT NOT NULL,
    source_system TEXT DEFAULT 'crm' NOT NULL,
    external_id TEXT,
    as_of TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    synced_at TIMESTAMP(3) WITH TIME ZONE,
    account_id UUID NOT NULL,
    policyholder_contact_id UUID,
    product_code TEXT NOT NULL,
    plan_code TEXT,
    branch_code TEXT NOT NULL,
    channel VARCHAR(40) NOT NULL,
    quote_id UUID,
    opportunity_id UUID,
    subscribed_on DATE NOT NULL,
    effective_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    term_months INTEGER NOT NULL,
    renewal_type VARCHAR(40) NOT NULL,
    notice_days INTEGER DEFAULT '90' NOT NULL,
    previous_policy_id UUID,
    next_policy_id UUID,
    price_change_reason VARCHAR(40),
    version_no INTEGER DEFAULT '1' NOT NULL,
    net_premium BIGINT NOT NULL,
    policy_fee BIGINT DEFAULT '0' NOT NULL,
    vat BIGINT DEFAULT '0' NOT NULL,
    fga BIGINT DEFAULT '0' NOT NULL,
    dimension_stamp BIGINT DEFAULT '0' NOT NULL,
    graduated_stamp BIGINT DEFAULT '0' NOT NULL,
    vehicle_tax BIGINT DEFAULT '0' NOT NULL,
    total_premium BIGINT NOT NULL,
    term_net_premium BIGINT NOT NULL,
    annual_net_premium BIGINT NOT NULL,
    payment_plan VARCHAR(40) NOT NULL,
    bonus_malus_coefficient NUMERIC(4, 2),
    status VARCHAR(40) NOT NULL,
    status_reason TEXT,
    status_since TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    first_paid_at TIMESTAMP(3) WITH TIME ZONE,
    in_force_since TIMESTAMP(3) WITH TIME ZONE,
    suspended_at TIMESTAMP(3) WITH TIME ZONE,
    reinstates_at TIMESTAMP(3) WITH TIME ZONE,
    terminated_at TIMESTAMP(3) WITH TIME ZONE,
    termination_reason VARCHAR(40),
    renewal_due_told_at TIMESTAMP(3) WITH TIME ZONE,
    tags TEXT[] DEFAULT '{}' NOT NULL,
    owner_user_id UUID,
    agency_id UUID,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_policies PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_policies_product FOREIGN KEY(organization_id, product_code) REFERENCES products (organization_id, code),
    CONSTRAINT fk_policies_account FOREIGN KEY(organization_id, account_id) REFERENCES accounts (organization_id, id),
    CONSTRAINT fk_policies_holder FOREIGN KEY(organization_id, policyholder_contact_id) REFERENCES contacts (organization_id, id),
    CONSTRAINT fk_policies_agency FOREIGN KEY(organization_id, agency_id) REFERENCES agencies (organization_id, id),
    CONSTRAINT fk_policies_producer FOREIGN KEY(organization_id, owner_user_id) REFERENCES users (organization_id, id),
    CONSTRAINT fk_policies_previous FOREIGN KEY(organization_id, previous_policy_id) REFERENCES policies (organization_id, id),
    CONSTRAINT ck_policies_period CHECK (expires_at > effective_at),
    CONSTRAINT ck_policies_issued_by_an_agency CHECK (agency_id IS NOT NULL),
    CONSTRAINT ck_policies_premium_sign CHECK (net_premium >= 0 AND total_premium >= 0),
    CONSTRAINT ck_policies_premium_adds_up CHECK (total_premium = net_premium + policy_fee + vat + fga + dimension_stamp + graduated_stamp + vehicle_tax),
    CONSTRAINT ck_policies_bonus_malus_range CHECK (bonus_malus_coefficient BETWEEN 0.50 AND 3.50),
    CONSTRAINT ck_policies_terminated_for_a_reason CHECK ((status = 'terminated') = (termination_reason IS NOT NULL)),
    CONSTRAINT ck_policies_reinstated_when_suspended CHECK (status = 'suspended' OR reinstates_at IS NULL),
    CONSTRAINT ck_policies_renews_another CHECK (previous_policy_id <> id),
    CONSTRAINT ck_policies_number_length CHECK (char_length(number) <= 40),
    CONSTRAINT ck_policies_source_system_length CHECK (char_length(source_system) <= 40),
    CONSTRAINT ck_policies_external_id_length CHECK (char_length(external_id) <= 80),
    CONSTRAINT ck_policies_status_reason_length CHECK (char_length(status_reason) <= 500),
    CONSTRAINT ck_policies_channel_known CHECK (channel IN ('agency', 'broker', 'bancassurance', 'online', 'mobile_app', 'call_centre', 'partner')),
    CONSTRAINT ck_policies_renewal_type_known CHECK (renewal_type IN ('tacit', 'explicit', 'none')),
    CONSTRAINT ck_policies_price_change_reason_known CHECK (price_change_reason IN ('tariff', 'bonus_malus', 'cover_change', 'value_change', 'claims', 'discount', 'term', 'other')),
    CONSTRAINT ck_policies_payment_plan_known CHECK (payment_plan IN ('single', 'semiannual', 'quarterly', 'monthly')),
    CONSTRAINT ck_policies_status_known CHECK (status IN ('proposed', 'issued', 'in_force', 'suspended', 'expired', 'renewed', 'terminated', 'cancelled')),
    CONSTRAINT ck_policies_termination_reason_known CHECK (termination_reason IN ('non_payment', 'sale_of_object', 'total_loss', 'insured_request', 'insurer_request', 'fraud', 'death', 'object_destroyed', 'double_insurance'))
)
;;
CREATE INDEX ix_policies_account ON policies (organization_id, account_id, effective_at, id)
;;
CREATE INDEX ix_policies_agency ON policies (organization_id, agency_id, expires_at, id)
;;
CREATE INDEX ix_policies_expiry ON policies (organization_id, expires_at, id)
;;
CREATE INDEX ix_policies_holder ON policies (organization_id, policyholder_contact_id, effective_at, id) WHERE policyholder_contact_id IS NOT NULL
;;
CREATE INDEX ix_policies_newest ON policies (organization_id, created_at, id)
;;
CREATE INDEX ix_policies_number ON policies (organization_id, number, id)
;;
CREATE INDEX ix_policies_premium ON policies (organization_id, total_premium, id)
;;
CREATE UNIQUE INDEX ix_policies_previous ON policies (organization_id, previous_policy_id) WHERE previous_policy_id IS NOT NULL AND status <> 'cancelled'
;;
CREATE INDEX ix_policies_producer ON policies (organization_id, owner_user_id, expires_at, id)
;;
CREATE INDEX ix_policies_product ON policies (organization_id, product_code, expires_at, id)
;;
CREATE INDEX ix_policies_reinstated ON policies (organization_id, reinstates_at) WHERE reinstates_at IS NOT NULL
;;
CREATE INDEX ix_policies_status ON policies (organization_id, status, expires_at, id)
;;
CREATE INDEX ix_policies_untold ON policies (organization_id, expires_at, id) WHERE renewal_due_told_at IS NULL AND next_policy_id IS NULL
;;
CREATE INDEX ix_policies_updated ON policies (organization_id, updated_at, id)
;;
CREATE UNIQUE INDEX uq_policies_external ON policies (organization_id, source_system, external_id) WHERE external_id IS NOT NULL
;;
CREATE UNIQUE INDEX uq_policies_number ON policies (organization_id, source_system, number)
;;
ALTER TABLE policies ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE policies FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON policies
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON policies TO crm_app
;;
CREATE OR REPLACE FUNCTION crm_words_of_policies_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            INSERT INTO search_tokens (organization_id, object_id, token) SELECT added.organization_id, added.id, word.token
            FROM added CROSS JOIN LATERAL (SELECT 'policy/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', added.number), '{}'::text[], '{}'::text[], ARRAY[added.number]::text[])) AS word WHERE word <> '' UNION ALL SELECT 'policy<' || unnest(crm_endings('{}'::text[] || ARRAY[added.number]::text[])) UNION ALL SELECT 'policy#' || unnest(added.tags)) AS word (token)
            ON CONFLICT DO NOTHING;
            RETURN NULL; END $$
;;
CREATE OR REPLACE FUNCTION crm_words_of_policies_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            DELETE FROM search_tokens kept USING ((SELECT 'policy/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', OLD.number), '{}'::text[], '{}'::text[], ARRAY[OLD.number]::text[])) AS word WHERE word <> '' UNION ALL SELECT 'policy<' || unnest(crm_endings('{}'::text[] || ARRAY[OLD.number]::text[])) UNION ALL SELECT 'policy#' || unnest(OLD.tags)) EXCEPT (SELECT 'policy/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', NEW.number), '{}'::text[], '{}'::text[], ARRAY[NEW.number]::text[])) AS word WHERE word <> '' UNION ALL SELECT 'policy<' || unnest(crm_endings('{}'::text[] || ARRAY[NEW.number]::text[])) UNION ALL SELECT 'policy#' || unnest(NEW.tags))) AS word (token)
            WHERE kept.organization_id = OLD.organization_id AND kept.object_id = OLD.id
                AND kept.token = word.token;
            INSERT INTO search_tokens (organization_id, object_id, token) SELECT NEW.organization_id, NEW.id, word.token FROM (SELECT 'policy/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', NEW.number), '{}'::text[], '{}'::text[], ARRAY[NEW.number]::text[])) AS word WHERE word <> '' UNION ALL SELECT 'policy<' || unnest(crm_endings('{}'::text[] || ARRAY[NEW.number]::text[])) UNION ALL SELECT 'policy#' || unnest(NEW.tags)) AS word (token)
            ON CONFLICT DO NOTHING;
            RETURN NULL; END $$
;;
CREATE OR REPLACE FUNCTION crm_words_of_policies_removed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            DELETE FROM search_tokens WHERE organization_id = OLD.organization_id AND object_id = OLD.id;
            RETURN NULL; END $$
;;
CREATE TRIGGER words_added AFTER INSERT ON policies REFERENCING NEW TABLE AS added
            FOR EACH STATEMENT EXECUTE FUNCTION crm_words_of_policies_added()
;;
CREATE TRIGGER words_changed AFTER UPDATE ON policies FOR EACH ROW WHEN (OLD.number IS DISTINCT FROM NEW.number OR OLD.number IS DISTINCT FROM NEW.number OR OLD.tags IS DISTINCT FROM NEW.tags)
            EXECUTE FUNCTION crm_words_of_policies_changed()
;;
CREATE TRIGGER words_removed AFTER DELETE ON policies FOR EACH ROW
            EXECUTE FUNCTION crm_words_of_policies_removed()
;;
CREATE TABLE endorsements (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    policy_id UUID NOT NULL,
    number TEXT NOT NULL,
    type VARCHAR(40) NOT NULL,
    status VARCHAR(40) NOT NULL,
    requested_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    effective_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    reason TEXT NOT NULL,
    changes JSONB DEFAULT '{}' NOT NULL,
    premium_delta BIGINT,
    vat_delta BIGINT,
    fga_delta BIGINT,
    total_delta BIGINT,
    document_ids UUID[] DEFAULT '{}' NOT NULL,
    reviewed_at TIMESTAMP(3) WITH TIME ZONE,
    approved_at TIMESTAMP(3) WITH TIME ZONE,
    approved_by_id UUID,
    applied_at TIMESTAMP(3) WITH TIME ZONE,
    policy_version INTEGER,
    refusal_reason TEXT,
    owner_user_id UUID,
    agency_id UUID,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_endorsements PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_endorsements_policy FOREIGN KEY(organization_id, policy_id) REFERENCES policies (organization_id, id),
    CONSTRAINT fk_endorsements_agency FOREIGN KEY(organization_id, agency_id) REFERENCES agencies (organization_id, id),
    CONSTRAINT fk_endorsements_requester FOREIGN KEY(organization_id, owner_user_id) REFERENCES users (organization_id, id),
    CONSTRAINT ck_endorsements_refused_for_a_reason CHECK ((status = 'refused') = (refusal_reason IS NOT NULL)),
    CONSTRAINT ck_endorsements_applied_once CHECK ((status = 'applied') = (applied_at IS NOT NULL)),
    CONSTRAINT ck_endorsements_approved_by_another CHECK (approved_by_id <> owner_user_id),
    CONSTRAINT ck_endorsements_number_length CHECK (char_length(number) <= 44),
    CONSTRAINT ck_endorsements_reason_length CHECK (char_length(reason) <= 500),
    CONSTRAINT ck_endorsements_refusal_reason_length CHECK (char_length(refusal_reason) <= 300),
    CONSTRAINT ck_endorsements_type_known CHECK (type IN ('object_change', 'coverage_add', 'coverage_remove', 'value_change', 'address_change', 'driver_change', 'transfer_of_ownership', 'loss_payee', 'correction', 'suspension', 'reinstatement', 'termination', 'renewal', 'extension')),
    CONSTRAINT ck_endorsements_status_known CHECK (status IN ('requested', 'in_review', 'approved', 'applied', 'refused', 'cancelled'))
)
;;
CREATE INDEX ix_endorsements_agency ON endorsements (organization_id, agency_id, created_at, id)
;;
CREATE INDEX ix_endorsements_newest ON endorsements (organization_id, created_at, id)
;;
CREATE INDEX ix_endorsements_policy ON endorsements (organization_id, policy_id, created_at, id)
;;
CREATE INDEX ix_endorsements_status ON endorsements (organization_id, status, effective_at, id)
;;
CREATE UNIQUE INDEX uq_endorsements_number ON endorsements (organization_id, number)
;;
ALTER TABLE endorsements ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE endorsements FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON endorsements
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON endorsements TO crm_app
;;
CREATE TABLE health_questionnaires (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    insured_object_id UUID NOT NULL,
    answered_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    sealed BYTEA,
    masked JSONB DEFAULT '{}' NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_health_questionnaires PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_health_questionnaires_object FOREIGN KEY(organization_id, insured_object_id) REFERENCES insured_objects (organization_id, id)
)
;;
CREATE UNIQUE INDEX uq_health_questionnaires_object ON health_questionnaires (organization_id, insured_object_id)
;;
ALTER TABLE health_questionnaires ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE health_questionnaires FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON health_questionnaires
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON health_questionnaires TO crm_app
;;
CREATE TABLE policy_coverages (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    policy_id UUID NOT NULL,
    policy_version INTEGER NOT NULL,
    insured_object_id UUID,
    coverage_code TEXT NOT NULL,
    sum_insured BIGINT,
    limit_amount BIGINT,
    deductible_amount BIGINT,
    deductible_percent NUMERIC(9, 6),
    deductible_min BIGINT,
    net_premium BIGINT NOT NULL,
    effective_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    status VARCHAR(40) NOT NULL,
    exclusions TEXT[] DEFAULT '{}' NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_policy_coverages PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_policy_coverages_policy FOREIGN KEY(organization_id, policy_id) REFERENCES policies (organization_id, id),
    CONSTRAINT fk_policy_coverages_object FOREIGN KEY(organization_id, insured_object_id) REFERENCES insured_objects (organization_id, id),
    CONSTRAINT ck_policy_coverages_period CHECK (expires_at > effective_at),
    CONSTRAINT ck_policy_coverages_amounts CHECK (net_premium >= 0 AND sum_insured >= 0 AND limit_amount >= 0),
    CONSTRAINT ck_policy_coverages_deductible_range CHECK (deductible_percent BETWEEN 0 AND 1),
    CONSTRAINT ck_policy_coverages_coverage_code_length CHECK (char_length(coverage_code) <= 12),
    CONSTRAINT ck_policy_coverages_status_known CHECK (status IN ('active', 'suspended', 'removed'))
)
;;
CREATE UNIQUE INDEX uq_policy_coverages_one ON policy_coverages (organization_id, policy_id, policy_version, coverage_code, coalesce(insured_object_id, '00000000-0000-0000-0000-000000000000'::uuid))
;;
ALTER TABLE policy_coverages ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE policy_coverages FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON policy_coverages
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON policy_coverages TO crm_app
;;
CREATE TABLE policy_objects (
    organization_id UUID NOT NULL,
    policy_id UUID NOT NULL,
    insured_object_id UUID NOT NULL,
    from_version INTEGER NOT NULL,
    to_version INTEGER,
    CONSTRAINT pk_policy_objects PRIMARY KEY (organization_id, policy_id, insured_object_id, from_version),
    CONSTRAINT fk_policy_objects_policy FOREIGN KEY(organization_id, policy_id) REFERENCES policies (organization_id, id),
    CONSTRAINT fk_policy_objects_object FOREIGN KEY(organization_id, insured_object_id) REFERENCES insured_objects (organization_id, id),
    CONSTRAINT ck_policy_objects_versions CHECK (to_version >= from_version)
)
;;
CREATE INDEX ix_policy_objects_object ON policy_objects (organization_id, insured_object_id)
;;
ALTER TABLE policy_objects ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE policy_objects FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON policy_objects
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON policy_objects TO crm_app
;;
CREATE TABLE policy_parties (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    policy_id UUID NOT NULL,
    contact_id UUID,
    account_id UUID,
    role VARCHAR(40) NOT NULL,
    share NUMERIC(9, 6),
    valid_from DATE NOT NULL,
    valid_to DATE,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_policy_parties PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_policy_parties_policy FOREIGN KEY(organization_id, policy_id) REFERENCES policies (organization_id, id),
    CONSTRAINT fk_policy_parties_contact FOREIGN KEY(organization_id, contact_id) REFERENCES contacts (organization_id, id),
    CONSTRAINT fk_policy_parties_account FOREIGN KEY(organization_id, account_id) REFERENCES accounts (organization_id, id),
    CONSTRAINT ck_policy_parties_one_party CHECK (num_nonnulls(contact_id, account_id) = 1),
    CONSTRAINT ck_policy_parties_share_range CHECK (share > 0 AND share <= 1),
    CONSTRAINT ck_policy_parties_share_of_beneficiaries CHECK (share IS NULL OR role = 'beneficiary'),
    CONSTRAINT ck_policy_parties_validity CHECK (valid_to >= valid_from),
    CONSTRAINT ck_policy_parties_role_known CHECK (role IN ('policyholder', 'insured', 'main_driver', 'occasional_driver', 'beneficiary', 'loss_payee', 'payer'))
)
;;
CREATE INDEX ix_policy_parties_account ON policy_parties (organization_id, account_id) WHERE account_id IS NOT NULL
;;
CREATE INDEX ix_policy_parties_contact ON policy_parties (organization_id, contact_id) WHERE contact_id IS NOT NULL
;;
CREATE INDEX ix_policy_parties_policy ON policy_parties (organization_id, policy_id, role, id)
;;
ALTER TABLE policy_parties ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE policy_parties FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON policy_parties
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON policy_parties TO crm_app
;;
CREATE TABLE policy_suspensions (
    organization_id UUID NOT NULL,
    id BIGINT GENERATED BY DEFAULT AS IDENTITY,
    policy_id UUID NOT NULL,
    suspended_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    resumed_at TIMESTAMP(3) WITH TIME ZONE,
    reason TEXT NOT NULL,
    CONSTRAINT pk_policy_suspensions PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_policy_suspensions_policy FOREIGN KEY(organization_id, policy_id) REFERENCES policies (organization_id, id),
    CONSTRAINT ck_policy_suspensions_period CHECK (resumed_at >= suspended_at),
    CONSTRAINT ck_policy_suspensions_reason_length CHECK (char_length(reason) <= 500)
)
;;
CREATE INDEX ix_policy_suspensions_policy ON policy_suspensions (organization_id, policy_id, suspended_at)
;;
CREATE UNIQUE INDEX uq_policy_suspensions_open ON policy_suspensions (organization_id, policy_id) WHERE resumed_at IS NULL
;;
ALTER TABLE policy_suspensions ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE policy_suspensions FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON policy_suspensions
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON policy_suspensions TO crm_app
;;
CREATE TABLE policy_versions (
    organization_id UUID NOT NULL,
    id BIGINT GENERATED BY DEFAULT AS IDENTITY,
    policy_id UUID NOT NULL,
    version_no INTEGER NOT NULL,
    effective_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    endorsement_id UUID,
    net_premium BIGINT NOT NULL,
    total_premium BIGINT NOT NULL,
    snapshot JSONB NOT NULL,
    recorded_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    recorded_by_id UUID,
    CONSTRAINT pk_policy_versions PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_policy_versions_policy FOREIGN KEY(organization_id, policy_id) REFERENCES policies (organization_id, id)
)
;;
CREATE UNIQUE INDEX uq_policy_versions_no ON policy_versions (organization_id, policy_id, version_no)
;;
ALTER TABLE policy_versions ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE policy_versions FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON policy_versions
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT ON policy_versions TO crm_app
;;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON policy_versions
    FOR EACH ROW EXECUTE FUNCTION crm_refuse_change()
;;
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON policy_versions
    FOR EACH STATEMENT EXECUTE FUNCTION crm_refuse_change()
