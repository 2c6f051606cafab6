from collections.abc import Iterable
from itertools import groupby

from crm_api.core.context import Context
from crm_api.kit.errors import InsufficientScope
from crm_api.kit.text import fold
from crm_api.search.asked import Asked, asked
from crm_api.search.judging import judged
from crm_api.search.kinds import KINDS, NAME, NUMBER
from crm_api.search.repository import Found, SearchRepository
from crm_api.search.schemas import SearchAnswer, SearchGroup, SearchHit, SearchQuery


class SearchService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.objects = SearchRepository(ctx)

    async def search(self, query: SearchQuery) -> SearchAnswer:
        """Raises InsufficientScope for a kind that is asked for and may not be read, ValidationFailed."""
        what, kinds = asked(query.q), self._kinds(query.types)
        if not (what.words and kinds):
            return SearchAnswer(data=[])
        found = await self._found(what, kinds, query.limit + 1)
        found.sort(key=lambda one: kinds.index(one.kind))
        by_kind = groupby(found, key=lambda one: one.kind)
        groups = [_group(kind, what, hits, query.limit) for kind, hits in by_kind]
        return SearchAnswer(data=sorted(groups, key=lambda group: -group.hits[0].score))

    def _kinds(self, wanted: Iterable[str]) -> list[str]:
        held = self.ctx.principal.scopes
        missing = {KINDS[kind].scope for kind in wanted} - held
        if missing:
            raise InsufficientScope(required_scopes=sorted(missing))
        return [kind for kind in KINDS if KINDS[kind].scope in held and kind in (wanted or KINDS)]

    async def _found(self, what: Asked, kinds: list[str], most: int) -> list[Found]:
        """One statement, and one more for each kind in which the short way does not lead far enough."""
        found, cut = await self.objects.find(what, kinds, most)
        for kind in kinds:
            if kind in cut:
                near = [one for one in found if one.kind == kind]
                known = {one.id for one in near}
                far = await self.objects.find_all(what, kind, most)
                found += [one for one in far if one.id not in known]
        return found


def _group(kind: str, what: Asked, found: Iterable[Found], most: int) -> SearchGroup:
    hits = sorted((_hit(kind, what, one) for one in found), key=lambda hit: (-hit.score, fold(hit.title)))
    return SearchGroup.model_validate({"type": kind, "has_more": len(hits) > most, "hits": hits[:most]})


def _hit(kind: str, what: Asked, found: Found) -> SearchHit:
    verdict = judged(what, found.shown)
    return SearchHit.model_validate(
        {
            "type": kind,
            "id": found.id,
            "title": found.shown[NAME][:200],
            "number": found.shown.get(NUMBER),
            "matched": verdict.matched,
            "snippet": verdict.snippet,
            "score": verdict.score,
        }
    )
