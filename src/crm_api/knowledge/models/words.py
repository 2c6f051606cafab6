# ruff: noqa: S608 - the statements below are made of our own names
"""The words of published articles, so that they are found by any of them.

PostgreSQL's full text makes the stems (French, Arabic and English, of folded text), a trigger keeps one row
for each stem of an article. `@@` itself cannot be used: it is not leakproof, so under row-level security it
reaches no index. Of each stem we keep how much it says about the article, and how many articles have it.
"""

from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Ledger
from crm_api.core.words import SEPARATED

CONFIGURATIONS = {"fr": "french", "ar": "arabic", "en": "english"}
"""Of PostgreSQL's full text; its stemmer is called like it, with `_stem`."""
EVERY = ""
"""Stands among the stems for all articles of a language."""
_TITLE, _KEYWORD, _BODY = 3.0, 2.5, 1.0
"""How much one word there counts."""
_SATURATION, _USUAL = 1.2, 150
"""BM25: the tenth time a word stands there says little more; a long text says less by each of its words."""


class KbTerm(Ledger):
    """A stem of a live edition, and how much it says about it (0 to 2.2)."""

    __tablename__ = "kb_terms"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "article_id"],
            ["kb_articles.organization_id", "kb_articles.id"],
            name="fk_kb_terms_article",
        ),
    )

    language: Mapped[str] = mapped_column(primary_key=True)
    term: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)
    audience: Mapped[str] = mapped_column(primary_key=True)
    article_id: Mapped[UUID] = mapped_column(primary_key=True)
    weight: Mapped[float]


class KbWord(Ledger):
    """A stem, and how many live editions of that audience have it; the stem `EVERY` counts them all."""

    __tablename__ = "kb_words"

    language: Mapped[str] = mapped_column(primary_key=True)
    term: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)
    audience: Mapped[str] = mapped_column(primary_key=True)
    articles: Mapped[int]


_STEMS = f"""CREATE OR REPLACE FUNCTION crm_kb_terms(
    language text, title text, keywords text[], body text
) RETURNS TABLE (term text, weight real) LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    configuration regconfig := CASE language WHEN 'ar' THEN 'arabic' WHEN 'en' THEN 'english'
        ELSE 'french' END;
    words tsvector;
    size real;
BEGIN
    words := setweight(to_tsvector(configuration,
            regexp_replace(crm_fold(title), {SEPARATED}, ' ', 'g')), 'A')
        || setweight(to_tsvector(configuration,
            regexp_replace(crm_fold(array_to_string(keywords, ' ')), {SEPARATED}, ' ', 'g')), 'B')
        || to_tsvector(configuration, regexp_replace(crm_fold(body), {SEPARATED}, ' ', 'g'));
    size := 0.25 + 0.75 * length(words) / {_USUAL}.0;
    RETURN QUERY SELECT left(word.lexeme, 64),
            max((said.much * 2.2 / (said.much + {_SATURATION} * size))::real)
        FROM unnest(words) AS word
        CROSS JOIN LATERAL (
            SELECT sum(CASE sign WHEN 'A' THEN {_TITLE} WHEN 'B' THEN {_KEYWORD} ELSE {_BODY} END)
            FROM unnest(word.weights) AS sign
        ) AS said (much)
        GROUP BY left(word.lexeme, 64);
END $$"""


def triggers(table: str) -> tuple[str, ...]:
    """For `info["ddl"]`: an edition that goes live is indexed, one that no longer is leaves the index."""
    return (
        _STEMS,
        f"""CREATE OR REPLACE FUNCTION crm_words_of_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
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
                    AND (word.term = '{EVERY}' OR word.term IN (SELECT term FROM gone));
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
                FROM (SELECT term FROM come UNION ALL SELECT '{EVERY}') AS one
                ORDER BY one.term
                ON CONFLICT (organization_id, language, term, audience)
                DO UPDATE SET articles = word.articles + 1;
            END IF;
            RETURN NULL;
        END $$""",
        f"""CREATE TRIGGER words_kept AFTER INSERT OR DELETE OR UPDATE OF is_live ON {table}
        FOR EACH ROW EXECUTE FUNCTION crm_words_of_{table}()""",
    )
