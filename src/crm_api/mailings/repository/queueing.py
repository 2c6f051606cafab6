"""Putting people into a send: one statement, however many, which also counts who is left out and why."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    Integer,
    Interval,
    Select,
    Text,
    Uuid,
    bindparam,
    case,
    func,
    literal_column,
    null,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.dialects.postgresql import insert as upsert

from crm_api.consents.gate import pepper_of, reachable
from crm_api.consents.pressure import pressure_of
from crm_api.core.context import Context
from crm_api.core.plain import table_of
from crm_api.core.statements import Build, Statement
from crm_api.mailings.asking import asked_of
from crm_api.mailings.ledgers import rows_of
from crm_api.mailings.models import Message, MessageReason, MessageStatus, Send, SendCount, SendSuppression
from crm_api.mailings.ordering import Queued, QueuedOne

# A version 7 key, as `kit.ids` makes them, without a round trip for each person.
NEW_ID = literal_column(
    """encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) placing
    substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
    from 1 for 6), 52, 1), 53, 1), 'hex')::uuid""",
    Uuid(),
)
_LONG = "SET LOCAL statement_timeout = '300s'"
_UUID, _MOMENT = Uuid(), TIMESTAMP(timezone=True)


class Queueing:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def many(self, send: Send, people: Build, values: Mapping[str, Any]) -> Queued:
        """`people`: a SELECT of contact ids. Who is there already stays as they are."""
        await self.ctx.session.execute(text(_LONG))
        await self.ctx.session.flush()
        rows = await self.ctx.fetch(Statement(_placing(send, people())), await self._values(send, values))
        suppressed = {row[1]: row[2] for row in rows if row[1] is not None}
        targeted = sum(row[2] for row in rows)
        return Queued(targeted, targeted - sum(suppressed.values()), suppressed)

    async def one(self, send: Send, contact_id: UUID, fields: Mapping[str, Any] | None) -> QueuedOne:
        await self.ctx.session.flush()
        chosen = select(bindparam("contact_id", type_=_UUID))
        values = {"contact_id": contact_id, "fields": dict(fields) if fields else None}
        placing = Statement(_placing(send, chosen, with_fields=True))
        rows = await self.ctx.fetch(placing, await self._values(send, values))
        if not rows:
            return QueuedOne(None, None)
        return QueuedOne(rows[0][0], MessageReason(rows[0][1]) if rows[0][1] else None)

    async def _values(self, send: Send, values: Mapping[str, Any]) -> dict[str, Any]:
        pressure = await pressure_of(self.ctx)
        return {
            **values,
            "pepper": await pepper_of(self.ctx),
            "send_id": send.id,
            "due": send.scheduled_at,
            "cap": pressure.messages,
            "within": pressure.within,
        }


def _placing(send: Send, chosen: Any, *, with_fields: bool = False) -> Select[Any]:
    """(first id, reason, people) by reason; of one person the id is theirs. Who goes, and who does not and
    why, is decided, written and counted in this one statement."""
    placed = _placed(send, _judged(send, chosen), with_fields=with_fields)
    totals = (
        select(
            literal_column("min(placed.id::text)::uuid", _UUID).label("id"),
            placed.c.reason,
            func.count().label("people"),
        )
        .group_by(placed.c.reason)
        .cte("totals")
    )
    t = totals.c
    return select(t.id, t.reason, t.people).add_cte(
        _counting(t).cte("counting"),
        _losing(t).cte("losing"),
    )


def _judged(send: Send, chosen: Any) -> CTE:
    """The people, each with the reason why they get nothing, or none."""
    people = reachable(asked_of(send), chosen).cte("people")
    p = people.c
    told = func.row_number().over(
        partition_by=(p.refusal.is_(None), func.lower(p.address)), order_by=p.contact_id
    )
    ranked = select(p.contact_id, p.address, p.language, p.refusal, told.label("place")).cte("ranked")
    r = ranked.c
    rules = [
        (r.refusal.is_not(None), r.refusal),
        (r.place > literal_column("1"), literal_column("'duplicate_address'", Text())),
    ]
    if send.purpose is not None:
        pressing = table_of(Message).alias("pressing")
        heard = (
            select(func.count())
            .where(
                pressing.c.organization_id == _own(),
                pressing.c.contact_id == r.contact_id,
                pressing.c.counts_from > func.now() - bindparam("within", type_=Interval()),
            )
            .scalar_subquery()
        )
        rules.append((heard >= bindparam("cap", type_=Integer()), literal_column("'pressure_cap'", Text())))
    return select(
        r.contact_id, r.address, r.language, case(*rules, else_=null().cast(Text())).label("reason")
    ).cte("judged")


def _placed(send: Send, judged: CTE, *, with_fields: bool) -> CTE:
    """Their messages, but for whom one is there already."""
    message, j = table_of(Message), judged.c
    goes = j.reason.is_(None)
    spoken = [literal_column(f"'{language}'", Text()) for language in _LANGUAGES if language in send.contents]
    fields = bindparam("fields", type_=JSONB()) if with_fields else null().cast(JSONB())
    actor, never = bindparam("actor_id", type_=_UUID), null().cast(_MOMENT)
    rows = select(
        _own(),
        NEW_ID,
        _send_id(),
        j.contact_id,
        literal_column(f"'{send.channel.value}'", Text()),
        bindparam("variant", send.variant, type_=Text()),
        case((j.language.in_(spoken), j.language), else_=spoken[0]),
        j.address,
        case((goes, _word(MessageStatus.QUEUED)), else_=_word(MessageStatus.SUPPRESSED)),
        j.reason,
        fields,
        bindparam("due", type_=_MOMENT),
        case((goes, func.now()), else_=never) if send.purpose is not None else never,
        literal_column("1"),
        actor,
        actor,
    )
    names = (
        *("organization_id", "id", "send_id", "contact_id", "channel", "variant", "language", "address"),
        *("status", "reason", "fields", "next_at", "counts_from", "version"),
        *("created_by_id", "updated_by_id"),
    )
    return (
        upsert(message)
        .from_select(names, rows, include_defaults=False)
        .on_conflict_do_nothing(index_elements=("organization_id", "send_id", "contact_id"))
        .returning(message.c.id, message.c.reason)
        .cte("placed")
    )


def _counting(totals: Any) -> Any:
    """What the send has come to, all together."""
    counts = rows_of(SendCount)
    counted = upsert(counts).from_select(
        ("organization_id", "send_id", "shard", "targeted", "suppressed"),
        select(
            _own(),
            _send_id(),
            literal_column("0"),
            func.sum(totals.people),
            func.coalesce(func.sum(totals.people).filter(totals.reason.is_not(None)), literal_column("0")),
        ).having(func.count() > literal_column("0")),
        include_defaults=False,
    )
    return counted.on_conflict_do_update(
        index_elements=("organization_id", "send_id", "shard"),
        set_={
            "targeted": counts.c.targeted + counted.excluded.targeted,
            "suppressed": counts.c.suppressed + counted.excluded.suppressed,
        },
    ).returning(counts.c.shard)


def _losing(totals: Any) -> Any:
    """How many were left out for which reason."""
    left_out = rows_of(SendSuppression)
    lost = upsert(left_out).from_select(
        ("organization_id", "send_id", "reason", "people"),
        select(_own(), _send_id(), totals.reason, totals.people).where(totals.reason.is_not(None)),
        include_defaults=False,
    )
    return lost.on_conflict_do_update(
        index_elements=("organization_id", "send_id", "reason"),
        set_={"people": left_out.c.people + lost.excluded.people},
    ).returning(left_out.c.people)


def _own() -> Any:
    return bindparam("organization_id", type_=_UUID)


def _send_id() -> Any:
    return bindparam("send_id", type_=_UUID)


_LANGUAGES = ("fr", "ar", "en", "kab")
"""The first that a send speaks is for who reads none of them: JSON keeps no order of its own."""


def _word(value: MessageStatus) -> Any:
    return literal_column(f"'{value.value}'", Text())
