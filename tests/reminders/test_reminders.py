"""Reminders: made, changed, fired once, answered, put off, told above, repeated."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st

from actors import actor
from company import Company, Person, open_company
from crm_api.core.db import now
from crm_api.core.mail import FolderMailer
from crm_api.reminders.firing import Firing
from crm_api.reminders.models import REMINDER, Reminder, ReminderRepeat
from crm_api.reminders.repeating import comes_again_at
from crm_api.reminders.service import ReminderService

pytestmark = pytest.mark.anyio
ALGIERS = ZoneInfo("Africa/Algiers")
Answer = dict[str, Any]
LEAD = {"full_name": "Karim BOUCHAREB", "phone": "0550 12 34 56", "source": "phone"}


class Desk:
    """A colleague with a lead, the head of the agency, and a clock that can be put forward."""

    def __init__(
        self, company: Company, lina: Person, head: Person, lead: str, owner: asyncpg.Connection
    ) -> None:
        self.company, self.lina, self.head, self.lead, self.owner = company, lina, head, lead, owner

    async def send(self, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        return await self.company.send(method, path, body, by=self.lina.headers, **more)

    async def remind(self, **fields: Any) -> Answer:
        body = {"text": "Rappeler pour la carte grise", "object_type": "lead", "object_id": self.lead}
        body |= {"remind_at": (now() + timedelta(hours=1)).isoformat()} | fields
        answer = await self.send("POST", "/v1/reminders", body)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def read(self, of: Answer) -> Answer:
        return dict((await self.send("GET", f"/v1/reminders/{of['id']}")).json())

    async def act(self, of: Answer, action: str, **body: Any) -> httpx.Response:
        version = (await self.read(of))["version"]
        return await self.send("POST", f"/v1/reminders/{of['id']}/{action}", body or None, version=version)

    async def later(self, hours: float = 2) -> None:
        """The house goes by its clock; here the moments come nearer instead."""
        for column in "remind_at", "escalate_at", "series_starts_at":
            await self.owner.execute(
                f"UPDATE reminders SET {column} = {column} - $1::interval", timedelta(hours=hours)
            )
        await self.tick()

    async def tick(self) -> None:
        ctx = self.company.context()
        await Firing(ctx).fire_due()
        await Firing(ctx).escalate_unanswered()
        await ctx.commit()
        await ctx.close()

    async def told(self, to: Person) -> list[str]:
        answer = await self.company.client.get("/v1/notifications", headers=to.headers)
        return [each["title"] for each in answer.json()["data"] if each["object_type"] == "lead"]

    async def customer(self, **fields: Any) -> str:
        body = {"last_name": "Aïssani", "first_name": "Nour", "emails": [{"value": "nour@example.dz"}]}
        body |= {"create_household": True, "agency_id": str(self.agency)} | fields
        answer = await self.send("POST", "/v1/contacts", body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    agency: UUID


@pytest.fixture
async def desk(app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection) -> Desk:
    company = await open_company(app, client)
    agency = await company.agency()
    lina, head = await company.hire(agency_id=agency), await company.hire(agency_id=agency)
    await company.send("PATCH", f"/v1/agencies/{agency}", {"manager_user_id": str(head.id)}, version=1)
    lead = await company.send("POST", "/v1/leads", LEAD, by=lina.headers)
    desk = Desk(company, lina, head, lead.json()["id"], owner)
    desk.agency = agency
    return desk


async def test_a_reminder_fires_once_at_its_moment(desk: Desk) -> None:
    made = await desk.remind()
    assert (made["status"], made["for_user_id"], made["channels"]) == (
        "scheduled",
        str(desk.lina.id),
        ["in_app"],
    )
    await desk.tick()
    assert await desk.told(desk.lina) == []
    await desk.later()
    await desk.tick()
    fired = await desk.read(made)
    assert (fired["status"], fired["deliveries"]) == ("fired", {"in_app": "told"})
    assert await desk.told(desk.lina) == ["Rappel : Rappeler pour la carte grise"]
    answered = await desk.act(made, "acknowledge")
    assert (answered.json()["status"], answered.json()["acknowledged_at"] is None) == ("acknowledged", False)


@pytest.mark.parametrize("wanted", ["acknowledge", "snooze", "cancel"])
async def test_a_listed_step_is_made_and_any_other_is_refused(desk: Desk, wanted: str) -> None:
    leads_to = {"acknowledge": "acknowledged", "snooze": "scheduled", "cancel": "cancelled"}[wanted]
    body = {"minutes": 30} if wanted == "snooze" else {}
    for current in REMINDER.states:
        made = await desk.remind()
        await desk.owner.execute("UPDATE reminders SET status = $2 WHERE id = $1", UUID(made["id"]), current)
        answer = await desk.act(made, wanted, **body)
        if leads_to in REMINDER.allowed(current):
            assert (answer.status_code, answer.json()["status"]) == (200, leads_to), current
        else:
            told = answer.json()
            assert (answer.status_code, told["code"]) == (409, "invalid_transition"), current
            assert set(told["allowed"]) == set(REMINDER.allowed(current))


@pytest.mark.parametrize("status", [status for status in REMINDER.states if status != "scheduled"])
async def test_only_what_waits_fires_and_is_changed(desk: Desk, status: str) -> None:
    made = await desk.remind()
    await desk.owner.execute("UPDATE reminders SET status = $1", status)
    await desk.later()
    assert ((await desk.read(made))["status"], await desk.told(desk.lina)) == (status, [])
    version = (await desk.read(made))["version"]
    refused = await desk.send("PATCH", f"/v1/reminders/{made['id']}", {"text": "x"}, version=version)
    assert (refused.status_code, refused.json()["code"]) == (409, "reminder_started")


async def test_a_reminder_is_put_off_five_times_and_told_each_time(desk: Desk) -> None:
    made = await desk.remind()
    for count in range(1, 6):
        await desk.later()
        put_off = await desk.act(made, "snooze", minutes=60)
        assert put_off.json()["snooze_count"] == count
    await desk.later()
    assert len(await desk.told(desk.lina)) == 6
    enough = await desk.act(made, "snooze", minutes=60)
    assert (enough.status_code, enough.json()["code"]) == (409, "snoozed_enough")


async def test_nobody_puts_a_reminder_off_into_the_past(desk: Desk) -> None:
    made = await desk.remind()
    await desk.later()
    past = await desk.act(made, "snooze", until=(now() - timedelta(hours=1)).isoformat())
    assert (past.status_code, past.json()["code"]) == (409, "snooze_in_the_past")
    both = await desk.act(made, "snooze", minutes=5, until=now().isoformat())
    assert [each["code"] for each in both.json()["errors"]] == ["one_snooze"]


async def test_what_nobody_answers_is_told_to_the_head_of_the_agency_once(desk: Desk) -> None:
    made = await desk.remind(escalate_after_hours=4)
    await desk.later(2)
    assert await desk.told(desk.head) == []
    await desk.later(3)
    await desk.later(3)
    assert await desk.told(desk.head) == ["Rappel sans réponse : Rappeler pour la carte grise"]
    assert (await desk.read(made))["escalated_at"] is not None


async def test_what_was_answered_is_told_to_nobody_above(desk: Desk) -> None:
    made = await desk.remind(escalate_after_hours=4)
    await desk.later(2)
    await desk.act(made, "acknowledge")
    await desk.later(5)
    assert await desk.told(desk.head) == []


async def test_a_reminder_comes_again_as_often_as_was_said(desk: Desk) -> None:
    made = await desk.remind(repeat="daily", repeat_count=3)
    for _ in range(5):
        await desk.later(24)
    series = (await desk.send("GET", f"/v1/reminders?series_id={made['id']}")).json()["data"]
    assert [(each["occurrence"], each["status"]) for each in series] == [
        (1, "fired"),
        (2, "fired"),
        (3, "fired"),
    ]


async def test_cancelling_ends_the_series(desk: Desk) -> None:
    made = await desk.remind(repeat="weekly")
    await desk.act(made, "cancel")
    await desk.later(24 * 8)
    assert len((await desk.send("GET", f"/v1/reminders?series_id={made['id']}")).json()["data"]) == 1


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"channels": ["sms"]}, 422, "channel_not_connected"),
        ({"object_id": str(uuid4())}, 404, "unknown_object"),
        ({"for_user_id": str(uuid4())}, 403, "not_your_reminder"),
        ({"for_contact_id": str(uuid4()), "channels": ["email"]}, 422, "unknown_reminder_contact"),
        ({"for_contact_id": str(uuid4())}, 422, "contact_channel"),
        ({"escalate_to_user_id": str(uuid4())}, 422, "unknown_reminder_user"),
        ({"repeat": "daily", "repeat_count": 2, "repeat_until": "2027-01-01"}, 422, "one_end"),
        ({"text": "x" * 301}, 422, "string_too_long"),
    ],
)
async def test_a_reminder_that_makes_no_sense_is_refused(
    desk: Desk, fields: Answer, status: int, code: str
) -> None:
    body = {
        "text": "x",
        "object_type": "lead",
        "object_id": desk.lead,
        "remind_at": now().isoformat(),
    } | fields
    refused = await desk.send("POST", "/v1/reminders", body)
    assert refused.status_code == status
    told = refused.json()
    assert code in (told["code"], *(each["code"] for each in told.get("errors", [])))


async def test_reminders_are_ones_own_and_never_of_another_organization(desk: Desk) -> None:
    made = await desk.remind()
    for other in (desk.head.headers, desk.company.admin.headers, actor(uuid4(), "reminders:read")):
        path = f"/v1/reminders/{made['id']}"
        assert (await desk.company.send("GET", path, by=other)).status_code == 404
        assert (await desk.company.send("GET", "/v1/reminders", by=other)).json()["data"] == []


async def test_what_is_in_the_bin_does_not_fire(desk: Desk) -> None:
    made = await desk.remind()
    gone = await desk.send("DELETE", f"/v1/reminders/{made['id']}", version=1)
    assert gone.status_code == 204
    await desk.later()
    assert await desk.told(desk.lina) == []


async def test_the_house_reminds_once_for_each_key(desk: Desk) -> None:
    made = await desk.remind()
    key = f"payment_due:{desk.lead}:2026-11-22"
    ids = set()
    for _ in range(2):
        ctx = desk.company.context()
        ids.add(await _system_reminder(ctx, key, UUID(desk.lead), desk.lina.id))
        await ctx.commit()
        await ctx.close()
    assert len(ids) == 1
    assert made["id"] not in map(str, ids)


async def _system_reminder(ctx: Any, key: str, lead: UUID, user: UUID) -> UUID:
    return await ReminderService(ctx).schedule(
        dedupe_key=key,
        for_user_id=user,
        remind_at=now(),
        kind="payment_due",
        text="Échéance",
        object_type="lead",
        object_id=lead,
        channels=["in_app"],
    )


# --- customers


async def mailed(desk: Desk, made: Answer) -> Answer:
    """After the job that sends it, at an hour that is not quiet."""
    ctx = desk.company.context()
    await Firing(ctx).send_mail(UUID(made["id"]), 0)
    await ctx.commit()
    await ctx.close()
    return await desk.read(made)


async def quiet(desk: Desk, start: str, end: str) -> None:
    version = (await desk.company.send("GET", "/v1/organization")).json()["version"]
    hours = {"quiet_hours": {"start": start, "end": end}}
    answer = await desk.company.send("PATCH", "/v1/organization/settings", hours, version=version)
    assert answer.status_code == 200, answer.text


async def test_a_customer_is_written_to_by_mail_once(desk: Desk, app: FastAPI) -> None:
    hour = (now().astimezone(ALGIERS) + timedelta(hours=12)).strftime("%H:00:00")
    await quiet(desk, hour, (now().astimezone(ALGIERS) + timedelta(hours=13)).strftime("%H:00:00"))
    made = await desk.remind(for_contact_id=await desk.customer(), channels=["email"])
    await desk.later()
    assert (await desk.read(made))["deliveries"] == {"email": "waiting"}
    assert (await mailed(desk, made))["deliveries"] == {"email": "sent"}
    assert isinstance(app.state.tools.mailer, FolderMailer)
    await desk.act(made, "acknowledge")
    ctx = desk.company.context()
    await Firing(ctx).send_mail(UUID(made["id"]), 0)  # the job once more: nothing is meant any more
    await ctx.close()


async def test_a_customer_is_left_in_peace_in_the_quiet_hours(desk: Desk) -> None:
    here = now().astimezone(ALGIERS)
    await quiet(
        desk,
        (here - timedelta(hours=1)).strftime("%H:%M:00"),
        (here + timedelta(hours=3)).strftime("%H:%M:00"),
    )
    made = await desk.remind(for_contact_id=await desk.customer(), channels=["email"])
    await desk.later()
    waits = await desk.owner.fetchval(
        "SELECT execute_after - now() FROM pgqueuer WHERE entrypoint = 'send_reminder_mail'"
    )
    assert timedelta(hours=2) < waits < timedelta(hours=4)
    assert (await mailed(desk, made))["deliveries"] == {"email": "waiting"}


async def test_a_customer_who_is_not_to_be_contacted_is_not(desk: Desk) -> None:
    here = now().astimezone(ALGIERS)
    await quiet(
        desk,
        (here + timedelta(hours=12)).strftime("%H:%M:00"),
        (here + timedelta(hours=13)).strftime("%H:%M:00"),
    )
    contact = await desk.customer()
    await desk.owner.execute("UPDATE contacts SET do_not_contact = true WHERE id = $1", UUID(contact))
    made = await desk.remind(for_contact_id=contact, channels=["email"])
    await desk.later()
    assert (await mailed(desk, made))["deliveries"] == {"email": "unreachable"}


# --- coming again


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([repeat for repeat in ReminderRepeat if repeat is not ReminderRepeat.NONE]),
    st.integers(0, 2000),
    st.integers(0, 1439),
    st.sampled_from(["Africa/Algiers", "Europe/Paris", "America/New_York"]),
)
def test_each_time_is_later_keeps_the_time_on_the_wall_and_misses_no_turn(
    repeat: ReminderRepeat, days: int, minutes: int, zone_name: str
) -> None:
    zone = ZoneInfo(zone_name)
    begun = (datetime(2024, 1, 1, tzinfo=zone) + timedelta(days=days, minutes=minutes)).astimezone(UTC)
    first = begun.astimezone(zone)  # what the clock showed: half past two is not there on a night in March
    reminder = Reminder(series_starts_at=begun, repeat=repeat, occurrence=1)
    at, furthest = begun, {"daily": 1, "weekly": 7, "monthly": 31, "yearly": 366}[repeat]
    for _ in range(6):
        following = comes_again_at(reminder, zone, at)
        assert following is not None
        assert timedelta() < following - at <= timedelta(days=furthest, hours=2)
        wall = datetime.combine(following.astimezone(zone).date(), first.time(), zone)
        assert following == wall.astimezone(UTC)
        at = following


def test_the_thirty_first_becomes_the_last_day_of_shorter_months() -> None:
    first = datetime(2026, 1, 31, 9, tzinfo=ALGIERS)
    reminder = Reminder(series_starts_at=first, repeat=ReminderRepeat.MONTHLY, occurrence=1)
    at, days = first, []
    for _ in range(3):
        following = comes_again_at(reminder, ALGIERS, at)
        assert following is not None
        at = following
        days.append(at.astimezone(ALGIERS).date().isoformat())
    assert days == ["2026-02-28", "2026-03-31", "2026-04-30"]
