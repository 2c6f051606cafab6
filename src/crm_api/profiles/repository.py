"""One statement: whether they are in sight, that somebody looked, and every section as JSON.

The line in the audit log is part of the statement that reads: it is durable before the answer leaves, nobody
reads a page without it, and it costs no second round trip.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import JSON, Date, Select, Text, Uuid, bindparam, cast, func, insert, null, select, text
from sqlalchemy.dialects.postgresql import JSONB

from crm_api.contacts.models import AccountLink
from crm_api.core.context import Context
from crm_api.core.journal import AuditLine
from crm_api.core.statements import as_json, compiled, wire
from crm_api.kit.clock import today
from crm_api.profiles.around import ID, NOW, ORGANIZATION, Around, word
from crm_api.profiles.schemas import MOST, ProfileHead
from crm_api.profiles.sections import OF_PAGE

_ACTOR = ("actor_type", "actor_id", "ip", "request_id")
_STANDINGS = f"""SELECT json_agg(s) FROM (SELECT h.id, h.number, h.status, h.source_system, h.effective_at,
    h.expires_at, h.reinstates_at, h.as_of, m.owed, m.oldest, m.states, m.disputed, EXISTS (
        SELECT FROM payment_allocations l
        JOIN payments p ON p.organization_id = l.organization_id AND p.id = l.payment_id
        JOIN receivables d ON d.organization_id = l.organization_id AND d.id = l.receivable_id
        WHERE l.organization_id = :organization_id AND d.policy_id = h.id
            AND l.taken_back_at IS NULL AND p.status IN ('received', 'deposited')) AS uncleared,
    n.due_on AS next_on, n.left AS next_amount
FROM (SELECT * FROM held WHERE status IN ('issued', 'in_force', 'suspended')
    ORDER BY effective_at DESC, id DESC LIMIT {MOST + 1}) h
LEFT JOIN LATERAL (SELECT coalesce(sum(r.balance) FILTER (WHERE r.due_on < :today), 0)::bigint AS owed,
        min(r.due_on) FILTER (WHERE r.due_on < :today AND r.balance > 0) AS oldest,
        array_agg(DISTINCT r.dunning_state) FILTER (WHERE r.due_on < :today AND r.balance > 0) AS states,
        coalesce(bool_or(r.status = 'disputed'), false) AS disputed
    FROM receivables r WHERE r.organization_id = :organization_id AND r.policy_id = h.id) m ON true
LEFT JOIN LATERAL (SELECT i.due_on, i.total - i.paid_amount AS left FROM instalments i
    WHERE i.organization_id = :organization_id AND i.policy_id = h.id AND i.total > i.paid_amount
        AND i.status IN ('scheduled', 'billed', 'partially_paid', 'overdue')
    ORDER BY i.due_on, i.id LIMIT 1) n ON true) s"""  # noqa: S608 - constants of the house
"""What `billing.coverage.judged` asks of each living contract: the columns of `BillingReports.standing`."""


class ProfilePage(NamedTuple):
    """What the statement answers."""

    body: str
    """The page as JSON, but for the cover of the contracts."""
    standings: Any
    """The living contracts and their money, at most `MOST + 1`; None when not asked for."""


class ProfileRepository:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def page(
        self, root: str, object_id: UUID, names: Sequence[str], *, coverage: bool
    ) -> ProfilePage | None:
        """None when there is none to be seen, or it lies in the bin. Writes the line in the audit log."""
        around = Around(self.ctx, root)
        told = sorted([*names, *(["coverage"] if coverage else [])])
        statement = compiled(
            ("profile", tuple(names), coverage, around.shape()),
            lambda: _statement(around, names, coverage=coverage),
        )
        values = {"object_id": object_id, "today": today(), "sections": {"sections": told}}
        rows = await self.ctx.write(statement, values)
        return ProfilePage(rows[0][0], rows[0][1]) if rows else None


def _statement(around: Around, names: Sequence[str], *, coverage: bool) -> Select[Any]:
    table, conditions = around.seen(around.root)
    columns = {"id": table.c.id, "type": word(around.root), **(_person(around) if around.is_person else {})}
    if not around.is_person:
        columns |= {"name": table.c.name, "number": table.c.number}
        for name, entries in ("email", table.c.emails), ("phone", table.c.phones):
            main = func.jsonb_path_query_first(entries, word("$[*] ? (@.is_primary == true).value"))
            first = func.coalesce(main, func.jsonb_path_query_first(entries, word("$[0].value")))
            columns[name] = first.op("#>>")(word("{}"))
    seen = (
        select(table.c.id, cast(as_json(columns, ProfileHead.model_fields), JSON).label("head"))
        .where(table.c.id == ID, *conditions)
        .cte("seen")
    )
    parts: list[Any] = [word("head"), seen.c.head, word("as_of"), wire(NOW)]
    for name, section in OF_PAGE[around.root].items():
        parts += [word(name), section.part(around) if name in names else null()]
    standings: Any = cast(null(), Text)
    extra = []
    if coverage:
        typed = (bindparam("organization_id", type_=Uuid()), bindparam("today", type_=Date()))
        asked: Any = text(_STANDINGS).bindparams(*typed).columns(standings=JSON())
        standings = cast(asked.scalar_subquery(), Text)
        extra.append(around.held)
    body = cast(func.json_build_object(*parts), Text)
    return select(body, standings).select_from(seen).add_cte(*extra, _audited(around, seen))


def _person(around: Around) -> dict[str, Any]:
    table, links = around.seen("contact")[0], AccountLink.__table__
    accounts, seen = around.seen("account")
    main = select(accounts.c.number).where(
        links.c.organization_id == ORGANIZATION,
        links.c.contact_id == ID,
        links.c.to_date.is_(None),
        links.c.is_primary,
        accounts.c.id == links.c.account_id,
        *seen,
    )
    may = "accounts:read" in around.scopes
    return {
        "name": table.c.display_name,
        "number": main.scalar_subquery() if may else cast(null(), Text),
        "email": table.c.primary_email,
        "phone": table.c.primary_phone,
    }


def _audited(around: Around, seen: Any) -> Any:
    line = AuditLine.__table__
    who = [bindparam(name, type_=line.c[name].type) for name in _ACTOR]
    what = [word(f"{around.root}.profile_read"), word(around.root), seen.c.id]
    rows = select(ORGANIZATION, *who, *what, bindparam("sections", type_=JSONB()))
    names = ["organization_id", *_ACTOR, "action", "object_type", "object_id", "changes"]
    written = insert(AuditLine).from_select(names, rows.select_from(seen), include_defaults=False)
    return written.cte("read_by")
