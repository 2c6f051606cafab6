"""Tickets with time passing: their clocks, reminders, the end."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from fastapi import FastAPI

from chores import done
from crm_api.core.context import Context
from crm_api.core.jobs import enqueue
from crm_api.sla.events import SlaBreached, SlaWarned
from crm_api.tickets.aging import Aging
from crm_api.tickets.escalating import Escalating
from crm_api.tickets.repository.following import FollowingTickets
from tickets.counter import Answer, Counter

pytestmark = pytest.mark.anyio


async def house(counter: Counter) -> Context:
    ctx = counter.company.context()
    ctx.begin()
    return ctx


async def aged(counter: Counter) -> tuple[int, int]:
    ctx = await house(counter)
    aging = Aging(ctx)
    closed, reminded = await aging.close_solved(), await aging.remind_pending()
    await ctx.commit()
    await ctx.close()
    return closed, reminded


async def crossed(counter: Counter, ticket: Answer, kind: type, **asked: object) -> None:
    ctx = await house(counter)
    known = {"metric": "resolution", "instance": 1, "percent": 100, "due_at": None, "policy_id": None}
    known |= {"notify": [], "group_id": None, "raise_priority": False}
    await Escalating(ctx).crossed(kind(clock_id=UUID(ticket["sla_clock_id"]), **known | asked))
    await ctx.commit()
    await ctx.close()


def ago(**delta: float) -> datetime:
    return datetime.now(UTC) - timedelta(**delta)


async def test_a_solved_ticket_closes_after_a_week(counter: Counter) -> None:
    ticket = await counter.opened()
    await counter.say(ticket, status="solved")
    await counter.bring(ticket, status_since=ago(days=6, hours=23))
    assert await aged(counter) == (0, 0)
    await counter.bring(ticket, status_since=ago(days=7, minutes=1))
    assert await aged(counter) == (1, 0)
    now = await counter.now(ticket)
    assert now["status"] == "closed"
    assert now["closed_at"] is not None
    assert await aged(counter) == (0, 0)


async def test_who_does_not_answer_is_reminded_twice_then_given_up(counter: Counter) -> None:
    ticket = await counter.opened()
    await counter.say(ticket, status="pending")
    told = []
    for days in (1, 4, 5, 8, 9, 11):
        await counter.bring(ticket, status_since=ago(days=days))
        await aged(counter)
        now = await counter.now(ticket)
        told.append((days, now["status"], len(await counter.messages(ticket))))
    assert told == [
        (1, "pending", 2),
        (4, "pending", 3),
        (5, "pending", 3),
        (8, "pending", 4),
        (9, "pending", 4),
        (11, "solved", 4),
    ]
    reminder = (await counter.messages(ticket))[-1]
    assert (reminder["author_type"], reminder["is_automatic"], reminder["delivery"]) == (
        "system",
        True,
        "queued",
    )
    assert ticket["number"] in reminder["body"]


async def test_the_clock_follows_the_ticket(counter: Counter) -> None:
    ticket = await counter.opened()
    assert ticket["sla_clock_id"] is not None
    assert ticket["next_due_at"] is not None
    await counter.say(ticket, status="pending")
    assert (await counter.now(ticket))["next_due_at"] is None
    await counter.written(ticket)
    assert (await counter.now(ticket))["next_due_at"] is not None
    why = await counter.read(f"/v1/tickets/{ticket['id']}/clock", by=counter.agent.headers)
    assert (why["id"], why["policy_name"]) == (ticket["sla_clock_id"], "Standard")
    told = [each["what"] for each in why["history"]]
    assert told == ["started", "moved", "agent_answered", "moved", "moved", "customer_wrote"]
    later = (await counter.now(ticket))["next_due_at"]
    await counter.change(ticket, priority="urgent")
    assert (await counter.now(ticket))["next_due_at"] < later
    spoken = await counter.opened(channel="phone")
    assert spoken["first_response_at"] == spoken["created_at"]


async def test_a_missed_target_raises_tells_and_hands_over(counter: Counter) -> None:
    group = await counter.company.group("quality")
    ticket = await counter.opened(owner_user_id=str(counter.agent.id))
    await crossed(counter, ticket, SlaWarned, percent=90, notify=["assignee"])
    now = await counter.now(ticket)
    assert (now["priority"], now["sla_breached_at"]) == ("normal", None)
    await crossed(counter, ticket, SlaBreached, raise_priority=True, group_id=group, notify=["supervisors"])
    now = await counter.now(ticket)
    assert (now["priority"], now["group_id"], now["owner_user_id"]) == ("high", str(group), None)
    assert now["sla_breached_at"] is not None
    told = await counter.read("/v1/notifications", by=counter.agent.headers)
    assert {row["kind"] for row in told["data"]} >= {"sla_warning", "sla_breach"}
    await counter.say(ticket, status="solved")
    await crossed(counter, ticket, SlaBreached, raise_priority=True)
    assert (await counter.now(ticket))["priority"] == "high"


async def test_lists_follow_clocks_that_were_counted_anew(counter: Counter) -> None:
    ticket = await counter.opened()
    await counter.owner.execute("UPDATE sla_clocks SET next_due_at = '2030-01-01Z'")
    ctx = await house(counter)
    assert await FollowingTickets(ctx).follow_clocks() == 1
    assert await FollowingTickets(ctx).follow_clocks() == 0
    await ctx.commit()
    await ctx.close()
    now = await counter.now(ticket)
    assert (now["next_due_at"], now["version"]) == ("2030-01-01T00:00:00.000Z", ticket["version"])


async def test_the_jobs_do_it(counter: Counter, app: FastAPI) -> None:
    ticket = await counter.opened()
    await counter.say(ticket, status="solved")
    await counter.bring(ticket, status_since=ago(days=8))
    ctx = await house(counter)
    await enqueue(ctx, "age_tickets", {})
    await enqueue(ctx, "follow_ticket_clocks", {})
    await ctx.commit()
    await ctx.close()
    await done(app, counter.owner)
    assert (await counter.now(ticket))["status"] == "closed"
