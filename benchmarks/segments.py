"""`python -m benchmarks.segments [people]`: counts, buildings and upkeep (100,000 people unless told).

Ten segments are kept. Then 20,000 people change (half in their own row, half in a contract of theirs), each
told by a fact of the event log, and the log is followed to its end. Demands: a count under 1 s (at 1,000,000
people), 2,000 changes a second followed.
"""

import json
import sys
from importlib import resources
from statistics import median
from time import perf_counter
from typing import Any
from uuid import UUID

import asyncpg
import uvloop
from pydantic import TypeAdapter
from sqlalchemy import URL

from benchmarks.data import BUILD
from benchmarks.dunning import house
from crm_api.core.context import Context
from crm_api.core.embedded_postgres import EmbeddedPostgres
from crm_api.core.pool import Database
from crm_api.core.principal import system
from crm_api.core.tools import Tools
from crm_api.demo.marketing.segments import SEGMENTS
from crm_api.kit.clock import today
from crm_api.kit.ids import new_id
from crm_api.segments.keeping import Keeper, plan_of
from crm_api.segments.models import Segment, SegmentStatus, SegmentType
from crm_api.segments.repository.segments import SegmentRepository
from crm_api.segments.schemas.rules import Definition
from crm_api.segments.schemas.segments import SegmentDraft
from crm_api.segments.service import SegmentService

ORGANIZATION = UUID(int=0x0D << 120 | 1)
CHANGES = 20_000
COUNT_DEMAND, UPKEEP_DEMAND = 1.0, 2000
FILL = resources.files(__package__).joinpath("segments.sql").read_text("utf-8")
LEFT_OUT = "Anniversaires du mois"
"""Needs the keys of a real vault."""
TOLD = """INSERT INTO event_log (organization_id, kind, object_type, object_id, actor_type, actor_id)
    SELECT $1, $2 || '.updated', $2, id, 'system', $1 FROM {table} WHERE id BETWEEN $3 AND $4"""


def main() -> int:
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    server = EmbeddedPostgres(BUILD / "bench-segments", {"shared_buffers": "512MB", "max_wal_size": "8GB"})
    try:
        counts, builds, followed = uvloop.run(_measured(server.start(), people))
    finally:
        server.stop()
    print(f"| segment ({people} people) | members | count, s | building, s |\n|---|---|---|---|")
    for name, (members, seconds) in counts.items():
        print(f"| {name} | {members} | {seconds:.3f} | {builds[name]:.2f} |")
    slowest = max(seconds for _, seconds in counts.values())
    print(f"slowest count **{slowest:.2f} s** (demand {COUNT_DEMAND} at 1,000,000)")
    print(f"upkeep **{followed:.0f} changes/s** with {len(counts)} segments (demand {UPKEEP_DEMAND})")
    told = {"people": people, "slowest_count": slowest, "upkeep": followed}
    BUILD.joinpath("bench-segments.json").write_text(json.dumps(told) + "\n")
    return int(slowest > COUNT_DEMAND or followed < UPKEEP_DEMAND)


async def _measured(url: URL, people: int) -> tuple[dict[str, tuple[int, float]], dict[str, float], float]:
    async with house(url) as (database, tools, owner):
        sql = FILL.replace(":org", f"'{ORGANIZATION}'::uuid").replace(":rows", str(people))
        await owner.execute(sql.replace(":on", f"date '{today()}'"))
        await owner.execute("VACUUM (ANALYZE) contacts, policies, contact_account_links")
        rules = {name: rule for name, rule in SEGMENTS.items() if name not in (LEFT_OUT, "Détracteurs NPS")}
        rules["Francophones"] = {"field": "contact.preferred_language", "value": "fr"}
        rules["VIP ou multi"] = {
            "any": [{"field": "contact.tag", "op": "match", "value": "vip"}, {"has": "policy", "at_least": 2}]
        }
        counts, builds = {}, {}
        for name, rule in rules.items():
            counts[name] = await _counted(database, tools, rule)
            builds[name] = await _built(database, tools, name, rule)
            print(name, counts[name], builds[name], file=sys.stderr, flush=True)
        return counts, builds, await _followed(database, tools, owner, people)


async def _counted(database: Database, tools: Tools, rule: Any) -> tuple[int, float]:
    """The median of three."""
    draft = SegmentDraft.model_validate({"definition": rule})
    seconds, members = [], 0
    for _ in range(3):
        ctx = Context(system(ORGANIZATION), database, tools)
        started = perf_counter()
        members = (await SegmentService(ctx).preview(draft)).count
        seconds.append(perf_counter() - started)
    return members, median(seconds)


async def _built(database: Database, tools: Tools, name: str, rule: Any) -> float:
    ctx = Context(system(ORGANIZATION), database, tools)
    ctx.begin()
    plan = plan_of(ctx, rule, excludes_open_cases=True)
    stored = TypeAdapter(Definition).validate_python(rule).model_dump(mode="json", by_alias=True)
    segment = Segment(id=new_id(), name=name, type=SegmentType.DYNAMIC, status=SegmentStatus.ACTIVE)
    segment.definition, segment.facts, segment.by_the_day = stored, plan.facts, plan.by_the_day
    repository = SegmentRepository(ctx)
    await repository.save(segment)
    await repository.begin_mark()
    started = perf_counter()
    await Keeper(ctx).build(segment)
    await ctx.commit()
    await ctx.close()
    return perf_counter() - started


async def _followed(database: Database, tools: Tools, owner: asyncpg.Connection, people: int) -> float:
    """Changes a second, half in rows of people and half in contracts."""
    half = min(CHANGES, people) // 2
    first, last = _id("0004", 1), _id("0004", half)
    await owner.execute(
        "UPDATE contacts SET preferred_language = 'fr' WHERE id BETWEEN $1 AND $2", first, last
    )
    changed = await _told(owner, "contact", "contacts", first, last)
    first, last = _id("0003", 10**9 + people - half * 3 // 2), _id("0003", 10**9 + people)
    await owner.execute(
        "UPDATE policies SET expires_at = expires_at + interval '20 days' WHERE id BETWEEN $1 AND $2",
        *(first, last),
    )
    changed += await _told(owner, "policy", "policies", first, last)
    started, more = perf_counter(), True
    while more:
        ctx = Context(system(ORGANIZATION), database, tools)
        ctx.begin()
        more = await Keeper(ctx).follow()
        await ctx.commit()
        await ctx.close()
    return changed / (perf_counter() - started)


async def _told(owner: asyncpg.Connection, kind: str, table: str, first: UUID, last: UUID) -> int:
    """A fact for each; how many."""
    status = await owner.execute(TOLD.format(table=table), ORGANIZATION, kind, first, last)
    return int(status.split()[-1])


def _id(kind: str, n: int) -> UUID:
    """As segments.sql makes them."""
    return UUID(f"00000000-0000-0000-{kind}-{n:012}")


if __name__ == "__main__":
    sys.exit(main())
