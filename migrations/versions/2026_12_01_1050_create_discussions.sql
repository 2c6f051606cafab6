ALTER TABLE claim_documents_required DROP CONSTRAINT ck_claim_documents_required_kind_known
;;
ALTER TABLE claim_documents_required ADD CONSTRAINT ck_claim_documents_required_kind_known CHECK (kind IN ('id_card', 'driving_licence', 'vehicle_registration', 'plate_photo', 'constat_amiable', 'police_report', 'damage_photo', 'repair_quote', 'invoice', 'appraisal_report', 'medical_certificate', 'death_certificate', 'rib', 'policy_schedule', 'certificate', 'quittance', 'endorsement', 'mise_en_demeure', 'discharge', 'contract_signed', 'mission_order', 'complaint_letter', 'other', 'import', 'export', 'discussion'))
;;
ALTER TABLE files DROP CONSTRAINT ck_files_kind_known
;;
ALTER TABLE files ADD CONSTRAINT ck_files_kind_known CHECK (kind IN ('id_card', 'driving_licence', 'vehicle_registration', 'plate_photo', 'constat_amiable', 'police_report', 'damage_photo', 'repair_quote', 'invoice', 'appraisal_report', 'medical_certificate', 'death_certificate', 'rib', 'policy_schedule', 'certificate', 'quittance', 'endorsement', 'mise_en_demeure', 'discharge', 'contract_signed', 'mission_order', 'complaint_letter', 'other', 'import', 'export', 'discussion'))
;;
CREATE TABLE discussions (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    kind VARCHAR(40) NOT NULL,
    name TEXT,
    name_folded TEXT COLLATE "C" GENERATED ALWAYS AS (crm_fold(trim(coalesce(name, '') || ' ' || coalesce(topic, '')))) STORED NOT NULL,
    topic TEXT,
    agency_id UUID,
    group_id UUID,
    object_type TEXT,
    object_id UUID,
    direct_key TEXT,
    archived_at TIMESTAMP(3) WITH TIME ZONE,
    last_number INTEGER DEFAULT '0' NOT NULL,
    last_message_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_discussions PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_discussions_agency FOREIGN KEY(organization_id, agency_id) REFERENCES agencies (organization_id, id),
    CONSTRAINT fk_discussions_group FOREIGN KEY(organization_id, group_id) REFERENCES groups (organization_id, id),
    CONSTRAINT ck_discussions_object_named CHECK ((kind = 'object') = (object_id IS NOT NULL)),
    CONSTRAINT ck_discussions_whole_object CHECK ((object_type IS NULL) = (object_id IS NULL)),
    CONSTRAINT ck_discussions_direct_key_given CHECK ((kind = 'direct') = (direct_key IS NOT NULL)),
    CONSTRAINT ck_discussions_called_something CHECK (kind IN ('direct', 'object') OR name IS NOT NULL),
    CONSTRAINT ck_discussions_one_team CHECK (agency_id IS NULL OR group_id IS NULL),
    CONSTRAINT ck_discussions_open_to_team CHECK (kind IN ('public', 'announcement') OR (agency_id IS NULL AND group_id IS NULL)),
    CONSTRAINT ck_discussions_name_length CHECK (char_length(name) <= 80),
    CONSTRAINT ck_discussions_topic_length CHECK (char_length(topic) <= 300),
    CONSTRAINT ck_discussions_object_type_length CHECK (char_length(object_type) <= 40),
    CONSTRAINT ck_discussions_direct_key_length CHECK (char_length(direct_key) <= 64),
    CONSTRAINT ck_discussions_kind_known CHECK (kind IN ('public', 'private', 'direct', 'object', 'announcement'))
)
;;
CREATE INDEX ix_discussions_kind ON discussions (organization_id, kind, last_message_at, id)
;;
CREATE INDEX ix_discussions_latest ON discussions (organization_id, last_message_at, id)
;;
CREATE INDEX ix_discussions_name ON discussions (organization_id, name_folded, id)
;;
CREATE UNIQUE INDEX uq_discussions_direct ON discussions (organization_id, direct_key) WHERE kind = 'direct'
;;
CREATE UNIQUE INDEX uq_discussions_object ON discussions (organization_id, object_type, object_id) WHERE kind = 'object'
;;
ALTER TABLE discussions ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE discussions FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON discussions
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON discussions TO crm_app
;;
CREATE TABLE discussion_members (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    discussion_id UUID NOT NULL,
    user_id UUID NOT NULL,
    role VARCHAR(40) NOT NULL,
    muted BOOLEAN DEFAULT false NOT NULL,
    last_read_number INTEGER DEFAULT '0' NOT NULL,
    last_read_at TIMESTAMP(3) WITH TIME ZONE,
    last_mention_number INTEGER DEFAULT '0' NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_discussion_members PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_discussion_members_discussion FOREIGN KEY(organization_id, discussion_id) REFERENCES discussions (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_discussion_members_user FOREIGN KEY(organization_id, user_id) REFERENCES users (organization_id, id),
    CONSTRAINT ck_discussion_members_role_known CHECK (role IN ('owner', 'member'))
)
;;
CREATE INDEX ix_discussion_members_joined ON discussion_members (organization_id, discussion_id, created_at, id)
;;
CREATE INDEX ix_discussion_members_user ON discussion_members (organization_id, user_id, discussion_id)
;;
CREATE UNIQUE INDEX uq_discussion_members_user ON discussion_members (organization_id, discussion_id, user_id)
;;
ALTER TABLE discussion_members ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE discussion_members FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON discussion_members
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON discussion_members TO crm_app
;;
CREATE TABLE discussion_messages (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    discussion_id UUID NOT NULL,
    number INTEGER NOT NULL,
    author_id UUID NOT NULL,
    body TEXT NOT NULL,
    reply_to_id UUID,
    thread_id UUID,
    mentions UUID[] DEFAULT '{}' NOT NULL,
    mark VARCHAR(40),
    marked_by_id UUID,
    promised_by_id UUID,
    promise_due_on DATE,
    pinned_at TIMESTAMP(3) WITH TIME ZONE,
    pinned_by_id UUID,
    edited_at TIMESTAMP(3) WITH TIME ZONE,
    removed_at TIMESTAMP(3) WITH TIME ZONE,
    removed_by_id UUID,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_discussion_messages PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_discussion_messages_discussion FOREIGN KEY(organization_id, discussion_id) REFERENCES discussions (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_discussion_messages_author FOREIGN KEY(organization_id, author_id) REFERENCES users (organization_id, id),
    CONSTRAINT fk_discussion_messages_promised_by FOREIGN KEY(organization_id, promised_by_id) REFERENCES users (organization_id, id),
    CONSTRAINT fk_discussion_messages_reply FOREIGN KEY(organization_id, reply_to_id) REFERENCES discussion_messages (organization_id, id) ON DELETE SET NULL (reply_to_id),
    CONSTRAINT ck_discussion_messages_mentions_count CHECK (cardinality(mentions) <= 20),
    CONSTRAINT ck_discussion_messages_tombstone_says_nothing CHECK (removed_at IS NULL OR body = ''),
    CONSTRAINT ck_discussion_messages_who_promised CHECK (mark = 'promise' OR promised_by_id IS NULL),
    CONSTRAINT ck_discussion_messages_promised_for CHECK (mark = 'promise' OR promise_due_on IS NULL),
    CONSTRAINT ck_discussion_messages_body_length CHECK (char_length(body) <= 8000),
    CONSTRAINT ck_discussion_messages_mark_known CHECK (mark IN ('decision', 'promise'))
)
;;
CREATE INDEX ix_discussion_messages_age ON discussion_messages (organization_id, created_at, id)
;;
CREATE INDEX ix_discussion_messages_marked ON discussion_messages (organization_id, discussion_id, mark, created_at, id) WHERE mark IS NOT NULL
;;
CREATE INDEX ix_discussion_messages_newest ON discussion_messages (organization_id, discussion_id, created_at, id)
;;
CREATE INDEX ix_discussion_messages_pinned ON discussion_messages (organization_id, discussion_id, created_at, id) WHERE pinned_at IS NOT NULL
;;
CREATE INDEX ix_discussion_messages_reply ON discussion_messages (organization_id, reply_to_id)
;;
CREATE INDEX ix_discussion_messages_thread ON discussion_messages (organization_id, thread_id, number) WHERE thread_id IS NOT NULL
;;
CREATE UNIQUE INDEX uq_discussion_messages_number ON discussion_messages (organization_id, discussion_id, number)
;;
ALTER TABLE discussion_messages ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE discussion_messages FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON discussion_messages
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON discussion_messages TO crm_app
;;
CREATE OR REPLACE FUNCTION crm_words_of_discussion_messages_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            INSERT INTO search_tokens (organization_id, object_id, token) SELECT added.organization_id, added.id, word.token
            FROM added CROSS JOIN LATERAL (SELECT 'discussion_message/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', added.body), '{}'::text[], '{}'::text[], '{}'::text[])) AS word WHERE word <> '') AS word (token)
            ON CONFLICT DO NOTHING;
            RETURN NULL; END $$
;;
CREATE OR REPLACE FUNCTION crm_words_of_discussion_messages_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            DELETE FROM search_tokens kept USING ((SELECT 'discussion_message/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', OLD.body), '{}'::text[], '{}'::text[], '{}'::text[])) AS word WHERE word <> '') EXCEPT (SELECT 'discussion_message/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', NEW.body), '{}'::text[], '{}'::text[], '{}'::text[])) AS word WHERE word <> '')) AS word (token)
            WHERE kept.organization_id = OLD.organization_id AND kept.object_id = OLD.id
                AND kept.token = word.token;
            INSERT INTO search_tokens (organization_id, object_id, token) SELECT NEW.organization_id, NEW.id, word.token FROM (SELECT 'discussion_message/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', NEW.body), '{}'::text[], '{}'::text[], '{}'::text[])) AS word WHERE word <> '') AS word (token)
            ON CONFLICT DO NOTHING;
            RETURN NULL; END $$
;;
CREATE OR REPLACE FUNCTION crm_words_of_discussion_messages_removed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            DELETE FROM search_tokens WHERE organization_id = OLD.organization_id AND object_id = OLD.id;
            RETURN NULL; END $$
;;
CREATE TRIGGER words_added AFTER INSERT ON discussion_messages REFERENCING NEW TABLE AS added
            FOR EACH STATEMENT EXECUTE FUNCTION crm_words_of_discussion_messages_added()
;;
CREATE TRIGGER words_changed AFTER UPDATE ON discussion_messages FOR EACH ROW WHEN (OLD.body IS DISTINCT FROM NEW.body)
            EXECUTE FUNCTION crm_words_of_discussion_messages_changed()
;;
CREATE TRIGGER words_removed AFTER DELETE ON discussion_messages FOR EACH ROW
            EXECUTE FUNCTION crm_words_of_discussion_messages_removed()
;;
CREATE TABLE discussion_attachments (
    organization_id UUID NOT NULL,
    message_id UUID NOT NULL,
    file_id UUID NOT NULL,
    CONSTRAINT pk_discussion_attachments PRIMARY KEY (organization_id, message_id, file_id),
    CONSTRAINT fk_discussion_attachments_message FOREIGN KEY(organization_id, message_id) REFERENCES discussion_messages (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_discussion_attachments_file FOREIGN KEY(organization_id, file_id) REFERENCES files (organization_id, id) ON DELETE CASCADE
)
;;
CREATE UNIQUE INDEX uq_discussion_attachments_file ON discussion_attachments (organization_id, file_id)
;;
ALTER TABLE discussion_attachments ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE discussion_attachments FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON discussion_attachments
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON discussion_attachments TO crm_app
;;
CREATE TABLE discussion_responses (
    organization_id UUID NOT NULL,
    message_id UUID NOT NULL,
    user_id UUID NOT NULL,
    reaction VARCHAR(40) NOT NULL,
    CONSTRAINT pk_discussion_responses PRIMARY KEY (organization_id, message_id, user_id, reaction),
    CONSTRAINT fk_discussion_responses_message FOREIGN KEY(organization_id, message_id) REFERENCES discussion_messages (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_discussion_responses_user FOREIGN KEY(organization_id, user_id) REFERENCES users (organization_id, id),
    CONSTRAINT ck_discussion_responses_reaction_known CHECK (reaction IN ('thumbs_up', 'thumbs_down', 'heart', 'laugh', 'surprised', 'sad', 'thanks', 'celebrate', 'seen', 'done', 'question'))
)
;;
ALTER TABLE discussion_responses ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE discussion_responses FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON discussion_responses
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON discussion_responses TO crm_app
;;
CREATE TABLE discussion_revisions (
    organization_id UUID NOT NULL,
    message_id UUID NOT NULL,
    version INTEGER NOT NULL,
    written_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    replaced_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT pk_discussion_revisions PRIMARY KEY (organization_id, message_id, version),
    CONSTRAINT fk_discussion_revisions_message FOREIGN KEY(organization_id, message_id) REFERENCES discussion_messages (organization_id, id) ON DELETE CASCADE
)
;;
ALTER TABLE discussion_revisions ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE discussion_revisions FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON discussion_revisions
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON discussion_revisions TO crm_app
