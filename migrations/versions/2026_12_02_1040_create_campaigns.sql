CREATE TABLE campaigns (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    number TEXT NOT NULL,
    name TEXT NOT NULL,
    name_folded TEXT COLLATE "C" GENERATED ALWAYS AS (crm_fold(trim(coalesce(name, '') || ' ' || coalesce(number, '')))) STORED NOT NULL,
    description TEXT,
    objective VARCHAR(40) NOT NULL,
    status VARCHAR(40) NOT NULL,
    channels TEXT[] NOT NULL,
    budget_amount BIGINT NOT NULL,
    planned_amount BIGINT DEFAULT '0' NOT NULL,
    spent_amount BIGINT DEFAULT '0' NOT NULL,
    starts_at TIMESTAMP(3) WITH TIME ZONE,
    ends_at TIMESTAMP(3) WITH TIME ZONE,
    timezone TEXT NOT NULL,
    throttle_per_minute INTEGER,
    respects_hours BOOLEAN DEFAULT true NOT NULL,
    utm JSONB DEFAULT '{}' NOT NULL,
    landing_url TEXT,
    attribution_model VARCHAR(40) NOT NULL,
    attribution_window_days SMALLINT DEFAULT '30' NOT NULL,
    half_life_days SMALLINT DEFAULT '7' NOT NULL,
    holdout_percent SMALLINT DEFAULT '0' NOT NULL,
    test_metric VARCHAR(40),
    test_sample_percent SMALLINT,
    test_duration_hours INTEGER,
    test_min_sample INTEGER,
    test_winner VARCHAR(40) NOT NULL,
    test_tie VARCHAR(40) NOT NULL,
    test_ends_at TIMESTAMP(3) WITH TIME ZONE,
    test_outcome VARCHAR(40),
    test_result JSONB,
    test_judged_at TIMESTAMP(3) WITH TIME ZONE,
    winner TEXT,
    rest_sent_at TIMESTAMP(3) WITH TIME ZONE,
    submitted_by_id UUID,
    submitted_at TIMESTAMP(3) WITH TIME ZONE,
    approved_by_id UUID,
    approved_at TIMESTAMP(3) WITH TIME ZONE,
    decision_comment TEXT,
    audience_estimate INTEGER,
    launch_job_id UUID,
    launched_at TIMESTAMP(3) WITH TIME ZONE,
    paused_at TIMESTAMP(3) WITH TIME ZONE,
    completed_at TIMESTAMP(3) WITH TIME ZONE,
    targeted INTEGER,
    held_out INTEGER,
    left_out JSONB DEFAULT '{}' NOT NULL,
    ai_generation JSONB,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_campaigns PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_campaigns_submitted_by FOREIGN KEY(organization_id, submitted_by_id) REFERENCES users (organization_id, id),
    CONSTRAINT fk_campaigns_approved_by FOREIGN KEY(organization_id, approved_by_id) REFERENCES users (organization_id, id),
    CONSTRAINT ck_campaigns_number_length CHECK (char_length(number) <= 20),
    CONSTRAINT ck_campaigns_name_length CHECK (char_length(name) <= 120),
    CONSTRAINT ck_campaigns_description_length CHECK (char_length(description) <= 2000),
    CONSTRAINT ck_campaigns_landing_url_length CHECK (char_length(landing_url) <= 500),
    CONSTRAINT ck_campaigns_decision_comment_length CHECK (char_length(decision_comment) <= 500),
    CONSTRAINT ck_campaigns_channels_known CHECK (channels <@ ARRAY['email', 'sms', 'whatsapp', 'push', 'in_app', 'call_list', 'letter', 'social_ads', 'search_ads', 'event']),
    CONSTRAINT ck_campaigns_channels_count CHECK (cardinality(channels) BETWEEN 1 AND 10),
    CONSTRAINT ck_campaigns_budget CHECK (budget_amount >= 0),
    CONSTRAINT ck_campaigns_lines CHECK (planned_amount >= 0 AND spent_amount >= 0),
    CONSTRAINT ck_campaigns_order CHECK (ends_at > starts_at),
    CONSTRAINT ck_campaigns_throttle CHECK (throttle_per_minute BETWEEN 1 AND 60000),
    CONSTRAINT ck_campaigns_holdout CHECK (holdout_percent BETWEEN 0 AND 50),
    CONSTRAINT ck_campaigns_window CHECK (attribution_window_days BETWEEN 1 AND 365),
    CONSTRAINT ck_campaigns_half_life CHECK (half_life_days BETWEEN 1 AND 90),
    CONSTRAINT ck_campaigns_whole_test CHECK (num_nulls(test_metric, test_sample_percent, test_duration_hours, test_min_sample) IN (0, 4)),
    CONSTRAINT ck_campaigns_test_sample CHECK (test_sample_percent BETWEEN 1 AND 100),
    CONSTRAINT ck_campaigns_test_duration CHECK (test_duration_hours BETWEEN 1 AND 720),
    CONSTRAINT ck_campaigns_test_min_sample CHECK (test_min_sample BETWEEN 30 AND 1000000),
    CONSTRAINT ck_campaigns_winner CHECK ((winner IS NOT NULL) = (test_outcome IN ('winner', 'chosen') AND test_outcome IS NOT NULL)),
    CONSTRAINT ck_campaigns_second_person CHECK (approved_by_id IS NULL OR audience_estimate <= 1000 OR (approved_by_id IS DISTINCT FROM created_by_id AND approved_by_id IS DISTINCT FROM submitted_by_id)),
    CONSTRAINT ck_campaigns_objective_known CHECK (objective IN ('acquisition', 'renewal', 'cross_sell', 'win_back', 'information', 'satisfaction', 'prevention', 'recovery')),
    CONSTRAINT ck_campaigns_status_known CHECK (status IN ('draft', 'in_review', 'approved', 'scheduled', 'running', 'paused', 'completed', 'cancelled', 'archived')),
    CONSTRAINT ck_campaigns_attribution_model_known CHECK (attribution_model IN ('first', 'last', 'linear', 'time_decay', 'position')),
    CONSTRAINT ck_campaigns_test_metric_known CHECK (test_metric IN ('open', 'click', 'conversion')),
    CONSTRAINT ck_campaigns_test_winner_known CHECK (test_winner IN ('auto', 'manual')),
    CONSTRAINT ck_campaigns_test_tie_known CHECK (test_tie IN ('split', 'manual')),
    CONSTRAINT ck_campaigns_test_outcome_known CHECK (test_outcome IN ('winner', 'inconclusive', 'chosen'))
)
;;
CREATE INDEX ix_campaigns_name ON campaigns (organization_id, name_folded, id)
;;
CREATE INDEX ix_campaigns_newest ON campaigns (organization_id, created_at, id)
;;
CREATE INDEX ix_campaigns_starts ON campaigns (organization_id, starts_at, id)
;;
CREATE INDEX ix_campaigns_status ON campaigns (organization_id, status, starts_at, id)
;;
CREATE INDEX ix_campaigns_test ON campaigns (organization_id, test_ends_at) WHERE test_outcome IS NULL
;;
CREATE INDEX ix_campaigns_updated ON campaigns (organization_id, updated_at, id)
;;
CREATE UNIQUE INDEX uq_campaigns_number ON campaigns (organization_id, number)
;;
ALTER TABLE campaigns ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE campaigns FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON campaigns
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON campaigns TO crm_app
;;
CREATE TABLE campaign_lines (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    campaign_id UUID NOT NULL,
    type VARCHAR(40) NOT NULL,
    kind VARCHAR(40) NOT NULL,
    amount BIGINT NOT NULL,
    spent_on DATE NOT NULL,
    comment TEXT,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_campaign_lines PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_campaign_lines_campaign FOREIGN KEY(organization_id, campaign_id) REFERENCES campaigns (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_campaign_lines_comment_length CHECK (char_length(comment) <= 200),
    CONSTRAINT ck_campaign_lines_amount CHECK (amount > 0),
    CONSTRAINT ck_campaign_lines_type_known CHECK (type IN ('budget', 'spend')),
    CONSTRAINT ck_campaign_lines_kind_known CHECK (kind IN ('media', 'creative', 'sms', 'agency', 'staff'))
)
;;
CREATE INDEX ix_campaign_lines_campaign ON campaign_lines (organization_id, campaign_id, spent_on, id)
;;
CREATE INDEX ix_campaign_lines_newest ON campaign_lines (organization_id, created_at, id)
;;
ALTER TABLE campaign_lines ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE campaign_lines FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON campaign_lines
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON campaign_lines TO crm_app
;;
CREATE TABLE campaign_segments (
    organization_id UUID NOT NULL,
    campaign_id UUID NOT NULL,
    segment_id UUID NOT NULL,
    excluded BOOLEAN NOT NULL,
    CONSTRAINT pk_campaign_segments PRIMARY KEY (organization_id, campaign_id, segment_id),
    CONSTRAINT fk_campaign_segments_segment FOREIGN KEY(organization_id, segment_id) REFERENCES segments (organization_id, id),
    CONSTRAINT fk_campaign_segments_campaign FOREIGN KEY(organization_id, campaign_id) REFERENCES campaigns (organization_id, id) ON DELETE CASCADE
)
;;
CREATE INDEX ix_campaign_segments_segment ON campaign_segments (organization_id, segment_id)
;;
ALTER TABLE campaign_segments ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE campaign_segments FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON campaign_segments
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON campaign_segments TO crm_app
;;
CREATE TABLE campaign_variants (
    organization_id UUID NOT NULL,
    campaign_id UUID NOT NULL,
    code TEXT NOT NULL,
    weight SMALLINT NOT NULL,
    CONSTRAINT pk_campaign_variants PRIMARY KEY (organization_id, campaign_id, code),
    CONSTRAINT fk_campaign_variants_campaign FOREIGN KEY(organization_id, campaign_id) REFERENCES campaigns (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_campaign_variants_code_known CHECK (code IN ('A', 'B', 'C', 'D', 'E')),
    CONSTRAINT ck_campaign_variants_weight CHECK (weight BETWEEN 1 AND 100)
)
;;
ALTER TABLE campaign_variants ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE campaign_variants FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON campaign_variants
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON campaign_variants TO crm_app
;;
CREATE OR REPLACE FUNCTION crm_check_campaign_weights() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    found record;
BEGIN
    IF TG_OP = 'DELETE' THEN found := OLD; ELSE found := NEW; END IF;
    IF (SELECT sum(weight) FROM campaign_variants
        WHERE organization_id = found.organization_id AND campaign_id = found.campaign_id) <> 100 THEN
        RAISE EXCEPTION 'the weights of the variants do not sum to 100'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_campaign_variants_sum';
    END IF;
    RETURN NULL;
END $$
;;
CREATE CONSTRAINT TRIGGER weights_sum AFTER INSERT OR UPDATE OR DELETE ON campaign_variants DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION crm_check_campaign_weights()
;;
CREATE TABLE campaign_contents (
    organization_id UUID NOT NULL,
    campaign_id UUID NOT NULL,
    code TEXT NOT NULL,
    channel TEXT NOT NULL,
    language TEXT NOT NULL,
    template_version_id UUID NOT NULL,
    subject TEXT,
    CONSTRAINT pk_campaign_contents PRIMARY KEY (organization_id, campaign_id, code, channel, language),
    CONSTRAINT fk_campaign_contents_template FOREIGN KEY(organization_id, template_version_id) REFERENCES templates (organization_id, id),
    CONSTRAINT fk_campaign_contents_variant FOREIGN KEY(organization_id, campaign_id, code) REFERENCES campaign_variants (organization_id, campaign_id, code) ON DELETE CASCADE,
    CONSTRAINT ck_campaign_contents_channel_known CHECK (channel IN ('email', 'sms')),
    CONSTRAINT ck_campaign_contents_language_known CHECK (language IN ('fr', 'ar', 'en')),
    CONSTRAINT ck_campaign_contents_subject_length CHECK (char_length(subject) <= 200)
)
;;
CREATE INDEX ix_campaign_contents_template ON campaign_contents (organization_id, template_version_id)
;;
ALTER TABLE campaign_contents ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE campaign_contents FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON campaign_contents
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON campaign_contents TO crm_app
;;
CREATE TABLE campaign_recipients (
    organization_id UUID NOT NULL,
    campaign_id UUID NOT NULL,
    contact_id UUID NOT NULL,
    part VARCHAR(40) NOT NULL,
    variant TEXT,
    channel TEXT,
    language TEXT NOT NULL,
    reason TEXT,
    CONSTRAINT pk_campaign_recipients PRIMARY KEY (organization_id, campaign_id, contact_id),
    CONSTRAINT fk_campaign_recipients_campaign FOREIGN KEY(organization_id, campaign_id) REFERENCES campaigns (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_campaign_recipients_contact FOREIGN KEY(organization_id, contact_id) REFERENCES contacts (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_campaign_recipients_reason CHECK ((part = 'left_out') = (reason IS NOT NULL)),
    CONSTRAINT ck_campaign_recipients_channel CHECK ((part = 'left_out') = (channel IS NULL)),
    CONSTRAINT ck_campaign_recipients_variant CHECK (part <> 'sample' OR variant IS NOT NULL),
    CONSTRAINT ck_campaign_recipients_part_known CHECK (part IN ('holdout', 'sample', 'rest', 'left_out'))
)
;;
CREATE INDEX ix_campaign_recipients_contact ON campaign_recipients (organization_id, contact_id, campaign_id)
;;
ALTER TABLE campaign_recipients ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE campaign_recipients FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON campaign_recipients
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON campaign_recipients TO crm_app
;;
UPDATE leads SET campaign_id = NULL WHERE campaign_id IS NOT NULL
;;
ALTER TABLE leads ADD CONSTRAINT fk_leads_campaign FOREIGN KEY(organization_id, campaign_id) REFERENCES campaigns (organization_id, id)
;;
CREATE INDEX ix_leads_campaign ON leads (organization_id, campaign_id) WHERE campaign_id IS NOT NULL
;;
UPDATE opportunities SET campaign_id = NULL WHERE campaign_id IS NOT NULL
;;
ALTER TABLE opportunities ADD CONSTRAINT fk_opportunities_campaign FOREIGN KEY(organization_id, campaign_id) REFERENCES campaigns (organization_id, id)
;;
CREATE INDEX ix_opportunities_campaign ON opportunities (organization_id, campaign_id) WHERE campaign_id IS NOT NULL
