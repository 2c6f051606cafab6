"""Touches and results, written out as SQL beside this file."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib import resources
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.sql.elements import TextClause

from crm_api.attribution.models import CampaignDay
from crm_api.core.context import Context
from crm_api.core.statements import compiled

_HERE = resources.files(__package__)
_TYPES: dict[str, Any] = {
    **dict.fromkeys(("organization_id", "campaign_id"), Uuid()),
    "ids": ARRAY(Uuid()),
    **dict.fromkeys(("since", "at"), TIMESTAMP(timezone=True, precision=3)),
    **dict.fromkeys(("counts", "revenue"), JSONB()),
    "days": Integer(),
}
_LIVING = """SELECT id, attribution_window_days, half_life_days FROM campaigns
WHERE organization_id = :organization_id AND status IN ('running', 'paused', 'completed')
    AND coalesce(ends_at, completed_at, now()) > now() - interval '13 months' ORDER BY id"""
_KEEP = """INSERT INTO campaign_results (organization_id, campaign_id, reckoned_at, counts, revenue)
VALUES (:organization_id, :campaign_id, :at, :counts, :revenue)
ON CONFLICT (organization_id, campaign_id) DO UPDATE SET reckoned_at = excluded.reckoned_at,
    counts = excluded.counts, revenue = excluded.revenue"""
_READ = """SELECT c.id, c.name, c.attribution_model, c.spent_amount, c.budget_amount, r.reckoned_at, r.counts,
    r.revenue, m.*
FROM campaigns c
LEFT JOIN campaign_results r ON r.organization_id = :organization_id AND r.campaign_id = c.id
LEFT JOIN LATERAL (
    SELECT coalesce(sum(n.sent), 0)::bigint, coalesce(sum(n.delivered), 0)::bigint,
        coalesce(sum(n.opened) FILTER (WHERE s.channel = 'email'), 0)::bigint,
        coalesce(sum(n.opened_inflated) FILTER (WHERE s.channel = 'email'), 0)::bigint,
        coalesce(sum(n.clicked), 0)::bigint, coalesce(sum(n.hard_bounced + n.soft_bounced), 0)::bigint,
        coalesce(sum(n.unsubscribed), 0)::bigint, coalesce(sum(n.complained), 0)::bigint,
        coalesce(sum(n.delivered) FILTER (WHERE s.channel = 'email'), 0)::bigint,
        coalesce(sum(n.clicked) FILTER (WHERE s.channel = 'email'), 0)::bigint
    FROM sends s JOIN send_counts n ON n.organization_id = :organization_id AND n.send_id = s.id
    WHERE s.organization_id = :organization_id AND s.source_type = 'campaign' AND s.source_id = c.id
) m ON true
WHERE c.organization_id = :organization_id AND c.id = ANY(:ids)"""
_DAYS = f"""SELECT day, opens, clicks, sessions, forms FROM {CampaignDay.__tablename__}
WHERE organization_id = :organization_id AND campaign_id = :campaign_id ORDER BY day DESC LIMIT 1100"""  # noqa: S608 - a table of ours


class ResultRepository:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def living(self) -> Sequence[Sequence[Any]]:
        """Campaign, window and half-life in days: those that may still come to something."""
        return await self._run(_LIVING, {})

    async def feed_visits(self, since: datetime) -> None:
        await self._run("visits", {"since": since})

    async def feed(self, campaign_id: UUID) -> None:
        await self._run("messages", {"campaign_id": campaign_id})
        await self._run("days", {"campaign_id": campaign_id})

    async def counts(self, campaign_id: UUID) -> dict[str, int]:
        return dict((await self._run("counts", {"campaign_id": campaign_id}))[0][0])

    async def sales(self, campaign_id: UUID, days: int) -> Sequence[Sequence[Any]]:
        """(contract, centimes, sold at, account, is new, touched at, campaign, channel), in order."""
        return await self._run("sales", {"campaign_id": campaign_id, "days": days})

    async def keep(
        self, campaign_id: UUID, at: datetime, counts: Mapping[str, int], revenue: Mapping[str, int]
    ) -> None:
        values = {"campaign_id": campaign_id, "at": at, "counts": dict(counts), "revenue": dict(revenue)}
        await self._run(_KEEP, values)

    async def read(self, ids: Sequence[UUID]) -> Sequence[Sequence[Any]]:
        """One statement of a few rows each: campaign, money, what was reckoned, what its messages came to."""
        return await self.ctx.fetch(
            compiled(("attribution", _READ), lambda: _typed(_READ)), {"ids": list(ids)}
        )

    async def days(self, campaign_id: UUID) -> Sequence[Sequence[Any]]:
        """The newest first."""
        statement = compiled(("attribution", _DAYS), lambda: _typed(_DAYS))
        return await self.ctx.fetch(statement, {"campaign_id": campaign_id})

    async def _run(self, what: str, values: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        self.ctx.begin()
        return await self.ctx.write(compiled(("attribution", what), lambda: _typed(what)), values)


def _typed(what: str) -> TextClause:
    statement = text(what if " " in what else _HERE.joinpath(f"{what}.sql").read_text("utf-8"))
    names = statement._bindparams
    return statement.bindparams(*(bindparam(name, type_=_TYPES[name]) for name in names))
