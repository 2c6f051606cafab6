CREATE TABLE quotes (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    number TEXT NOT NULL,
    revision INTEGER DEFAULT '1' NOT NULL,
    supersedes_id UUID,
    status VARCHAR(40) NOT NULL,
    account_id UUID,
    contact_id UUID,
    lead_id UUID,
    opportunity_id UUID,
    product_code TEXT NOT NULL,
    plan_code TEXT NOT NULL,
    branch_code TEXT NOT NULL,
    added_coverages TEXT[] DEFAULT '{}' NOT NULL,
    left_out_coverages TEXT[] DEFAULT '{}' NOT NULL,
    inputs JSONB DEFAULT '{}' NOT NULL,
    object_kind TEXT,
    object_label TEXT,
    term_months INTEGER,
    term_days INTEGER,
    effective_on DATE NOT NULL,
    expires_on DATE NOT NULL,
    channel VARCHAR(40) NOT NULL,
    coverages JSONB DEFAULT '[]' NOT NULL,
    net_premium BIGINT DEFAULT '0' NOT NULL,
    discount BIGINT DEFAULT '0' NOT NULL,
    surcharge BIGINT DEFAULT '0' NOT NULL,
    policy_fee BIGINT DEFAULT '0' NOT NULL,
    vat BIGINT DEFAULT '0' NOT NULL,
    fga BIGINT DEFAULT '0' NOT NULL,
    dimension_stamp BIGINT DEFAULT '0' NOT NULL,
    graduated_stamp BIGINT DEFAULT '0' NOT NULL,
    vehicle_tax BIGINT DEFAULT '0' NOT NULL,
    total_premium BIGINT DEFAULT '0' NOT NULL,
    rated_by VARCHAR(40),
    rating_version TEXT,
    rated_at TIMESTAMP(3) WITH TIME ZONE,
    valid_until DATE NOT NULL,
    discount_rate NUMERIC(9, 6) DEFAULT '0' NOT NULL,
    discount_reason TEXT,
    referral_reasons JSONB DEFAULT '[]' NOT NULL,
    referred_by_id UUID,
    referred_at TIMESTAMP(3) WITH TIME ZONE,
    decided_by_id UUID,
    decided_at TIMESTAMP(3) WITH TIME ZONE,
    decision_reason TEXT,
    sent_by VARCHAR(40),
    sent_to TEXT,
    sent_at TIMESTAMP(3) WITH TIME ZONE,
    document_id UUID,
    viewed_at TIMESTAMP(3) WITH TIME ZONE,
    code_digest TEXT,
    code_expires_at TIMESTAMP(3) WITH TIME ZONE,
    codes_tried INTEGER DEFAULT '0' NOT NULL,
    codes_sent INTEGER DEFAULT '0' NOT NULL,
    accepted_at TIMESTAMP(3) WITH TIME ZONE,
    accepted_name TEXT,
    signature_document_id UUID,
    declined_at TIMESTAMP(3) WITH TIME ZONE,
    decline_reason VARCHAR(40),
    decline_comment TEXT,
    converted_at TIMESTAMP(3) WITH TIME ZONE,
    policy_id UUID,
    sealed BYTEA,
    masked JSONB DEFAULT '{}' NOT NULL,
    owner_user_id UUID,
    agency_id UUID,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_quotes PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_quotes_product FOREIGN KEY(organization_id, product_code) REFERENCES products (organization_id, code),
    CONSTRAINT fk_quotes_account FOREIGN KEY(organization_id, account_id) REFERENCES accounts (organization_id, id),
    CONSTRAINT fk_quotes_contact FOREIGN KEY(organization_id, contact_id) REFERENCES contacts (organization_id, id),
    CONSTRAINT fk_quotes_agency FOREIGN KEY(organization_id, agency_id) REFERENCES agencies (organization_id, id),
    CONSTRAINT fk_quotes_seller FOREIGN KEY(organization_id, owner_user_id) REFERENCES users (organization_id, id),
    CONSTRAINT fk_quotes_supersedes FOREIGN KEY(organization_id, supersedes_id) REFERENCES quotes (organization_id, id),
    CONSTRAINT ck_quotes_for_somebody CHECK (num_nonnulls(account_id, contact_id, lead_id) >= 1),
    CONSTRAINT ck_quotes_of_an_agency CHECK (agency_id IS NOT NULL),
    CONSTRAINT ck_quotes_one_term CHECK (num_nonnulls(term_months, term_days) = 1),
    CONSTRAINT ck_quotes_period CHECK (expires_on > effective_on),
    CONSTRAINT ck_quotes_revisions CHECK (revision >= 1 AND (revision = 1) = (supersedes_id IS NULL)),
    CONSTRAINT ck_quotes_premium_adds_up CHECK (total_premium = net_premium + surcharge + policy_fee + vat + fga + dimension_stamp + graduated_stamp + vehicle_tax),
    CONSTRAINT ck_quotes_premium_sign CHECK (least(net_premium, discount, surcharge, policy_fee, vat, fga, dimension_stamp, graduated_stamp, vehicle_tax) >= 0),
    CONSTRAINT ck_quotes_discount_range CHECK (discount_rate BETWEEN 0 AND 1),
    CONSTRAINT ck_quotes_priced CHECK ((status = 'draft') = (rated_at IS NULL) OR status = 'superseded'),
    CONSTRAINT ck_quotes_decided_by_another CHECK (decided_by_id IS NULL OR decided_by_id <> referred_by_id),
    CONSTRAINT ck_quotes_declined_for_a_reason CHECK ((status = 'declined') = (decline_reason IS NOT NULL)),
    CONSTRAINT ck_quotes_converted_into_a_policy CHECK ((status = 'converted') = (policy_id IS NOT NULL)),
    CONSTRAINT ck_quotes_object_label_length CHECK (char_length(object_label) <= 160),
    CONSTRAINT ck_quotes_sent_to_length CHECK (char_length(sent_to) <= 254),
    CONSTRAINT ck_quotes_accepted_name_length CHECK (char_length(accepted_name) <= 160),
    CONSTRAINT ck_quotes_decline_comment_length CHECK (char_length(decline_comment) <= 500),
    CONSTRAINT ck_quotes_decision_reason_length CHECK (char_length(decision_reason) <= 500),
    CONSTRAINT ck_quotes_discount_reason_length CHECK (char_length(discount_reason) <= 300),
    CONSTRAINT ck_quotes_status_known CHECK (status IN ('draft', 'rated', 'needs_referral', 'approved', 'refused', 'sent', 'viewed', 'accepted', 'declined', 'expired', 'superseded', 'converted')),
    CONSTRAINT ck_quotes_channel_known CHECK (channel IN ('agency', 'broker', 'bancassurance', 'online', 'mobile_app', 'call_centre', 'partner')),
    CONSTRAINT ck_quotes_rated_by_known CHECK (rated_by IN ('internal', 'policy_system')),
    CONSTRAINT ck_quotes_sent_by_known CHECK (sent_by IN ('email', 'handed_over')),
    CONSTRAINT ck_quotes_decline_reason_known CHECK (decline_reason IN ('price', 'competitor', 'coverage', 'no_need', 'later', 'other'))
)
;;
CREATE INDEX ix_quotes_account ON quotes (organization_id, account_id, created_at, id) WHERE account_id IS NOT NULL
;;
CREATE INDEX ix_quotes_agency ON quotes (organization_id, agency_id, created_at, id)
;;
CREATE INDEX ix_quotes_contact ON quotes (organization_id, contact_id, created_at, id) WHERE contact_id IS NOT NULL
;;
CREATE INDEX ix_quotes_creator ON quotes (organization_id, created_by_id)
;;
CREATE INDEX ix_quotes_lead ON quotes (organization_id, lead_id, created_at, id) WHERE lead_id IS NOT NULL
;;
CREATE INDEX ix_quotes_newest ON quotes (organization_id, created_at, id)
;;
CREATE INDEX ix_quotes_opportunity ON quotes (organization_id, opportunity_id, created_at, id) WHERE opportunity_id IS NOT NULL
;;
CREATE INDEX ix_quotes_owner ON quotes (organization_id, owner_user_id, created_at, id)
;;
CREATE INDEX ix_quotes_product ON quotes (organization_id, product_code, created_at, id)
;;
CREATE INDEX ix_quotes_running_out ON quotes (organization_id, valid_until, id) WHERE status IN ('sent', 'viewed', 'accepted')
;;
CREATE INDEX ix_quotes_status ON quotes (organization_id, status, created_at, id)
;;
CREATE INDEX ix_quotes_total ON quotes (organization_id, total_premium, id)
;;
CREATE INDEX ix_quotes_updated ON quotes (organization_id, updated_at, id)
;;
CREATE INDEX ix_quotes_valid ON quotes (organization_id, valid_until, id)
;;
CREATE UNIQUE INDEX uq_quotes_number ON quotes (organization_id, number, revision)
;;
ALTER TABLE quotes ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE quotes FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON quotes
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON quotes TO crm_app
