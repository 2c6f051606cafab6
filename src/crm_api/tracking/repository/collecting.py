"""Taking in, and putting what was taken in into sessions: written out as SQL beside this file."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib import resources
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, Integer, Text, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.sql.elements import TextClause

from crm_api.core.context import Context
from crm_api.core.statements import compiled
from crm_api.tracking.models import IDLE, KEPT_MONTHS

_HERE = resources.files(__package__)
_IDLE = f"{IDLE.seconds // 60} minutes"
_MOMENT = TIMESTAMP(timezone=True, precision=3)
_TYPES: dict[str, Any] = {
    **dict.fromkeys(
        ("organization_id", "batch_id", "visitor_id", "contact_id", "other_id", "lead_id"), Uuid()
    ),
    **dict.fromkeys(("consent", "is_bot"), Boolean()),
    **dict.fromkeys(("device", "wilaya_code", "ip_prefix", "identified_by", "lock"), Text()),
    **dict.fromkeys(("received_at", "at", "before"), _MOMENT),
    **dict.fromkeys(
        ("types", "names", "paths", "referrers", "utms", "campaign_keys", "props"), ARRAY(Text())
    ),
    **dict.fromkeys(
        ("ids", "keys", "contact_ids", "message_ids", "submission_ids", "visitors"), ARRAY(Uuid())
    ),
    "ats": ARRAY(_MOMENT),
    "entries": ARRAY(Boolean()),
    "months": Integer(),
}
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(:lock, 0))"
_STITCH = """UPDATE web_sessions s SET contact_id = v.contact_id, lead_id = v.lead_id,
    updated_at = clock_timestamp()
FROM web_visitors v
WHERE v.organization_id = :organization_id AND v.visitor_id = ANY(:visitors)
    AND s.organization_id = :organization_id AND s.visitor_id = v.visitor_id AND s.contact_id IS NULL
    AND (v.contact_id IS NOT NULL OR s.lead_id IS DISTINCT FROM v.lead_id)
RETURNING s.id"""
_IDENTIFY = """INSERT INTO web_visitors
    (organization_id, visitor_id, contact_id, identified_by, identified_at)
VALUES (:organization_id, :visitor_id, :contact_id, :identified_by, :at)
ON CONFLICT (organization_id, visitor_id) DO UPDATE SET contact_id = excluded.contact_id, lead_id = NULL,
    identified_by = excluded.identified_by, identified_at = excluded.identified_at"""
_LEAD_VISITORS = """UPDATE web_visitors SET contact_id = :contact_id, lead_id = NULL
WHERE organization_id = :organization_id AND lead_id = :lead_id"""
_LEAD_SESSIONS = """UPDATE web_sessions SET contact_id = :contact_id, updated_at = clock_timestamp()
WHERE organization_id = :organization_id AND lead_id = :lead_id AND contact_id IS NULL"""
_MOVED_VISITORS = """UPDATE web_visitors SET contact_id = :contact_id
WHERE organization_id = :organization_id AND contact_id = :other_id"""
_FOLLOW = """UPDATE web_sessions SET contact_id = :contact_id, updated_at = clock_timestamp()
WHERE organization_id = :organization_id AND contact_id = :other_id RETURNING id"""
_GO_BACK = """UPDATE web_sessions SET contact_id = :other_id, updated_at = clock_timestamp()
WHERE organization_id = :organization_id AND id = ANY(:ids) AND contact_id = :contact_id"""


class Gathered(NamedTuple):
    """What a go of the gathering did."""

    events: int
    begun: int
    went_on: int
    identified: int


class CollectingRepository:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def take_in(self, values: Mapping[str, Any]) -> None:
        """A batch, in one statement; events that wait already have no effect."""
        await self._run("arrivals", values, wrote=True)

    async def gather(self, most: int) -> Gathered:
        """Puts up to `most` events that came in into their sessions; one go of an organization at a time."""
        await self.alone()
        (row,) = await self._run("gathering", {}, most=most, idle=_IDLE)
        taken, begun, went_on, visitors, identified = row
        if visitors:
            await self.stitch(visitors)
        return Gathered(taken, begun, went_on, identified)

    async def alone(self) -> None:
        """Until the end of the use case nobody else puts visits of this organization in order."""
        self.ctx.begin()
        await self._run(_LOCK, {"lock": f"{self.ctx.organization_id}|web sessions"})

    async def stitch(self, visitors: Sequence[UUID]) -> int:
        """What these visitors did becomes theirs, where it is nobody's."""
        return len(await self._run(_STITCH, {"visitors": list(visitors)}))

    async def identify(self, visitor_id: UUID, contact_id: UUID, by: str, at: datetime) -> int:
        """How many earlier sessions became theirs."""
        await self.alone()
        who = {"visitor_id": visitor_id, "contact_id": contact_id, "identified_by": by, "at": at}
        await self._run(_IDENTIFY, who)
        return await self.stitch([visitor_id])

    async def lead_became(self, lead_id: UUID, contact_id: UUID) -> None:
        await self.alone()
        for statement in (_LEAD_VISITORS, _LEAD_SESSIONS):
            await self._run(statement, {"lead_id": lead_id, "contact_id": contact_id})

    async def follow(self, other_id: UUID, contact_id: UUID) -> list[UUID]:
        """The sessions of the sheet that goes are those of the one that stays."""
        who = {"other_id": other_id, "contact_id": contact_id}
        await self._run(_MOVED_VISITORS, who)
        return [row[0] for row in await self._run(_FOLLOW, who)]

    async def go_back(self, ids: Sequence[UUID], contact_id: UUID, other_id: UUID) -> None:
        await self._run(_GO_BACK, {"ids": list(ids), "contact_id": contact_id, "other_id": other_id})

    async def forget(self, most: int) -> int:
        """Sessions of more than 13 months ago become numbers of their day; how many did."""
        await self.alone()
        rows = await self._run("forgetting", {}, most=most, months=KEPT_MONTHS)
        return int(rows[0][0])

    async def _run(
        self, what: str, values: Mapping[str, Any], *, wrote: bool = False, **words: Any
    ) -> Sequence[Sequence[Any]]:
        """`what`: SQL, or the name of a file of it, whose braces hold constants of the house."""
        statement = compiled(("tracking", what, *words.values()), lambda: _typed(what, words))
        return await self.ctx.write(statement, values, wrote=lambda _: wrote)


def _typed(what: str, words: Mapping[str, Any]) -> TextClause:
    sql = what if " " in what else _HERE.joinpath(f"{what}.sql").read_text("utf-8").format(**words)
    statement = text(sql)
    names = statement._bindparams
    return statement.bindparams(*(bindparam(name, type_=_TYPES[name]) for name in names))
