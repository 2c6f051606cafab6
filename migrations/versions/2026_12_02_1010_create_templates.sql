CREATE TABLE templates (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    code TEXT NOT NULL,
    channel VARCHAR(40) NOT NULL,
    language VARCHAR(40) NOT NULL,
    revision INTEGER NOT NULL,
    name TEXT NOT NULL,
    name_folded TEXT COLLATE "C" GENERATED ALWAYS AS (crm_fold(trim(coalesce(name, '') || ' ' || coalesce(code, '')))) STORED NOT NULL,
    purpose VARCHAR(40) NOT NULL,
    format VARCHAR(40) NOT NULL,
    subject TEXT,
    body TEXT NOT NULL,
    html TEXT,
    text TEXT NOT NULL,
    variables TEXT[] NOT NULL,
    sms_segments INTEGER,
    status VARCHAR(40) NOT NULL,
    approved_at TIMESTAMP(3) WITH TIME ZONE,
    approved_by_id UUID,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_templates PRIMARY KEY (organization_id, id),
    CONSTRAINT ck_templates_revision CHECK (revision >= 1),
    CONSTRAINT ck_templates_approval CHECK ((status = 'draft') = (approved_at IS NULL) OR status = 'retired'),
    CONSTRAINT ck_templates_layout_of_email CHECK (channel = 'email' OR format = 'text'),
    CONSTRAINT ck_templates_code_length CHECK (char_length(code) <= 60),
    CONSTRAINT ck_templates_name_length CHECK (char_length(name) <= 120),
    CONSTRAINT ck_templates_subject_length CHECK (char_length(subject) <= 200),
    CONSTRAINT ck_templates_body_length CHECK (char_length(body) <= 200000),
    CONSTRAINT ck_templates_channel_known CHECK (channel IN ('email', 'sms', 'whatsapp', 'push', 'letter')),
    CONSTRAINT ck_templates_language_known CHECK (language IN ('fr', 'ar', 'en')),
    CONSTRAINT ck_templates_purpose_known CHECK (purpose IN ('marketing', 'transactional')),
    CONSTRAINT ck_templates_format_known CHECK (format IN ('text', 'html', 'mjml')),
    CONSTRAINT ck_templates_status_known CHECK (status IN ('draft', 'approved', 'retired'))
)
;;
CREATE INDEX ix_templates_name ON templates (organization_id, name_folded, id)
;;
CREATE INDEX ix_templates_newest ON templates (organization_id, created_at, id)
;;
CREATE UNIQUE INDEX uq_templates_approved ON templates (organization_id, code, channel, language) WHERE status = 'approved'
;;
CREATE UNIQUE INDEX uq_templates_draft ON templates (organization_id, code, channel, language) WHERE status = 'draft'
;;
CREATE UNIQUE INDEX uq_templates_revision ON templates (organization_id, code, channel, language, revision)
;;
ALTER TABLE templates ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE templates FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON templates
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON templates TO crm_app
