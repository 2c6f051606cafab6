CREATE TABLE surveys (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    name_folded TEXT COLLATE "C" GENERATED ALWAYS AS (crm_fold(trim(coalesce(name, '') || ' ' || coalesce(code, '')))) STORED NOT NULL,
    type VARCHAR(40) NOT NULL,
    status VARCHAR(40) NOT NULL,
    questions JSONB NOT NULL,
    trigger VARCHAR(40) NOT NULL,
    delay_minutes INTEGER NOT NULL,
    sampling NUMERIC(9, 6) NOT NULL,
    cooldown_days INTEGER NOT NULL,
    languages TEXT[] NOT NULL,
    anonymous BOOLEAN DEFAULT false NOT NULL,
    expires_days INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_surveys PRIMARY KEY (organization_id, id),
    CONSTRAINT ck_surveys_sampling_share CHECK (sampling > 0 AND sampling <= 1),
    CONSTRAINT ck_surveys_delay CHECK (delay_minutes BETWEEN 0 AND 43200),
    CONSTRAINT ck_surveys_cooldown CHECK (cooldown_days BETWEEN 0 AND 730),
    CONSTRAINT ck_surveys_expiry CHECK (expires_days BETWEEN 1 AND 90),
    CONSTRAINT ck_surveys_questions_count CHECK (jsonb_array_length(questions) BETWEEN 1 AND 10),
    CONSTRAINT ck_surveys_code_length CHECK (char_length(code) <= 60),
    CONSTRAINT ck_surveys_name_length CHECK (char_length(name) <= 120),
    CONSTRAINT ck_surveys_type_known CHECK (type IN ('csat', 'nps', 'ces', 'custom')),
    CONSTRAINT ck_surveys_status_known CHECK (status IN ('draft', 'active', 'closed')),
    CONSTRAINT ck_surveys_trigger_known CHECK (trigger IN ('ticket_solved', 'claim_settled', 'policy_issued', 'manual'))
)
;;
CREATE INDEX ix_surveys_name ON surveys (organization_id, name_folded, id)
;;
CREATE INDEX ix_surveys_newest ON surveys (organization_id, created_at, id)
;;
CREATE INDEX ix_surveys_trigger ON surveys (organization_id, trigger, status)
;;
CREATE UNIQUE INDEX uq_surveys_code ON surveys (organization_id, code)
;;
ALTER TABLE surveys ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE surveys FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON surveys
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON surveys TO crm_app
;;
CREATE TABLE survey_waves (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    survey_id UUID NOT NULL,
    name TEXT NOT NULL,
    agency_id UUID,
    job_id UUID,
    reached INTEGER DEFAULT '0' NOT NULL,
    invited INTEGER DEFAULT '0' NOT NULL,
    finished_at TIMESTAMP(3) WITH TIME ZONE,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_survey_waves PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_survey_waves_survey FOREIGN KEY(organization_id, survey_id) REFERENCES surveys (organization_id, id),
    CONSTRAINT fk_survey_waves_agency FOREIGN KEY(organization_id, agency_id) REFERENCES agencies (organization_id, id),
    CONSTRAINT ck_survey_waves_name_length CHECK (char_length(name) <= 80)
)
;;
CREATE INDEX ix_survey_waves_newest ON survey_waves (organization_id, created_at, id)
;;
CREATE INDEX ix_survey_waves_survey ON survey_waves (organization_id, survey_id, created_at, id)
;;
ALTER TABLE survey_waves ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE survey_waves FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON survey_waves
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON survey_waves TO crm_app
;;
CREATE TABLE survey_invitations (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    survey_id UUID NOT NULL,
    wave_id UUID,
    contact_id UUID NOT NULL,
    status VARCHAR(40) NOT NULL,
    language TEXT NOT NULL,
    occasion TEXT,
    related_type TEXT,
    related_id UUID,
    agency_id UUID,
    agent_id UUID,
    expires_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    sent_at TIMESTAMP(3) WITH TIME ZONE,
    opened_at TIMESTAMP(3) WITH TIME ZONE,
    answered_at TIMESTAMP(3) WITH TIME ZONE,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_survey_invitations PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_survey_invitations_survey FOREIGN KEY(organization_id, survey_id) REFERENCES surveys (organization_id, id),
    CONSTRAINT fk_survey_invitations_wave FOREIGN KEY(organization_id, wave_id) REFERENCES survey_waves (organization_id, id),
    CONSTRAINT fk_survey_invitations_contact FOREIGN KEY(organization_id, contact_id) REFERENCES contacts (organization_id, id),
    CONSTRAINT fk_survey_invitations_agency FOREIGN KEY(organization_id, agency_id) REFERENCES agencies (organization_id, id),
    CONSTRAINT fk_survey_invitations_agent FOREIGN KEY(organization_id, agent_id) REFERENCES users (organization_id, id),
    CONSTRAINT ck_survey_invitations_whole_object CHECK ((related_type IS NULL) = (related_id IS NULL)),
    CONSTRAINT ck_survey_invitations_related_type_length CHECK (char_length(related_type) <= 40),
    CONSTRAINT ck_survey_invitations_occasion_length CHECK (char_length(occasion) <= 100),
    CONSTRAINT ck_survey_invitations_status_known CHECK (status IN ('planned', 'sent', 'opened', 'answered', 'expired', 'failed'))
)
;;
CREATE INDEX ix_survey_invitations_contact ON survey_invitations (organization_id, contact_id, created_at, id)
;;
CREATE INDEX ix_survey_invitations_newest ON survey_invitations (organization_id, created_at, id)
;;
CREATE INDEX ix_survey_invitations_open ON survey_invitations (organization_id, expires_at) WHERE status IN ('planned', 'sent', 'opened')
;;
CREATE INDEX ix_survey_invitations_survey ON survey_invitations (organization_id, survey_id, created_at, id)
;;
CREATE UNIQUE INDEX uq_survey_invitations_occasion ON survey_invitations (organization_id, survey_id, occasion)
;;
CREATE UNIQUE INDEX uq_survey_invitations_wave ON survey_invitations (organization_id, wave_id, contact_id)
;;
ALTER TABLE survey_invitations ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE survey_invitations FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON survey_invitations
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON survey_invitations TO crm_app
;;
CREATE TABLE survey_responses (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    survey_id UUID NOT NULL,
    wave_id UUID,
    invitation_id UUID,
    contact_id UUID,
    score INTEGER,
    answers JSONB NOT NULL,
    comment TEXT,
    sentiment NUMERIC(9, 6),
    language TEXT NOT NULL,
    related_type TEXT,
    related_id UUID,
    agency_id UUID,
    agent_id UUID,
    answered_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    edited_at TIMESTAMP(3) WITH TIME ZONE,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_survey_responses PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_survey_responses_survey FOREIGN KEY(organization_id, survey_id) REFERENCES surveys (organization_id, id),
    CONSTRAINT fk_survey_responses_wave FOREIGN KEY(organization_id, wave_id) REFERENCES survey_waves (organization_id, id),
    CONSTRAINT fk_survey_responses_invitation FOREIGN KEY(organization_id, invitation_id) REFERENCES survey_invitations (organization_id, id) ON DELETE SET NULL (invitation_id),
    CONSTRAINT fk_survey_responses_contact FOREIGN KEY(organization_id, contact_id) REFERENCES contacts (organization_id, id),
    CONSTRAINT fk_survey_responses_agency FOREIGN KEY(organization_id, agency_id) REFERENCES agencies (organization_id, id),
    CONSTRAINT fk_survey_responses_agent FOREIGN KEY(organization_id, agent_id) REFERENCES users (organization_id, id),
    CONSTRAINT ck_survey_responses_score_range CHECK (score BETWEEN 0 AND 10),
    CONSTRAINT ck_survey_responses_comment_length CHECK (char_length(comment) <= 2000)
)
;;
CREATE INDEX ix_survey_responses_agency ON survey_responses (organization_id, agency_id, answered_at, id)
;;
CREATE INDEX ix_survey_responses_agent ON survey_responses (organization_id, agent_id, answered_at, id)
;;
CREATE INDEX ix_survey_responses_answered ON survey_responses (organization_id, answered_at, id)
;;
CREATE INDEX ix_survey_responses_contact ON survey_responses (organization_id, contact_id)
;;
CREATE INDEX ix_survey_responses_newest ON survey_responses (organization_id, created_at, id)
;;
CREATE INDEX ix_survey_responses_survey ON survey_responses (organization_id, survey_id, answered_at, id)
;;
CREATE UNIQUE INDEX uq_survey_responses_invitation ON survey_responses (organization_id, invitation_id)
;;
ALTER TABLE survey_responses ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE survey_responses FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON survey_responses
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON survey_responses TO crm_app
