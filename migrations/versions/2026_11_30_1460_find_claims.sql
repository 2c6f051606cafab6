CREATE OR REPLACE FUNCTION crm_words_of_claims_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            INSERT INTO search_tokens (organization_id, object_id, token) SELECT added.organization_id, added.id, word.token
            FROM added CROSS JOIN LATERAL (SELECT 'claim/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', added.number), '{}'::text[], '{}'::text[], ARRAY[added.number]::text[])) AS word WHERE word <> '' UNION ALL SELECT 'claim<' || unnest(crm_endings('{}'::text[] || ARRAY[added.number]::text[]))) AS word (token)
            ON CONFLICT DO NOTHING;
            RETURN NULL; END $$
;;
CREATE OR REPLACE FUNCTION crm_words_of_claims_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            DELETE FROM search_tokens kept USING ((SELECT 'claim/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', OLD.number), '{}'::text[], '{}'::text[], ARRAY[OLD.number]::text[])) AS word WHERE word <> '' UNION ALL SELECT 'claim<' || unnest(crm_endings('{}'::text[] || ARRAY[OLD.number]::text[]))) EXCEPT (SELECT 'claim/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', NEW.number), '{}'::text[], '{}'::text[], ARRAY[NEW.number]::text[])) AS word WHERE word <> '' UNION ALL SELECT 'claim<' || unnest(crm_endings('{}'::text[] || ARRAY[NEW.number]::text[])))) AS word (token)
            WHERE kept.organization_id = OLD.organization_id AND kept.object_id = OLD.id
                AND kept.token = word.token;
            INSERT INTO search_tokens (organization_id, object_id, token) SELECT NEW.organization_id, NEW.id, word.token FROM (SELECT 'claim/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', NEW.number), '{}'::text[], '{}'::text[], ARRAY[NEW.number]::text[])) AS word WHERE word <> '' UNION ALL SELECT 'claim<' || unnest(crm_endings('{}'::text[] || ARRAY[NEW.number]::text[]))) AS word (token)
            ON CONFLICT DO NOTHING;
            RETURN NULL; END $$
;;
CREATE OR REPLACE FUNCTION crm_words_of_claims_removed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            DELETE FROM search_tokens WHERE organization_id = OLD.organization_id AND object_id = OLD.id;
            RETURN NULL; END $$
;;
CREATE TRIGGER words_added AFTER INSERT ON claims REFERENCING NEW TABLE AS added
            FOR EACH STATEMENT EXECUTE FUNCTION crm_words_of_claims_added()
;;
CREATE TRIGGER words_changed AFTER UPDATE ON claims FOR EACH ROW WHEN (OLD.number IS DISTINCT FROM NEW.number OR OLD.number IS DISTINCT FROM NEW.number)
            EXECUTE FUNCTION crm_words_of_claims_changed()
;;
CREATE TRIGGER words_removed AFTER DELETE ON claims FOR EACH ROW
            EXECUTE FUNCTION crm_words_of_claims_removed()
;;
INSERT INTO search_tokens (organization_id, object_id, token)
SELECT c.organization_id, c.id, word.token
FROM claims c CROSS JOIN LATERAL (SELECT 'claim/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', c.number), '{}'::text[], '{}'::text[], ARRAY[c.number]::text[])) AS word WHERE word <> '' UNION ALL SELECT 'claim<' || unnest(crm_endings('{}'::text[] || ARRAY[c.number]::text[]))) AS word (token)
ON CONFLICT DO NOTHING
