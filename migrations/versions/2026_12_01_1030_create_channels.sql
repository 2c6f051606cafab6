CREATE TABLE mail_domains (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    domain TEXT NOT NULL,
    selector TEXT NOT NULL,
    dns_value TEXT NOT NULL,
    is_active BOOLEAN DEFAULT true NOT NULL,
    sealed BYTEA,
    masked JSONB DEFAULT '{}' NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_mail_domains PRIMARY KEY (organization_id, id),
    CONSTRAINT ck_mail_domains_domain_length CHECK (char_length(domain) <= 190),
    CONSTRAINT ck_mail_domains_selector_length CHECK (char_length(selector) <= 40)
)
;;
CREATE INDEX ix_mail_domains_newest ON mail_domains (organization_id, created_at, id)
;;
CREATE UNIQUE INDEX uq_mail_domains_selector ON mail_domains (organization_id, domain, selector)
;;
ALTER TABLE mail_domains ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE mail_domains FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON mail_domains
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON mail_domains TO crm_app
;;
CREATE TABLE inboxes (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    name TEXT NOT NULL,
    group_id UUID,
    agency_id UUID,
    signature TEXT,
    is_active BOOLEAN DEFAULT true NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_inboxes PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_inboxes_group FOREIGN KEY(organization_id, group_id) REFERENCES groups (organization_id, id),
    CONSTRAINT fk_inboxes_agency FOREIGN KEY(organization_id, agency_id) REFERENCES agencies (organization_id, id),
    CONSTRAINT ck_inboxes_name_length CHECK (char_length(name) <= 80),
    CONSTRAINT ck_inboxes_signature_length CHECK (char_length(signature) <= 500)
)
;;
CREATE INDEX ix_inboxes_newest ON inboxes (organization_id, created_at, id)
;;
CREATE UNIQUE INDEX uq_inboxes_name ON inboxes (organization_id, name)
;;
ALTER TABLE inboxes ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE inboxes FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON inboxes
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON inboxes TO crm_app
;;
CREATE TABLE inbox_channels (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    inbox_id UUID NOT NULL,
    kind VARCHAR(40) NOT NULL,
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    agency_id UUID,
    send_url TEXT,
    is_active BOOLEAN DEFAULT true NOT NULL,
    sealed BYTEA,
    masked JSONB DEFAULT '{}' NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_inbox_channels PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_inbox_channels_inbox FOREIGN KEY(organization_id, inbox_id) REFERENCES inboxes (organization_id, id),
    CONSTRAINT fk_inbox_channels_agency FOREIGN KEY(organization_id, agency_id) REFERENCES agencies (organization_id, id),
    CONSTRAINT ck_inbox_channels_counter_of_an_agency CHECK (kind <> 'in_person' OR agency_id IS NOT NULL),
    CONSTRAINT ck_inbox_channels_address_length CHECK (char_length(address) <= 254),
    CONSTRAINT ck_inbox_channels_name_length CHECK (char_length(name) <= 80),
    CONSTRAINT ck_inbox_channels_send_url_length CHECK (char_length(send_url) <= 500),
    CONSTRAINT ck_inbox_channels_kind_known CHECK (kind IN ('email', 'sms', 'whatsapp', 'messenger', 'chat', 'social', 'phone', 'web_form', 'portal_message', 'in_person'))
)
;;
CREATE INDEX ix_inbox_channels_inbox ON inbox_channels (organization_id, inbox_id, id)
;;
CREATE INDEX ix_inbox_channels_newest ON inbox_channels (organization_id, created_at, id)
;;
CREATE UNIQUE INDEX uq_inbox_channels_address ON inbox_channels (organization_id, kind, address)
;;
ALTER TABLE inbox_channels ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE inbox_channels FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON inbox_channels
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON inbox_channels TO crm_app
;;
CREATE POLICY directory ON inbox_channels FOR SELECT TO CURRENT_USER USING (true)
;;
CREATE OR REPLACE FUNCTION crm_find_mail_channel(
    wanted text, OUT organization_id uuid, OUT channel_id uuid
) RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$ SELECT c.organization_id, c.id FROM public.inbox_channels c
      JOIN public.organizations o ON o.id = c.organization_id
      WHERE c.kind = 'email' AND c.is_active AND c.address = lower(trim(wanted))
        AND o.status = 'active'
      ORDER BY c.created_at, c.id LIMIT 1 $$
;;
REVOKE ALL ON FUNCTION crm_find_mail_channel(text) FROM PUBLIC
;;
GRANT EXECUTE ON FUNCTION crm_find_mail_channel(text) TO crm_app
;;
CREATE TABLE mailboxes (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    channel_id UUID NOT NULL,
    host TEXT NOT NULL,
    port INTEGER NOT NULL,
    security VARCHAR(40) NOT NULL,
    username TEXT NOT NULL,
    folder TEXT NOT NULL,
    is_active BOOLEAN DEFAULT true NOT NULL,
    uid_validity BIGINT,
    last_uid BIGINT DEFAULT 0 NOT NULL,
    polled_at TIMESTAMP(3) WITH TIME ZONE,
    failure_count INTEGER DEFAULT 0 NOT NULL,
    last_error TEXT,
    sealed BYTEA,
    masked JSONB DEFAULT '{}' NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_mailboxes PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_mailboxes_channel FOREIGN KEY(organization_id, channel_id) REFERENCES inbox_channels (organization_id, id),
    CONSTRAINT ck_mailboxes_port_exists CHECK (port BETWEEN 1 AND 65535),
    CONSTRAINT ck_mailboxes_host_length CHECK (char_length(host) <= 253),
    CONSTRAINT ck_mailboxes_username_length CHECK (char_length(username) <= 254),
    CONSTRAINT ck_mailboxes_folder_length CHECK (char_length(folder) <= 120),
    CONSTRAINT ck_mailboxes_security_known CHECK (security IN ('tls', 'starttls', 'none'))
)
;;
CREATE INDEX ix_mailboxes_channel ON mailboxes (organization_id, channel_id)
;;
CREATE INDEX ix_mailboxes_newest ON mailboxes (organization_id, created_at, id)
;;
CREATE UNIQUE INDEX uq_mailboxes_folder ON mailboxes (organization_id, host, username, folder)
;;
ALTER TABLE mailboxes ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE mailboxes FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON mailboxes
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON mailboxes TO crm_app
;;
CREATE TABLE conversations (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    account_id UUID NOT NULL,
    ticket_id UUID NOT NULL,
    staff_unread_count INTEGER DEFAULT 0 NOT NULL,
    customer_unread_count INTEGER DEFAULT 0 NOT NULL,
    message_count INTEGER DEFAULT 0 NOT NULL,
    last_message_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    owner_user_id UUID,
    agency_id UUID,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_conversations PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_conversations_account FOREIGN KEY(organization_id, account_id) REFERENCES accounts (organization_id, id),
    CONSTRAINT fk_conversations_ticket FOREIGN KEY(organization_id, ticket_id) REFERENCES tickets (organization_id, id),
    CONSTRAINT fk_conversations_owner FOREIGN KEY(organization_id, owner_user_id) REFERENCES users (organization_id, id),
    CONSTRAINT fk_conversations_agency FOREIGN KEY(organization_id, agency_id) REFERENCES agencies (organization_id, id),
    CONSTRAINT ck_conversations_counters CHECK (staff_unread_count >= 0 AND customer_unread_count >= 0)
)
;;
CREATE INDEX ix_conversations_agency ON conversations (organization_id, agency_id, last_message_at, id)
;;
CREATE INDEX ix_conversations_last ON conversations (organization_id, last_message_at, id)
;;
CREATE INDEX ix_conversations_owner ON conversations (organization_id, owner_user_id, last_message_at, id)
;;
CREATE INDEX ix_conversations_unread ON conversations (organization_id, last_message_at, id) WHERE staff_unread_count > 0
;;
CREATE UNIQUE INDEX uq_conversations_account ON conversations (organization_id, account_id)
;;
ALTER TABLE conversations ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE conversations FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON conversations
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON conversations TO crm_app
;;
CREATE TABLE inbound_messages (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    channel_id UUID NOT NULL,
    kind VARCHAR(40) NOT NULL,
    source VARCHAR(40) NOT NULL,
    status VARCHAR(40) NOT NULL,
    reason VARCHAR(40),
    message_id TEXT,
    digest TEXT NOT NULL,
    sender TEXT,
    sender_name TEXT,
    subject TEXT,
    thread_key TEXT,
    received_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    envelope_from TEXT,
    envelope_to TEXT,
    size BIGINT NOT NULL,
    file_id UUID,
    content JSONB,
    ticket_id UUID,
    ticket_message_id UUID,
    opened_ticket BOOLEAN DEFAULT false NOT NULL,
    filed_at TIMESTAMP(3) WITH TIME ZONE,
    try_count INTEGER DEFAULT 0 NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_inbound_messages PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_inbound_messages_channel FOREIGN KEY(organization_id, channel_id) REFERENCES inbox_channels (organization_id, id),
    CONSTRAINT fk_inbound_messages_ticket FOREIGN KEY(organization_id, ticket_id) REFERENCES tickets (organization_id, id) ON DELETE SET NULL (ticket_id),
    CONSTRAINT ck_inbound_messages_kept_as_it_came CHECK (file_id IS NOT NULL OR content IS NOT NULL),
    CONSTRAINT ck_inbound_messages_message_id_length CHECK (char_length(message_id) <= 300),
    CONSTRAINT ck_inbound_messages_sender_length CHECK (char_length(sender) <= 254),
    CONSTRAINT ck_inbound_messages_sender_name_length CHECK (char_length(sender_name) <= 160),
    CONSTRAINT ck_inbound_messages_subject_length CHECK (char_length(subject) <= 300),
    CONSTRAINT ck_inbound_messages_thread_key_length CHECK (char_length(thread_key) <= 254),
    CONSTRAINT ck_inbound_messages_kind_known CHECK (kind IN ('email', 'sms', 'whatsapp', 'messenger', 'chat', 'social', 'phone', 'web_form', 'portal_message', 'in_person')),
    CONSTRAINT ck_inbound_messages_source_known CHECK (source IN ('lmtp', 'smtp', 'imap', 'api', 'counter')),
    CONSTRAINT ck_inbound_messages_status_known CHECK (status IN ('received', 'filed', 'ignored', 'held', 'failed')),
    CONSTRAINT ck_inbound_messages_reason_known CHECK (reason IN ('auto_reply', 'bulk', 'loop', 'bounce', 'flood', 'too_large', 'no_sender', 'error', 'dismissed'))
)
;;
CREATE INDEX ix_inbound_messages_message_id ON inbound_messages (organization_id, message_id)
;;
CREATE INDEX ix_inbound_messages_received ON inbound_messages (organization_id, received_at, id)
;;
CREATE INDEX ix_inbound_messages_sender ON inbound_messages (organization_id, sender, received_at, id)
;;
CREATE INDEX ix_inbound_messages_status ON inbound_messages (organization_id, status, received_at, id)
;;
CREATE INDEX ix_inbound_messages_thread ON inbound_messages (organization_id, channel_id, thread_key, received_at, id)
;;
CREATE INDEX ix_inbound_messages_ticket ON inbound_messages (organization_id, ticket_id, received_at, id)
;;
CREATE UNIQUE INDEX uq_inbound_messages_digest ON inbound_messages (organization_id, channel_id, digest)
;;
ALTER TABLE inbound_messages ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE inbound_messages FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON inbound_messages
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON inbound_messages TO crm_app
;;
CREATE TABLE inbox_items (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    inbox_id UUID NOT NULL,
    channel_id UUID NOT NULL,
    kind VARCHAR(40) NOT NULL,
    ticket_id UUID NOT NULL,
    ticket_number TEXT NOT NULL,
    subject TEXT NOT NULL,
    sender_name TEXT NOT NULL,
    snippet TEXT NOT NULL,
    status VARCHAR(40) NOT NULL,
    message_count INTEGER DEFAULT 0 NOT NULL,
    last_inbound_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    last_message_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    owner_user_id UUID,
    agency_id UUID,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_inbox_items PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_inbox_items_inbox FOREIGN KEY(organization_id, inbox_id) REFERENCES inboxes (organization_id, id),
    CONSTRAINT fk_inbox_items_channel FOREIGN KEY(organization_id, channel_id) REFERENCES inbox_channels (organization_id, id),
    CONSTRAINT fk_inbox_items_ticket FOREIGN KEY(organization_id, ticket_id) REFERENCES tickets (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_inbox_items_owner FOREIGN KEY(organization_id, owner_user_id) REFERENCES users (organization_id, id),
    CONSTRAINT fk_inbox_items_agency FOREIGN KEY(organization_id, agency_id) REFERENCES agencies (organization_id, id),
    CONSTRAINT ck_inbox_items_subject_length CHECK (char_length(subject) <= 300),
    CONSTRAINT ck_inbox_items_sender_name_length CHECK (char_length(sender_name) <= 254),
    CONSTRAINT ck_inbox_items_snippet_length CHECK (char_length(snippet) <= 200),
    CONSTRAINT ck_inbox_items_kind_known CHECK (kind IN ('email', 'sms', 'whatsapp', 'messenger', 'chat', 'social', 'phone', 'web_form', 'portal_message', 'in_person')),
    CONSTRAINT ck_inbox_items_status_known CHECK (status IN ('open', 'done', 'spam'))
)
;;
CREATE INDEX ix_inbox_items_agency ON inbox_items (organization_id, agency_id, last_message_at, id)
;;
CREATE INDEX ix_inbox_items_last ON inbox_items (organization_id, last_message_at, id)
;;
CREATE INDEX ix_inbox_items_owner ON inbox_items (organization_id, owner_user_id, last_message_at, id)
;;
CREATE INDEX ix_inbox_items_waiting ON inbox_items (organization_id, inbox_id, status, last_message_at, id)
;;
CREATE UNIQUE INDEX uq_inbox_items_ticket ON inbox_items (organization_id, ticket_id)
;;
ALTER TABLE inbox_items ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE inbox_items FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON inbox_items
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON inbox_items TO crm_app
;;
CREATE TABLE outbound_messages (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    channel_id UUID NOT NULL,
    kind VARCHAR(40) NOT NULL,
    ticket_id UUID,
    ticket_message_id UUID,
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    document_ids UUID[] DEFAULT '{}' NOT NULL,
    message_id TEXT NOT NULL,
    answers TEXT[] DEFAULT '{}' NOT NULL,
    is_automatic BOOLEAN DEFAULT false NOT NULL,
    status VARCHAR(40) NOT NULL,
    provider_id TEXT,
    sent_at TIMESTAMP(3) WITH TIME ZONE,
    failure_code TEXT,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_outbound_messages PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_outbound_messages_channel FOREIGN KEY(organization_id, channel_id) REFERENCES inbox_channels (organization_id, id),
    CONSTRAINT fk_outbound_messages_ticket FOREIGN KEY(organization_id, ticket_id) REFERENCES tickets (organization_id, id) ON DELETE SET NULL (ticket_id),
    CONSTRAINT ck_outbound_messages_recipient_length CHECK (char_length(recipient) <= 254),
    CONSTRAINT ck_outbound_messages_subject_length CHECK (char_length(subject) <= 300),
    CONSTRAINT ck_outbound_messages_body_length CHECK (char_length(body) <= 20500),
    CONSTRAINT ck_outbound_messages_kind_known CHECK (kind IN ('email', 'sms', 'whatsapp', 'messenger', 'chat', 'social', 'phone', 'web_form', 'portal_message', 'in_person')),
    CONSTRAINT ck_outbound_messages_status_known CHECK (status IN ('queued', 'sent', 'delivered', 'failed', 'bounced'))
)
;;
CREATE INDEX ix_outbound_messages_newest ON outbound_messages (organization_id, created_at, id)
;;
CREATE INDEX ix_outbound_messages_provider ON outbound_messages (organization_id, channel_id, provider_id) WHERE provider_id IS NOT NULL
;;
CREATE INDEX ix_outbound_messages_status ON outbound_messages (organization_id, status, created_at, id)
;;
CREATE INDEX ix_outbound_messages_ticket ON outbound_messages (organization_id, ticket_id, created_at, id)
;;
CREATE UNIQUE INDEX uq_outbound_messages_message_id ON outbound_messages (organization_id, message_id)
;;
CREATE UNIQUE INDEX uq_outbound_messages_ticket_message ON outbound_messages (organization_id, ticket_message_id) WHERE ticket_message_id IS NOT NULL
;;
ALTER TABLE outbound_messages ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE outbound_messages FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON outbound_messages
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON outbound_messages TO crm_app
;;
CREATE TABLE conversation_messages (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    conversation_id UUID NOT NULL,
    ticket_id UUID NOT NULL,
    ticket_message_id UUID NOT NULL,
    side VARCHAR(40) NOT NULL,
    author_id UUID,
    body TEXT NOT NULL,
    document_ids UUID[] DEFAULT '{}' NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_conversation_messages PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_conversation_messages_conversation FOREIGN KEY(organization_id, conversation_id) REFERENCES conversations (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_conversation_messages_ticket FOREIGN KEY(organization_id, ticket_id) REFERENCES tickets (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_conversation_messages_body_length CHECK (char_length(body) <= 20000),
    CONSTRAINT ck_conversation_messages_side_known CHECK (side IN ('customer', 'staff', 'house'))
)
;;
CREATE INDEX ix_conversation_messages_order ON conversation_messages (organization_id, conversation_id, created_at, id)
;;
CREATE UNIQUE INDEX uq_conversation_messages_of_ticket ON conversation_messages (organization_id, ticket_message_id)
;;
ALTER TABLE conversation_messages ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE conversation_messages FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON conversation_messages
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON conversation_messages TO crm_app
;;
CREATE TABLE inbox_readings (
    organization_id UUID NOT NULL,
    user_id UUID NOT NULL,
    inbox_item_id UUID NOT NULL,
    read_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_inbox_readings PRIMARY KEY (organization_id, user_id, inbox_item_id),
    CONSTRAINT fk_inbox_readings_item FOREIGN KEY(organization_id, inbox_item_id) REFERENCES inbox_items (organization_id, id) ON DELETE CASCADE
)
;;
ALTER TABLE inbox_readings ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE inbox_readings FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON inbox_readings
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON inbox_readings TO crm_app
