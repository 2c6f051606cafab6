"""What their contracts make of many accounts at once: `AccountService.follow_contracts` as a set."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from pydantic_core import to_jsonable_python
from sqlalchemy import Date, Integer, Text, Uuid, bindparam, case, func, literal_column, select, update

from crm_api.accounts.events import AccountLifecycleChanged
from crm_api.accounts.models import Account, AccountLifecycle
from crm_api.core.bulk import insert_lines
from crm_api.core.context import Context
from crm_api.core.journal import AuditLine, EventLine, audit_changes, event_data
from crm_api.core.plain import table_of
from crm_api.core.statements import compiled, unnested

NAMES = ("lifecycle", "customer_since", "last_policy_expiry")


class Contracts(NamedTuple):
    """What the contracts of an account say."""

    in_force: bool
    since: date | None
    """When cover of the first one began; null: none ever did."""
    last_expiry: date | None


class AccountsFollowing:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def follow(self, standings: Mapping[UUID, Contracts]) -> None:
        """Each account as its contracts have it, with its lines in the journal; whoever sees it."""
        if not standings:
            return
        values = {
            "account_ids": [*standings],
            "lifecycles": [_lifecycle(one) for one in standings.values()],
            "sinces": [one.since for one in standings.values()],
            "expiries": [one.last_expiry for one in standings.values()],
        }
        rows = await self.ctx.write(compiled("accounts follow contracts", _following), values)
        audit: list[dict[str, Any]] = []
        facts: list[dict[str, Any]] = []
        for id, *told in rows:
            before, after = dict(zip(NAMES, told[:3], strict=True)), dict(zip(NAMES, told[3:], strict=True))
            changed = {name: after[name] for name in NAMES if before[name] != after[name]}
            pairs = {name: (before[name], after[name]) for name in changed}
            audit.append(_audit(self.ctx, id, audit_changes(Account, pairs)))
            facts.append(_fact(self.ctx, "account.updated", id, event_data(Account, changed)))
            if "lifecycle" in changed:
                event = AccountLifecycleChanged(
                    id, AccountLifecycle(after["lifecycle"]), AccountLifecycle(before["lifecycle"])
                )
                facts.append(_fact(self.ctx, event.kind, id, to_jsonable_python(asdict(event))))
                for listener in self.ctx.tools.listeners.get(AccountLifecycleChanged, ()):
                    await listener(self.ctx, event)
        await insert_lines(self.ctx, AuditLine, audit)
        await insert_lines(self.ctx, EventLine, facts)


def _lifecycle(one: Contracts) -> str:
    """Who is blocked stays so: the statement sees to it."""
    if one.in_force:
        return AccountLifecycle.CUSTOMER
    return AccountLifecycle.FORMER_CUSTOMER if one.since else AccountLifecycle.PROSPECT


def _following() -> Any:
    table = table_of(Account)
    before = table.alias("before")
    asked = unnested(account_ids=Uuid(), lifecycles=Text(), sinces=Date(), expiries=Date())
    own = table.c.organization_id == bindparam("organization_id", type_=Uuid())
    blocked = literal_column(f"'{AccountLifecycle.BLOCKED}'", Text())
    after = case((before.c.lifecycle == blocked, blocked), else_=asked.c.lifecycles)
    same = (
        before.c.organization_id == bindparam("organization_id", type_=Uuid()),
        before.c.id == asked.c.account_ids,
    )
    changed = func.row(*(before.c[name] for name in NAMES)).is_distinct_from(
        func.row(after, asked.c.sinces, asked.c.expiries)
    )
    wanted = (
        select(
            before.c.id,
            *(before.c[name].label(f"old_{name}") for name in NAMES),
            after.label("lifecycle"),
            asked.c.sinces.label("customer_since"),
            asked.c.expiries.label("last_policy_expiry"),
        )
        .where(*same, changed)
        .with_for_update(of=before)
        .cte("wanted")
    )
    change = (
        update(table)
        .where(own, table.c.id == wanted.c.id)
        .values(
            **{name: wanted.c[name] for name in NAMES},
            version=table.c.version + literal_column("1", Integer()),
            updated_at=func.clock_timestamp(),
            updated_by_id=bindparam("actor_id", type_=Uuid()),
        )
    )
    old = (wanted.c[f"old_{name}"] for name in NAMES)
    return change.returning(table.c.id, *old, *(table.c[name] for name in NAMES))


def _audit(ctx: Context, id: UUID, changes: Mapping[str, Any]) -> dict[str, Any]:
    who = {name: ctx.bound[name] for name in ("actor_type", "actor_id", "ip", "request_id")}
    return {**who, "action": "account.updated", "object_type": "account", "object_id": id, "changes": changes}


def _fact(ctx: Context, kind: str, id: UUID, data: Mapping[str, Any]) -> dict[str, Any]:
    who = {name: ctx.bound[name] for name in ("actor_type", "actor_id")}
    return {**who, "kind": kind, "object_type": "account", "object_id": id, "data": data}
