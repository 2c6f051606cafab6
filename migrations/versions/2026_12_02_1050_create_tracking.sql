CREATE TABLE web_arrivals (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    key UUID NOT NULL,
    batch_id UUID NOT NULL,
    visitor_id UUID,
    consent BOOLEAN NOT NULL,
    contact_id UUID,
    message_id UUID,
    submission_id UUID,
    type VARCHAR(40) NOT NULL,
    name TEXT,
    at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    received_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    path TEXT,
    referrer TEXT,
    utm JSONB NOT NULL,
    campaign_key TEXT,
    is_entry BOOLEAN NOT NULL,
    props JSONB NOT NULL,
    device VARCHAR(40) NOT NULL,
    wilaya_code TEXT,
    ip_prefix TEXT,
    is_bot BOOLEAN NOT NULL,
    CONSTRAINT pk_web_arrivals PRIMARY KEY (organization_id, id),
    CONSTRAINT ck_web_arrivals_nobody_without_consent CHECK (consent OR visitor_id IS NULL),
    CONSTRAINT ck_web_arrivals_type_known CHECK (type IN ('page_view', 'form_view', 'form_submit', 'quote_started', 'quote_completed', 'policy_paid', 'claim_declared', 'login', 'download', 'custom')),
    CONSTRAINT ck_web_arrivals_device_known CHECK (device IN ('desktop', 'mobile', 'tablet', 'other'))
)
;;
ALTER TABLE web_arrivals ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE web_arrivals FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON web_arrivals
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON web_arrivals TO crm_app
;;
CREATE TABLE web_goals (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    name_folded TEXT COLLATE "C" GENERATED ALWAYS AS (crm_fold(trim(coalesce(name, '') || ' ' || coalesce(code, '')))) STORED NOT NULL,
    event_type VARCHAR(40),
    event_name TEXT,
    path_prefix TEXT,
    value BIGINT NOT NULL,
    is_active BOOLEAN DEFAULT true NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_web_goals PRIMARY KEY (organization_id, id),
    CONSTRAINT ck_web_goals_met_by CHECK (event_type IS NOT NULL OR event_name IS NOT NULL OR path_prefix IS NOT NULL),
    CONSTRAINT ck_web_goals_value_not_negative CHECK (value >= 0),
    CONSTRAINT ck_web_goals_code_length CHECK (char_length(code) <= 60),
    CONSTRAINT ck_web_goals_name_length CHECK (char_length(name) <= 120),
    CONSTRAINT ck_web_goals_event_type_known CHECK (event_type IN ('page_view', 'form_view', 'form_submit', 'quote_started', 'quote_completed', 'policy_paid', 'claim_declared', 'login', 'download', 'custom'))
)
;;
CREATE INDEX ix_web_goals_name ON web_goals (organization_id, name_folded, id)
;;
CREATE INDEX ix_web_goals_newest ON web_goals (organization_id, created_at, id)
;;
CREATE UNIQUE INDEX uq_web_goals_code ON web_goals (organization_id, code)
;;
ALTER TABLE web_goals ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE web_goals FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON web_goals
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON web_goals TO crm_app
;;
CREATE TABLE web_sessions (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    visitor_id UUID,
    contact_id UUID,
    lead_id UUID,
    message_id UUID,
    consent BOOLEAN NOT NULL,
    started_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    device VARCHAR(40) NOT NULL,
    wilaya_code TEXT,
    ip_prefix TEXT,
    utm JSONB NOT NULL,
    utm_campaign TEXT GENERATED ALWAYS AS (utm ->> 'campaign') STORED,
    campaign_key TEXT,
    landing TEXT,
    referrer TEXT,
    is_bot BOOLEAN NOT NULL,
    events INTEGER NOT NULL,
    page_views INTEGER NOT NULL,
    conversions INTEGER NOT NULL,
    goal_value BIGINT NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_web_sessions PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_web_sessions_contact FOREIGN KEY(organization_id, contact_id) REFERENCES contacts (organization_id, id) ON DELETE SET NULL (contact_id),
    CONSTRAINT ck_web_sessions_nobody_without_consent CHECK (consent OR (visitor_id IS NULL AND contact_id IS NULL AND lead_id IS NULL AND ip_prefix IS NULL AND message_id IS NULL)),
    CONSTRAINT ck_web_sessions_ends_after_it_starts CHECK (ended_at >= started_at),
    CONSTRAINT ck_web_sessions_landing_length CHECK (char_length(landing) <= 500),
    CONSTRAINT ck_web_sessions_referrer_length CHECK (char_length(referrer) <= 500),
    CONSTRAINT ck_web_sessions_device_known CHECK (device IN ('desktop', 'mobile', 'tablet', 'other'))
)
;;
CREATE INDEX ix_web_sessions_campaign ON web_sessions (organization_id, utm_campaign, started_at, id)
;;
CREATE INDEX ix_web_sessions_contact ON web_sessions (organization_id, contact_id, started_at, id)
;;
CREATE INDEX ix_web_sessions_lead ON web_sessions (organization_id, lead_id) WHERE lead_id IS NOT NULL
;;
CREATE INDEX ix_web_sessions_started ON web_sessions (organization_id, started_at, id)
;;
CREATE INDEX ix_web_sessions_updated ON web_sessions (organization_id, updated_at)
;;
CREATE INDEX ix_web_sessions_visitor ON web_sessions (organization_id, visitor_id, started_at)
;;
ALTER TABLE web_sessions ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE web_sessions FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON web_sessions
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON web_sessions TO crm_app
;;
CREATE TABLE web_events (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    session_id UUID,
    type VARCHAR(40) NOT NULL,
    name TEXT,
    at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    received_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    path TEXT,
    props JSONB NOT NULL,
    CONSTRAINT pk_web_events PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_web_events_session FOREIGN KEY(organization_id, session_id) REFERENCES web_sessions (organization_id, id),
    CONSTRAINT ck_web_events_props_size CHECK (octet_length(props::text) <= 4096),
    CONSTRAINT ck_web_events_type_known CHECK (type IN ('page_view', 'form_view', 'form_submit', 'quote_started', 'quote_completed', 'policy_paid', 'claim_declared', 'login', 'download', 'custom'))
)
;;
CREATE INDEX ix_web_events_at ON web_events (organization_id, at, id)
;;
CREATE INDEX ix_web_events_session ON web_events (organization_id, session_id, at, id)
;;
ALTER TABLE web_events ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE web_events FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON web_events
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON web_events TO crm_app
;;
CREATE TABLE web_visitors (
    organization_id UUID NOT NULL,
    visitor_id UUID NOT NULL,
    contact_id UUID,
    lead_id UUID,
    identified_by VARCHAR(40) NOT NULL,
    identified_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_web_visitors PRIMARY KEY (organization_id, visitor_id),
    CONSTRAINT fk_web_visitors_contact FOREIGN KEY(organization_id, contact_id) REFERENCES contacts (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_web_visitors_somebody CHECK (contact_id IS NOT NULL OR lead_id IS NOT NULL),
    CONSTRAINT ck_web_visitors_identified_by_known CHECK (identified_by IN ('click', 'form', 'login', 'quote', 'staff'))
)
;;
CREATE INDEX ix_web_visitors_contact ON web_visitors (organization_id, contact_id)
;;
CREATE INDEX ix_web_visitors_lead ON web_visitors (organization_id, lead_id)
;;
ALTER TABLE web_visitors ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE web_visitors FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON web_visitors
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON web_visitors TO crm_app
;;
CREATE TABLE web_conversions (
    organization_id UUID NOT NULL,
    session_id UUID NOT NULL,
    goal_id UUID NOT NULL,
    event_id UUID NOT NULL,
    at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    value BIGINT NOT NULL,
    CONSTRAINT pk_web_conversions PRIMARY KEY (organization_id, session_id, goal_id),
    CONSTRAINT fk_web_conversions_session FOREIGN KEY(organization_id, session_id) REFERENCES web_sessions (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_web_conversions_goal FOREIGN KEY(organization_id, goal_id) REFERENCES web_goals (organization_id, id)
)
;;
CREATE INDEX ix_web_conversions_goal ON web_conversions (organization_id, goal_id, at)
;;
ALTER TABLE web_conversions ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE web_conversions FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON web_conversions
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON web_conversions TO crm_app
;;
CREATE TABLE web_days (
    organization_id UUID NOT NULL,
    day DATE NOT NULL,
    source TEXT NOT NULL,
    medium TEXT NOT NULL,
    campaign TEXT NOT NULL,
    device VARCHAR(40) NOT NULL,
    sessions INTEGER NOT NULL,
    unknown_sessions INTEGER NOT NULL,
    converted_sessions INTEGER NOT NULL,
    page_views INTEGER NOT NULL,
    goal_value BIGINT NOT NULL,
    CONSTRAINT pk_web_days PRIMARY KEY (organization_id, day, source, medium, campaign, device),
    CONSTRAINT ck_web_days_device_known CHECK (device IN ('desktop', 'mobile', 'tablet', 'other'))
)
;;
ALTER TABLE web_days ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE web_days FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON web_days
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON web_days TO crm_app
;;
ALTER TABLE api_clients DROP CONSTRAINT ck_api_clients_capture_only
;;
ALTER TABLE api_clients ADD CONSTRAINT ck_api_clients_capture_only CHECK (kind <> 'capture' OR (scopes <@ '{leads:capture,web_events:ingest}' AND scopes <> '{}'))
