"""Looks at the records that facts were written about since the last time; never at all pairs."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from crm_api.accounts.bulk import AccountBulk
from crm_api.contacts.duplicates import DuplicateFinder
from crm_api.core.context import Context
from crm_api.core.feed import read
from crm_api.duplicates.models import PairEntity
from crm_api.duplicates.repository import DuplicateRepository, Found
from crm_api.kit.matching import PROBABLE_FROM
from crm_api.leads.bulk import LeadBulk

FACTS = tuple(f"{entity}.{fact}" for entity in PairEntity for fact in ("created", "updated", "restored"))
AT_ONCE = 500
MOST_PAGES = 100
"""Facts that one run looks at, five hundred a page: the next run goes on from there."""
Alike = Sequence[tuple[UUID, int, Sequence[str]]]


async def find_new_pairs(ctx: Context) -> None:
    pairs = DuplicateRepository(ctx)
    cursor = await pairs.scanned()
    for _ in range(MOST_PAGES):
        found = await read(ctx, cursor, FACTS, AT_ONCE)
        cursor = found.cursor
        for entity in PairEntity:
            ids = {fact.object_id for fact in found.facts if fact.object_type == entity}
            if ids:
                await pairs.put(entity, _pairs(await _alike(ctx, entity, sorted(ids))))
        if not found.has_more:
            break
    if cursor is not None:
        await pairs.scanned_to(cursor)


async def _alike(ctx: Context, entity: PairEntity, ids: Sequence[UUID]) -> Mapping[UUID, Alike]:
    if entity is PairEntity.LEAD:
        return await LeadBulk(ctx).alike_to(ids)
    if entity is PairEntity.CONTACT:
        return await DuplicateFinder(ctx).alike_to(ids)
    return await AccountBulk(ctx).alike_to(ids)


def _pairs(alike: Mapping[UUID, Alike]) -> list[Found]:
    """Each pair once, the smaller id first."""
    found: dict[tuple[UUID, UUID], Found] = {}
    for id, others in alike.items():
        for other, score, reasons in _probable(others):
            if other != id:
                first, second = sorted((id, other))
                found[first, second] = first, second, score, reasons
    return [*found.values()]


def _probable(others: Alike) -> Iterable[tuple[UUID, int, Sequence[str]]]:
    return (other for other in others if other[1] >= PROBABLE_FROM)
