"""Following the log comes to the same members as asking everybody anew, whatever happened in between."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_api.policies.models.policy import Policy
from crm_api.segments.keeping import Keeper
from crm_api.segments.models import Segment
from segments.desk import FRENCH, Desk, expiring, on_day

pytestmark = pytest.mark.anyio
PEOPLE = 6
RULES: list[tuple[str, Any]] = [
    ("Échéance", expiring(15, 45)),
    ("Multi", {"has": "policy", "at_least": 2, "where": {"field": "policy.status", "value": "in_force"}}),
    ("Sans contrat", {"not": {"has": "policy"}}),
    (
        "Silencieux",
        {
            "all": [
                FRENCH,
                {
                    "not": {
                        "has": "interaction",
                        "where": {"field": "interaction.occurred_on", "op": "gte", "value": "today-90"},
                    }
                },
            ]
        },
    ),
    (
        "Impayés",
        {"has": "receivable", "where": {"field": "receivable.due_on", "op": "lte", "value": "today-31"}},
    ),
    (
        "Ni l'un ni l'autre",
        {"any": [{"field": "contact.tag", "op": "match", "value": "vip"}, {"not": FRENCH}]},
    ),
]
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(
            ["language", "tag", "policy", "expiry", "holder", "status", "talk"]
            + ["debt", "paid", "claim", "settled", "dead", "binned", "unlink"]
        ),
        st.integers(0, PEOPLE - 1),
        st.integers(0, PEOPLE - 1),
        st.integers(-60, 60),
    ),
    min_size=1,
    max_size=8,
)


class World:
    """People and what is around them, changed straight in the tables and told as services tell it."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.org = desk, desk.company.organization_id
        self.people: list[str] = []
        self.accounts: list[UUID] = []
        self.policies: list[UUID] = []
        self.claims: list[UUID] = []
        self.debts: list[UUID] = []

    async def fill(self) -> None:
        for n in range(PEOPLE):
            person = await self.desk.customer(f"Client{'abcdefgh'[n]}")
            sheet = await self.desk.got(f"/v1/contacts/{person}")
            self.people.append(person)
            self.accounts.append(UUID(sheet["account_links"][0]["account_id"]))
        policy = await self.desk.contract(self.people[0], 30)
        self.policies.append(UUID(policy["id"]))
        self.claims.append(UUID((await self.desk.claim(self.people[1]))["id"]))

    async def run(self, sql: str, *values: Any) -> Any:
        return await self.desk.owner.fetchval(sql, *values)

    async def change(self, what: str, one: int, other: int, days: int) -> None:  # noqa: C901 - a list
        person, account = UUID(self.people[one]), self.accounts[one]
        policy = self.policies[other % len(self.policies)]
        tell = self.desk.tell
        if what in ("language", "tag", "dead", "binned", "unlink"):
            changes = {
                "language": "preferred_language = CASE preferred_language WHEN 'fr' THEN 'ar' ELSE 'fr' END",
                "tag": "tags = CASE WHEN 'vip' = ANY (tags) THEN '{}'::text[] ELSE '{vip}'::text[] END",
                "dead": "is_deceased = NOT is_deceased",
                "binned": "deleted_at = CASE WHEN deleted_at IS NULL THEN now() END",
                "unlink": "version = version + 1",
            }
            if what == "unlink":
                await self.run(
                    """UPDATE contact_account_links SET to_date = CASE WHEN to_date IS NULL
                    THEN greatest(from_date, current_date) END WHERE contact_id = $1""",
                    person,
                )
            await self.run(f"UPDATE contacts SET {changes[what]} WHERE id = $1", person)
            await tell("contact", str(person))
        elif what == "policy":
            id = uuid4()
            await self.run(
                """INSERT INTO policies SELECT (jsonb_populate_record(p, to_jsonb(p) || jsonb_build_object(
                    'id', $2::uuid, 'number', $2::text, 'account_id', $3::uuid, 'external_id', NULL,
                    'policyholder_contact_id', CASE WHEN $4 > 0 THEN $5::uuid END))).*
                FROM policies p WHERE id = $1""",
                *(self.policies[0], id, account, days, person),
            )
            self.policies.append(id)
            await tell("policy", str(id))
        elif what == "expiry":
            at = on_day(days)
            await self.run(
                "UPDATE policies SET effective_at = $2, expires_at = $3 WHERE id = $1",
                *(policy, at - timedelta(days=365), at),
            )
            await tell("policy", str(policy))
        elif what == "holder":
            # through the service's own table and journal: whom it concerned before stands in the audit log
            ctx = self.desk.company.context()
            row = await ctx.session.get_one(Policy, (self.org, policy))
            row.policyholder_contact_id = person
            row.account_id = account
            await ctx.commit()
            await ctx.close()
        elif what == "status":
            await self.run(
                """UPDATE policies SET status = CASE status WHEN 'in_force' THEN 'expired'
                ELSE 'in_force' END WHERE id = $1""",
                policy,
            )
            await tell("policy", str(policy))
        elif what == "talk":
            body: dict[str, Any] = {"channel": "phone", "direction": "outbound", "outcome": "reached"}
            body["links"] = [{"object_type": "contact", "object_id": str(person)}]
            body |= {"occurred_at": on_day(-abs(days) - 1).isoformat(), "subject": "Suivi"}
            said = await self.desk.company.send("POST", "/v1/interactions", body)
            assert said.status_code in (201, 404), said.text  # nobody speaks with who is in the bin
        elif what == "debt":
            id = uuid4()
            await self.run(
                """INSERT INTO receivables (organization_id, id, version, account_id, kind, original_amount,
                    due_on, status, dunning_state, dunning_from_on)
                VALUES ($1, $2, 1, $3, 'premium', 100000, $4, 'open', 'quiet', $4)""",
                *(self.org, id, account, on_day(days).date()),
            )
            self.debts.append(id)
            await tell("receivable", str(id))
        elif what == "paid" and self.debts:
            debt = self.debts[other % len(self.debts)]
            await self.run("UPDATE receivables SET due_on = $2 WHERE id = $1", debt, on_day(days).date())
            await tell("receivable", str(debt))
        elif what in ("claim", "settled"):
            claim = self.claims[0]
            status = "registered" if what == "claim" else "settled"
            await self.run("UPDATE claims SET status = $2 WHERE id = $1", claim, status)
            await tell("claim", str(claim))

    async def members(self) -> dict[str, set[str]]:
        rows = await self.desk.owner.fetch(
            """SELECT s.name, m.contact_id FROM segment_members m JOIN segments s ON s.id = m.segment_id
            WHERE m.left_at IS NULL"""
        )
        found: dict[str, set[str]] = {}
        for name, person in rows:
            found.setdefault(name, set()).add(str(person))
        return found

    async def recomputed(self) -> tuple[int, dict[str, set[str]]]:
        """How many had to move, and who is in what, when everybody is asked anew."""
        ctx = self.desk.company.context()
        keeper, moved = Keeper(ctx), 0
        for segment in await keeper.segments.kept():
            one = await keeper.settle(segment)
            moved += len(one.entered) + len(one.left)
        await ctx.commit()
        await ctx.close()
        return moved, await self.members()


async def test_following_the_log_equals_asking_everybody_anew(desk: Desk) -> None:
    world = World(desk)
    await world.fill()
    made = [await desk.segment(rule, name, acknowledge_everybody=True) for name, rule in RULES]
    inside = {"all": [{"member_of": made[0]["id"]}, {"not": {"member_of": made[1]["id"]}}]}
    await desk.segment(inside, "Échéance seule", acknowledge_everybody=True)

    steps: list[list[tuple[str, int, int, int]]] = []

    @settings(max_examples=25, database=None, suppress_health_check=[*HealthCheck], deadline=None)
    @given(CHANGES)
    def gather(changes: list[tuple[str, int, int, int]]) -> None:
        steps.append(changes)

    gather()
    for changes in steps:
        for change in changes:
            await world.change(*change)
        await desk.follow()
        followed = await world.members()
        moved, anew = await world.recomputed()
        assert followed == anew, changes
        assert moved == 0
    counts = await desk.owner.fetch(
        """SELECT member_count, (SELECT count(*) FROM segment_members m
            WHERE m.segment_id = s.id AND m.left_at IS NULL) AS members FROM segments s"""
    )
    assert all(row["member_count"] == row["members"] for row in counts)


async def test_a_page_told_twice_moves_nobody_twice(desk: Desk) -> None:
    karim = await desk.customer()
    await desk.contract(karim, 90)
    segment = await desk.segment(expiring(15, 45))
    policy = (await desk.got("/v1/policies"))["data"][0]
    before = await desk.owner.fetchrow("SELECT xid, event_id FROM segment_marks")
    await desk.brought(policy, on_day(20))
    await desk.follow()
    await desk.owner.execute("UPDATE segment_marks SET xid = $1, event_id = $2", *before)
    await desk.follow()
    assert await desk.told(segment) == [("segment.entered", 1)]
    ctx = desk.company.context()
    kept = await ctx.session.get_one(Segment, (ctx.organization_id, UUID(segment["id"])))
    assert kept.member_count == 1
    await ctx.close()
