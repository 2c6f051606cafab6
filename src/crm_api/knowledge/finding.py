"""Which published articles answer a question, and how sure that is.

BM25 over the stems of live editions. How sure: what the best article covers of all that the question says,
each word by how rare it is. A word that stands in no article at all counts as the rarest: a question about
drones is not answered with an article on cars because it says `assurer`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import log
from uuid import UUID

from crm_api.core.context import Context
from crm_api.knowledge.asking import Asked, asked, best_paragraph, neighbour
from crm_api.knowledge.models.article import KbAudience, KbLanguage
from crm_api.knowledge.repository.finding import FindingRepository, Found, Known
from crm_api.knowledge.schemas.reading import KbHit

SYNONYM, SLIP = 0.75, 0.7
"""What another word for it, and a word typed wrong, are worth beside the word itself."""
UNHEARD = 1.6
"""What a word that stands in no article is worth, beside one that stands in a single one."""
SHORTEST_SLIP = 5
"""Letters of a word that may be typed wrong."""
ENOUGH = 4000
"""Entries of the index that one search reads at most, from the rarest word on: what is frequent beyond that
hardly tells one article from another."""
LONGEST_SNIPPET = 380


@dataclass(frozen=True, slots=True)
class Finding:
    """What was asked, and what was found, the best first."""

    asked: Asked
    hits: list[KbHit]
    bodies: Mapping[UUID, str] = field(default_factory=dict)
    """Article -> the beginning of its text."""

    @property
    def confidence(self) -> float:
        return self.hits[0].confidence if self.hits else 0.0


def audiences_of(ctx: Context) -> list[str]:
    """The staff reads everything; a program (the insurer's site, a partner) what is public."""
    if ctx.principal.kind in ("user", "system"):
        return [str(audience) for audience in KbAudience]
    return [str(KbAudience.PUBLIC)]


class Finder:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.statements = FindingRepository(ctx)

    async def find(
        self,
        text: str,
        language: KbLanguage | None = None,
        most: int = 10,
        audiences: Sequence[str] | None = None,
    ) -> Finding:
        """Three statements at most, all of them reads."""
        question, may = asked(text, language), audiences or audiences_of(self.ctx)
        if not question.words:
            return Finding(question, [])
        every, known = await self.statements.known(question.language, question.words, may)
        if not every:
            return Finding(question, [])
        known += await self._slips(question, known, may)
        terms, all_said = _weighed(question, known, every)
        if not terms:
            return Finding(question, [])
        rows = await self.statements.ranked(question.language, terms, may, most)
        hits = [_hit(row, question, all_said) for row in rows]
        return Finding(question, hits, {row.article_id: row.body for row in rows})

    async def _slips(self, question: Asked, known: Sequence[Known], may: Sequence[str]) -> list[Known]:
        """For words that stand nowhere: the stem that was probably meant."""
        met = {row.at for row in known if row.articles}
        lost = [row for row in known if row.at not in met and row.variant == question.words[row.at][0]]
        lost = [row for row in lost if len(row.variant) >= SHORTEST_SLIP]
        if not lost:
            return []
        starts = sorted({row.term[:2] for row in lost})
        near = await self.statements.neighbours(question.language, starts, may)
        found = []
        for row in lost:
            alike = {term: count for term, count in near.items() if term.startswith(row.term[:2])}
            meant = neighbour(row.term, alike)
            if meant is not None:
                found.append(Known(row.at, "", meant, alike[meant]))
        return found


def _weighed(
    question: Asked, known: Sequence[Known], every: int
) -> tuple[list[tuple[int, str, float]], float]:
    """What to look up (number of the word, stem, worth), and what all words together are worth.

    A word and what others say for it are one: as rare as the most frequent of them.
    """
    by_word: dict[int, list[Known]] = {}
    for row in known:
        by_word.setdefault(row.at, []).append(row)
    look_up: dict[int, list[tuple[str, float, int]]] = {}
    all_said = 0.0
    for at, rows in by_word.items():
        frequent = max(row.articles for row in rows)
        if not frequent:
            all_said += UNHEARD * _rarity(1, every)
            continue
        worth = _rarity(frequent, every)
        all_said += worth
        found = [row for row in rows if row.articles]
        look_up[at] = [(row.term, worth * _factor(row, question), row.articles) for row in found]
    return _affordable(look_up), all_said


def _factor(row: Known, question: Asked) -> float:
    if row.variant == question.words[row.at][0]:
        return 1.0
    return SYNONYM if row.variant else SLIP


def _affordable(by_word: dict[int, list[tuple[str, float, int]]]) -> list[tuple[int, str, float]]:
    terms = sorted(
        ((count, at, term, worth) for at, found in by_word.items() for term, worth, count in found)
    )
    chosen: list[tuple[int, str, float]] = []
    read = 0
    for count, at, term, worth in terms:
        read += count
        if chosen and read > ENOUGH:
            break
        chosen.append((at, term, worth))
    return chosen


def _rarity(articles: int, every: int) -> float:
    """BM25's inverse document frequency."""
    return log(1 + (every - articles + 0.5) / (articles + 0.5)) if every >= articles else 0.0


def _hit(row: Found, question: Asked, all_said: float) -> KbHit:
    return KbHit(
        article_id=row.article_id,
        slug=row.slug,
        language=KbLanguage(row.language),
        title=row.title,
        category=row.category,
        audience=KbAudience(row.audience),
        number=row.number,
        snippet=best_paragraph(row.body, question.words, LONGEST_SNIPPET),
        score=round(row.score, 3),
        confidence=round(min(1.0, row.covered / all_said), 3) if all_said else 0.0,
    )
