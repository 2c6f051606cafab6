CREATE TABLE auto_replies (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    name TEXT NOT NULL,
    trigger VARCHAR(40) NOT NULL,
    is_active BOOLEAN DEFAULT true NOT NULL,
    position INTEGER DEFAULT '100' NOT NULL,
    keywords TEXT[] DEFAULT '{}' NOT NULL,
    conditions JSONB DEFAULT '{}' NOT NULL,
    body_fr TEXT NOT NULL,
    body_ar TEXT,
    cooldown_hours INTEGER DEFAULT '24' NOT NULL,
    sent_count INTEGER DEFAULT '0' NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_auto_replies PRIMARY KEY (organization_id, id),
    CONSTRAINT ck_auto_replies_cooldown CHECK (cooldown_hours BETWEEN 1 AND 720),
    CONSTRAINT ck_auto_replies_position_bounds CHECK (position BETWEEN 0 AND 1000),
    CONSTRAINT ck_auto_replies_keyword_named CHECK (trigger <> 'keyword' OR cardinality(keywords) > 0),
    CONSTRAINT ck_auto_replies_name_length CHECK (char_length(name) <= 120),
    CONSTRAINT ck_auto_replies_body_fr_length CHECK (char_length(body_fr) <= 10000),
    CONSTRAINT ck_auto_replies_body_ar_length CHECK (char_length(body_ar) <= 10000),
    CONSTRAINT ck_auto_replies_trigger_known CHECK (trigger IN ('ticket_created', 'out_of_hours', 'keyword'))
)
;;
CREATE INDEX ix_auto_replies_newest ON auto_replies (organization_id, created_at, id)
;;
CREATE INDEX ix_auto_replies_order ON auto_replies (organization_id, position, id)
;;
ALTER TABLE auto_replies ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE auto_replies FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON auto_replies
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON auto_replies TO crm_app
;;
CREATE TABLE kb_words (
    organization_id UUID NOT NULL,
    language TEXT NOT NULL,
    term TEXT COLLATE "C" NOT NULL,
    audience TEXT NOT NULL,
    articles INTEGER NOT NULL,
    CONSTRAINT pk_kb_words PRIMARY KEY (organization_id, language, term, audience)
)
;;
ALTER TABLE kb_words ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE kb_words FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON kb_words
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON kb_words TO crm_app
;;
CREATE TABLE auto_reply_sendings (
    organization_id UUID NOT NULL,
    auto_reply_id UUID NOT NULL,
    requester BYTEA NOT NULL,
    sent_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_auto_reply_sendings PRIMARY KEY (organization_id, auto_reply_id, requester),
    CONSTRAINT fk_auto_reply_sendings_reply FOREIGN KEY(organization_id, auto_reply_id) REFERENCES auto_replies (organization_id, id) ON DELETE CASCADE
)
;;
ALTER TABLE auto_reply_sendings ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE auto_reply_sendings FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON auto_reply_sendings
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON auto_reply_sendings TO crm_app
;;
CREATE TABLE canned_responses (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    title TEXT NOT NULL,
    body_fr TEXT NOT NULL,
    body_ar TEXT,
    category TEXT NOT NULL,
    scope VARCHAR(40) NOT NULL,
    owner_id UUID,
    agency_id UUID,
    usage_count INTEGER DEFAULT '0' NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    deleted_at TIMESTAMP(3) WITH TIME ZONE,
    deleted_by_id UUID,
    CONSTRAINT pk_canned_responses PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_canned_responses_owner FOREIGN KEY(organization_id, owner_id) REFERENCES users (organization_id, id),
    CONSTRAINT fk_canned_responses_agency FOREIGN KEY(organization_id, agency_id) REFERENCES agencies (organization_id, id),
    CONSTRAINT ck_canned_responses_team_of_an_agency CHECK ((scope = 'team') = (agency_id IS NOT NULL)),
    CONSTRAINT ck_canned_responses_personal_of_somebody CHECK (scope <> 'personal' OR owner_id IS NOT NULL),
    CONSTRAINT ck_canned_responses_title_length CHECK (char_length(title) <= 120),
    CONSTRAINT ck_canned_responses_body_fr_length CHECK (char_length(body_fr) <= 10000),
    CONSTRAINT ck_canned_responses_body_ar_length CHECK (char_length(body_ar) <= 10000),
    CONSTRAINT ck_canned_responses_category_length CHECK (char_length(category) <= 60),
    CONSTRAINT ck_canned_responses_scope_known CHECK (scope IN ('personal', 'team', 'all'))
)
;;
CREATE INDEX ix_canned_responses_newest ON canned_responses (organization_id, created_at, id)
;;
CREATE INDEX ix_canned_responses_title ON canned_responses (organization_id, title, id)
;;
CREATE INDEX ix_canned_responses_usage ON canned_responses (organization_id, usage_count, id)
;;
ALTER TABLE canned_responses ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE canned_responses FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON canned_responses
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON canned_responses TO crm_app
;;
CREATE TABLE kb_articles (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    family_id UUID NOT NULL,
    slug TEXT NOT NULL,
    language VARCHAR(40) NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    keywords TEXT[] DEFAULT '{}' NOT NULL,
    category TEXT NOT NULL,
    audience VARCHAR(40) NOT NULL,
    status VARCHAR(40) NOT NULL,
    owner_id UUID,
    review_due_on DATE,
    review_told_on DATE,
    edition INTEGER DEFAULT '0' NOT NULL,
    live_edition INTEGER,
    published_at TIMESTAMP(3) WITH TIME ZONE,
    send_back_reason TEXT,
    helpful INTEGER DEFAULT '0' NOT NULL,
    not_helpful INTEGER DEFAULT '0' NOT NULL,
    tags TEXT[] DEFAULT '{}' NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_kb_articles PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_kb_articles_owner FOREIGN KEY(organization_id, owner_id) REFERENCES users (organization_id, id),
    CONSTRAINT ck_kb_articles_counts CHECK (edition >= 0 AND helpful >= 0 AND not_helpful >= 0),
    CONSTRAINT ck_kb_articles_slug_length CHECK (char_length(slug) <= 120),
    CONSTRAINT ck_kb_articles_title_length CHECK (char_length(title) <= 200),
    CONSTRAINT ck_kb_articles_body_length CHECK (char_length(body) <= 40000),
    CONSTRAINT ck_kb_articles_category_length CHECK (char_length(category) <= 60),
    CONSTRAINT ck_kb_articles_language_known CHECK (language IN ('fr', 'ar', 'en')),
    CONSTRAINT ck_kb_articles_audience_known CHECK (audience IN ('public', 'portal', 'internal')),
    CONSTRAINT ck_kb_articles_status_known CHECK (status IN ('draft', 'in_review', 'published', 'archived'))
)
;;
CREATE INDEX ix_kb_articles_newest ON kb_articles (organization_id, created_at, id)
;;
CREATE INDEX ix_kb_articles_owner ON kb_articles (organization_id, owner_id, created_at, id)
;;
CREATE INDEX ix_kb_articles_review ON kb_articles (organization_id, review_due_on, id)
;;
CREATE INDEX ix_kb_articles_status ON kb_articles (organization_id, status, created_at, id)
;;
CREATE UNIQUE INDEX uq_kb_articles_family ON kb_articles (organization_id, family_id, language)
;;
CREATE UNIQUE INDEX uq_kb_articles_slug ON kb_articles (organization_id, language, slug)
;;
ALTER TABLE kb_articles ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE kb_articles FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON kb_articles
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON kb_articles TO crm_app
;;
CREATE TABLE kb_editions (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    article_id UUID NOT NULL,
    number INTEGER NOT NULL,
    family_id UUID NOT NULL,
    slug TEXT NOT NULL,
    language VARCHAR(40) NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    keywords TEXT[] DEFAULT '{}' NOT NULL,
    category TEXT NOT NULL,
    audience VARCHAR(40) NOT NULL,
    review_due_on DATE,
    is_live BOOLEAN NOT NULL,
    approved_by_id UUID,
    tags TEXT[] DEFAULT '{}' NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_kb_editions PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_kb_editions_article FOREIGN KEY(organization_id, article_id) REFERENCES kb_articles (organization_id, id),
    CONSTRAINT ck_kb_editions_body_length CHECK (char_length(body) <= 40000),
    CONSTRAINT ck_kb_editions_language_known CHECK (language IN ('fr', 'ar', 'en')),
    CONSTRAINT ck_kb_editions_audience_known CHECK (audience IN ('public', 'portal', 'internal'))
)
;;
CREATE INDEX ix_kb_editions_category ON kb_editions (organization_id, category, created_at, id) WHERE is_live
;;
CREATE INDEX ix_kb_editions_family ON kb_editions (organization_id, family_id) WHERE is_live
;;
CREATE INDEX ix_kb_editions_newest ON kb_editions (organization_id, created_at, id) WHERE is_live
;;
CREATE UNIQUE INDEX uq_kb_editions_address ON kb_editions (organization_id, language, slug) WHERE is_live
;;
CREATE UNIQUE INDEX uq_kb_editions_live ON kb_editions (organization_id, article_id) WHERE is_live
;;
CREATE UNIQUE INDEX uq_kb_editions_number ON kb_editions (organization_id, article_id, number)
;;
ALTER TABLE kb_editions ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE kb_editions FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON kb_editions
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON kb_editions TO crm_app
;;
CREATE OR REPLACE FUNCTION crm_kb_terms(
    language text, title text, keywords text[], body text
) RETURNS TABLE (term text, weight real) LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    configuration regconfig := CASE language WHEN 'ar' THEN 'arabic' WHEN 'en' THEN 'english'
        ELSE 'french' END;
    words tsvector;
    size real;
BEGIN
    words := setweight(to_tsvector(configuration,
            regexp_replace(crm_fold(title), U&'[\0001-\002F\003A-\0040\005B-\0060\007B-\00BF\2000-\206F\060C\061B\061F\066B-\066D]+', ' ', 'g')), 'A')
        || setweight(to_tsvector(configuration,
            regexp_replace(crm_fold(array_to_string(keywords, ' ')), U&'[\0001-\002F\003A-\0040\005B-\0060\007B-\00BF\2000-\206F\060C\061B\061F\066B-\066D]+', ' ', 'g')), 'B')
        || to_tsvector(configuration, regexp_replace(crm_fold(body), U&'[\0001-\002F\003A-\0040\005B-\0060\007B-\00BF\2000-\206F\060C\061B\061F\066B-\066D]+', ' ', 'g'));
    size := 0.25 + 0.75 * length(words) / 150.0;
    RETURN QUERY SELECT left(word.lexeme, 64),
            max((said.much * 2.2 / (said.much + 1.2 * size))::real)
        FROM unnest(words) AS word
        CROSS JOIN LATERAL (
            SELECT sum(CASE sign WHEN 'A' THEN 3.0 WHEN 'B' THEN 2.5 ELSE 1.0 END)
            FROM unnest(word.weights) AS sign
        ) AS said (much)
        GROUP BY left(word.lexeme, 64);
END $$
;;
CREATE OR REPLACE FUNCTION crm_words_of_kb_editions() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE off kb_editions; on_ kb_editions;
        BEGIN
            IF TG_OP <> 'INSERT' THEN off := OLD; END IF;
            IF TG_OP <> 'DELETE' THEN on_ := NEW; END IF;
            PERFORM pg_advisory_xact_lock(hashtext('kb_words'),
                hashtext(coalesce(on_.organization_id, off.organization_id)::text));
            IF off.is_live THEN
                WITH gone AS (
                    DELETE FROM kb_terms kept WHERE kept.organization_id = off.organization_id
                        AND kept.language = off.language AND kept.article_id = off.article_id
                        AND kept.term IN (
                            SELECT found.term
                            FROM crm_kb_terms(off.language, off.title, off.keywords, off.body) AS found)
                    RETURNING kept.term
                )
                UPDATE kb_words word SET articles = word.articles - 1
                WHERE word.organization_id = off.organization_id AND word.language = off.language
                    AND word.audience = off.audience
                    AND (word.term = '' OR word.term IN (SELECT term FROM gone));
            END IF;
            IF on_.is_live THEN
                WITH come AS (
                    INSERT INTO kb_terms (organization_id, language, term, audience, article_id, weight)
                    SELECT on_.organization_id, on_.language, found.term, on_.audience, on_.article_id,
                        found.weight
                    FROM crm_kb_terms(on_.language, on_.title, on_.keywords, on_.body) AS found
                    RETURNING term
                )
                INSERT INTO kb_words AS word (organization_id, language, term, audience, articles)
                SELECT on_.organization_id, on_.language, one.term, on_.audience, 1
                FROM (SELECT term FROM come UNION ALL SELECT '') AS one
                ORDER BY one.term
                ON CONFLICT (organization_id, language, term, audience)
                DO UPDATE SET articles = word.articles + 1;
            END IF;
            RETURN NULL;
        END $$
;;
CREATE TRIGGER words_kept AFTER INSERT OR DELETE OR UPDATE OF is_live ON kb_editions
        FOR EACH ROW EXECUTE FUNCTION crm_words_of_kb_editions()
;;
CREATE TABLE kb_gaps (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    language VARCHAR(40) NOT NULL,
    key TEXT NOT NULL,
    question TEXT NOT NULL,
    source VARCHAR(40) NOT NULL,
    status VARCHAR(40) DEFAULT 'open' NOT NULL,
    times INTEGER DEFAULT '1' NOT NULL,
    last_asked_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    article_id UUID,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_kb_gaps PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_kb_gaps_article FOREIGN KEY(organization_id, article_id) REFERENCES kb_articles (organization_id, id),
    CONSTRAINT ck_kb_gaps_asked CHECK (times >= 1),
    CONSTRAINT ck_kb_gaps_question_length CHECK (char_length(question) <= 300),
    CONSTRAINT ck_kb_gaps_language_known CHECK (language IN ('fr', 'ar', 'en')),
    CONSTRAINT ck_kb_gaps_source_known CHECK (source IN ('assistant', 'suggestion', 'colleague')),
    CONSTRAINT ck_kb_gaps_status_known CHECK (status IN ('open', 'answered', 'dismissed'))
)
;;
CREATE INDEX ix_kb_gaps_lately ON kb_gaps (organization_id, status, last_asked_at, id)
;;
CREATE INDEX ix_kb_gaps_often ON kb_gaps (organization_id, status, times, id)
;;
CREATE UNIQUE INDEX uq_kb_gaps_key ON kb_gaps (organization_id, language, key)
;;
ALTER TABLE kb_gaps ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE kb_gaps FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON kb_gaps
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON kb_gaps TO crm_app
;;
CREATE TABLE kb_terms (
    organization_id UUID NOT NULL,
    language TEXT NOT NULL,
    term TEXT COLLATE "C" NOT NULL,
    audience TEXT NOT NULL,
    article_id UUID NOT NULL,
    weight DOUBLE PRECISION NOT NULL,
    CONSTRAINT pk_kb_terms PRIMARY KEY (organization_id, language, term, audience, article_id),
    CONSTRAINT fk_kb_terms_article FOREIGN KEY(organization_id, article_id) REFERENCES kb_articles (organization_id, id)
)
;;
ALTER TABLE kb_terms ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE kb_terms FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON kb_terms
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON kb_terms TO crm_app
;;
CREATE TABLE kb_votes (
    organization_id UUID NOT NULL,
    article_id UUID NOT NULL,
    voter TEXT NOT NULL,
    is_helpful BOOLEAN NOT NULL,
    voted_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_kb_votes PRIMARY KEY (organization_id, article_id, voter),
    CONSTRAINT fk_kb_votes_article FOREIGN KEY(organization_id, article_id) REFERENCES kb_articles (organization_id, id)
)
;;
ALTER TABLE kb_votes ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE kb_votes FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON kb_votes
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON kb_votes TO crm_app
;;
CREATE TABLE assistant_sessions (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    channel TEXT NOT NULL,
    visitor TEXT,
    language VARCHAR(40) NOT NULL,
    status VARCHAR(40) NOT NULL,
    agency_id UUID,
    contact_id UUID,
    contact_name TEXT,
    contact_phone TEXT,
    contact_email TEXT,
    turn_count INTEGER DEFAULT '0' NOT NULL,
    unsure_count INTEGER DEFAULT '0' NOT NULL,
    answered_count INTEGER DEFAULT '0' NOT NULL,
    last_turn_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    hand_over_reason VARCHAR(40),
    handed_over_at TIMESTAMP(3) WITH TIME ZONE,
    resolved BOOLEAN,
    ticket_id UUID,
    ticket_at TIMESTAMP(3) WITH TIME ZONE,
    version INTEGER NOT NULL,
    created_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP(3) WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_by_id UUID,
    updated_by_id UUID,
    CONSTRAINT pk_assistant_sessions PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_assistant_sessions_ticket FOREIGN KEY(organization_id, ticket_id) REFERENCES tickets (organization_id, id),
    CONSTRAINT fk_assistant_sessions_agency FOREIGN KEY(organization_id, agency_id) REFERENCES agencies (organization_id, id),
    CONSTRAINT fk_assistant_sessions_contact FOREIGN KEY(organization_id, contact_id) REFERENCES contacts (organization_id, id),
    CONSTRAINT ck_assistant_sessions_turns CHECK (turn_count BETWEEN 0 AND 60),
    CONSTRAINT ck_assistant_sessions_handed_over_why CHECK ((handed_over_at IS NULL) = (hand_over_reason IS NULL)),
    CONSTRAINT ck_assistant_sessions_channel_length CHECK (char_length(channel) <= 40),
    CONSTRAINT ck_assistant_sessions_visitor_length CHECK (char_length(visitor) <= 64),
    CONSTRAINT ck_assistant_sessions_language_known CHECK (language IN ('fr', 'ar', 'en')),
    CONSTRAINT ck_assistant_sessions_status_known CHECK (status IN ('open', 'handed_over', 'closed')),
    CONSTRAINT ck_assistant_sessions_hand_over_reason_known CHECK (hand_over_reason IN ('asked_for', 'complaint', 'injury_or_death', 'not_understood'))
)
;;
CREATE INDEX ix_assistant_sessions_asker ON assistant_sessions (organization_id, created_by_id, created_at, id)
;;
CREATE INDEX ix_assistant_sessions_contact ON assistant_sessions (organization_id, contact_id, last_turn_at) WHERE contact_id IS NOT NULL
;;
CREATE INDEX ix_assistant_sessions_newest ON assistant_sessions (organization_id, created_at, id)
;;
CREATE INDEX ix_assistant_sessions_status ON assistant_sessions (organization_id, status, created_at, id)
;;
CREATE INDEX ix_assistant_sessions_ticket ON assistant_sessions (organization_id, ticket_id) WHERE ticket_id IS NOT NULL
;;
ALTER TABLE assistant_sessions ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE assistant_sessions FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON assistant_sessions
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON assistant_sessions TO crm_app
;;
CREATE TABLE assistant_turns (
    organization_id UUID NOT NULL,
    session_id UUID NOT NULL,
    number INTEGER NOT NULL,
    kind VARCHAR(40) NOT NULL,
    question TEXT NOT NULL,
    answer TEXT NOT NULL,
    confidence DOUBLE PRECISION NOT NULL,
    sources JSONB DEFAULT '[]' NOT NULL,
    is_rephrased BOOLEAN DEFAULT false NOT NULL,
    said_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_assistant_turns PRIMARY KEY (organization_id, session_id, number),
    CONSTRAINT fk_assistant_turns_session FOREIGN KEY(organization_id, session_id) REFERENCES assistant_sessions (organization_id, id),
    CONSTRAINT ck_assistant_turns_question_length CHECK (char_length(question) <= 1000),
    CONSTRAINT ck_assistant_turns_answer_length CHECK (char_length(answer) <= 4000),
    CONSTRAINT ck_assistant_turns_kind_known CHECK (kind IN ('answer', 'no_answer', 'refusal', 'hand_over', 'greeting'))
)
;;
ALTER TABLE assistant_turns ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE assistant_turns FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_organization ON assistant_turns
    USING (organization_id = (SELECT crm_organization())) WITH CHECK (organization_id = (SELECT crm_organization()))
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON assistant_turns TO crm_app
