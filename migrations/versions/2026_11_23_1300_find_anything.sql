ALTER TABLE search_tokens NO FORCE ROW LEVEL SECURITY
;;
CREATE OR REPLACE FUNCTION crm_names(folded text)
RETURNS text[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    words text[] := array_remove(regexp_split_to_array(folded, U&'[\0001-\002F\003A-\0040\005B-\0060\007B-\00BF\2000-\206F\060C\061B\061F\066B-\066D]+'), '');
    found text[] := '{}';
BEGIN
    IF cardinality(words) = 1 THEN RETURN words; END IF;
    FOR one IN 1..least(cardinality(words), 6) LOOP
        FOR other IN 1..least(cardinality(words), 6) LOOP
            IF one <> other THEN found := found || (words[one] || ' ' || words[other]); END IF;
        END LOOP;
    END LOOP;
    RETURN found;
END $$
;;
CREATE OR REPLACE FUNCTION crm_endings(called text[])
RETURNS text[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE found text[] := '{}'; one text;
BEGIN
    FOREACH one IN ARRAY called LOOP
        CONTINUE WHEN one IS NULL;
        found := found || reverse(regexp_replace(one, '[^0-9]', '', 'g'));
    END LOOP;
    RETURN found;
END $$
;;
DROP INDEX ix_search_tokens_word
;;
CREATE INDEX ix_search_tokens_word ON search_tokens (organization_id, token, object_id DESC)
;;
CREATE OR REPLACE FUNCTION crm_words_of_opportunities_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            INSERT INTO search_tokens (organization_id, object_id, token) SELECT added.organization_id, added.id, word.token
            FROM added CROSS JOIN LATERAL (SELECT 'opportunity/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', added.name, added.next_step), '{}'::text[], '{}'::text[], ARRAY[added.number]::text[])) AS word WHERE word <> '' UNION ALL SELECT 'opportunity=' || unnest(crm_names(added.name_folded)) UNION ALL SELECT 'opportunity<' || unnest(crm_endings('{}'::text[] || ARRAY[added.number]::text[])) UNION ALL SELECT 'opportunity#' || unnest(added.tags)) AS word (token)
            ON CONFLICT DO NOTHING;
            RETURN NULL; END $$
;;
CREATE OR REPLACE FUNCTION crm_words_of_opportunities_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            DELETE FROM search_tokens kept USING ((SELECT 'opportunity/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', OLD.name, OLD.next_step), '{}'::text[], '{}'::text[], ARRAY[OLD.number]::text[])) AS word WHERE word <> '' UNION ALL SELECT 'opportunity=' || unnest(crm_names(OLD.name_folded)) UNION ALL SELECT 'opportunity<' || unnest(crm_endings('{}'::text[] || ARRAY[OLD.number]::text[])) UNION ALL SELECT 'opportunity#' || unnest(OLD.tags)) EXCEPT (SELECT 'opportunity/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', NEW.name, NEW.next_step), '{}'::text[], '{}'::text[], ARRAY[NEW.number]::text[])) AS word WHERE word <> '' UNION ALL SELECT 'opportunity=' || unnest(crm_names(NEW.name_folded)) UNION ALL SELECT 'opportunity<' || unnest(crm_endings('{}'::text[] || ARRAY[NEW.number]::text[])) UNION ALL SELECT 'opportunity#' || unnest(NEW.tags))) AS word (token)
            WHERE kept.organization_id = OLD.organization_id AND kept.object_id = OLD.id
                AND kept.token = word.token;
            INSERT INTO search_tokens (organization_id, object_id, token) SELECT NEW.organization_id, NEW.id, word.token FROM (SELECT 'opportunity/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', NEW.name, NEW.next_step), '{}'::text[], '{}'::text[], ARRAY[NEW.number]::text[])) AS word WHERE word <> '' UNION ALL SELECT 'opportunity=' || unnest(crm_names(NEW.name_folded)) UNION ALL SELECT 'opportunity<' || unnest(crm_endings('{}'::text[] || ARRAY[NEW.number]::text[])) UNION ALL SELECT 'opportunity#' || unnest(NEW.tags)) AS word (token)
            ON CONFLICT DO NOTHING;
            RETURN NULL; END $$
;;
ALTER TABLE opportunities NO FORCE ROW LEVEL SECURITY
;;
INSERT INTO search_tokens (organization_id, object_id, token) SELECT kept.organization_id, kept.id, word.token FROM opportunities kept CROSS JOIN LATERAL (SELECT 'opportunity/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', kept.name, kept.next_step), '{}'::text[], '{}'::text[], ARRAY[kept.number]::text[])) AS word WHERE word <> '' UNION ALL SELECT 'opportunity=' || unnest(crm_names(kept.name_folded)) UNION ALL SELECT 'opportunity<' || unnest(crm_endings('{}'::text[] || ARRAY[kept.number]::text[])) UNION ALL SELECT 'opportunity#' || unnest(kept.tags)) AS word (token) ON CONFLICT DO NOTHING
;;
ALTER TABLE opportunities FORCE ROW LEVEL SECURITY
;;
CREATE OR REPLACE FUNCTION crm_words_of_files_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            INSERT INTO search_tokens (organization_id, object_id, token) SELECT added.organization_id, added.id, word.token
            FROM added CROSS JOIN LATERAL (SELECT 'document/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', added.name, added.title), '{}'::text[], '{}'::text[], '{}'::text[])) AS word WHERE word <> '' UNION ALL SELECT 'document=' || unnest(crm_names(added.name_folded))) AS word (token)
            ON CONFLICT DO NOTHING;
            RETURN NULL; END $$
;;
CREATE OR REPLACE FUNCTION crm_words_of_files_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            DELETE FROM search_tokens kept USING ((SELECT 'document/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', OLD.name, OLD.title), '{}'::text[], '{}'::text[], '{}'::text[])) AS word WHERE word <> '' UNION ALL SELECT 'document=' || unnest(crm_names(OLD.name_folded))) EXCEPT (SELECT 'document/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', NEW.name, NEW.title), '{}'::text[], '{}'::text[], '{}'::text[])) AS word WHERE word <> '' UNION ALL SELECT 'document=' || unnest(crm_names(NEW.name_folded)))) AS word (token)
            WHERE kept.organization_id = OLD.organization_id AND kept.object_id = OLD.id
                AND kept.token = word.token;
            INSERT INTO search_tokens (organization_id, object_id, token) SELECT NEW.organization_id, NEW.id, word.token FROM (SELECT 'document/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', NEW.name, NEW.title), '{}'::text[], '{}'::text[], '{}'::text[])) AS word WHERE word <> '' UNION ALL SELECT 'document=' || unnest(crm_names(NEW.name_folded))) AS word (token)
            ON CONFLICT DO NOTHING;
            RETURN NULL; END $$
;;
ALTER TABLE files NO FORCE ROW LEVEL SECURITY
;;
INSERT INTO search_tokens (organization_id, object_id, token) SELECT kept.organization_id, kept.id, word.token FROM files kept CROSS JOIN LATERAL (SELECT 'document/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', kept.name, kept.title), '{}'::text[], '{}'::text[], '{}'::text[])) AS word WHERE word <> '' UNION ALL SELECT 'document=' || unnest(crm_names(kept.name_folded))) AS word (token) ON CONFLICT DO NOTHING
;;
ALTER TABLE files FORCE ROW LEVEL SECURITY
;;
CREATE OR REPLACE FUNCTION crm_words_of_accounts_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            INSERT INTO search_tokens (organization_id, object_id, token) SELECT added.organization_id, added.id, word.token
            FROM added CROSS JOIN LATERAL (SELECT 'account/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', added.name, added.tax_id, added.trade_register_number), ARRAY(SELECT item->>'value' FROM jsonb_array_elements(added.emails) item), ARRAY(SELECT item->>'value' FROM jsonb_array_elements(added.phones) item), ARRAY[added.number]::text[])) AS word WHERE word <> '' UNION ALL SELECT 'account=' || unnest(crm_names(added.name_folded)) UNION ALL SELECT 'account<' || unnest(crm_endings(ARRAY(SELECT item->>'value' FROM jsonb_array_elements(added.phones) item) || ARRAY[added.number]::text[])) UNION ALL SELECT 'account#' || unnest(added.tags)) AS word (token)
            ON CONFLICT DO NOTHING;
            RETURN NULL; END $$
;;
CREATE OR REPLACE FUNCTION crm_words_of_accounts_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            DELETE FROM search_tokens kept USING ((SELECT 'account/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', OLD.name, OLD.tax_id, OLD.trade_register_number), ARRAY(SELECT item->>'value' FROM jsonb_array_elements(OLD.emails) item), ARRAY(SELECT item->>'value' FROM jsonb_array_elements(OLD.phones) item), ARRAY[OLD.number]::text[])) AS word WHERE word <> '' UNION ALL SELECT 'account=' || unnest(crm_names(OLD.name_folded)) UNION ALL SELECT 'account<' || unnest(crm_endings(ARRAY(SELECT item->>'value' FROM jsonb_array_elements(OLD.phones) item) || ARRAY[OLD.number]::text[])) UNION ALL SELECT 'account#' || unnest(OLD.tags)) EXCEPT (SELECT 'account/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', NEW.name, NEW.tax_id, NEW.trade_register_number), ARRAY(SELECT item->>'value' FROM jsonb_array_elements(NEW.emails) item), ARRAY(SELECT item->>'value' FROM jsonb_array_elements(NEW.phones) item), ARRAY[NEW.number]::text[])) AS word WHERE word <> '' UNION ALL SELECT 'account=' || unnest(crm_names(NEW.name_folded)) UNION ALL SELECT 'account<' || unnest(crm_endings(ARRAY(SELECT item->>'value' FROM jsonb_array_elements(NEW.phones) item) || ARRAY[NEW.number]::text[])) UNION ALL SELECT 'account#' || unnest(NEW.tags))) AS word (token)
            WHERE kept.organization_id = OLD.organization_id AND kept.object_id = OLD.id
                AND kept.token = word.token;
            INSERT INTO search_tokens (organization_id, object_id, token) SELECT NEW.organization_id, NEW.id, word.token FROM (SELECT 'account/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', NEW.name, NEW.tax_id, NEW.trade_register_number), ARRAY(SELECT item->>'value' FROM jsonb_array_elements(NEW.emails) item), ARRAY(SELECT item->>'value' FROM jsonb_array_elements(NEW.phones) item), ARRAY[NEW.number]::text[])) AS word WHERE word <> '' UNION ALL SELECT 'account=' || unnest(crm_names(NEW.name_folded)) UNION ALL SELECT 'account<' || unnest(crm_endings(ARRAY(SELECT item->>'value' FROM jsonb_array_elements(NEW.phones) item) || ARRAY[NEW.number]::text[])) UNION ALL SELECT 'account#' || unnest(NEW.tags)) AS word (token)
            ON CONFLICT DO NOTHING;
            RETURN NULL; END $$
;;
ALTER TABLE accounts NO FORCE ROW LEVEL SECURITY
;;
INSERT INTO search_tokens (organization_id, object_id, token) SELECT kept.organization_id, kept.id, word.token FROM accounts kept CROSS JOIN LATERAL (SELECT 'account/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', kept.name, kept.tax_id, kept.trade_register_number), ARRAY(SELECT item->>'value' FROM jsonb_array_elements(kept.emails) item), ARRAY(SELECT item->>'value' FROM jsonb_array_elements(kept.phones) item), ARRAY[kept.number]::text[])) AS word WHERE word <> '' UNION ALL SELECT 'account=' || unnest(crm_names(kept.name_folded)) UNION ALL SELECT 'account<' || unnest(crm_endings(ARRAY(SELECT item->>'value' FROM jsonb_array_elements(kept.phones) item) || ARRAY[kept.number]::text[])) UNION ALL SELECT 'account#' || unnest(kept.tags)) AS word (token) ON CONFLICT DO NOTHING
;;
ALTER TABLE accounts FORCE ROW LEVEL SECURITY
;;
CREATE OR REPLACE FUNCTION crm_words_of_contacts_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            INSERT INTO search_tokens (organization_id, object_id, token) SELECT added.organization_id, added.id, word.token
            FROM added CROSS JOIN LATERAL (SELECT 'contact/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', added.last_name, added.first_name, added.last_name_ar, added.first_name_ar, added.maiden_name), ARRAY(SELECT item->>'value' FROM jsonb_array_elements(added.emails) item), ARRAY(SELECT item->>'value' FROM jsonb_array_elements(added.phones) item), '{}'::text[])) AS word WHERE word <> '' UNION ALL SELECT 'contact=' || unnest(crm_names(added.name_folded)) UNION ALL SELECT 'contact=' || unnest(crm_names(added.name_ar_folded)) UNION ALL SELECT 'contact<' || unnest(crm_endings(ARRAY(SELECT item->>'value' FROM jsonb_array_elements(added.phones) item) || '{}'::text[])) UNION ALL SELECT 'contact#' || unnest(added.tags)) AS word (token)
            ON CONFLICT DO NOTHING;
            RETURN NULL; END $$
;;
CREATE OR REPLACE FUNCTION crm_words_of_contacts_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            DELETE FROM search_tokens kept USING ((SELECT 'contact/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', OLD.last_name, OLD.first_name, OLD.last_name_ar, OLD.first_name_ar, OLD.maiden_name), ARRAY(SELECT item->>'value' FROM jsonb_array_elements(OLD.emails) item), ARRAY(SELECT item->>'value' FROM jsonb_array_elements(OLD.phones) item), '{}'::text[])) AS word WHERE word <> '' UNION ALL SELECT 'contact=' || unnest(crm_names(OLD.name_folded)) UNION ALL SELECT 'contact=' || unnest(crm_names(OLD.name_ar_folded)) UNION ALL SELECT 'contact<' || unnest(crm_endings(ARRAY(SELECT item->>'value' FROM jsonb_array_elements(OLD.phones) item) || '{}'::text[])) UNION ALL SELECT 'contact#' || unnest(OLD.tags)) EXCEPT (SELECT 'contact/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', NEW.last_name, NEW.first_name, NEW.last_name_ar, NEW.first_name_ar, NEW.maiden_name), ARRAY(SELECT item->>'value' FROM jsonb_array_elements(NEW.emails) item), ARRAY(SELECT item->>'value' FROM jsonb_array_elements(NEW.phones) item), '{}'::text[])) AS word WHERE word <> '' UNION ALL SELECT 'contact=' || unnest(crm_names(NEW.name_folded)) UNION ALL SELECT 'contact=' || unnest(crm_names(NEW.name_ar_folded)) UNION ALL SELECT 'contact<' || unnest(crm_endings(ARRAY(SELECT item->>'value' FROM jsonb_array_elements(NEW.phones) item) || '{}'::text[])) UNION ALL SELECT 'contact#' || unnest(NEW.tags))) AS word (token)
            WHERE kept.organization_id = OLD.organization_id AND kept.object_id = OLD.id
                AND kept.token = word.token;
            INSERT INTO search_tokens (organization_id, object_id, token) SELECT NEW.organization_id, NEW.id, word.token FROM (SELECT 'contact/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', NEW.last_name, NEW.first_name, NEW.last_name_ar, NEW.first_name_ar, NEW.maiden_name), ARRAY(SELECT item->>'value' FROM jsonb_array_elements(NEW.emails) item), ARRAY(SELECT item->>'value' FROM jsonb_array_elements(NEW.phones) item), '{}'::text[])) AS word WHERE word <> '' UNION ALL SELECT 'contact=' || unnest(crm_names(NEW.name_folded)) UNION ALL SELECT 'contact=' || unnest(crm_names(NEW.name_ar_folded)) UNION ALL SELECT 'contact<' || unnest(crm_endings(ARRAY(SELECT item->>'value' FROM jsonb_array_elements(NEW.phones) item) || '{}'::text[])) UNION ALL SELECT 'contact#' || unnest(NEW.tags)) AS word (token)
            ON CONFLICT DO NOTHING;
            RETURN NULL; END $$
;;
ALTER TABLE contacts NO FORCE ROW LEVEL SECURITY
;;
INSERT INTO search_tokens (organization_id, object_id, token) SELECT kept.organization_id, kept.id, word.token FROM contacts kept CROSS JOIN LATERAL (SELECT 'contact/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', kept.last_name, kept.first_name, kept.last_name_ar, kept.first_name_ar, kept.maiden_name), ARRAY(SELECT item->>'value' FROM jsonb_array_elements(kept.emails) item), ARRAY(SELECT item->>'value' FROM jsonb_array_elements(kept.phones) item), '{}'::text[])) AS word WHERE word <> '' UNION ALL SELECT 'contact=' || unnest(crm_names(kept.name_folded)) UNION ALL SELECT 'contact=' || unnest(crm_names(kept.name_ar_folded)) UNION ALL SELECT 'contact<' || unnest(crm_endings(ARRAY(SELECT item->>'value' FROM jsonb_array_elements(kept.phones) item) || '{}'::text[])) UNION ALL SELECT 'contact#' || unnest(kept.tags)) AS word (token) ON CONFLICT DO NOTHING
;;
ALTER TABLE contacts FORCE ROW LEVEL SECURITY
;;
CREATE OR REPLACE FUNCTION crm_words_of_leads_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            INSERT INTO search_tokens (organization_id, object_id, token) SELECT added.organization_id, added.id, word.token
            FROM added CROSS JOIN LATERAL (SELECT 'lead/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', added.full_name, added.company_name, added.need), ARRAY[added.email]::text[], ARRAY[added.phone]::text[], ARRAY[added.number]::text[])) AS word WHERE word <> '' UNION ALL SELECT 'lead=' || unnest(crm_names(added.name_folded)) UNION ALL SELECT 'lead<' || unnest(crm_endings(ARRAY[added.phone]::text[] || ARRAY[added.number]::text[])) UNION ALL SELECT 'lead#' || unnest(added.tags)) AS word (token)
            ON CONFLICT DO NOTHING;
            RETURN NULL; END $$
;;
CREATE OR REPLACE FUNCTION crm_words_of_leads_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            DELETE FROM search_tokens kept USING ((SELECT 'lead/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', OLD.full_name, OLD.company_name, OLD.need), ARRAY[OLD.email]::text[], ARRAY[OLD.phone]::text[], ARRAY[OLD.number]::text[])) AS word WHERE word <> '' UNION ALL SELECT 'lead=' || unnest(crm_names(OLD.name_folded)) UNION ALL SELECT 'lead<' || unnest(crm_endings(ARRAY[OLD.phone]::text[] || ARRAY[OLD.number]::text[])) UNION ALL SELECT 'lead#' || unnest(OLD.tags)) EXCEPT (SELECT 'lead/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', NEW.full_name, NEW.company_name, NEW.need), ARRAY[NEW.email]::text[], ARRAY[NEW.phone]::text[], ARRAY[NEW.number]::text[])) AS word WHERE word <> '' UNION ALL SELECT 'lead=' || unnest(crm_names(NEW.name_folded)) UNION ALL SELECT 'lead<' || unnest(crm_endings(ARRAY[NEW.phone]::text[] || ARRAY[NEW.number]::text[])) UNION ALL SELECT 'lead#' || unnest(NEW.tags))) AS word (token)
            WHERE kept.organization_id = OLD.organization_id AND kept.object_id = OLD.id
                AND kept.token = word.token;
            INSERT INTO search_tokens (organization_id, object_id, token) SELECT NEW.organization_id, NEW.id, word.token FROM (SELECT 'lead/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', NEW.full_name, NEW.company_name, NEW.need), ARRAY[NEW.email]::text[], ARRAY[NEW.phone]::text[], ARRAY[NEW.number]::text[])) AS word WHERE word <> '' UNION ALL SELECT 'lead=' || unnest(crm_names(NEW.name_folded)) UNION ALL SELECT 'lead<' || unnest(crm_endings(ARRAY[NEW.phone]::text[] || ARRAY[NEW.number]::text[])) UNION ALL SELECT 'lead#' || unnest(NEW.tags)) AS word (token)
            ON CONFLICT DO NOTHING;
            RETURN NULL; END $$
;;
ALTER TABLE leads NO FORCE ROW LEVEL SECURITY
;;
INSERT INTO search_tokens (organization_id, object_id, token) SELECT kept.organization_id, kept.id, word.token FROM leads kept CROSS JOIN LATERAL (SELECT 'lead/' || left(word, 64) FROM unnest(crm_words(concat_ws(' ', kept.full_name, kept.company_name, kept.need), ARRAY[kept.email]::text[], ARRAY[kept.phone]::text[], ARRAY[kept.number]::text[])) AS word WHERE word <> '' UNION ALL SELECT 'lead=' || unnest(crm_names(kept.name_folded)) UNION ALL SELECT 'lead<' || unnest(crm_endings(ARRAY[kept.phone]::text[] || ARRAY[kept.number]::text[])) UNION ALL SELECT 'lead#' || unnest(kept.tags)) AS word (token) ON CONFLICT DO NOTHING
;;
ALTER TABLE leads FORCE ROW LEVEL SECURITY
;;
ALTER TABLE search_tokens FORCE ROW LEVEL SECURITY
;;
CREATE INDEX ix_accounts_creator ON accounts (organization_id, created_by_id)
;;
CREATE INDEX ix_contacts_creator ON contacts (organization_id, created_by_id)
;;
CREATE INDEX ix_leads_creator ON leads (organization_id, created_by_id)
;;
CREATE INDEX ix_leads_first_contact ON leads (organization_id, owner_user_id, first_contact_due_at, id) WHERE status IN ('new', 'assigned') AND deleted_at IS NULL
;;
CREATE INDEX ix_leads_call_again ON leads (organization_id, owner_user_id, nurture_until, id) WHERE status = 'nurturing' AND deleted_at IS NULL
;;
CREATE INDEX ix_opportunities_stagnating ON opportunities (organization_id, owner_user_id, stagnant_at, id) WHERE stagnant_at IS NOT NULL AND deleted_at IS NULL
;;
CREATE INDEX ix_opportunities_next_step ON opportunities (organization_id, owner_user_id, next_step_at, id) WHERE status = 'open' AND next_step_at IS NOT NULL AND deleted_at IS NULL
