ALTER TABLE search_tokens NO FORCE ROW LEVEL SECURITY
;;
CREATE OR REPLACE FUNCTION crm_words_of_opportunities_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            INSERT INTO search_tokens (organization_id, object_id, token) SELECT added.organization_id, added.id, word.token
            FROM added CROSS JOIN LATERAL (SELECT 'opportunity/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', added.name, added.next_step), '{}'::text[], '{}'::text[], ARRAY[added.number]::text[])) AS word WHERE word <> '' UNION ALL SELECT 'opportunity#' || unnest(added.tags)) AS word (token)
            ON CONFLICT DO NOTHING;
            RETURN NULL; END $$
;;
CREATE OR REPLACE FUNCTION crm_words_of_opportunities_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            DELETE FROM search_tokens kept USING ((SELECT 'opportunity/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', OLD.name, OLD.next_step), '{}'::text[], '{}'::text[], ARRAY[OLD.number]::text[])) AS word WHERE word <> '' UNION ALL SELECT 'opportunity#' || unnest(OLD.tags)) EXCEPT (SELECT 'opportunity/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', NEW.name, NEW.next_step), '{}'::text[], '{}'::text[], ARRAY[NEW.number]::text[])) AS word WHERE word <> '' UNION ALL SELECT 'opportunity#' || unnest(NEW.tags))) AS word (token)
            WHERE kept.organization_id = OLD.organization_id AND kept.object_id = OLD.id
                AND kept.token = word.token;
            INSERT INTO search_tokens (organization_id, object_id, token) SELECT NEW.organization_id, NEW.id, word.token FROM (SELECT 'opportunity/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', NEW.name, NEW.next_step), '{}'::text[], '{}'::text[], ARRAY[NEW.number]::text[])) AS word WHERE word <> '' UNION ALL SELECT 'opportunity#' || unnest(NEW.tags)) AS word (token)
            ON CONFLICT DO NOTHING;
            RETURN NULL; END $$
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
CREATE OR REPLACE FUNCTION crm_words_of_accounts_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            INSERT INTO search_tokens (organization_id, object_id, token) SELECT added.organization_id, added.id, word.token
            FROM added CROSS JOIN LATERAL (SELECT 'account/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', added.name, added.tax_id, added.trade_register_number), ARRAY(SELECT item->>'value' FROM jsonb_array_elements(added.emails) item), ARRAY(SELECT item->>'value' FROM jsonb_array_elements(added.phones) item), ARRAY[added.number]::text[])) AS word WHERE word <> '' UNION ALL SELECT 'account#' || unnest(added.tags)) AS word (token)
            ON CONFLICT DO NOTHING;
            RETURN NULL; END $$
;;
CREATE OR REPLACE FUNCTION crm_words_of_accounts_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            DELETE FROM search_tokens kept USING ((SELECT 'account/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', OLD.name, OLD.tax_id, OLD.trade_register_number), ARRAY(SELECT item->>'value' FROM jsonb_array_elements(OLD.emails) item), ARRAY(SELECT item->>'value' FROM jsonb_array_elements(OLD.phones) item), ARRAY[OLD.number]::text[])) AS word WHERE word <> '' UNION ALL SELECT 'account#' || unnest(OLD.tags)) EXCEPT (SELECT 'account/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', NEW.name, NEW.tax_id, NEW.trade_register_number), ARRAY(SELECT item->>'value' FROM jsonb_array_elements(NEW.emails) item), ARRAY(SELECT item->>'value' FROM jsonb_array_elements(NEW.phones) item), ARRAY[NEW.number]::text[])) AS word WHERE word <> '' UNION ALL SELECT 'account#' || unnest(NEW.tags))) AS word (token)
            WHERE kept.organization_id = OLD.organization_id AND kept.object_id = OLD.id
                AND kept.token = word.token;
            INSERT INTO search_tokens (organization_id, object_id, token) SELECT NEW.organization_id, NEW.id, word.token FROM (SELECT 'account/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', NEW.name, NEW.tax_id, NEW.trade_register_number), ARRAY(SELECT item->>'value' FROM jsonb_array_elements(NEW.emails) item), ARRAY(SELECT item->>'value' FROM jsonb_array_elements(NEW.phones) item), ARRAY[NEW.number]::text[])) AS word WHERE word <> '' UNION ALL SELECT 'account#' || unnest(NEW.tags)) AS word (token)
            ON CONFLICT DO NOTHING;
            RETURN NULL; END $$
;;
CREATE OR REPLACE FUNCTION crm_words_of_contacts_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            INSERT INTO search_tokens (organization_id, object_id, token) SELECT added.organization_id, added.id, word.token
            FROM added CROSS JOIN LATERAL (SELECT 'contact/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', added.last_name, added.first_name, added.last_name_ar, added.first_name_ar, added.maiden_name), ARRAY(SELECT item->>'value' FROM jsonb_array_elements(added.emails) item), ARRAY(SELECT item->>'value' FROM jsonb_array_elements(added.phones) item), '{}'::text[])) AS word WHERE word <> '' UNION ALL SELECT 'contact#' || unnest(added.tags)) AS word (token)
            ON CONFLICT DO NOTHING;
            RETURN NULL; END $$
;;
CREATE OR REPLACE FUNCTION crm_words_of_contacts_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            DELETE FROM search_tokens kept USING ((SELECT 'contact/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', OLD.last_name, OLD.first_name, OLD.last_name_ar, OLD.first_name_ar, OLD.maiden_name), ARRAY(SELECT item->>'value' FROM jsonb_array_elements(OLD.emails) item), ARRAY(SELECT item->>'value' FROM jsonb_array_elements(OLD.phones) item), '{}'::text[])) AS word WHERE word <> '' UNION ALL SELECT 'contact#' || unnest(OLD.tags)) EXCEPT (SELECT 'contact/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', NEW.last_name, NEW.first_name, NEW.last_name_ar, NEW.first_name_ar, NEW.maiden_name), ARRAY(SELECT item->>'value' FROM jsonb_array_elements(NEW.emails) item), ARRAY(SELECT item->>'value' FROM jsonb_array_elements(NEW.phones) item), '{}'::text[])) AS word WHERE word <> '' UNION ALL SELECT 'contact#' || unnest(NEW.tags))) AS word (token)
            WHERE kept.organization_id = OLD.organization_id AND kept.object_id = OLD.id
                AND kept.token = word.token;
            INSERT INTO search_tokens (organization_id, object_id, token) SELECT NEW.organization_id, NEW.id, word.token FROM (SELECT 'contact/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', NEW.last_name, NEW.first_name, NEW.last_name_ar, NEW.first_name_ar, NEW.maiden_name), ARRAY(SELECT item->>'value' FROM jsonb_array_elements(NEW.emails) item), ARRAY(SELECT item->>'value' FROM jsonb_array_elements(NEW.phones) item), '{}'::text[])) AS word WHERE word <> '' UNION ALL SELECT 'contact#' || unnest(NEW.tags)) AS word (token)
            ON CONFLICT DO NOTHING;
            RETURN NULL; END $$
;;
CREATE OR REPLACE FUNCTION crm_words_of_leads_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            INSERT INTO search_tokens (organization_id, object_id, token) SELECT added.organization_id, added.id, word.token
            FROM added CROSS JOIN LATERAL (SELECT 'lead/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', added.full_name, added.company_name, added.need), ARRAY[added.email]::text[], ARRAY[added.phone]::text[], ARRAY[added.number]::text[])) AS word WHERE word <> '' UNION ALL SELECT 'lead#' || unnest(added.tags)) AS word (token)
            ON CONFLICT DO NOTHING;
            RETURN NULL; END $$
;;
CREATE OR REPLACE FUNCTION crm_words_of_leads_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            DELETE FROM search_tokens kept USING ((SELECT 'lead/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', OLD.full_name, OLD.company_name, OLD.need), ARRAY[OLD.email]::text[], ARRAY[OLD.phone]::text[], ARRAY[OLD.number]::text[])) AS word WHERE word <> '' UNION ALL SELECT 'lead#' || unnest(OLD.tags)) EXCEPT (SELECT 'lead/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', NEW.full_name, NEW.company_name, NEW.need), ARRAY[NEW.email]::text[], ARRAY[NEW.phone]::text[], ARRAY[NEW.number]::text[])) AS word WHERE word <> '' UNION ALL SELECT 'lead#' || unnest(NEW.tags))) AS word (token)
            WHERE kept.organization_id = OLD.organization_id AND kept.object_id = OLD.id
                AND kept.token = word.token;
            INSERT INTO search_tokens (organization_id, object_id, token) SELECT NEW.organization_id, NEW.id, word.token FROM (SELECT 'lead/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', NEW.full_name, NEW.company_name, NEW.need), ARRAY[NEW.email]::text[], ARRAY[NEW.phone]::text[], ARRAY[NEW.number]::text[])) AS word WHERE word <> '' UNION ALL SELECT 'lead#' || unnest(NEW.tags)) AS word (token)
            ON CONFLICT DO NOTHING;
            RETURN NULL; END $$
;;
DELETE FROM search_tokens WHERE token ~ '^[a-z_]+[=<]'
;;
ALTER TABLE search_tokens FORCE ROW LEVEL SECURITY
;;
DROP INDEX ix_search_tokens_word
;;
CREATE INDEX ix_search_tokens_word ON search_tokens (organization_id, token, object_id)
;;
DROP INDEX ix_accounts_creator
;;
DROP INDEX ix_contacts_creator
;;
DROP INDEX ix_leads_creator
;;
DROP FUNCTION crm_endings(text[])
;;
DROP FUNCTION crm_names(text)
;;
DROP INDEX ix_leads_first_contact
;;
DROP INDEX ix_leads_call_again
;;
DROP INDEX ix_opportunities_stagnating
;;
DROP INDEX ix_opportunities_next_step
