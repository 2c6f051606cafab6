CREATE TABLE consent_texts (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    text_version TEXT NOT NULL,
    language TEXT NOT NULL,
    body TEXT NOT NULL,
    text_hash TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_consent_texts PRIMARY KEY (organization_id, id),
    CONSTRAINT ck_consent_texts_text_hash_form CHECK (text_hash ~ '^[0-9a-f]{64}$'),
    CONSTRAINT ck_consent_texts_text_version_length CHECK (char_length(text_version) <= 40),
    CONSTRAINT ck_consent_texts_body_length CHECK (char_length(body) <= 4000)
)
;;
CREATE INDEX ix_consent_texts_newest ON consent_texts (organization_id, created_at, id)
;;
CREATE UNIQUE INDEX uq_consent_texts_version ON consent_texts (organization_id, text_version, language)
;;
ALTER TABLE consent_texts ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE consent_texts FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON consent_texts
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON consent_texts TO crm_app
;;
CREATE TABLE consents (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    subject_type VARCHAR(40) NOT NULL,
    subject_id UUID NOT NULL,
    purpose VARCHAR(40) NOT NULL,
    brand TEXT DEFAULT '' NOT NULL,
    status VARCHAR(40) NOT NULL,
    channel VARCHAR(40) NOT NULL,
    source VARCHAR(40) NOT NULL,
    text_version TEXT,
    text_hash TEXT,
    language TEXT,
    captured_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP(3) WITH TIME ZONE,
    ip TEXT,
    user_agent TEXT,
    proof_document_id UUID,
    request_id UUID,
    message_id UUID,
    reason TEXT,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_consents PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_consents_proof FOREIGN KEY(organization_id, proof_document_id) REFERENCES files (organization_id, id),
    CONSTRAINT ck_consents_order CHECK (expires_at > captured_at),
    CONSTRAINT ck_consents_text_hash_form CHECK (text_hash ~ '^[0-9a-f]{64}$'),
    CONSTRAINT ck_consents_pending_is_asked CHECK (status <> 'pending' OR request_id IS NOT NULL),
    CONSTRAINT ck_consents_brand_length CHECK (char_length(brand) <= 40),
    CONSTRAINT ck_consents_text_version_length CHECK (char_length(text_version) <= 40),
    CONSTRAINT ck_consents_user_agent_length CHECK (char_length(user_agent) <= 300),
    CONSTRAINT ck_consents_reason_length CHECK (char_length(reason) <= 500),
    CONSTRAINT ck_consents_subject_type_known CHECK (subject_type IN ('contact', 'lead', 'portal_user')),
    CONSTRAINT ck_consents_purpose_known CHECK (purpose IN ('marketing_email', 'marketing_sms', 'marketing_whatsapp', 'marketing_phone', 'push', 'profiling', 'partner_sharing', 'geolocation', 'call_recording', 'health_data', 'cookies_analytics', 'cookies_ads', 'esign')),
    CONSTRAINT ck_consents_status_known CHECK (status IN ('granted', 'refused', 'withdrawn', 'pending')),
    CONSTRAINT ck_consents_channel_known CHECK (channel IN ('web', 'counter', 'phone', 'email', 'sms', 'whatsapp', 'portal', 'letter', 'partner', 'import')),
    CONSTRAINT ck_consents_source_known CHECK (source IN ('staff', 'lead_form', 'lead_conversion', 'preference_centre', 'double_opt_in', 'one_click', 'stop_keyword', 'complaint', 'merge', 'erasure'))
)
;;
CREATE INDEX ix_consents_newest ON consents (organization_id, created_at, id)
;;
CREATE INDEX ix_consents_purpose ON consents (organization_id, purpose, status, created_at, id)
;;
CREATE INDEX ix_consents_request ON consents (organization_id, request_id) WHERE request_id IS NOT NULL
;;
CREATE INDEX ix_consents_subject ON consents (organization_id, subject_type, subject_id, captured_at, id)
;;
ALTER TABLE consents ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE consents FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON consents
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT ON consents TO crm_app
;;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON consents
    FOR EACH ROW EXECUTE FUNCTION crm_refuse_change()
;;
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON consents
    FOR EACH STATEMENT EXECUTE FUNCTION crm_refuse_change()
;;
CREATE OR REPLACE FUNCTION crm_keep_consent_states() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO consent_states AS s (organization_id, subject_type, subject_id, purpose, brand,
                                         status, consent_id, captured_at, expires_at)
        SELECT DISTINCT ON (organization_id, subject_type, subject_id, purpose, brand)
               organization_id, subject_type, subject_id, purpose, brand, status, id, captured_at, expires_at
        FROM written
        ORDER BY organization_id, subject_type, subject_id, purpose, brand, captured_at DESC, id DESC
        ON CONFLICT (organization_id, subject_type, subject_id, purpose, brand) DO UPDATE
        SET status = excluded.status, consent_id = excluded.consent_id,
            captured_at = excluded.captured_at, expires_at = excluded.expires_at
        WHERE (excluded.captured_at, excluded.consent_id) > (s.captured_at, s.consent_id);
        RETURN NULL;
    END $$
;;
CREATE TRIGGER keep_states AFTER INSERT ON consents REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION crm_keep_consent_states()
;;
CREATE TABLE consent_states (
    organization_id UUID NOT NULL,
    subject_type VARCHAR(40) NOT NULL,
    subject_id UUID NOT NULL,
    purpose VARCHAR(40) NOT NULL,
    brand TEXT NOT NULL,
    status VARCHAR(40) NOT NULL,
    consent_id UUID NOT NULL,
    captured_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP(3) WITH TIME ZONE,
    CONSTRAINT pk_consent_states PRIMARY KEY (organization_id, subject_type, subject_id, purpose, brand),
    CONSTRAINT ck_consent_states_subject_type_known CHECK (subject_type IN ('contact', 'lead', 'portal_user')),
    CONSTRAINT ck_consent_states_purpose_known CHECK (purpose IN ('marketing_email', 'marketing_sms', 'marketing_whatsapp', 'marketing_phone', 'push', 'profiling', 'partner_sharing', 'geolocation', 'call_recording', 'health_data', 'cookies_analytics', 'cookies_ads', 'esign')),
    CONSTRAINT ck_consent_states_status_known CHECK (status IN ('granted', 'refused', 'withdrawn', 'pending'))
)
;;
CREATE INDEX ix_consent_states_granted ON consent_states (organization_id, purpose, brand, subject_id) INCLUDE (expires_at) WHERE status = 'granted' AND subject_type = 'contact'
;;
CREATE INDEX ix_consent_states_subject ON consent_states (organization_id, subject_id, purpose)
;;
ALTER TABLE consent_states ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE consent_states FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON consent_states
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON consent_states TO crm_app
;;
CREATE TABLE suppressions (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    channel VARCHAR(40) NOT NULL,
    address_hash TEXT NOT NULL,
    reason VARCHAR(40) NOT NULL,
    source TEXT,
    lifted_at TIMESTAMP(3) WITH TIME ZONE,
    lift_reason TEXT,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_suppressions PRIMARY KEY (organization_id, id),
    CONSTRAINT ck_suppressions_address_hash_form CHECK (address_hash ~ '^[0-9a-f]{64}$'),
    CONSTRAINT ck_suppressions_lifted_with_reason CHECK ((lifted_at IS NULL) = (lift_reason IS NULL)),
    CONSTRAINT ck_suppressions_source_length CHECK (char_length(source) <= 80),
    CONSTRAINT ck_suppressions_lift_reason_length CHECK (char_length(lift_reason) <= 300),
    CONSTRAINT ck_suppressions_channel_known CHECK (channel IN ('email', 'sms', 'whatsapp', 'phone', 'push')),
    CONSTRAINT ck_suppressions_reason_known CHECK (reason IN ('hard_bounce', 'complaint', 'unsubscribe', 'deceased', 'dnc', 'legal'))
)
;;
CREATE INDEX ix_suppressions_newest ON suppressions (organization_id, created_at, id)
;;
CREATE UNIQUE INDEX uq_suppressions_address ON suppressions (organization_id, channel, address_hash)
;;
ALTER TABLE suppressions ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE suppressions FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON suppressions
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON suppressions TO crm_app
;;
CREATE TABLE contact_preferences (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    subject_type VARCHAR(40) NOT NULL,
    subject_id UUID NOT NULL,
    topics TEXT[],
    channels TEXT[],
    frequency VARCHAR(40) NOT NULL,
    hours_start TIME WITHOUT TIME ZONE,
    hours_end TIME WITHOUT TIME ZONE,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_contact_preferences PRIMARY KEY (organization_id, id),
    CONSTRAINT ck_contact_preferences_whole_hours CHECK ((hours_start IS NULL) = (hours_end IS NULL)),
    CONSTRAINT ck_contact_preferences_subject_type_known CHECK (subject_type IN ('contact', 'lead', 'portal_user')),
    CONSTRAINT ck_contact_preferences_frequency_known CHECK (frequency IN ('usual', 'weekly', 'monthly', 'never'))
)
;;
CREATE INDEX ix_contact_preferences_newest ON contact_preferences (organization_id, created_at, id)
;;
CREATE UNIQUE INDEX uq_contact_preferences_subject ON contact_preferences (organization_id, subject_type, subject_id)
;;
ALTER TABLE contact_preferences ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE contact_preferences FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON contact_preferences
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON contact_preferences TO crm_app
