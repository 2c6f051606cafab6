"""Taking messages to hand over, and writing down what became of them. Plain SQL: it is the hot path."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Integer, String, Text, Uuid, bindparam, select, text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP

from crm_api.core.context import Context
from crm_api.mailings.links import Found
from crm_api.mailings.throttle import DomainMinute

_U, _T = Uuid(), TIMESTAMP(timezone=True)
_CLAIM = text(
    """
WITH due AS (
    SELECT id, domain FROM messages
    WHERE organization_id = :org AND send_id = :send AND status IN ('queued', 'sending', 'retry')
      AND next_at <= :moment
    ORDER BY next_at, id LIMIT :most FOR UPDATE SKIP LOCKED
), ranked AS (
    SELECT id, domain, row_number() OVER (PARTITION BY domain ORDER BY id) AS place FROM due
), judged AS (
    SELECT r.id, r.domain,
           CAST(:cap AS integer) IS NULL OR r.domain IS NULL
           OR r.place + coalesce(u.messages, 0) <= CAST(:cap AS integer) AS goes
    FROM ranked r LEFT JOIN domain_minutes u ON u.organization_id = :org AND u.provider_key = :key
        AND u.domain = r.domain AND u.minute = :minute
), held AS (
    UPDATE messages m SET next_at = :following FROM judged j
    WHERE m.organization_id = :org AND m.id = j.id AND NOT j.goes
), counted AS (
    INSERT INTO domain_minutes AS d (organization_id, provider_key, domain, minute, messages)
    SELECT :org, :key, domain, :minute, count(*) FROM judged
    WHERE goes AND domain IS NOT NULL AND CAST(:cap AS integer) IS NOT NULL GROUP BY domain
    ON CONFLICT (organization_id, provider_key, domain, minute)
    DO UPDATE SET messages = d.messages + excluded.messages
)
UPDATE messages m SET status = 'sending', attempts = m.attempts + 1, next_at = :lease,
    provider_id = :provider, first_tried_at = coalesce(m.first_tried_at, :moment),
    version = m.version + 1, updated_at = clock_timestamp()
FROM judged j WHERE m.organization_id = :org AND m.id = j.id AND j.goes
RETURNING m.id, m.contact_id, m.address, m.language, m.fields, m.attempts, m.first_tried_at
"""
).bindparams(
    bindparam("org", type_=_U),
    bindparam("send", type_=_U),
    bindparam("provider", type_=_U),
    bindparam("cap", type_=Integer()),
    bindparam("key", type_=Text()),
    bindparam("most", type_=BigInteger()),
    *(bindparam(name, type_=_T) for name in ("moment", "minute", "following", "lease")),
)
_TAKE = text(
    """
INSERT INTO domain_minutes AS d (organization_id, provider_key, domain, minute, messages)
VALUES (:org, :key, '*', :minute, least(:wanted, :most))
ON CONFLICT (organization_id, provider_key, domain, minute)
DO UPDATE SET messages = least(d.messages + :wanted, :most)
RETURNING messages
"""
).bindparams(
    bindparam("org", type_=_U),
    bindparam("key", type_=Text()),
    bindparam("minute", type_=_T),
    bindparam("wanted", type_=Integer()),
    bindparam("most", type_=Integer()),
)
# Somebody may have been told already what became of a message that we were still handing over.
_SENT = text(
    """
WITH gone AS (
    UPDATE messages m SET sent_at = :moment, next_at = :moment, version = m.version + 1,
        status = CASE WHEN m.status = 'sending' THEN 'sent' ELSE m.status END,
        counts_from = CASE WHEN m.counts_from IS NULL THEN NULL ELSE :moment END,
        failure = NULL, updated_at = clock_timestamp()
    WHERE m.organization_id = :org AND m.id = ANY(:ids) AND m.sent_at IS NULL
    RETURNING m.id, m.send_id
), told AS (
    INSERT INTO message_events (organization_id, message_id, send_id, type, at, provider_id)
    SELECT :org, id, send_id, 'sent', :moment, :provider FROM gone
)
SELECT count(*) FROM gone
"""
).bindparams(
    bindparam("org", type_=_U),
    bindparam("ids", type_=ARRAY(_U)),
    bindparam("moment", type_=_T),
    bindparam("provider", type_=_U),
)
_BECAME = text(
    """
WITH said AS (
    SELECT * FROM unnest(:ids, :statuses, :reasons, :failures, :nexts, :events)
        AS s(id, status, reason, failure, next_at, event)
), changed AS (
    UPDATE messages m SET status = s.status, reason = s.reason, failure = s.failure, next_at = s.next_at,
        counts_from = CASE WHEN s.status IN ('suppressed', 'cancelled', 'rejected') THEN NULL
            ELSE m.counts_from END,
        sent_at = CASE WHEN s.status IN ('soft_bounced', 'hard_bounced') THEN :moment ELSE m.sent_at END,
        bounced_at = CASE WHEN s.status IN ('soft_bounced', 'hard_bounced') THEN :moment
            ELSE m.bounced_at END,
        version = m.version + 1, updated_at = clock_timestamp()
    FROM said s WHERE m.organization_id = :org AND m.id = s.id AND m.status = 'sending'
    RETURNING m.id, m.send_id, m.status, m.failure, s.event
), told AS (
    INSERT INTO message_events (organization_id, message_id, send_id, type, at, provider_id, detail)
    SELECT :org, id, send_id, event, :moment, :provider, failure FROM changed WHERE event IS NOT NULL
)
SELECT status, count(*) FROM changed GROUP BY status
"""
).bindparams(
    bindparam("org", type_=_U),
    bindparam("ids", type_=ARRAY(_U)),
    *(bindparam(name, type_=ARRAY(String())) for name in ("statuses", "reasons", "failures", "events")),
    bindparam("nexts", type_=ARRAY(_T)),
    bindparam("moment", type_=_T),
    bindparam("provider", type_=_U),
)
_LINKS = text(
    """
INSERT INTO message_links (organization_id, id, send_id, url, url_hash, hidden)
SELECT :org, l.id, :send, l.url, l.url_hash, l.hidden
FROM jsonb_to_recordset(:links) AS l(id uuid, url text, url_hash text, hidden boolean)
ON CONFLICT DO NOTHING
"""
).bindparams(bindparam("org", type_=_U), bindparam("send", type_=_U), bindparam("links", type_=JSONB()))
_PRESSING = text(
    """
SELECT m.contact_id FROM messages m WHERE m.organization_id = :org AND m.contact_id = ANY(:ids)
    AND m.counts_from > :since AND m.sent_at IS NOT NULL
GROUP BY m.contact_id HAVING count(*) >= :cap
"""
).bindparams(
    bindparam("org", type_=_U),
    bindparam("ids", type_=ARRAY(_U)),
    bindparam("since", type_=_T),
    bindparam("cap", type_=Integer()),
)


class Claimed(NamedTuple):
    """A message that nobody else tries now."""

    id: UUID
    contact_id: UUID
    address: str | None
    language: str
    fields: Mapping[str, Any] | None
    attempts: int
    first_tried_at: datetime


class Ending(NamedTuple):
    """What became of a message that was not taken."""

    id: UUID
    status: str
    reason: str | None = None
    failure: str | None = None
    next_at: datetime | None = None
    event: str | None = None


class CarryingRepository:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def claim(
        self,
        send_id: UUID,
        most: int,
        moment: datetime,
        lease: timedelta,
        provider_id: UUID | None,
        per_domain: int | None,
    ) -> list[Claimed]:
        """Those whose time has come, and those that somebody took and never told of again."""
        minute = moment.replace(second=0, microsecond=0)
        rows = await self.ctx.session.execute(
            _CLAIM,
            {
                "org": self.ctx.organization_id,
                "send": send_id,
                "most": most,
                "moment": moment,
                "minute": minute,
                "following": minute + timedelta(minutes=1),
                "lease": moment + lease,
                "provider": provider_id,
                "key": str(provider_id or "house"),
                "cap": per_domain,
            },
        )
        return [Claimed(*row) for row in rows]

    async def allowance(self, send_id: UUID, most: int, wanted: int, moment: datetime) -> int:
        """How many of `wanted` the throttle of a send lets go in this minute; they count at once."""
        minute = moment.replace(second=0, microsecond=0)
        key = {"org": self.ctx.organization_id, "key": f"send {send_id}", "minute": minute}
        d = DomainMinute
        same = d.provider_key == key["key"], d.domain == "*", d.minute == minute
        used = await self.ctx.session.scalar(select(d.messages).where(*same)) or 0
        total = await self.ctx.session.scalar(_TAKE, {**key, "wanted": wanted, "most": most}) or 0
        return max(0, int(total) - int(used))

    async def sent(self, ids: Sequence[UUID], moment: datetime, provider_id: UUID | None) -> int:
        """How many of them nobody had written down yet."""
        values = {"org": self.ctx.organization_id, "ids": list(ids), "moment": moment}
        return int(await self.ctx.session.scalar(_SENT, {**values, "provider": provider_id}) or 0)

    async def became(
        self, endings: Sequence[Ending], moment: datetime, provider_id: UUID | None
    ) -> dict[str, int]:
        """How many went to each status."""
        values = {
            "org": self.ctx.organization_id,
            "ids": [one.id for one in endings],
            "statuses": [one.status for one in endings],
            "reasons": [one.reason for one in endings],
            "failures": [one.failure for one in endings],
            "nexts": [one.next_at or moment for one in endings],
            "events": [one.event for one in endings],
            "moment": moment,
            "provider": provider_id,
        }
        rows = await self.ctx.session.execute(_BECAME, values)
        return {row[0]: int(row[1]) for row in rows}

    async def keep_links(self, send_id: UUID, links: Sequence[Found]) -> None:
        told = [
            {"id": str(one.id), "url": one.url, "url_hash": one.url_hash, "hidden": one.hidden}
            for one in links
        ]
        values = {"org": self.ctx.organization_id, "send": send_id, "links": told}
        await self.ctx.session.execute(_LINKS, values)

    async def pressed(self, ids: Sequence[UUID], since: datetime, cap: int) -> set[UUID]:
        """Those of them who got so many marketing messages since then."""
        values = {"org": self.ctx.organization_id, "ids": list(ids), "since": since, "cap": cap}
        return set((await self.ctx.session.execute(_PRESSING, values)).scalars())
