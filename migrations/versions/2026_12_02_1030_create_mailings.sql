CREATE TABLE message_providers (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    name TEXT NOT NULL,
    channel VARCHAR(40) NOT NULL,
    priority INTEGER NOT NULL,
    is_active BOOLEAN DEFAULT true NOT NULL,
    host TEXT,
    port INTEGER,
    security VARCHAR(40) NOT NULL,
    username TEXT,
    url TEXT,
    per_domain_per_minute INTEGER,
    failing_since TIMESTAMP(3) WITH TIME ZONE,
    resting_until TIMESTAMP(3) WITH TIME ZONE,
    sealed BYTEA,
    masked JSONB DEFAULT '{}' NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_message_providers PRIMARY KEY (organization_id, id),
    CONSTRAINT ck_message_providers_priority_range CHECK (priority BETWEEN 1 AND 100),
    CONSTRAINT ck_message_providers_port_range CHECK (port BETWEEN 1 AND 65535),
    CONSTRAINT ck_message_providers_throttle CHECK (per_domain_per_minute >= 1),
    CONSTRAINT ck_message_providers_one_way CHECK ((host IS NULL) <> (url IS NULL)),
    CONSTRAINT ck_message_providers_name_length CHECK (char_length(name) <= 80),
    CONSTRAINT ck_message_providers_host_length CHECK (char_length(host) <= 253),
    CONSTRAINT ck_message_providers_url_length CHECK (char_length(url) <= 500),
    CONSTRAINT ck_message_providers_username_length CHECK (char_length(username) <= 254),
    CONSTRAINT ck_message_providers_channel_known CHECK (channel IN ('email', 'sms', 'whatsapp', 'push')),
    CONSTRAINT ck_message_providers_security_known CHECK (security IN ('none', 'starttls', 'tls'))
)
;;
CREATE INDEX ix_message_providers_choice ON message_providers (organization_id, channel, is_active, priority)
;;
CREATE INDEX ix_message_providers_newest ON message_providers (organization_id, created_at, id)
;;
CREATE UNIQUE INDEX uq_message_providers_name ON message_providers (organization_id, name)
;;
ALTER TABLE message_providers ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE message_providers FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON message_providers
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON message_providers TO crm_app
;;
CREATE TABLE sends (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    source_type VARCHAR(40) NOT NULL,
    source_id UUID NOT NULL,
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    channel VARCHAR(40) NOT NULL,
    variant TEXT,
    status VARCHAR(40) NOT NULL,
    purpose TEXT,
    brand TEXT DEFAULT '' NOT NULL,
    topic TEXT,
    contents JSONB NOT NULL,
    utm JSONB DEFAULT '{}' NOT NULL,
    sender TEXT,
    sender_name TEXT,
    reply_to TEXT,
    scheduled_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    ends_at TIMESTAMP(3) WITH TIME ZONE,
    throttle_per_minute INTEGER,
    respects_hours BOOLEAN DEFAULT true NOT NULL,
    started_at TIMESTAMP(3) WITH TIME ZONE,
    finished_at TIMESTAMP(3) WITH TIME ZONE,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_sends PRIMARY KEY (organization_id, id),
    CONSTRAINT ck_sends_throttle CHECK (throttle_per_minute >= 1),
    CONSTRAINT ck_sends_order CHECK (ends_at > scheduled_at),
    CONSTRAINT ck_sends_key_length CHECK (char_length(key) <= 120),
    CONSTRAINT ck_sends_name_length CHECK (char_length(name) <= 200),
    CONSTRAINT ck_sends_variant_length CHECK (char_length(variant) <= 8),
    CONSTRAINT ck_sends_sender_name_length CHECK (char_length(sender_name) <= 120),
    CONSTRAINT ck_sends_sender_length CHECK (char_length(sender) <= 254),
    CONSTRAINT ck_sends_source_type_known CHECK (source_type IN ('campaign', 'automation', 'manual')),
    CONSTRAINT ck_sends_channel_known CHECK (channel IN ('email', 'sms', 'whatsapp', 'push')),
    CONSTRAINT ck_sends_status_known CHECK (status IN ('scheduled', 'sending', 'paused', 'done', 'cancelled'))
)
;;
CREATE INDEX ix_sends_due ON sends (organization_id, scheduled_at) WHERE status IN ('scheduled', 'sending')
;;
CREATE INDEX ix_sends_newest ON sends (organization_id, created_at, id)
;;
CREATE INDEX ix_sends_source ON sends (organization_id, source_type, source_id, created_at, id)
;;
CREATE UNIQUE INDEX uq_sends_key ON sends (organization_id, source_type, source_id, key)
;;
ALTER TABLE sends ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE sends FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON sends
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON sends TO crm_app
;;
CREATE TABLE messages (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    send_id UUID NOT NULL,
    contact_id UUID NOT NULL,
    channel VARCHAR(40) NOT NULL,
    variant TEXT,
    language TEXT NOT NULL,
    address TEXT,
    domain TEXT GENERATED ALWAYS AS (nullif(lower(split_part(address, '@', 2)), '')) STORED,
    status VARCHAR(40) NOT NULL,
    reason VARCHAR(40),
    fields JSONB,
    next_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    attempts INTEGER DEFAULT 0 NOT NULL,
    counts_from TIMESTAMP(3) WITH TIME ZONE,
    provider_id UUID,
    provider_message_id TEXT,
    failure TEXT,
    first_tried_at TIMESTAMP(3) WITH TIME ZONE,
    sent_at TIMESTAMP(3) WITH TIME ZONE,
    delivered_at TIMESTAMP(3) WITH TIME ZONE,
    opened_at TIMESTAMP(3) WITH TIME ZONE,
    proxy_opened_at TIMESTAMP(3) WITH TIME ZONE,
    clicked_at TIMESTAMP(3) WITH TIME ZONE,
    bounced_at TIMESTAMP(3) WITH TIME ZONE,
    unsubscribed_at TIMESTAMP(3) WITH TIME ZONE,
    complained_at TIMESTAMP(3) WITH TIME ZONE,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_messages PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_messages_send FOREIGN KEY(organization_id, send_id) REFERENCES sends (organization_id, id),
    CONSTRAINT fk_messages_contact FOREIGN KEY(organization_id, contact_id) REFERENCES contacts (organization_id, id),
    CONSTRAINT fk_messages_provider FOREIGN KEY(organization_id, provider_id) REFERENCES message_providers (organization_id, id),
    CONSTRAINT ck_messages_suppressed_with_reason CHECK ((status = 'suppressed') <= (reason IS NOT NULL)),
    CONSTRAINT ck_messages_address_length CHECK (char_length(address) <= 320),
    CONSTRAINT ck_messages_provider_message_id_length CHECK (char_length(provider_message_id) <= 300),
    CONSTRAINT ck_messages_failure_length CHECK (char_length(failure) <= 120),
    CONSTRAINT ck_messages_channel_known CHECK (channel IN ('email', 'sms', 'whatsapp', 'push')),
    CONSTRAINT ck_messages_status_known CHECK (status IN ('queued', 'sending', 'retry', 'sent', 'delivered', 'opened', 'clicked', 'soft_bounced', 'hard_bounced', 'rejected', 'complained', 'unsubscribed', 'suppressed', 'cancelled')),
    CONSTRAINT ck_messages_reason_known CHECK (reason IN ('gone', 'deceased', 'no_address', 'suppressed', 'do_not_contact', 'not_granted', 'expired', 'declined', 'pressure_cap', 'duplicate_address', 'unrenderable', 'called_off'))
)
;;
CREATE INDEX ix_messages_contact ON messages (organization_id, contact_id, created_at, id)
;;
CREATE INDEX ix_messages_due ON messages (organization_id, send_id, next_at, id) WHERE status IN ('queued', 'sending', 'retry')
;;
CREATE INDEX ix_messages_newest ON messages (organization_id, created_at, id)
;;
CREATE INDEX ix_messages_pressure ON messages (organization_id, contact_id, counts_from) WHERE counts_from IS NOT NULL
;;
CREATE INDEX ix_messages_provider ON messages (organization_id, provider_id, provider_message_id) WHERE provider_message_id IS NOT NULL
;;
CREATE INDEX ix_messages_send ON messages (organization_id, send_id, created_at, id)
;;
CREATE UNIQUE INDEX uq_messages_recipient ON messages (organization_id, send_id, contact_id)
;;
ALTER TABLE messages ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE messages FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON messages
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON messages TO crm_app
;;
CREATE TABLE message_events (
    organization_id UUID NOT NULL,
    id BIGINT GENERATED BY DEFAULT AS IDENTITY,
    message_id UUID NOT NULL,
    send_id UUID NOT NULL,
    type VARCHAR(40) NOT NULL,
    at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    ip TEXT,
    user_agent TEXT,
    link_id UUID,
    is_bot BOOLEAN DEFAULT false NOT NULL,
    provider_id UUID,
    provider_event_id TEXT,
    detail TEXT,
    CONSTRAINT pk_message_events PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_message_events_message FOREIGN KEY(organization_id, message_id) REFERENCES messages (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_message_events_user_agent_length CHECK (char_length(user_agent) <= 300),
    CONSTRAINT ck_message_events_provider_event_id_length CHECK (char_length(provider_event_id) <= 200),
    CONSTRAINT ck_message_events_detail_length CHECK (char_length(detail) <= 200),
    CONSTRAINT ck_message_events_type_known CHECK (type IN ('sent', 'delivered', 'deferred', 'soft_bounced', 'hard_bounced', 'rejected', 'opened', 'clicked', 'unsubscribed', 'complained'))
)
;;
CREATE INDEX ix_message_events_at ON message_events (organization_id, at)
;;
CREATE INDEX ix_message_events_message ON message_events (organization_id, message_id, id)
;;
CREATE UNIQUE INDEX uq_message_events_told ON message_events (organization_id, provider_id, provider_event_id) WHERE provider_event_id IS NOT NULL
;;
ALTER TABLE message_events ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE message_events FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON message_events
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON message_events TO crm_app
;;
CREATE TRIGGER never_changed BEFORE UPDATE ON message_events
    FOR EACH ROW EXECUTE FUNCTION crm_refuse_change()
;;
CREATE TABLE message_links (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    send_id UUID NOT NULL,
    url TEXT NOT NULL,
    url_hash TEXT NOT NULL,
    hidden BOOLEAN DEFAULT false NOT NULL,
    CONSTRAINT pk_message_links PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_message_links_send FOREIGN KEY(organization_id, send_id) REFERENCES sends (organization_id, id),
    CONSTRAINT ck_message_links_web CHECK (url ~ '^https?://'),
    CONSTRAINT ck_message_links_url_length CHECK (char_length(url) <= 2000)
)
;;
CREATE UNIQUE INDEX uq_message_links_url ON message_links (organization_id, send_id, url_hash)
;;
ALTER TABLE message_links ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE message_links FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON message_links
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON message_links TO crm_app
;;
CREATE TABLE send_counts (
    organization_id UUID NOT NULL,
    send_id UUID NOT NULL,
    shard INTEGER NOT NULL,
    targeted INTEGER DEFAULT 0 NOT NULL,
    suppressed INTEGER DEFAULT 0 NOT NULL,
    cancelled INTEGER DEFAULT 0 NOT NULL,
    sent INTEGER DEFAULT 0 NOT NULL,
    delivered INTEGER DEFAULT 0 NOT NULL,
    soft_bounced INTEGER DEFAULT 0 NOT NULL,
    hard_bounced INTEGER DEFAULT 0 NOT NULL,
    rejected INTEGER DEFAULT 0 NOT NULL,
    opened INTEGER DEFAULT 0 NOT NULL,
    opened_inflated INTEGER DEFAULT 0 NOT NULL,
    clicked INTEGER DEFAULT 0 NOT NULL,
    unsubscribed INTEGER DEFAULT 0 NOT NULL,
    complained INTEGER DEFAULT 0 NOT NULL,
    CONSTRAINT pk_send_counts PRIMARY KEY (organization_id, send_id, shard),
    CONSTRAINT fk_send_counts_send FOREIGN KEY(organization_id, send_id) REFERENCES sends (organization_id, id)
)
;;
ALTER TABLE send_counts ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE send_counts FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON send_counts
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON send_counts TO crm_app
;;
CREATE TABLE send_suppressions (
    organization_id UUID NOT NULL,
    send_id UUID NOT NULL,
    reason VARCHAR(40) NOT NULL,
    people INTEGER NOT NULL,
    CONSTRAINT pk_send_suppressions PRIMARY KEY (organization_id, send_id, reason),
    CONSTRAINT fk_send_suppressions_send FOREIGN KEY(organization_id, send_id) REFERENCES sends (organization_id, id),
    CONSTRAINT ck_send_suppressions_reason_known CHECK (reason IN ('gone', 'deceased', 'no_address', 'suppressed', 'do_not_contact', 'not_granted', 'expired', 'declined', 'pressure_cap', 'duplicate_address', 'unrenderable', 'called_off'))
)
;;
ALTER TABLE send_suppressions ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE send_suppressions FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON send_suppressions
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON send_suppressions TO crm_app
;;
CREATE TABLE domain_minutes (
    organization_id UUID NOT NULL,
    provider_key TEXT NOT NULL,
    domain TEXT NOT NULL,
    minute TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    messages INTEGER NOT NULL,
    CONSTRAINT pk_domain_minutes PRIMARY KEY (organization_id, provider_key, domain, minute)
)
;;
CREATE INDEX ix_domain_minutes_minute ON domain_minutes (organization_id, minute)
;;
ALTER TABLE domain_minutes ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE domain_minutes FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON domain_minutes
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON domain_minutes TO crm_app
