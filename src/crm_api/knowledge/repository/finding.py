"""The statements of the search: how frequent the words are, and which articles have them."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Float, Integer, Text, TextClause, Uuid, bindparam, text

from crm_api.core.context import Context
from crm_api.core.statements import compiled
from crm_api.knowledge.models.article import KbLanguage
from crm_api.knowledge.models.words import CONFIGURATIONS, EVERY

MOST_NEIGHBOURS = 2000
LONGEST_SHOWN = 6000
"""Characters of a body that are looked at for its best paragraph."""
_LAST = "\U0010ffff"
"""Greater than any text that begins alike."""
_TYPES: dict[str, Any] = {
    "organization_id": Uuid(),
    "language": Text(),
    "audiences": ARRAY(Text()),
    "ats": ARRAY(Integer()),
    "variants": ARRAY(Text()),
    "terms": ARRAY(Text()),
    "worths": ARRAY(Float()),
    "starts": ARRAY(Text()),
    "ends": ARRAY(Text()),
    "most": Integer(),
}
_KNOWN = f"""SELECT said.at, said.variant, said.term, coalesce(sum(word.articles), 0)::int
FROM (
    SELECT given.at, given.variant, CASE WHEN given.variant = '{EVERY}' THEN '{EVERY}'
        ELSE (ts_lexize('%s_stem', given.variant))[1] END AS term
    FROM unnest(:ats, :variants) AS given (at, variant) OFFSET 0
) said
LEFT JOIN kb_words word ON word.organization_id = :organization_id AND word.language = :language
    AND word.term = said.term AND word.audience = ANY(:audiences)
WHERE said.term IS NOT NULL
GROUP BY said.at, said.variant, said.term"""  # noqa: S608 - constants
_NEIGHBOURS = f"""SELECT word.term, sum(word.articles)::int
FROM (SELECT start, ending FROM unnest(:starts, :ends) AS given (start, ending) OFFSET 0) near
JOIN kb_words word ON word.organization_id = :organization_id AND word.language = :language
    AND word.term >= near.start AND word.term < near.ending
WHERE word.audience = ANY(:audiences) AND word.articles > 0
GROUP BY word.term LIMIT {MOST_NEIGHBOURS}"""  # noqa: S608 - constants
_RANKED = f"""SELECT edition.article_id, edition.slug, edition.language, edition.title, edition.category,
    edition.audience, edition.number, left(edition.body, {LONGEST_SHOWN}), hit.score, hit.covered
FROM (
    SELECT best.article_id, sum(best.score) AS score, sum(best.covered) AS covered
    FROM (
        SELECT kept.article_id, given.at, max(kept.weight * given.worth) AS score,
            max(least(kept.weight, 1.0) * given.worth) AS covered
        FROM unnest(:ats, :terms, :worths) AS given (at, term, worth)
        JOIN kb_terms kept ON kept.organization_id = :organization_id AND kept.language = :language
            AND kept.term = given.term AND kept.audience = ANY(:audiences)
        GROUP BY kept.article_id, given.at
    ) best
    GROUP BY best.article_id ORDER BY score DESC, best.article_id LIMIT :most
) hit
JOIN kb_editions edition ON edition.organization_id = :organization_id
    AND edition.article_id = hit.article_id AND edition.is_live
ORDER BY hit.score DESC, hit.article_id"""  # noqa: S608 - constants


class Known(NamedTuple):
    """A word or what others say for it: its stem, and how many articles have that."""

    at: int
    variant: str
    term: str
    articles: int


class Found(NamedTuple):
    """A live edition that has some of the words."""

    article_id: UUID
    slug: str
    language: str
    title: str
    category: str
    audience: str
    number: int
    body: str
    score: float
    covered: float


class FindingRepository:
    """Not of one entity: of the words beside live editions."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def known(
        self, language: KbLanguage, words: Sequence[Sequence[str]], audiences: Sequence[str]
    ) -> tuple[int, list[Known]]:
        """How many articles there are, and each variant of each word."""
        given = [(at, variant) for at, word in enumerate(words) for variant in word] + [(-1, EVERY)]
        sql = _KNOWN % CONFIGURATIONS[language]
        values = {
            "language": str(language),
            "audiences": list(audiences),
            "ats": [at for at, _ in given],
            "variants": [variant for _, variant in given],
        }
        rows = [Known(*row) for row in await self._rows(("kb known", language), sql, values)]
        every = next((row.articles for row in rows if row.at == -1), 0)
        return every, [row for row in rows if row.at != -1]

    async def neighbours(
        self, language: KbLanguage, starts: Sequence[str], audiences: Sequence[str]
    ) -> dict[str, int]:
        """The stems that begin with one of `starts`, and how many articles have them."""
        values = {
            "language": str(language),
            "audiences": list(audiences),
            "starts": list(starts),
            "ends": [start + _LAST for start in starts],
        }
        return {row[0]: row[1] for row in await self._rows("kb neighbours", _NEIGHBOURS, values)}

    async def ranked(
        self,
        language: KbLanguage,
        terms: Sequence[tuple[int, str, float]],
        audiences: Sequence[str],
        most: int,
    ) -> list[Found]:
        """The articles that have the terms (number of the word, stem, worth), the best first."""
        values = {
            "language": str(language),
            "audiences": list(audiences),
            "ats": [at for at, _, _ in terms],
            "terms": [term for _, term, _ in terms],
            "worths": [worth for _, _, worth in terms],
            "most": most,
        }
        return [Found(*row) for row in await self._rows("kb ranked", _RANKED, values)]

    async def _rows(self, shape: Any, sql: str, values: dict[str, Any]) -> Sequence[Sequence[Any]]:
        return await self.ctx.fetch(compiled(shape, lambda: _typed(sql)), values)


def _typed(sql: str) -> TextClause:
    statement = text(sql)
    names = [name for name in _TYPES if f":{name}" in sql]
    return statement.bindparams(*(bindparam(name, type_=_TYPES[name]) for name in names))
