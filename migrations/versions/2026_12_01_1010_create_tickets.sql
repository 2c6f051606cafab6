CREATE TABLE ticket_incidents (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    number TEXT NOT NULL,
    title TEXT NOT NULL,
    event_reference TEXT,
    occurred_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    description TEXT,
    status VARCHAR(40) NOT NULL,
    closed_at TIMESTAMP(3) WITH TIME ZONE,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_ticket_incidents PRIMARY KEY (organization_id, id),
    CONSTRAINT ck_ticket_incidents_title_length CHECK (char_length(title) <= 160),
    CONSTRAINT ck_ticket_incidents_event_reference_length CHECK (char_length(event_reference) <= 120),
    CONSTRAINT ck_ticket_incidents_description_length CHECK (char_length(description) <= 4000),
    CONSTRAINT ck_ticket_incidents_status_known CHECK (status IN ('open', 'closed'))
)
;;
CREATE INDEX ix_ticket_incidents_newest ON ticket_incidents (organization_id, created_at, id)
;;
CREATE UNIQUE INDEX uq_ticket_incidents_number ON ticket_incidents (organization_id, number)
;;
ALTER TABLE ticket_incidents ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE ticket_incidents FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON ticket_incidents
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON ticket_incidents TO crm_app
;;
CREATE TABLE ticket_settings (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    content JSONB DEFAULT '{}' NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_ticket_settings PRIMARY KEY (organization_id, id)
)
;;
CREATE UNIQUE INDEX uq_ticket_settings_one ON ticket_settings (organization_id)
;;
ALTER TABLE ticket_settings ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE ticket_settings FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON ticket_settings
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON ticket_settings TO crm_app
;;
CREATE TABLE ticket_statuses (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    name_ar TEXT,
    category VARCHAR(40) NOT NULL,
    position INTEGER NOT NULL,
    is_default BOOLEAN NOT NULL,
    is_active BOOLEAN NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_ticket_statuses PRIMARY KEY (organization_id, id),
    CONSTRAINT uq_ticket_statuses_category UNIQUE (organization_id, id, category),
    CONSTRAINT ck_ticket_statuses_default_is_active CHECK (NOT is_default OR is_active),
    CONSTRAINT ck_ticket_statuses_code_length CHECK (char_length(code) <= 40),
    CONSTRAINT ck_ticket_statuses_name_length CHECK (char_length(name) <= 80),
    CONSTRAINT ck_ticket_statuses_name_ar_length CHECK (char_length(name_ar) <= 80),
    CONSTRAINT ck_ticket_statuses_category_known CHECK (category IN ('new', 'open', 'pending', 'on_hold', 'solved', 'closed'))
)
;;
CREATE INDEX ix_ticket_statuses_position ON ticket_statuses (organization_id, position, id)
;;
CREATE UNIQUE INDEX uq_ticket_statuses_code ON ticket_statuses (organization_id, code)
;;
CREATE UNIQUE INDEX uq_ticket_statuses_default ON ticket_statuses (organization_id, category) WHERE is_default
;;
ALTER TABLE ticket_statuses ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE ticket_statuses FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON ticket_statuses
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON ticket_statuses TO crm_app
;;
CREATE TABLE ticket_categories (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    name_ar TEXT,
    parent_id UUID,
    level INTEGER NOT NULL,
    position INTEGER NOT NULL,
    group_id UUID,
    is_active BOOLEAN NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_ticket_categories PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_ticket_categories_parent FOREIGN KEY(organization_id, parent_id) REFERENCES ticket_categories (organization_id, id),
    CONSTRAINT fk_ticket_categories_group FOREIGN KEY(organization_id, group_id) REFERENCES groups (organization_id, id),
    CONSTRAINT ck_ticket_categories_level_range CHECK (level BETWEEN 1 AND 3),
    CONSTRAINT ck_ticket_categories_roots_have_no_parent CHECK ((level = 1) = (parent_id IS NULL)),
    CONSTRAINT ck_ticket_categories_code_length CHECK (char_length(code) <= 40),
    CONSTRAINT ck_ticket_categories_name_length CHECK (char_length(name) <= 80),
    CONSTRAINT ck_ticket_categories_name_ar_length CHECK (char_length(name_ar) <= 80)
)
;;
CREATE INDEX ix_ticket_categories_parent ON ticket_categories (organization_id, parent_id)
;;
CREATE INDEX ix_ticket_categories_position ON ticket_categories (organization_id, position, id)
;;
CREATE UNIQUE INDEX uq_ticket_categories_code ON ticket_categories (organization_id, code)
;;
ALTER TABLE ticket_categories ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE ticket_categories FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON ticket_categories
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON ticket_categories TO crm_app
;;
CREATE TABLE ticket_agents (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    user_id UUID NOT NULL,
    languages TEXT[] DEFAULT '{fr}' NOT NULL,
    skills TEXT[] DEFAULT '{}' NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_ticket_agents PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_ticket_agents_user FOREIGN KEY(organization_id, user_id) REFERENCES users (organization_id, id)
)
;;
CREATE UNIQUE INDEX uq_ticket_agents_user ON ticket_agents (organization_id, user_id)
;;
ALTER TABLE ticket_agents ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE ticket_agents FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON ticket_agents
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON ticket_agents TO crm_app
;;
CREATE TABLE ticket_macros (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    name TEXT NOT NULL,
    scope VARCHAR(40) NOT NULL,
    owner_user_id UUID,
    group_id UUID,
    actions JSONB NOT NULL,
    is_active BOOLEAN NOT NULL,
    usage_count INTEGER DEFAULT '0' NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_ticket_macros PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_ticket_macros_owner FOREIGN KEY(organization_id, owner_user_id) REFERENCES users (organization_id, id),
    CONSTRAINT fk_ticket_macros_group FOREIGN KEY(organization_id, group_id) REFERENCES groups (organization_id, id),
    CONSTRAINT ck_ticket_macros_owner_of_its_scope CHECK ((scope = 'personal') = (owner_user_id IS NOT NULL)),
    CONSTRAINT ck_ticket_macros_group_of_its_scope CHECK ((scope = 'team') = (group_id IS NOT NULL)),
    CONSTRAINT ck_ticket_macros_name_length CHECK (char_length(name) <= 80),
    CONSTRAINT ck_ticket_macros_scope_known CHECK (scope IN ('personal', 'team', 'all'))
)
;;
CREATE INDEX ix_ticket_macros_name ON ticket_macros (organization_id, name, id)
;;
ALTER TABLE ticket_macros ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE ticket_macros FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON ticket_macros
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON ticket_macros TO crm_app
;;
CREATE TABLE ticket_rules (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    name TEXT NOT NULL,
    position INTEGER NOT NULL,
    is_active BOOLEAN NOT NULL,
    conditions JSONB DEFAULT '{}' NOT NULL,
    strategy VARCHAR(40) NOT NULL,
    user_id UUID,
    group_id UUID,
    same_agency BOOLEAN NOT NULL,
    skills TEXT[] DEFAULT '{}' NOT NULL,
    speaks BOOLEAN NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_ticket_rules PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_ticket_rules_user FOREIGN KEY(organization_id, user_id) REFERENCES users (organization_id, id),
    CONSTRAINT fk_ticket_rules_group FOREIGN KEY(organization_id, group_id) REFERENCES groups (organization_id, id),
    CONSTRAINT ck_ticket_rules_user_of_its_strategy CHECK ((strategy = 'user') = (user_id IS NOT NULL)),
    CONSTRAINT ck_ticket_rules_group_of_its_strategy CHECK (strategy NOT IN ('least_busy', 'round_robin', 'queue') OR group_id IS NOT NULL),
    CONSTRAINT ck_ticket_rules_name_length CHECK (char_length(name) <= 80),
    CONSTRAINT ck_ticket_rules_strategy_known CHECK (strategy IN ('user', 'account_manager', 'least_busy', 'round_robin', 'queue'))
)
;;
CREATE INDEX ix_ticket_rules_position ON ticket_rules (organization_id, position, id)
;;
CREATE UNIQUE INDEX uq_ticket_rules_name ON ticket_rules (organization_id, name)
;;
ALTER TABLE ticket_rules ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE ticket_rules FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON ticket_rules
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON ticket_rules TO crm_app
;;
CREATE TABLE tickets (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    number TEXT NOT NULL,
    subject TEXT NOT NULL,
    description TEXT NOT NULL,
    type VARCHAR(40) NOT NULL,
    category_id UUID,
    product_code TEXT,
    branch_code TEXT,
    language VARCHAR(40) NOT NULL,
    channel VARCHAR(40) NOT NULL,
    requester_contact_id UUID,
    account_id UUID,
    portal_user_id UUID,
    anonymous_party JSONB,
    claim_id UUID,
    policy_id UUID,
    source_message_id TEXT,
    impact VARCHAR(40) NOT NULL,
    urgency VARCHAR(40) NOT NULL,
    customer_tier VARCHAR(40),
    is_vip BOOLEAN NOT NULL,
    priority VARCHAR(40) NOT NULL,
    priority_set BOOLEAN NOT NULL,
    status VARCHAR(40) NOT NULL,
    status_id UUID NOT NULL,
    status_since TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    pending_reminders INTEGER DEFAULT '0' NOT NULL,
    pausing_count INTEGER DEFAULT '0' NOT NULL,
    group_id UUID,
    parent_ticket_id UUID,
    merged_into_id UUID,
    incident_id UUID,
    sla_clock_id UUID,
    next_due_at TIMESTAMP(3) WITH TIME ZONE,
    due_key TIMESTAMP(3) WITH TIME ZONE GENERATED ALWAYS AS (coalesce(next_due_at, '2999-12-31 00:00:00+00'::timestamptz)) STORED NOT NULL,
    sla_breached_at TIMESTAMP(3) WITH TIME ZONE,
    first_assigned_at TIMESTAMP(3) WITH TIME ZONE,
    first_response_at TIMESTAMP(3) WITH TIME ZONE,
    last_customer_message_at TIMESTAMP(3) WITH TIME ZONE,
    last_agent_message_at TIMESTAMP(3) WITH TIME ZONE,
    solved_at TIMESTAMP(3) WITH TIME ZONE,
    closed_at TIMESTAMP(3) WITH TIME ZONE,
    reopen_count INTEGER DEFAULT '0' NOT NULL,
    reply_count INTEGER DEFAULT '0' NOT NULL,
    customer_message_count INTEGER DEFAULT '0' NOT NULL,
    handoff_count INTEGER DEFAULT '0' NOT NULL,
    satisfaction_rating INTEGER,
    satisfaction_comment TEXT,
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
    CONSTRAINT pk_tickets PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_tickets_account FOREIGN KEY(organization_id, account_id) REFERENCES accounts (organization_id, id),
    CONSTRAINT fk_tickets_requester FOREIGN KEY(organization_id, requester_contact_id) REFERENCES contacts (organization_id, id),
    CONSTRAINT fk_tickets_category FOREIGN KEY(organization_id, category_id) REFERENCES ticket_categories (organization_id, id),
    CONSTRAINT fk_tickets_status FOREIGN KEY(organization_id, status_id, status) REFERENCES ticket_statuses (organization_id, id, category),
    CONSTRAINT fk_tickets_group FOREIGN KEY(organization_id, group_id) REFERENCES groups (organization_id, id),
    CONSTRAINT fk_tickets_agency FOREIGN KEY(organization_id, agency_id) REFERENCES agencies (organization_id, id),
    CONSTRAINT fk_tickets_assignee FOREIGN KEY(organization_id, owner_user_id) REFERENCES users (organization_id, id),
    CONSTRAINT fk_tickets_claim FOREIGN KEY(organization_id, claim_id) REFERENCES claims (organization_id, id),
    CONSTRAINT fk_tickets_policy FOREIGN KEY(organization_id, policy_id) REFERENCES policies (organization_id, id),
    CONSTRAINT fk_tickets_parent FOREIGN KEY(organization_id, parent_ticket_id) REFERENCES tickets (organization_id, id),
    CONSTRAINT fk_tickets_survivor FOREIGN KEY(organization_id, merged_into_id) REFERENCES tickets (organization_id, id),
    CONSTRAINT fk_tickets_incident FOREIGN KEY(organization_id, incident_id) REFERENCES ticket_incidents (organization_id, id),
    CONSTRAINT fk_tickets_clock FOREIGN KEY(organization_id, sla_clock_id) REFERENCES sla_clocks (organization_id, id),
    CONSTRAINT ck_tickets_somebody_asks CHECK (num_nonnulls(requester_contact_id, account_id, portal_user_id, anonymous_party) >= 1),
    CONSTRAINT ck_tickets_not_itself CHECK (parent_ticket_id <> id AND merged_into_id <> id),
    CONSTRAINT ck_tickets_closed_once CHECK ((status = 'closed') = (closed_at IS NOT NULL)),
    CONSTRAINT ck_tickets_rating_range CHECK (satisfaction_rating BETWEEN 1 AND 5),
    CONSTRAINT ck_tickets_pausing_count_sign CHECK (pausing_count >= 0),
    CONSTRAINT ck_tickets_subject_length CHECK (char_length(subject) <= 200),
    CONSTRAINT ck_tickets_description_length CHECK (char_length(description) <= 20000),
    CONSTRAINT ck_tickets_satisfaction_comment_length CHECK (char_length(satisfaction_comment) <= 2000),
    CONSTRAINT ck_tickets_type_known CHECK (type IN ('question', 'request', 'incident', 'claim_follow_up', 'document_request', 'endorsement_request', 'payment_issue', 'portal_problem', 'complaint', 'dsr', 'callback')),
    CONSTRAINT ck_tickets_language_known CHECK (language IN ('fr', 'ar', 'en')),
    CONSTRAINT ck_tickets_channel_known CHECK (channel IN ('phone', 'email', 'sms', 'whatsapp', 'messenger', 'chat', 'chatbot', 'portal_message', 'social', 'in_person', 'letter', 'web_form')),
    CONSTRAINT ck_tickets_impact_known CHECK (impact IN ('low', 'medium', 'high')),
    CONSTRAINT ck_tickets_urgency_known CHECK (urgency IN ('low', 'medium', 'high')),
    CONSTRAINT ck_tickets_customer_tier_known CHECK (customer_tier IN ('standard', 'silver', 'gold', 'platinum')),
    CONSTRAINT ck_tickets_priority_known CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
    CONSTRAINT ck_tickets_status_known CHECK (status IN ('new', 'open', 'pending', 'on_hold', 'solved', 'closed'))
)
;;
CREATE INDEX ix_tickets_account ON tickets (organization_id, account_id, created_at, id) WHERE account_id IS NOT NULL
;;
CREATE INDEX ix_tickets_agency ON tickets (organization_id, agency_id, created_at, id)
;;
CREATE INDEX ix_tickets_category ON tickets (organization_id, category_id, created_at, id) WHERE category_id IS NOT NULL
;;
CREATE INDEX ix_tickets_claim ON tickets (organization_id, claim_id, created_at, id) WHERE claim_id IS NOT NULL
;;
CREATE INDEX ix_tickets_incident ON tickets (organization_id, incident_id, created_at, id) WHERE incident_id IS NOT NULL
;;
CREATE INDEX ix_tickets_merged_into ON tickets (organization_id, merged_into_id, created_at, id) WHERE merged_into_id IS NOT NULL
;;
CREATE INDEX ix_tickets_newest ON tickets (organization_id, created_at, id)
;;
CREATE INDEX ix_tickets_owner ON tickets (organization_id, owner_user_id, created_at, id)
;;
CREATE INDEX ix_tickets_parent_ticket ON tickets (organization_id, parent_ticket_id, created_at, id) WHERE parent_ticket_id IS NOT NULL
;;
CREATE INDEX ix_tickets_policy ON tickets (organization_id, policy_id, created_at, id) WHERE policy_id IS NOT NULL
;;
CREATE INDEX ix_tickets_queue ON tickets (organization_id, due_key, id) WHERE status IN ('new', 'open', 'pending', 'on_hold') AND deleted_at IS NULL
;;
CREATE INDEX ix_tickets_queue_of_agency ON tickets (organization_id, agency_id, due_key, id) WHERE status IN ('new', 'open', 'pending', 'on_hold') AND deleted_at IS NULL
;;
CREATE INDEX ix_tickets_queue_of_group ON tickets (organization_id, group_id, due_key, id) WHERE status IN ('new', 'open', 'pending', 'on_hold') AND deleted_at IS NULL
;;
CREATE INDEX ix_tickets_queue_of_owner ON tickets (organization_id, owner_user_id, due_key, id) WHERE status IN ('new', 'open', 'pending', 'on_hold') AND deleted_at IS NULL
;;
CREATE INDEX ix_tickets_requester_contact ON tickets (organization_id, requester_contact_id, created_at, id) WHERE requester_contact_id IS NOT NULL
;;
CREATE INDEX ix_tickets_sla_clock ON tickets (organization_id, sla_clock_id, id) WHERE sla_clock_id IS NOT NULL
;;
CREATE INDEX ix_tickets_status ON tickets (organization_id, status, created_at, id)
;;
CREATE INDEX ix_tickets_updated ON tickets (organization_id, updated_at, id)
;;
CREATE INDEX ix_tickets_waits ON tickets (organization_id, status, status_since, id)
;;
CREATE UNIQUE INDEX uq_tickets_number ON tickets (organization_id, number)
;;
ALTER TABLE tickets ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE tickets FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON tickets
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON tickets TO crm_app
;;
CREATE OR REPLACE FUNCTION crm_words_of_tickets_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            INSERT INTO search_tokens (organization_id, object_id, token) SELECT added.organization_id, added.id, word.token
            FROM added CROSS JOIN LATERAL (SELECT 'ticket/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', added.subject), '{}'::text[], '{}'::text[], ARRAY[added.number]::text[])) AS word WHERE word <> '' UNION ALL SELECT 'ticket<' || unnest(crm_endings('{}'::text[] || ARRAY[added.number]::text[])) UNION ALL SELECT 'ticket#' || unnest(added.tags)) AS word (token)
            ON CONFLICT DO NOTHING;
            RETURN NULL; END $$
;;
CREATE OR REPLACE FUNCTION crm_words_of_tickets_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            DELETE FROM search_tokens kept USING ((SELECT 'ticket/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', OLD.subject), '{}'::text[], '{}'::text[], ARRAY[OLD.number]::text[])) AS word WHERE word <> '' UNION ALL SELECT 'ticket<' || unnest(crm_endings('{}'::text[] || ARRAY[OLD.number]::text[])) UNION ALL SELECT 'ticket#' || unnest(OLD.tags)) EXCEPT (SELECT 'ticket/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', NEW.subject), '{}'::text[], '{}'::text[], ARRAY[NEW.number]::text[])) AS word WHERE word <> '' UNION ALL SELECT 'ticket<' || unnest(crm_endings('{}'::text[] || ARRAY[NEW.number]::text[])) UNION ALL SELECT 'ticket#' || unnest(NEW.tags))) AS word (token)
            WHERE kept.organization_id = OLD.organization_id AND kept.object_id = OLD.id
                AND kept.token = word.token;
            INSERT INTO search_tokens (organization_id, object_id, token) SELECT NEW.organization_id, NEW.id, word.token FROM (SELECT 'ticket/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', NEW.subject), '{}'::text[], '{}'::text[], ARRAY[NEW.number]::text[])) AS word WHERE word <> '' UNION ALL SELECT 'ticket<' || unnest(crm_endings('{}'::text[] || ARRAY[NEW.number]::text[])) UNION ALL SELECT 'ticket#' || unnest(NEW.tags)) AS word (token)
            ON CONFLICT DO NOTHING;
            RETURN NULL; END $$
;;
CREATE OR REPLACE FUNCTION crm_words_of_tickets_removed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            DELETE FROM search_tokens WHERE organization_id = OLD.organization_id AND object_id = OLD.id;
            RETURN NULL; END $$
;;
CREATE TRIGGER words_added AFTER INSERT ON tickets REFERENCING NEW TABLE AS added
            FOR EACH STATEMENT EXECUTE FUNCTION crm_words_of_tickets_added()
;;
CREATE TRIGGER words_changed AFTER UPDATE ON tickets FOR EACH ROW WHEN (OLD.subject IS DISTINCT FROM NEW.subject OR OLD.number IS DISTINCT FROM NEW.number OR OLD.tags IS DISTINCT FROM NEW.tags)
            EXECUTE FUNCTION crm_words_of_tickets_changed()
;;
CREATE TRIGGER words_removed AFTER DELETE ON tickets FOR EACH ROW
            EXECUTE FUNCTION crm_words_of_tickets_removed()
;;
CREATE OR REPLACE FUNCTION crm_keep_ticket_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ticket_changes
        (organization_id, ticket_id, ticket_version, field, before, after, changed_at, changed_by_id)
    SELECT NEW.organization_id, NEW.id, NEW.version, n.key, o.value, n.value,
        NEW.updated_at, NEW.updated_by_id
    FROM jsonb_each(to_jsonb(NEW)) AS n JOIN jsonb_each(to_jsonb(OLD)) AS o ON o.key = n.key
    WHERE n.value IS DISTINCT FROM o.value AND n.key <> ALL ('{version,updated_at,updated_by_id,due_key,next_due_at,status_since,last_customer_message_at,last_agent_message_at,reply_count,customer_message_count}'::text[]);
    RETURN NULL;
END $$
;;
CREATE TRIGGER history_kept AFTER UPDATE ON tickets FOR EACH ROW EXECUTE FUNCTION crm_keep_ticket_history()
;;
CREATE TABLE ticket_approvals (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    ticket_id UUID NOT NULL,
    approver_user_id UUID NOT NULL,
    question TEXT NOT NULL,
    status VARCHAR(40) NOT NULL,
    comment TEXT,
    decided_at TIMESTAMP(3) WITH TIME ZONE,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_ticket_approvals PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_ticket_approvals_ticket FOREIGN KEY(organization_id, ticket_id) REFERENCES tickets (organization_id, id),
    CONSTRAINT fk_ticket_approvals_approver FOREIGN KEY(organization_id, approver_user_id) REFERENCES users (organization_id, id),
    CONSTRAINT ck_ticket_approvals_never_by_its_author CHECK (approver_user_id <> created_by_id),
    CONSTRAINT ck_ticket_approvals_question_length CHECK (char_length(question) <= 2000),
    CONSTRAINT ck_ticket_approvals_comment_length CHECK (char_length(comment) <= 2000),
    CONSTRAINT ck_ticket_approvals_status_known CHECK (status IN ('waiting', 'approved', 'refused', 'withdrawn'))
)
;;
CREATE INDEX ix_ticket_approvals_approver ON ticket_approvals (organization_id, approver_user_id, status)
;;
CREATE INDEX ix_ticket_approvals_ticket ON ticket_approvals (organization_id, ticket_id, created_at, id)
;;
ALTER TABLE ticket_approvals ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE ticket_approvals FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON ticket_approvals
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON ticket_approvals TO crm_app
;;
CREATE TABLE ticket_changes (
    organization_id UUID NOT NULL,
    id BIGINT GENERATED BY DEFAULT AS IDENTITY,
    ticket_id UUID NOT NULL,
    ticket_version INTEGER NOT NULL,
    field TEXT NOT NULL,
    before JSONB NOT NULL,
    after JSONB NOT NULL,
    changed_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    changed_by_id UUID,
    CONSTRAINT pk_ticket_changes PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_ticket_changes_ticket FOREIGN KEY(organization_id, ticket_id) REFERENCES tickets (organization_id, id)
)
;;
CREATE INDEX ix_ticket_changes_ticket ON ticket_changes (organization_id, ticket_id, id)
;;
ALTER TABLE ticket_changes ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE ticket_changes FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON ticket_changes
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON ticket_changes TO crm_app
;;
CREATE TABLE ticket_links (
    organization_id UUID NOT NULL,
    ticket_id UUID NOT NULL,
    other_id UUID NOT NULL,
    kind VARCHAR(40) NOT NULL,
    linked_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_ticket_links PRIMARY KEY (organization_id, ticket_id, other_id),
    CONSTRAINT fk_ticket_links_ticket FOREIGN KEY(organization_id, ticket_id) REFERENCES tickets (organization_id, id),
    CONSTRAINT fk_ticket_links_other FOREIGN KEY(organization_id, other_id) REFERENCES tickets (organization_id, id),
    CONSTRAINT ck_ticket_links_not_itself CHECK (ticket_id <> other_id),
    CONSTRAINT ck_ticket_links_kind_known CHECK (kind IN ('related', 'follow_up', 'split', 'duplicate'))
)
;;
CREATE INDEX ix_ticket_links_other ON ticket_links (organization_id, other_id, ticket_id)
;;
ALTER TABLE ticket_links ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE ticket_links FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON ticket_links
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON ticket_links TO crm_app
;;
CREATE TABLE ticket_merges (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    ticket_id UUID NOT NULL,
    survivor_id UUID NOT NULL,
    merged_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    merged_by_id UUID NOT NULL,
    status_id_before UUID NOT NULL,
    moved JSONB NOT NULL,
    undone_at TIMESTAMP(3) WITH TIME ZONE,
    CONSTRAINT pk_ticket_merges PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_ticket_merges_ticket FOREIGN KEY(organization_id, ticket_id) REFERENCES tickets (organization_id, id),
    CONSTRAINT fk_ticket_merges_survivor FOREIGN KEY(organization_id, survivor_id) REFERENCES tickets (organization_id, id)
)
;;
CREATE INDEX ix_ticket_merges_survivor ON ticket_merges (organization_id, survivor_id, merged_at)
;;
CREATE INDEX ix_ticket_merges_ticket ON ticket_merges (organization_id, ticket_id, merged_at)
;;
ALTER TABLE ticket_merges ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE ticket_merges FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON ticket_merges
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON ticket_merges TO crm_app
;;
CREATE TABLE ticket_messages (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    ticket_id UUID NOT NULL,
    author_type VARCHAR(40) NOT NULL,
    author_id UUID,
    author_name TEXT,
    body TEXT NOT NULL,
    body_html TEXT,
    visibility VARCHAR(40) NOT NULL,
    channel VARCHAR(40) NOT NULL,
    external_message_id TEXT,
    sent_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    is_automatic BOOLEAN NOT NULL,
    delivery VARCHAR(40) NOT NULL,
    mentions UUID[] DEFAULT '{}' NOT NULL,
    document_ids UUID[] DEFAULT '{}' NOT NULL,
    moved_from_id UUID,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_ticket_messages PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_ticket_messages_ticket FOREIGN KEY(organization_id, ticket_id) REFERENCES tickets (organization_id, id),
    CONSTRAINT fk_ticket_messages_moved_from FOREIGN KEY(organization_id, moved_from_id) REFERENCES tickets (organization_id, id),
    CONSTRAINT ck_ticket_messages_customers_write_in_public CHECK (author_type = 'user' OR visibility = 'public' OR author_type IN ('system', 'bot')),
    CONSTRAINT ck_ticket_messages_body_length CHECK (char_length(body) <= 20000),
    CONSTRAINT ck_ticket_messages_body_html_length CHECK (char_length(body_html) <= 100000),
    CONSTRAINT ck_ticket_messages_external_message_id_length CHECK (char_length(external_message_id) <= 200),
    CONSTRAINT ck_ticket_messages_author_type_known CHECK (author_type IN ('user', 'portal_user', 'contact', 'system', 'bot')),
    CONSTRAINT ck_ticket_messages_visibility_known CHECK (visibility IN ('public', 'internal')),
    CONSTRAINT ck_ticket_messages_channel_known CHECK (channel IN ('phone', 'email', 'sms', 'whatsapp', 'messenger', 'chat', 'chatbot', 'portal_message', 'social', 'in_person', 'letter', 'web_form')),
    CONSTRAINT ck_ticket_messages_delivery_known CHECK (delivery IN ('none', 'queued', 'sent', 'delivered', 'failed', 'received'))
)
;;
CREATE INDEX ix_ticket_messages_ticket ON ticket_messages (organization_id, ticket_id, created_at, id)
;;
CREATE UNIQUE INDEX uq_ticket_messages_external ON ticket_messages (organization_id, channel, external_message_id) WHERE external_message_id IS NOT NULL
;;
ALTER TABLE ticket_messages ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE ticket_messages FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON ticket_messages
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON ticket_messages TO crm_app
;;
CREATE TABLE ticket_presences (
    organization_id UUID NOT NULL,
    ticket_id UUID NOT NULL,
    user_id UUID NOT NULL,
    state VARCHAR(40) NOT NULL,
    seen_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_ticket_presences PRIMARY KEY (organization_id, ticket_id, user_id),
    CONSTRAINT fk_ticket_presences_ticket FOREIGN KEY(organization_id, ticket_id) REFERENCES tickets (organization_id, id),
    CONSTRAINT fk_ticket_presences_user FOREIGN KEY(organization_id, user_id) REFERENCES users (organization_id, id),
    CONSTRAINT ck_ticket_presences_state_known CHECK (state IN ('looking', 'typing', 'gone'))
)
;;
CREATE INDEX ix_ticket_presences_seen ON ticket_presences (organization_id, seen_at)
;;
ALTER TABLE ticket_presences ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE ticket_presences FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON ticket_presences
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON ticket_presences TO crm_app
;;
CREATE TABLE ticket_sub_requests (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    ticket_id UUID NOT NULL,
    kind VARCHAR(40) NOT NULL,
    addressee TEXT NOT NULL,
    agency_id UUID,
    user_id UUID,
    question TEXT NOT NULL,
    pauses BOOLEAN NOT NULL,
    target_minutes INTEGER NOT NULL,
    due_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    status VARCHAR(40) NOT NULL,
    answered_at TIMESTAMP(3) WITH TIME ZONE,
    answer TEXT,
    late_told_at TIMESTAMP(3) WITH TIME ZONE,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_ticket_sub_requests PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_ticket_sub_requests_ticket FOREIGN KEY(organization_id, ticket_id) REFERENCES tickets (organization_id, id),
    CONSTRAINT fk_ticket_sub_requests_agency FOREIGN KEY(organization_id, agency_id) REFERENCES agencies (organization_id, id),
    CONSTRAINT fk_ticket_sub_requests_user FOREIGN KEY(organization_id, user_id) REFERENCES users (organization_id, id),
    CONSTRAINT ck_ticket_sub_requests_answered_once CHECK ((status = 'answered') = (answered_at IS NOT NULL)),
    CONSTRAINT ck_ticket_sub_requests_addressee_length CHECK (char_length(addressee) <= 160),
    CONSTRAINT ck_ticket_sub_requests_question_length CHECK (char_length(question) <= 4000),
    CONSTRAINT ck_ticket_sub_requests_answer_length CHECK (char_length(answer) <= 4000),
    CONSTRAINT ck_ticket_sub_requests_kind_known CHECK (kind IN ('expert', 'garage', 'agency', 'colleague', 'other')),
    CONSTRAINT ck_ticket_sub_requests_status_known CHECK (status IN ('sent', 'answered', 'cancelled'))
)
;;
CREATE INDEX ix_ticket_sub_requests_due ON ticket_sub_requests (organization_id, due_at) WHERE status = 'sent' AND late_told_at IS NULL
;;
CREATE INDEX ix_ticket_sub_requests_ticket ON ticket_sub_requests (organization_id, ticket_id, created_at, id)
;;
ALTER TABLE ticket_sub_requests ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE ticket_sub_requests FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON ticket_sub_requests
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON ticket_sub_requests TO crm_app
;;
CREATE TABLE ticket_time_entries (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    ticket_id UUID NOT NULL,
    user_id UUID NOT NULL,
    worked_on DATE NOT NULL,
    minutes INTEGER NOT NULL,
    note TEXT,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_ticket_time_entries PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_ticket_time_entries_ticket FOREIGN KEY(organization_id, ticket_id) REFERENCES tickets (organization_id, id),
    CONSTRAINT fk_ticket_time_entries_user FOREIGN KEY(organization_id, user_id) REFERENCES users (organization_id, id),
    CONSTRAINT ck_ticket_time_entries_minutes_range CHECK (minutes BETWEEN 1 AND 1440),
    CONSTRAINT ck_ticket_time_entries_note_length CHECK (char_length(note) <= 500)
)
;;
CREATE INDEX ix_ticket_time_entries_ticket ON ticket_time_entries (organization_id, ticket_id, created_at, id)
;;
CREATE INDEX ix_ticket_time_entries_user ON ticket_time_entries (organization_id, user_id, worked_on)
;;
ALTER TABLE ticket_time_entries ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE ticket_time_entries FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON ticket_time_entries
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON ticket_time_entries TO crm_app
;;
CREATE TABLE ticket_watchers (
    organization_id UUID NOT NULL,
    ticket_id UUID NOT NULL,
    user_id UUID NOT NULL,
    role VARCHAR(40) NOT NULL,
    since TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_ticket_watchers PRIMARY KEY (organization_id, ticket_id, user_id),
    CONSTRAINT fk_ticket_watchers_ticket FOREIGN KEY(organization_id, ticket_id) REFERENCES tickets (organization_id, id),
    CONSTRAINT fk_ticket_watchers_user FOREIGN KEY(organization_id, user_id) REFERENCES users (organization_id, id),
    CONSTRAINT ck_ticket_watchers_role_known CHECK (role IN ('follower', 'collaborator'))
)
;;
CREATE INDEX ix_ticket_watchers_user ON ticket_watchers (organization_id, user_id, ticket_id)
;;
ALTER TABLE ticket_watchers ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE ticket_watchers FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON ticket_watchers
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON ticket_watchers TO crm_app
