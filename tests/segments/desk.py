"""Who and what the tests of segments need: a company, customers with contracts, the jobs that follow them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
from fastapi import FastAPI

from actors import Headers
from chores import done as work
from company import Company
from crm_api.kit.clock import ALGIERS, today
from crm_api.segments.audience import SegmentAudience
from crm_api.segments.jobs import follow_segments, turn_segments
from horizon import passed
from policies.portfolio import Answer, Portfolio, moment, open_portfolio

FRENCH: Answer = {"field": "contact.preferred_language", "op": "eq", "value": "fr"}


def on_day(days: int, hour: int = 12) -> datetime:
    """Noon of the day that is so many days from today, in Algiers."""
    return datetime.combine(today() + timedelta(days=days), time(hour), ALGIERS).astimezone(UTC)


def expiring(first: int, last: int) -> Answer:
    """A contract in force that expires between so many days and so many."""
    return {
        "has": "policy",
        "where": {
            "all": [
                {"field": "policy.status", "op": "in", "value": ["issued", "in_force"]},
                {"field": "policy.expires_on", "op": "gte", "value": f"today+{first}"},
                {"field": "policy.expires_on", "op": "lte", "value": f"today+{last}"},
            ]
        },
    }


@dataclass
class Desk:
    """The marketing desk of a company."""

    app: FastAPI
    portfolio: Portfolio

    @property
    def company(self) -> Company:
        return self.portfolio.company

    @property
    def owner(self) -> asyncpg.Connection:
        return self.portfolio.owner

    async def call(
        self, method: str, path: str, body: Any = None, by: Headers | None = None, **more: Any
    ) -> Answer:
        answer = await self.company.send(method, path, body, by=by, **more)
        assert answer.is_success, f"{path}: {answer.text}"
        return dict(answer.json())

    async def got(self, path: str, by: Headers | None = None, **query: Any) -> Answer:
        return await self.portfolio.get(path, by=by, **query)

    async def refused(self, method: str, path: str, body: Any = None, **more: Any) -> Answer:
        answer = await self.company.send(method, path, body, **more)
        assert 400 <= answer.status_code < 500, f"{answer.status_code} {answer.text}"
        return dict(answer.json())

    async def customer(self, name: str = "Bouchareb", **more: Any) -> str:
        person = {"last_name": name, "first_name": "Karim", "create_household": True}
        person |= {"phones": [{"value": "0550123456"}], "agency_id": str(self.portfolio.agency_id)}
        return str((await self.call("POST", "/v1/contacts", person | more))["id"])

    async def contract(self, contact_id: str, expires: int = 30, **more: Any) -> Answer:
        """In force; its term ends so many days from today."""
        account = (await self.got(f"/v1/contacts/{contact_id}"))["account_links"][0]["account_id"]
        known: Answer = {"account_id": account, "policyholder_contact_id": contact_id}
        policy = await self.portfolio.policy(**(known | more))
        await self.brought(policy, on_day(expires))
        return policy

    async def brought(self, policy: Answer, expires_at: datetime) -> None:
        """Its term is moved, and said so as every change is."""
        await self.owner.execute(
            "UPDATE policies SET effective_at = $2, expires_at = $3 WHERE id = $1",
            UUID(policy["id"]),
            expires_at - timedelta(days=365),
            expires_at,
        )
        await self.tell("policy", policy["id"])

    async def tell(self, kind: str, object_id: str, **data: Any) -> None:
        await self.owner.execute(
            """INSERT INTO event_log (organization_id, kind, object_type, object_id, actor_type, actor_id)
            VALUES ($1, $2 || '.updated', $2, $3, 'system', $3)""",
            self.company.organization_id,
            kind,
            UUID(object_id),
        )

    async def segment(self, rule: Any, name: str = "Essai", *, built: bool = True, **more: Any) -> Answer:
        made = await self.call("POST", "/v1/segments", {"name": name, "definition": rule} | more)
        if built:
            await self.work()
            made = await self.got(f"/v1/segments/{made['id']}")
        return made

    async def work(self) -> None:
        await work(self.app, self.owner)

    async def follow(self) -> None:
        """The log is read to its end."""
        await passed(self.owner.fetchval)
        await self.ran(follow_segments)
        await self.work()

    async def ran(self, job: Any) -> None:
        ctx = self.company.context()
        await job(ctx, {})
        await ctx.commit()
        await ctx.close()

    async def turn(self) -> None:
        await self.ran(turn_segments)

    async def members(self, segment: Answer, **query: Any) -> set[str]:
        listed = await self.got(f"/v1/segments/{segment['id']}/members", limit=200, **query)
        return {one["contact_id"] for one in listed["data"]}

    async def told(self, segment: Answer) -> list[tuple[str, int]]:
        """What the event log says of it: which fact, of how many people."""
        rows = await self.owner.fetch(
            """SELECT kind, coalesce(jsonb_array_length(data -> 'contact_ids'), 0) AS people FROM event_log
            WHERE object_id = $1 AND kind IN ('segment.entered', 'segment.left') ORDER BY id""",
            UUID(segment["id"]),
        )
        return [(row["kind"], row["people"]) for row in rows]

    async def audience(self, include: Iterable[str], exclude: Iterable[str] = ()) -> set[str]:
        ctx = self.company.context()
        chosen = SegmentAudience(ctx).select([*map(UUID, include)], [*map(UUID, exclude)])
        found = {str(one) for one in await ctx.session.scalars(chosen)}
        await ctx.close()
        return found

    async def were_in(self, segment: Answer, day: date) -> set[str]:
        ctx = self.company.context()
        found = await SegmentAudience(ctx).members_on(UUID(segment["id"]), day)
        await ctx.close()
        return {str(one) for one in found}

    async def claim(self, contact_id: str) -> Answer:
        account = (await self.got(f"/v1/contacts/{contact_id}"))["account_links"][0]["account_id"]
        return await self.call(
            "POST",
            "/v1/claims",
            {
                "policy_unknown": True,
                "agency_id": str(self.portfolio.agency_id),
                "account_id": account,
                "declarant_contact_id": contact_id,
                "cause": "collision",
                "channel": "agency",
                "occurred_at": moment(on_day(-1)),
                "wilaya_code": "16",
                "circumstances": "Choc arrière au feu rouge.",
            },
            by=self.company.admin.headers | {"Idempotency-Key": str(uuid4())},
        )


async def new_desk(app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection) -> Desk:
    return Desk(app, await open_portfolio(app, client, owner))
