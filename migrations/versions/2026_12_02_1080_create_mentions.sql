CREATE TABLE social_accounts (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    network VARCHAR(40) NOT NULL,
    handle TEXT NOT NULL,
    name TEXT NOT NULL,
    active BOOLEAN DEFAULT true NOT NULL,
    secret_number INTEGER DEFAULT '1' NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_social_accounts PRIMARY KEY (organization_id, id),
    CONSTRAINT ck_social_accounts_handle_length CHECK (char_length(handle) <= 80),
    CONSTRAINT ck_social_accounts_name_length CHECK (char_length(name) <= 80),
    CONSTRAINT ck_social_accounts_network_known CHECK (network IN ('facebook', 'instagram', 'x', 'linkedin', 'youtube', 'google_reviews', 'other'))
)
;;
CREATE INDEX ix_social_accounts_newest ON social_accounts (organization_id, created_at, id)
;;
CREATE UNIQUE INDEX uq_social_accounts_handle ON social_accounts (organization_id, network, handle)
;;
ALTER TABLE social_accounts ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE social_accounts FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON social_accounts
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON social_accounts TO crm_app
;;
CREATE TABLE social_mentions (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    social_account_id UUID NOT NULL,
    network VARCHAR(40) NOT NULL,
    external_id TEXT NOT NULL,
    author_handle TEXT,
    url TEXT,
    text TEXT NOT NULL,
    language TEXT,
    published_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    sentiment NUMERIC(9, 6),
    reach INTEGER,
    topic TEXT,
    matched_keyword TEXT,
    status VARCHAR(40) NOT NULL,
    assignee_user_id UUID,
    answer TEXT,
    answered_at TIMESTAMP(3) WITH TIME ZONE,
    ticket_id UUID,
    contact_id UUID,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_social_mentions PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_social_mentions_account FOREIGN KEY(organization_id, social_account_id) REFERENCES social_accounts (organization_id, id),
    CONSTRAINT fk_social_mentions_contact FOREIGN KEY(organization_id, contact_id) REFERENCES contacts (organization_id, id),
    CONSTRAINT fk_social_mentions_ticket FOREIGN KEY(organization_id, ticket_id) REFERENCES tickets (organization_id, id),
    CONSTRAINT fk_social_mentions_assignee FOREIGN KEY(organization_id, assignee_user_id) REFERENCES users (organization_id, id),
    CONSTRAINT ck_social_mentions_sentiment_range CHECK (sentiment BETWEEN -1 AND 1),
    CONSTRAINT ck_social_mentions_reach_sign CHECK (reach >= 0),
    CONSTRAINT ck_social_mentions_answered_with_words CHECK ((status = 'answered') <= (answer IS NOT NULL)),
    CONSTRAINT ck_social_mentions_escalated_to_a_ticket CHECK ((status = 'escalated') <= (ticket_id IS NOT NULL)),
    CONSTRAINT ck_social_mentions_external_id_length CHECK (char_length(external_id) <= 160),
    CONSTRAINT ck_social_mentions_author_handle_length CHECK (char_length(author_handle) <= 80),
    CONSTRAINT ck_social_mentions_url_length CHECK (char_length(url) <= 500),
    CONSTRAINT ck_social_mentions_text_length CHECK (char_length(text) <= 5000),
    CONSTRAINT ck_social_mentions_topic_length CHECK (char_length(topic) <= 60),
    CONSTRAINT ck_social_mentions_matched_keyword_length CHECK (char_length(matched_keyword) <= 60),
    CONSTRAINT ck_social_mentions_answer_length CHECK (char_length(answer) <= 2000),
    CONSTRAINT ck_social_mentions_network_known CHECK (network IN ('facebook', 'instagram', 'x', 'linkedin', 'youtube', 'google_reviews', 'other')),
    CONSTRAINT ck_social_mentions_status_known CHECK (status IN ('new', 'assigned', 'answered', 'ignored', 'escalated'))
)
;;
CREATE INDEX ix_social_mentions_assignee ON social_mentions (organization_id, assignee_user_id, published_at, id)
;;
CREATE INDEX ix_social_mentions_newest ON social_mentions (organization_id, created_at, id)
;;
CREATE INDEX ix_social_mentions_published ON social_mentions (organization_id, published_at, id)
;;
CREATE INDEX ix_social_mentions_status ON social_mentions (organization_id, status, published_at, id)
;;
CREATE UNIQUE INDEX uq_social_mentions_external ON social_mentions (organization_id, network, external_id)
;;
ALTER TABLE social_mentions ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE social_mentions FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON social_mentions
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON social_mentions TO crm_app
