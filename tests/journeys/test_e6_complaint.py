"""E-6: a complaint whose answer is late goes up level by level, is answered, contested, and closed."""

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from chores import done
from company import Person
from complaints.conftest import ANSWER, Office
from crm_api.complaints.jobs import acknowledge_complaints
from crm_api.core.apart import committed
from crm_api.sla.jobs import watch_sla
from journeys.steps import Answer, facts, notified, read
from moved_clock import MovedClock
from tickets.counter import open_counter

pytestmark = pytest.mark.anyio


async def minute(office: Office, moment: str) -> None:
    """The clock of the house strikes."""
    office.time.go(moment)
    company = office.counter.company
    async with committed(company.context()) as ctx:
        await watch_sla(ctx, {})
        await acknowledge_complaints(ctx, {})
    await done(company.app, office.owner)


async def open_office(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, time: MovedClock
) -> tuple[Office, Person]:
    """An agency with its manager; a supervisor at the head office."""
    counter = await open_counter(app, client, owner)
    supervisor = await counter.company.hire("supervisor")
    manager = await counter.company.hire(agency_id=counter.agency_id)
    path = f"/v1/agencies/{counter.agency_id}"
    made = await counter.company.send("PATCH", path, {"manager_user_id": str(manager.id)}, version=1)
    assert made.status_code == 200, made.text
    return Office(counter, time, supervisor), manager


async def late(office: Office, manager: Person) -> Answer:
    """From the call to the level of quality at the head office."""
    counter, handler = office.counter, office.counter.agent
    company = counter.company

    # 1. A call; the register has it, a ticket of high priority is opened, an agent of the agency takes it.
    office.time.go("2026-11-19 15:00")
    complaint = await office.opened(channel="email", demanded_outcome="Le règlement")
    ticket = await counter.now(complaint["ticket_id"])
    assert (ticket["priority"], complaint["escalation_level"]) == ("high", 0)
    await counter.done(ticket, "assign", {"owner_user_id": str(handler.id)})
    assert (await office.now(complaint))["owner_user_id"] == str(handler.id)

    # 2. Nobody acknowledges: the house does, before the 24 hours are over.
    await minute(office, "2026-11-20 09:30")
    assert (await office.now(complaint))["status"] == "acknowledged"

    # 3. 80 % of fifteen days: the assignee and the manager are told; nothing has gone up yet.
    await office.done(complaint, "investigate", by=handler.headers)
    await minute(office, "2026-12-01 15:01")
    assert "ticket" in await notified(company, handler.headers)
    assert "ticket" in await notified(company, manager.headers)
    assert (await office.now(complaint))["escalation_level"] == 0

    # 4. 100 %: the promise is broken; the region, urgent.
    await minute(office, "2026-12-04 15:01")
    broken = await office.now(complaint)
    assert (broken["status"], broken["escalation_level"]) == ("escalated", 1)
    ticket = await counter.now(complaint["ticket_id"])
    assert ticket["priority"] == "urgent"
    assert ticket["sla_breached_at"] is not None
    assert "complaint" in await notified(company, handler.headers)
    assert "ticket" in await notified(company, office.supervisor.headers)

    # 5. 150 %: quality at the head office. Looking twice tells nothing twice.
    await office.done(complaint, "investigate", by=handler.headers)
    await minute(office, "2026-12-12 03:01")
    await minute(office, "2026-12-12 03:02")
    raised = await office.now(complaint)
    assert (raised["status"], raised["escalation_level"]) == ("escalated", 2)
    return complaint


async def test_a_complaint_that_is_late_goes_up_and_ends_with_its_cause(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, manager = await open_office(app, client, owner, MovedClock(monkeypatch))
    counter, handler, supervisor = office.counter, office.counter.agent, office.supervisor
    complaint = await late(office, manager)
    crossed = [kind for kind in await facts(owner, complaint["sla_clock_id"]) if kind.startswith("sla.")]
    assert crossed.count("sla.escalated") == 1
    path = f"/v1/sla-clocks/{complaint['sla_clock_id']}/explanation"
    explained = await read(counter.company, path)
    resolution = next(each for each in explained["timers"] if each["metric"] == "resolution")
    assert (resolution["state"], resolution["due_at"]) == ("breached", "2026-12-04T14:00:00.000Z")

    # 6. The answer, by two people; the letter goes out, late.
    await office.done(complaint, "investigate", by=handler.headers)
    await office.done(complaint, "answer", ANSWER, by=handler.headers)
    answered = await office.done(complaint, "answer/approve", by=supervisor.headers)
    assert answered["answered_at"] > answered["answer_due_at"]
    assert (await counter.now(complaint["ticket_id"]))["status"] == "solved"

    # 7. Contested: the file for the supervisor, level 3; answered again, accepted, closed with its cause.
    await office.done(complaint, "contest", {"reason": "Le montant est insuffisant"})
    assert (await counter.now(complaint["ticket_id"]))["status"] == "open"
    top = await office.done(complaint, "escalate", {"reason": "Saisine de la commission"})
    assert top["escalation_level"] == 3
    file = await counter.company.send("POST", f"/v1/complaints/{complaint['id']}/file")
    assert file.json()["documents"] == 1
    await office.done(complaint, "investigate")
    await office.done(complaint, "answer", ANSWER | {"decision": "upheld"}, by=handler.headers)
    await office.done(complaint, "answer/approve", by=supervisor.headers)
    await office.done(complaint, "accept")
    assert (await office.act(complaint, "close", {})).json()["code"] == "root_cause_missing"
    await office.done(complaint, "close", {"root_cause": "Rapport d'expertise en retard"})
    told = [kind for kind in await facts(owner, complaint["id"]) if kind != "complaint.updated"]
    assert told == [
        *("complaint.created", "complaint.received", "complaint.acknowledged"),
        *("complaint.escalated", "complaint.escalated", "complaint.answered", "complaint.contested"),
        *("complaint.escalated", "complaint.answered", "complaint.closed"),
    ]
