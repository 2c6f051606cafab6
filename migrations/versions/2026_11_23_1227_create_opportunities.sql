-- Pipelines, opportunities, the history of their stages, snapshots and targets.
CREATE TABLE pipeline_snapshots (
    organization_id UUID NOT NULL,
    day DATE NOT NULL,
    taken_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    open_count INTEGER NOT NULL,
    open_amount BIGINT NOT NULL,
    CONSTRAINT pk_pipeline_snapshots PRIMARY KEY (organization_id, day)
)
;;
CREATE TABLE pipelines (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    product_family TEXT,
    opportunity_types TEXT[] DEFAULT '{}' NOT NULL,
    status VARCHAR(40) NOT NULL,
    is_default BOOLEAN NOT NULL,
    no_skipping BOOLEAN NOT NULL,
    no_backwards BOOLEAN NOT NULL,
    stages JSONB NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_pipelines PRIMARY KEY (organization_id, id),
    CONSTRAINT ck_pipelines_default_is_active CHECK (NOT is_default OR status = 'active'),
    CONSTRAINT ck_pipelines_name_length CHECK (char_length(name) <= 80),
    CONSTRAINT ck_pipelines_status_known CHECK (status IN ('active', 'closed'))
)
;;
CREATE UNIQUE INDEX uq_pipelines_code ON pipelines (organization_id, code)
;;
CREATE UNIQUE INDEX uq_pipelines_default ON pipelines (organization_id) WHERE is_default
;;
CREATE TABLE pipeline_snapshot_lines (
    organization_id UUID NOT NULL,
    day DATE NOT NULL,
    opportunity_id UUID NOT NULL,
    pipeline_id UUID NOT NULL,
    stage TEXT NOT NULL,
    owner_user_id UUID,
    agency_id UUID,
    type VARCHAR(40) NOT NULL,
    product_code TEXT NOT NULL,
    amount BIGINT NOT NULL,
    probability NUMERIC(9, 6) NOT NULL,
    forecast_category VARCHAR(40) NOT NULL,
    close_date DATE NOT NULL,
    CONSTRAINT pk_pipeline_snapshot_lines PRIMARY KEY (organization_id, day, opportunity_id),
    CONSTRAINT fk_pipeline_snapshot_lines_organization_id_day FOREIGN KEY(organization_id, day) REFERENCES pipeline_snapshots (organization_id, day),
    CONSTRAINT ck_pipeline_snapshot_lines_type_known CHECK (type IN ('new_business', 'cross_sell', 'up_sell', 'renewal', 'win_back')),
    CONSTRAINT ck_pipeline_snapshot_lines_forecast_category_known CHECK (forecast_category IN ('pipeline', 'best_case', 'commit', 'closed', 'omitted'))
)
;;
CREATE TABLE pipeline_stages (
    organization_id UUID NOT NULL,
    pipeline_id UUID NOT NULL,
    code TEXT NOT NULL,
    outcome VARCHAR(40) NOT NULL,
    position INTEGER NOT NULL,
    probability NUMERIC(9, 6) NOT NULL,
    forecast_category VARCHAR(40) NOT NULL,
    max_days INTEGER,
    CONSTRAINT pk_pipeline_stages PRIMARY KEY (organization_id, pipeline_id, code),
    CONSTRAINT uq_pipeline_stages_outcome UNIQUE (organization_id, pipeline_id, code, outcome),
    CONSTRAINT fk_pipeline_stages_organization_id_pipeline_id FOREIGN KEY(organization_id, pipeline_id) REFERENCES pipelines (organization_id, id),
    CONSTRAINT ck_pipeline_stages_outcome_known CHECK (outcome IN ('open', 'won', 'lost')),
    CONSTRAINT ck_pipeline_stages_forecast_category_known CHECK (forecast_category IN ('pipeline', 'best_case', 'commit', 'closed', 'omitted'))
)
;;
CREATE TABLE opportunities (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    number TEXT NOT NULL,
    name TEXT NOT NULL,
    name_folded TEXT COLLATE "C" GENERATED ALWAYS AS (crm_fold(name)) STORED NOT NULL,
    account_id UUID NOT NULL,
    contact_id UUID,
    type VARCHAR(40) NOT NULL,
    product_code TEXT NOT NULL,
    branch_code TEXT NOT NULL,
    source VARCHAR(40),
    campaign_id UUID,
    lead_id UUID,
    pipeline_id UUID NOT NULL,
    stage TEXT NOT NULL,
    status VARCHAR(40) NOT NULL,
    stage_entered_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    stage_approved_by_id UUID,
    pending_stage TEXT,
    pending_by_id UUID,
    pending_at TIMESTAMP(3) WITH TIME ZONE,
    amount BIGINT NOT NULL,
    probability NUMERIC(9, 6) NOT NULL,
    probability_reason TEXT,
    forecast_category VARCHAR(40) NOT NULL,
    close_date DATE NOT NULL,
    lines JSONB DEFAULT '[]' NOT NULL,
    competitors JSONB DEFAULT '[]' NOT NULL,
    next_step TEXT,
    next_step_at TIMESTAMP(3) WITH TIME ZONE,
    last_activity_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    stagnant_at TIMESTAMP(3) WITH TIME ZONE,
    stagnant_told BOOLEAN NOT NULL,
    closed_at TIMESTAMP(3) WITH TIME ZONE,
    policy_number TEXT,
    loss_reason VARCHAR(40),
    loss_comment TEXT,
    external_ids JSONB DEFAULT '[]' NOT NULL,
    tags TEXT[] DEFAULT '{}' NOT NULL,
    custom_fields JSONB DEFAULT '{}' NOT NULL,
    owner_user_id UUID,
    agency_id UUID,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    deleted_at TIMESTAMP(3) WITH TIME ZONE,
    deleted_by_id UUID,
    CONSTRAINT pk_opportunities PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_opportunities_account FOREIGN KEY(organization_id, account_id) REFERENCES accounts (organization_id, id),
    CONSTRAINT fk_opportunities_contact FOREIGN KEY(organization_id, contact_id) REFERENCES contacts (organization_id, id),
    CONSTRAINT fk_opportunities_agency FOREIGN KEY(organization_id, agency_id) REFERENCES agencies (organization_id, id),
    CONSTRAINT fk_opportunities_owner FOREIGN KEY(organization_id, owner_user_id) REFERENCES users (organization_id, id),
    CONSTRAINT fk_opportunities_stage FOREIGN KEY(organization_id, pipeline_id, stage, status) REFERENCES pipeline_stages (organization_id, pipeline_id, code, outcome),
    CONSTRAINT fk_opportunities_pending_stage FOREIGN KEY(organization_id, pipeline_id, pending_stage) REFERENCES pipeline_stages (organization_id, pipeline_id, code),
    CONSTRAINT ck_opportunities_amount_sign CHECK (amount >= 0),
    CONSTRAINT ck_opportunities_probability_range CHECK (probability BETWEEN 0 AND 1),
    CONSTRAINT ck_opportunities_lost_for_a_reason CHECK ((status = 'lost') = (loss_reason IS NOT NULL)),
    CONSTRAINT ck_opportunities_closed_once CHECK ((status = 'open') = (closed_at IS NULL)),
    CONSTRAINT ck_opportunities_won_with_a_policy CHECK (status <> 'won' OR policy_number IS NOT NULL),
    CONSTRAINT ck_opportunities_pending_by_somebody CHECK ((pending_stage IS NULL) = (pending_by_id IS NULL)),
    CONSTRAINT ck_opportunities_closed_never_stagnates CHECK (status = 'open' OR stagnant_at IS NULL),
    CONSTRAINT ck_opportunities_name_length CHECK (char_length(name) <= 160),
    CONSTRAINT ck_opportunities_next_step_length CHECK (char_length(next_step) <= 500),
    CONSTRAINT ck_opportunities_type_known CHECK (type IN ('new_business', 'cross_sell', 'up_sell', 'renewal', 'win_back')),
    CONSTRAINT ck_opportunities_source_known CHECK (source IN ('lead', 'portfolio', 'web_form', 'comparator', 'phone', 'walk_in', 'agency', 'referral', 'social', 'campaign', 'event', 'import', 'partner_api', 'mobile_app')),
    CONSTRAINT ck_opportunities_status_known CHECK (status IN ('open', 'won', 'lost')),
    CONSTRAINT ck_opportunities_forecast_category_known CHECK (forecast_category IN ('pipeline', 'best_case', 'commit', 'closed', 'omitted')),
    CONSTRAINT ck_opportunities_loss_reason_known CHECK (loss_reason IN ('price', 'competitor', 'coverage', 'service', 'no_decision', 'risk_refused', 'duplicate', 'unreachable'))
)
;;
CREATE INDEX ix_opportunities_account ON opportunities (organization_id, account_id, id)
;;
CREATE INDEX ix_opportunities_agency ON opportunities (organization_id, agency_id, close_date, id)
;;
CREATE INDEX ix_opportunities_amount ON opportunities (organization_id, amount, id)
;;
CREATE INDEX ix_opportunities_close_date ON opportunities (organization_id, close_date, id)
;;
CREATE INDEX ix_opportunities_contact_id ON opportunities (organization_id, contact_id) WHERE contact_id IS NOT NULL
;;
CREATE INDEX ix_opportunities_lead_id ON opportunities (organization_id, lead_id) WHERE lead_id IS NOT NULL
;;
CREATE INDEX ix_opportunities_name ON opportunities (organization_id, name_folded, id)
;;
CREATE INDEX ix_opportunities_newest ON opportunities (organization_id, created_at, id)
;;
CREATE INDEX ix_opportunities_owner ON opportunities (organization_id, owner_user_id, status, close_date, id)
;;
CREATE INDEX ix_opportunities_pending_stage ON opportunities (organization_id, pending_stage) WHERE pending_stage IS NOT NULL
;;
CREATE INDEX ix_opportunities_stage ON opportunities (organization_id, pipeline_id, stage, close_date, id)
;;
CREATE INDEX ix_opportunities_stagnant_at ON opportunities (organization_id, stagnant_at) WHERE stagnant_at IS NOT NULL
;;
CREATE INDEX ix_opportunities_status ON opportunities (organization_id, status, close_date, id)
;;
CREATE INDEX ix_opportunities_updated ON opportunities (organization_id, updated_at, id)
;;
CREATE UNIQUE INDEX uq_opportunities_number ON opportunities (organization_id, number)
;;
CREATE TABLE sales_targets (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    level VARCHAR(40) NOT NULL,
    period VARCHAR(40) NOT NULL,
    starts_on DATE NOT NULL,
    ends_on DATE NOT NULL,
    region_id UUID,
    amount BIGINT NOT NULL,
    owner_user_id UUID,
    agency_id UUID,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_sales_targets PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_sales_targets_region FOREIGN KEY(organization_id, region_id) REFERENCES regions (organization_id, id),
    CONSTRAINT fk_sales_targets_agency FOREIGN KEY(organization_id, agency_id) REFERENCES agencies (organization_id, id),
    CONSTRAINT fk_sales_targets_owner FOREIGN KEY(organization_id, owner_user_id) REFERENCES users (organization_id, id),
    CONSTRAINT ck_sales_targets_amount_sign CHECK (amount > 0),
    CONSTRAINT ck_sales_targets_scope_of_its_level CHECK ((level <> 'company') = (region_id IS NOT NULL) AND (level IN ('agency', 'person')) = (agency_id IS NOT NULL) AND (level = 'person') = (owner_user_id IS NOT NULL)),
    CONSTRAINT ck_sales_targets_level_known CHECK (level IN ('company', 'region', 'agency', 'person')),
    CONSTRAINT ck_sales_targets_period_known CHECK (period IN ('month', 'quarter', 'year'))
)
;;
CREATE INDEX ix_sales_targets_period ON sales_targets (organization_id, starts_on, id)
;;
CREATE UNIQUE INDEX uq_sales_targets_scope ON sales_targets (organization_id, period, starts_on, level, region_id, agency_id, owner_user_id) NULLS NOT DISTINCT
;;
CREATE TABLE opportunity_stages (
    organization_id UUID NOT NULL,
    id BIGINT GENERATED BY DEFAULT AS IDENTITY,
    opportunity_id UUID NOT NULL,
    pipeline_id UUID NOT NULL,
    stage TEXT NOT NULL,
    status VARCHAR(40) NOT NULL,
    entered_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    left_at TIMESTAMP(3) WITH TIME ZONE,
    entered_by_id UUID,
    approved_by_id UUID,
    amount BIGINT NOT NULL,
    probability NUMERIC(9, 6) NOT NULL,
    close_date DATE NOT NULL,
    CONSTRAINT pk_opportunity_stages PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_opportunity_stages_opportunity FOREIGN KEY(organization_id, opportunity_id) REFERENCES opportunities (organization_id, id),
    CONSTRAINT ck_opportunity_stages_status_known CHECK (status IN ('open', 'won', 'lost'))
)
;;
CREATE INDEX ix_opportunity_stages_closings ON opportunity_stages (organization_id, close_date) WHERE status <> 'open' AND left_at IS NULL
;;
CREATE INDEX ix_opportunity_stages_opportunity ON opportunity_stages (organization_id, opportunity_id, id)
;;
ALTER TABLE pipeline_snapshots ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE pipeline_snapshots FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON pipeline_snapshots
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON pipeline_snapshots TO crm_app
;;
ALTER TABLE pipelines ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE pipelines FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON pipelines
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON pipelines TO crm_app
;;
CREATE OR REPLACE FUNCTION crm_keep_pipeline_stages() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM pipeline_stages s
    WHERE s.organization_id = NEW.organization_id AND s.pipeline_id = NEW.id
        AND NOT EXISTS (SELECT FROM jsonb_array_elements(NEW.stages) AS e WHERE e->>'code' = s.code);
    INSERT INTO pipeline_stages
        (organization_id, pipeline_id, code, outcome, position, probability, forecast_category, max_days)
    SELECT NEW.organization_id, NEW.id, e->>'code', e->>'outcome', n, (e->>'probability')::numeric,
        e->>'forecast_category', (e->>'max_days')::int
    FROM jsonb_array_elements(NEW.stages) WITH ORDINALITY AS x(e, n)
    ON CONFLICT (organization_id, pipeline_id, code) DO UPDATE SET outcome = excluded.outcome,
        position = excluded.position, probability = excluded.probability,
        forecast_category = excluded.forecast_category, max_days = excluded.max_days
    WHERE pipeline_stages IS DISTINCT FROM excluded;
    RETURN NULL;
END $$
;;
CREATE TRIGGER stages_begun AFTER INSERT ON pipelines FOR EACH ROW EXECUTE FUNCTION crm_keep_pipeline_stages()
;;
CREATE TRIGGER stages_changed AFTER UPDATE OF stages ON pipelines FOR EACH ROW WHEN (OLD.stages IS DISTINCT FROM NEW.stages) EXECUTE FUNCTION crm_keep_pipeline_stages()
;;
ALTER TABLE pipeline_snapshot_lines ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE pipeline_snapshot_lines FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON pipeline_snapshot_lines
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON pipeline_snapshot_lines TO crm_app
;;
ALTER TABLE pipeline_stages ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE pipeline_stages FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON pipeline_stages
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON pipeline_stages TO crm_app
;;
ALTER TABLE opportunities ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE opportunities FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON opportunities
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON opportunities TO crm_app
;;
CREATE OR REPLACE FUNCTION crm_words_of_opportunities_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            INSERT INTO search_tokens (organization_id, object_id, token) SELECT added.organization_id, added.id, word.token
            FROM added CROSS JOIN LATERAL (SELECT 'opportunity/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', added.name, added.next_step), '{}'::text[], '{}'::text[], ARRAY[added.number]::text[])) AS word WHERE word <> '' UNION ALL SELECT 'opportunity#' || unnest(added.tags)) AS word (token)
            ON CONFLICT DO NOTHING;
            RETURN NULL; END $$
;;
CREATE OR REPLACE FUNCTION crm_words_of_opportunities_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            DELETE FROM search_tokens kept USING ((SELECT 'opportunity/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', OLD.name, OLD.next_step), '{}'::text[], '{}'::text[], ARRAY[OLD.number]::text[])) AS word WHERE word <> '' UNION ALL SELECT 'opportunity#' || unnest(OLD.tags)) EXCEPT (SELECT 'opportunity/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', NEW.name, NEW.next_step), '{}'::text[], '{}'::text[], ARRAY[NEW.number]::text[])) AS word WHERE word <> '' UNION ALL SELECT 'opportunity#' || unnest(NEW.tags))) AS word (token)
            WHERE kept.organization_id = OLD.organization_id AND kept.object_id = OLD.id
                AND kept.token = word.token;
            INSERT INTO search_tokens (organization_id, object_id, token) SELECT NEW.organization_id, NEW.id, word.token FROM (SELECT 'opportunity/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', NEW.name, NEW.next_step), '{}'::text[], '{}'::text[], ARRAY[NEW.number]::text[])) AS word WHERE word <> '' UNION ALL SELECT 'opportunity#' || unnest(NEW.tags)) AS word (token)
            ON CONFLICT DO NOTHING;
            RETURN NULL; END $$
;;
CREATE OR REPLACE FUNCTION crm_words_of_opportunities_removed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            DELETE FROM search_tokens WHERE organization_id = OLD.organization_id AND object_id = OLD.id;
            RETURN NULL; END $$
;;
CREATE TRIGGER words_added AFTER INSERT ON opportunities REFERENCING NEW TABLE AS added
            FOR EACH STATEMENT EXECUTE FUNCTION crm_words_of_opportunities_added()
;;
CREATE TRIGGER words_changed AFTER UPDATE ON opportunities FOR EACH ROW WHEN (OLD.name IS DISTINCT FROM NEW.name OR OLD.next_step IS DISTINCT FROM NEW.next_step OR OLD.number IS DISTINCT FROM NEW.number OR OLD.tags IS DISTINCT FROM NEW.tags)
            EXECUTE FUNCTION crm_words_of_opportunities_changed()
;;
CREATE TRIGGER words_removed AFTER DELETE ON opportunities FOR EACH ROW
            EXECUTE FUNCTION crm_words_of_opportunities_removed()
;;
CREATE TRIGGER external_ids_kept AFTER INSERT ON opportunities FOR EACH ROW WHEN (NEW.external_ids <> '[]') EXECUTE FUNCTION crm_keep_external_ids('opportunity')
;;
CREATE TRIGGER external_ids_moved AFTER UPDATE OF external_ids ON opportunities FOR EACH ROW WHEN (NEW.external_ids IS DISTINCT FROM OLD.external_ids) EXECUTE FUNCTION crm_keep_external_ids('opportunity')
;;
CREATE TRIGGER external_ids_freed AFTER DELETE ON opportunities FOR EACH ROW WHEN (OLD.external_ids <> '[]') EXECUTE FUNCTION crm_keep_external_ids('opportunity')
;;
CREATE OR REPLACE FUNCTION crm_keep_stage_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        UPDATE opportunity_stages SET left_at = NEW.stage_entered_at
        WHERE organization_id = NEW.organization_id AND opportunity_id = NEW.id AND left_at IS NULL;
    END IF;
    INSERT INTO opportunity_stages (organization_id, opportunity_id, pipeline_id, stage, status, entered_at,
        entered_by_id, approved_by_id, amount, probability, close_date)
    VALUES (NEW.organization_id, NEW.id, NEW.pipeline_id, NEW.stage, NEW.status, NEW.stage_entered_at,
        NEW.updated_by_id, NEW.stage_approved_by_id, NEW.amount, NEW.probability, NEW.close_date);
    RETURN NULL;
END $$
;;
CREATE TRIGGER stage_history_begun AFTER INSERT ON opportunities FOR EACH ROW EXECUTE FUNCTION crm_keep_stage_history()
;;
CREATE TRIGGER stage_history_moved AFTER UPDATE OF stage, pipeline_id ON opportunities FOR EACH ROW WHEN (OLD.stage IS DISTINCT FROM NEW.stage OR OLD.pipeline_id IS DISTINCT FROM NEW.pipeline_id) EXECUTE FUNCTION crm_keep_stage_history()
;;
ALTER TABLE sales_targets ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE sales_targets FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON sales_targets
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON sales_targets TO crm_app
;;
ALTER TABLE opportunity_stages ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE opportunity_stages FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON opportunity_stages
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON opportunity_stages TO crm_app
