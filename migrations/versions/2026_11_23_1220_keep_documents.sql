CREATE TABLE file_leftovers (
    organization_id UUID NOT NULL,
    storage_key TEXT NOT NULL,
    CONSTRAINT pk_file_leftovers PRIMARY KEY (organization_id, storage_key)
)
;;
ALTER TABLE file_leftovers ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE file_leftovers FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON file_leftovers
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON file_leftovers TO crm_app
;;
CREATE TABLE files (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    name TEXT NOT NULL,
    name_folded TEXT COLLATE "C" GENERATED ALWAYS AS (crm_fold(trim(coalesce(name, '') || ' ' || coalesce(title, '')))) STORED NOT NULL,
    title TEXT,
    description TEXT,
    media_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    kind VARCHAR(40) NOT NULL,
    pii_class VARCHAR(40) NOT NULL,
    retention_class VARCHAR(40) NOT NULL,
    visibility VARCHAR(40) NOT NULL,
    language TEXT,
    issued_on DATE,
    expires_on DATE,
    expiry_told_on DATE,
    series_id UUID NOT NULL,
    version_number INTEGER NOT NULL,
    supersedes_id UUID,
    superseded_by_id UUID,
    scan_status VARCHAR(40) NOT NULL,
    scanner TEXT,
    scanned_at TIMESTAMP(3) WITH TIME ZONE,
    threat TEXT,
    legal_hold BOOLEAN DEFAULT false NOT NULL,
    legal_hold_reason TEXT,
    kept_until TIMESTAMP(3) WITH TIME ZONE,
    storage_key TEXT NOT NULL,
    content_key BYTEA NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    deleted_at TIMESTAMP(3) WITH TIME ZONE,
    deleted_by_id UUID,
    CONSTRAINT pk_files PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_files_organization_id_supersedes_id FOREIGN KEY(organization_id, supersedes_id) REFERENCES files (organization_id, id),
    CONSTRAINT ck_files_size_positive CHECK (size > 0),
    CONSTRAINT ck_files_dates_in_order CHECK (expires_on >= issued_on),
    CONSTRAINT ck_files_hold_keeps CHECK (deleted_at IS NULL OR NOT legal_hold),
    CONSTRAINT ck_files_name_length CHECK (char_length(name) <= 200),
    CONSTRAINT ck_files_title_length CHECK (char_length(title) <= 160),
    CONSTRAINT ck_files_kind_known CHECK (kind IN ('id_card', 'driving_licence', 'vehicle_registration', 'plate_photo', 'constat_amiable', 'police_report', 'damage_photo', 'repair_quote', 'invoice', 'appraisal_report', 'medical_certificate', 'death_certificate', 'rib', 'policy_schedule', 'certificate', 'quittance', 'endorsement', 'mise_en_demeure', 'discharge', 'contract_signed', 'mission_order', 'complaint_letter', 'other', 'import', 'export')),
    CONSTRAINT ck_files_pii_class_known CHECK (pii_class IN ('P2', 'P3', 'P4')),
    CONSTRAINT ck_files_retention_class_known CHECK (retention_class IN ('identity', 'contract', 'claim', 'medical', 'correspondence', 'working')),
    CONSTRAINT ck_files_visibility_known CHECK (visibility IN ('internal', 'portal', 'partner')),
    CONSTRAINT ck_files_scan_status_known CHECK (scan_status IN ('pending', 'clean', 'infected', 'error', 'archived'))
)
;;
CREATE INDEX ix_files_creator ON files (organization_id, created_by_id, created_at, id)
;;
CREATE INDEX ix_files_expiry ON files (organization_id, expires_on, id) WHERE expires_on IS NOT NULL
;;
CREATE INDEX ix_files_kept_until ON files (organization_id, kept_until) WHERE kept_until IS NOT NULL
;;
CREATE INDEX ix_files_name ON files (organization_id, name_folded, id)
;;
CREATE INDEX ix_files_newest ON files (organization_id, created_at, id)
;;
CREATE UNIQUE INDEX ix_files_series ON files (organization_id, series_id, version_number)
;;
CREATE UNIQUE INDEX ix_files_storage_key ON files (organization_id, storage_key)
;;
CREATE INDEX ix_files_unscanned ON files (organization_id, scan_status, id) WHERE scan_status <> 'clean'
;;
CREATE UNIQUE INDEX uq_files_supersedes ON files (organization_id, supersedes_id) WHERE deleted_at IS NULL
;;
ALTER TABLE files ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE files FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON files
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON files TO crm_app
;;
CREATE OR REPLACE FUNCTION crm_words_of_files_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            INSERT INTO search_tokens (organization_id, object_id, token) SELECT added.organization_id, added.id, word.token
            FROM added CROSS JOIN LATERAL (SELECT 'document/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', added.name, added.title), '{}'::text[], '{}'::text[], '{}'::text[])) AS word WHERE word <> '') AS word (token)
            ON CONFLICT DO NOTHING;
            RETURN NULL; END $$
;;
CREATE OR REPLACE FUNCTION crm_words_of_files_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            DELETE FROM search_tokens kept USING ((SELECT 'document/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', OLD.name, OLD.title), '{}'::text[], '{}'::text[], '{}'::text[])) AS word WHERE word <> '') EXCEPT (SELECT 'document/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', NEW.name, NEW.title), '{}'::text[], '{}'::text[], '{}'::text[])) AS word WHERE word <> '')) AS word (token)
            WHERE kept.organization_id = OLD.organization_id AND kept.object_id = OLD.id
                AND kept.token = word.token;
            INSERT INTO search_tokens (organization_id, object_id, token) SELECT NEW.organization_id, NEW.id, word.token FROM (SELECT 'document/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', NEW.name, NEW.title), '{}'::text[], '{}'::text[], '{}'::text[])) AS word WHERE word <> '') AS word (token)
            ON CONFLICT DO NOTHING;
            RETURN NULL; END $$
;;
CREATE OR REPLACE FUNCTION crm_words_of_files_removed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            DELETE FROM search_tokens WHERE organization_id = OLD.organization_id AND object_id = OLD.id;
            RETURN NULL; END $$
;;
CREATE TRIGGER words_added AFTER INSERT ON files REFERENCING NEW TABLE AS added
            FOR EACH STATEMENT EXECUTE FUNCTION crm_words_of_files_added()
;;
CREATE TRIGGER words_changed AFTER UPDATE ON files FOR EACH ROW WHEN (OLD.name IS DISTINCT FROM NEW.name OR OLD.title IS DISTINCT FROM NEW.title)
            EXECUTE FUNCTION crm_words_of_files_changed()
;;
CREATE TRIGGER words_removed AFTER DELETE ON files FOR EACH ROW
            EXECUTE FUNCTION crm_words_of_files_removed()
;;
CREATE OR REPLACE FUNCTION crm_file_left() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO file_leftovers (organization_id, storage_key) VALUES (OLD.organization_id, OLD.storage_key)
    ON CONFLICT DO NOTHING;
    RETURN NULL; END $$
;;
CREATE TRIGGER content_left AFTER DELETE ON files FOR EACH ROW EXECUTE FUNCTION crm_file_left()
;;
CREATE TABLE file_links (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    file_id UUID NOT NULL,
    object_type TEXT NOT NULL,
    object_id UUID NOT NULL,
    linked_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    linked_by_id UUID,
    CONSTRAINT pk_file_links PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_file_links_organization_id_file_id FOREIGN KEY(organization_id, file_id) REFERENCES files (organization_id, id) ON DELETE CASCADE
)
;;
CREATE INDEX ix_file_links_object ON file_links (organization_id, object_type, object_id, linked_at, id)
;;
CREATE UNIQUE INDEX uq_file_links_object ON file_links (organization_id, file_id, object_type, object_id)
;;
ALTER TABLE file_links ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE file_links FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON file_links
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON file_links TO crm_app
