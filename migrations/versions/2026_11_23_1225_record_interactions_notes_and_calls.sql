CREATE TABLE notes (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    object_type TEXT NOT NULL,
    object_id UUID NOT NULL,
    body TEXT NOT NULL,
    visibility VARCHAR(40) NOT NULL,
    is_internal BOOLEAN NOT NULL,
    pinned BOOLEAN NOT NULL,
    mentions UUID[] DEFAULT '{}' NOT NULL,
    agency_id UUID,
    edited_at TIMESTAMP(3) WITH TIME ZONE,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    deleted_at TIMESTAMP(3) WITH TIME ZONE,
    deleted_by_id UUID,
    CONSTRAINT pk_notes PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_notes_organization_id_agency_id FOREIGN KEY(organization_id, agency_id) REFERENCES agencies (organization_id, id),
    CONSTRAINT ck_notes_mentions_count CHECK (cardinality(mentions) <= 20),
    CONSTRAINT ck_notes_private_mentions_nobody CHECK (visibility <> 'private' OR mentions = '{}'),
    CONSTRAINT ck_notes_body_length CHECK (char_length(body) <= 10000),
    CONSTRAINT ck_notes_visibility_known CHECK (visibility IN ('private', 'team', 'all'))
)
;;
CREATE INDEX ix_notes_author ON notes (organization_id, created_by_id, created_at, id)
;;
CREATE INDEX ix_notes_object ON notes (organization_id, object_type, object_id, created_at, id)
;;
ALTER TABLE notes ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE notes FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON notes
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON notes TO crm_app
;;
CREATE TABLE note_revisions (
    organization_id UUID NOT NULL,
    note_id UUID NOT NULL,
    version INTEGER NOT NULL,
    written_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    replaced_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    body TEXT NOT NULL,
    about JSONB NOT NULL,
    CONSTRAINT pk_note_revisions PRIMARY KEY (organization_id, note_id, version),
    CONSTRAINT fk_note_revisions_organization_id_note_id FOREIGN KEY(organization_id, note_id) REFERENCES notes (organization_id, id) ON DELETE CASCADE
)
;;
ALTER TABLE note_revisions ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE note_revisions FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON note_revisions
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON note_revisions TO crm_app
;;
CREATE TABLE interactions (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    channel VARCHAR(40) NOT NULL,
    direction VARCHAR(40) NOT NULL,
    outcome VARCHAR(40),
    occurred_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    duration_seconds INTEGER,
    wait_seconds INTEGER,
    subject TEXT,
    body TEXT,
    body_format VARCHAR(40) NOT NULL,
    summary TEXT,
    participants JSONB DEFAULT '[]' NOT NULL,
    anonymous_party JSONB,
    anonymous_phone TEXT GENERATED ALWAYS AS (anonymous_party->>'phone') STORED,
    thread_key TEXT,
    external_message_id TEXT,
    recording_document_id UUID,
    recording_reference TEXT,
    recording_notice_given BOOLEAN NOT NULL,
    transcript TEXT,
    language VARCHAR(40),
    sentiment DOUBLE PRECISION,
    promise_text TEXT,
    promise_due_on DATE,
    promise_status VARCHAR(40),
    promise_settled_at TIMESTAMP(3) WITH TIME ZONE,
    promise_settled_by_id UUID,
    correction_of_id UUID,
    corrected_by_id UUID,
    correction_reason TEXT,
    owner_user_id UUID,
    agency_id UUID,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_interactions PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_interactions_organization_id_agency_id FOREIGN KEY(organization_id, agency_id) REFERENCES agencies (organization_id, id),
    CONSTRAINT fk_interactions_organization_id_owner_user_id FOREIGN KEY(organization_id, owner_user_id) REFERENCES users (organization_id, id),
    CONSTRAINT fk_interactions_organization_id_correction_of_id FOREIGN KEY(organization_id, correction_of_id) REFERENCES interactions (organization_id, id),
    CONSTRAINT fk_interactions_organization_id_corrected_by_id FOREIGN KEY(organization_id, corrected_by_id) REFERENCES interactions (organization_id, id),
    CONSTRAINT ck_interactions_corrects_another CHECK (correction_of_id <> id),
    CONSTRAINT ck_interactions_durations_positive CHECK (duration_seconds >= 0 AND wait_seconds >= 0),
    CONSTRAINT ck_interactions_sentiment_range CHECK (sentiment BETWEEN -1 AND 1),
    CONSTRAINT ck_interactions_promise_has_a_state CHECK ((promise_text IS NULL) = (promise_status IS NULL)),
    CONSTRAINT ck_interactions_due_promise_has_a_text CHECK (promise_due_on IS NULL OR promise_text IS NOT NULL),
    CONSTRAINT ck_interactions_subject_length CHECK (char_length(subject) <= 200),
    CONSTRAINT ck_interactions_summary_length CHECK (char_length(summary) <= 2000),
    CONSTRAINT ck_interactions_body_length CHECK (char_length(body) <= 50000),
    CONSTRAINT ck_interactions_transcript_length CHECK (char_length(transcript) <= 200000),
    CONSTRAINT ck_interactions_promise_text_length CHECK (char_length(promise_text) <= 500),
    CONSTRAINT ck_interactions_channel_known CHECK (channel IN ('phone', 'email', 'sms', 'whatsapp', 'messenger', 'chat', 'chatbot', 'portal_message', 'social', 'in_person', 'video', 'letter', 'web_form', 'push')),
    CONSTRAINT ck_interactions_direction_known CHECK (direction IN ('inbound', 'outbound', 'internal')),
    CONSTRAINT ck_interactions_outcome_known CHECK (outcome IN ('reached', 'no_answer', 'busy', 'voicemail', 'wrong_number', 'callback_requested', 'sold', 'refused', 'info_given')),
    CONSTRAINT ck_interactions_body_format_known CHECK (body_format IN ('text', 'html')),
    CONSTRAINT ck_interactions_language_known CHECK (language IN ('fr', 'ar', 'kab', 'en')),
    CONSTRAINT ck_interactions_promise_status_known CHECK (promise_status IN ('open', 'kept', 'broken'))
)
;;
CREATE INDEX ix_interactions_agency ON interactions (organization_id, agency_id, occurred_at, id)
;;
CREATE INDEX ix_interactions_agent ON interactions (organization_id, owner_user_id, occurred_at, id)
;;
CREATE INDEX ix_interactions_anonymous ON interactions (organization_id, anonymous_phone) WHERE anonymous_phone IS NOT NULL
;;
CREATE INDEX ix_interactions_occurred ON interactions (organization_id, occurred_at, id)
;;
CREATE INDEX ix_interactions_promises ON interactions (organization_id, promise_due_on, id) WHERE promise_status = 'open'
;;
CREATE INDEX ix_interactions_thread ON interactions (organization_id, thread_key, occurred_at, id) WHERE thread_key IS NOT NULL
;;
CREATE UNIQUE INDEX uq_interactions_correction ON interactions (organization_id, correction_of_id) WHERE correction_of_id IS NOT NULL
;;
CREATE UNIQUE INDEX uq_interactions_message ON interactions (organization_id, channel, external_message_id) WHERE external_message_id IS NOT NULL
;;
ALTER TABLE interactions ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE interactions FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON interactions
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON interactions TO crm_app
;;
CREATE TABLE interaction_links (
    organization_id UUID NOT NULL,
    interaction_id UUID NOT NULL,
    object_type TEXT NOT NULL,
    object_id UUID NOT NULL,
    occurred_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    has_promise BOOLEAN NOT NULL,
    via_id UUID,
    CONSTRAINT pk_interaction_links PRIMARY KEY (organization_id, interaction_id, object_type, object_id),
    CONSTRAINT fk_interaction_links_organization_id_interaction_id FOREIGN KEY(organization_id, interaction_id) REFERENCES interactions (organization_id, id) ON DELETE CASCADE
)
;;
CREATE INDEX ix_interaction_links_object ON interaction_links (organization_id, object_type, object_id, occurred_at, interaction_id)
;;
CREATE INDEX ix_interaction_links_promise ON interaction_links (organization_id, object_type, object_id, occurred_at, interaction_id) WHERE has_promise
;;
ALTER TABLE interaction_links ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE interaction_links FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON interaction_links
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON interaction_links TO crm_app
;;
CREATE TABLE telephony_calls (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    reference TEXT NOT NULL,
    direction VARCHAR(40) NOT NULL,
    status VARCHAR(40) NOT NULL,
    phone TEXT,
    line TEXT,
    match_count INTEGER NOT NULL,
    party_type TEXT,
    party_id UUID,
    rang_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    answered_at TIMESTAMP(3) WITH TIME ZONE,
    ended_at TIMESTAMP(3) WITH TIME ZONE,
    interaction_id UUID,
    owner_user_id UUID,
    agency_id UUID,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_telephony_calls PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_telephony_calls_organization_id_agency_id FOREIGN KEY(organization_id, agency_id) REFERENCES agencies (organization_id, id),
    CONSTRAINT fk_telephony_calls_organization_id_owner_user_id FOREIGN KEY(organization_id, owner_user_id) REFERENCES users (organization_id, id),
    CONSTRAINT fk_telephony_calls_organization_id_interaction_id FOREIGN KEY(organization_id, interaction_id) REFERENCES interactions (organization_id, id),
    CONSTRAINT ck_telephony_calls_party_whole CHECK ((party_type IS NULL) = (party_id IS NULL)),
    CONSTRAINT ck_telephony_calls_ends_after_it_began CHECK (ended_at >= rang_at),
    CONSTRAINT ck_telephony_calls_direction_known CHECK (direction IN ('inbound', 'outbound')),
    CONSTRAINT ck_telephony_calls_status_known CHECK (status IN ('ringing', 'answered', 'ended', 'missed'))
)
;;
CREATE INDEX ix_telephony_calls_agent ON telephony_calls (organization_id, owner_user_id, rang_at, id)
;;
CREATE INDEX ix_telephony_calls_rang ON telephony_calls (organization_id, rang_at, id)
;;
CREATE INDEX ix_telephony_calls_status ON telephony_calls (organization_id, status, rang_at, id)
;;
CREATE UNIQUE INDEX uq_telephony_calls_reference ON telephony_calls (organization_id, reference)
;;
ALTER TABLE telephony_calls ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE telephony_calls FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON telephony_calls
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON telephony_calls TO crm_app
;;
DROP INDEX ix_event_log_object
;;
-- A timeline reads the facts of an object in the order of their moments; nothing else reads this index.
CREATE INDEX ix_event_log_object ON event_log (organization_id, object_type, object_id, at, id)
