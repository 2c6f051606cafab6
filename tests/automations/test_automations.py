"""Automations from the drawing to the last step: versions, people, messages, exits, what is looked at."""

from typing import Any

import pytest

from actors import actor
from crm_api.automations.models import AUTOMATION, RECIPES
from crm_api.automations.moving import Moving
from moved_clock import MovedClock
from surveys.desk import Answer, Desk

pytestmark = pytest.mark.anyio
WAIT = {"kind": "wait", "key": "attente", "minutes": 3 * 24 * 60, "next": "marque"}
TAG = {"kind": "tag", "key": "marque", "tag": "relance"}
BODY: Answer = {
    "name": "Relance",
    "trigger": {"kind": "manual"},
    "first_step": "attente",
    "steps": [WAIT, TAG],
}


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> MovedClock:
    return MovedClock(monkeypatch)


async def drawn(desk: Desk, *, active: bool = True, **changed: Any) -> Answer:
    made = await desk.call("POST", "/v1/automations", BODY | changed)
    if active:
        made = await desk.call("POST", f"/v1/automations/{made['id']}/activate", version=made["version"])
    return made


async def moved(desk: Desk) -> int:
    ctx = desk.company.context()
    people = await Moving(ctx).run()
    await ctx.commit()
    await ctx.close()
    return people


async def enrolled(desk: Desk, automation: Answer, contact: Answer) -> Answer:
    path = f"/v1/automations/{automation['id']}/enrolments"
    return await desk.call("POST", path, {"contact_id": contact["id"]})


async def where(desk: Desk, automation: Answer) -> list[tuple[str, str, str | None]]:
    found = await desk.got("/v1/enrolments", automation_id=automation["id"])
    return [(one["status"], one["step"], one["exit_reason"]) for one in found["data"]]


async def test_a_circle_is_refused_and_named(desk: Desk) -> None:
    circle = [WAIT, TAG | {"next": "attente"}]
    answer = await desk.company.send("POST", "/v1/automations", BODY | {"steps": circle})
    assert answer.status_code == 422
    fault = answer.json()["errors"][0]
    assert fault["code"] == "automation_circle"
    assert "attente → marque → attente" in fault["detail"]
    many = [TAG | {"key": f"s{number}"} for number in range(101)]
    answer = await desk.company.send("POST", "/v1/automations", BODY | {"steps": many})
    assert answer.status_code == 422
    days = await desk.company.send("POST", "/v1/automations", BODY | {"trigger": {"kind": "policy_expiring"}})
    assert days.json()["errors"][0]["code"] == "automation_days"


async def test_an_automation_goes_where_its_state_lets_it_and_nowhere_else(desk: Desk) -> None:
    path = f"/v1/automations/{(await drawn(desk, active=False))['id']}"
    for current in AUTOMATION.states:
        for step, wanted in (("activate", "active"), ("pause", "paused"), ("archive", "archived")):
            await desk.owner.execute("UPDATE automations SET status = $1 WHERE name = 'Relance'", current)
            version = (await desk.got(path))["version"]
            answer = await desk.company.send("POST", f"{path}/{step}", version=version)
            if wanted in AUTOMATION.allowed(current):
                assert answer.json()["status"] == wanted
            else:
                assert (answer.status_code, answer.json()["code"]) == (409, "invalid_transition")


async def test_somebody_waits_goes_on_and_is_done_once(desk: Desk, time: MovedClock) -> None:
    time.go("2026-11-01 09:00")
    automation, karim = await drawn(desk), await desk.customer()
    await enrolled(desk, automation, karim)
    twice = await desk.company.send(
        "POST", f"/v1/automations/{automation['id']}/enrolments", {"contact_id": karim["id"]}
    )
    assert twice.json()["code"] == "enrolment_underway"
    assert await moved(desk) == 1
    assert await moved(desk) == 0
    assert await where(desk, automation) == [("active", "attente", None)]
    time.go("2026-11-04 08:59")
    assert await moved(desk) == 0
    time.go("2026-11-04 09:00")
    assert await moved(desk) == 1
    assert await where(desk, automation) == [("completed", "marque", None)]
    assert (await desk.got(f"/v1/contacts/{karim['id']}"))["tags"] == ["relance"]
    told = await desk.got(f"/v1/automations/{automation['id']}/statistics")
    assert (told["entered"], told["completed"], told["active"]) == (1, 1, 0)
    assert [(one["key"], one["reached"]) for one in told["steps"]] == [("attente", 1), ("marque", 1)]


async def test_a_crash_between_two_steps_repeats_nothing(desk: Desk, time: MovedClock) -> None:
    time.go("2026-11-01 09:00")
    automation, karim = await drawn(desk, steps=[TAG], first_step="marque"), await desk.customer()
    await enrolled(desk, automation, karim)
    ctx = desk.company.context()
    assert await Moving(ctx).run() == 1
    await ctx.close()  # the worker dies before it signs the job off
    assert await where(desk, automation) == [("active", "marque", None)]
    assert await moved(desk) == 1
    assert await moved(desk) == 0
    assert (await desk.got(f"/v1/contacts/{karim['id']}"))["tags"] == ["relance"]
    steps = await desk.owner.fetchval("SELECT count(*) FROM enrolment_steps")
    assert steps == 1


async def test_whoever_is_under_way_finishes_on_their_version(desk: Desk, time: MovedClock) -> None:
    time.go("2026-11-01 09:00")
    automation, karim, nadia = await drawn(desk), await desk.customer(), await desk.customer("Haddad")
    before = await enrolled(desk, automation, karim)
    await moved(desk)
    steps = [WAIT | {"minutes": 60}, TAG | {"tag": "nouveau"}]
    path = f"/v1/automations/{automation['id']}"
    changed = await desk.call("PATCH", path, {"steps": steps}, version=automation["version"])
    assert changed["latest"] == 2
    after = await enrolled(desk, automation, nadia)
    assert before["automation_version_id"] != after["automation_version_id"]
    await moved(desk)
    time.go("2026-11-10 09:00")
    await moved(desk)
    assert (await desk.got(f"/v1/contacts/{karim['id']}"))["tags"] == ["relance"]
    assert (await desk.got(f"/v1/contacts/{nadia['id']}"))["tags"] == ["nouveau"]


async def test_a_paused_automation_moves_nobody(desk: Desk, time: MovedClock) -> None:
    time.go("2026-11-01 09:00")
    automation, karim = await drawn(desk), await desk.customer()
    await enrolled(desk, automation, karim)
    path = f"/v1/automations/{automation['id']}"
    paused = await desk.call("POST", f"{path}/pause", version=automation["version"])
    assert await moved(desk) == 0
    refused = await desk.company.send("POST", f"{path}/enrolments", {"contact_id": karim["id"]})
    assert refused.json()["code"] == "automation_not_active"
    await desk.call("POST", f"{path}/activate", version=paused["version"])
    assert await moved(desk) == 1


async def test_a_contact_who_comes_is_taken_in_by_itself_and_once(desk: Desk) -> None:
    automation = await drawn(desk, trigger={"kind": "contact_created"}, re_entry="never")
    await desk.customer()
    assert await moved(desk) == 1
    assert await moved(desk) == 0
    assert await where(desk, automation) == [("active", "attente", None)]


async def test_a_birthday_is_found_though_dates_of_birth_are_sealed(desk: Desk, time: MovedClock) -> None:
    time.go("2026-11-21 06:00")
    automation = await drawn(desk, trigger={"kind": "birthday"})
    await desk.customer(birth_date="1990-11-22")
    await desk.customer("Haddad", birth_date="1990-11-23")
    assert await moved(desk) == 0
    time.go("2026-11-22 10:00")
    assert await moved(desk) == 1
    assert await moved(desk) == 0
    assert len(await where(desk, automation)) == 1


async def test_a_simulation_tells_who_would_be_where_and_writes_nothing(desk: Desk) -> None:
    await desk.customer()
    await desk.customer("Haddad")
    await desk.owner.execute(
        "UPDATE contacts SET created_at = now() - interval '5 days' WHERE last_name = 'Haddad'"
    )
    automation = await drawn(desk, active=False, trigger={"kind": "contact_created"})
    told = await desk.got(f"/v1/automations/{automation['id']}/simulation")
    assert (told["entered"], told["ended"], told["is_complete"]) == (2, 1, True)
    assert told["steps"] == [
        {"key": "attente", "reached": 2, "waiting": 1},
        {"key": "marque", "reached": 1, "waiting": 0},
    ]
    assert await where(desk, automation) == []


async def test_the_board_shows_the_customers_whom_the_reader_may_see(desk: Desk, time: MovedClock) -> None:
    time.go("2026-11-01 09:00")
    automation, karim = await drawn(desk), await desk.customer()
    await enrolled(desk, automation, karim)
    await moved(desk)
    path = f"/v1/automations/{automation['id']}/board"
    columns = {one["step"]: one["cards"] for one in (await desk.got(path))["columns"]}
    (card,) = columns["attente"]
    assert card["name"] == "BOUCHAREB Karim"
    assert card["customer_code"] is not None
    assert card["next_at"].startswith("2026-11-04")
    assert columns["marque"] == []
    stranger = actor(desk.company.organization_id, "automations:read", "contacts:read", data_scope="own")
    hidden = await desk.got(path, by=stranger)
    assert all(one["cards"] == [] for one in hidden["columns"])


async def test_a_withdrawal_of_consent_takes_people_out(desk: Desk) -> None:
    automation, karim = await drawn(desk), await desk.customer()
    await enrolled(desk, automation, karim)
    await moved(desk)
    said = {
        "subject_type": "contact",
        "subject_id": karim["id"],
        "purpose": "marketing_email",
        "status": "withdrawn",
        "channel": "phone",
    }
    await desk.call("POST", "/v1/consents", said)
    await moved(desk)
    assert await where(desk, automation) == [("exited", "attente", "consent")]


async def test_somebody_is_taken_out_by_hand(desk: Desk) -> None:
    automation, karim = await drawn(desk), await desk.customer()
    enrolment = await enrolled(desk, automation, karim)
    path = f"/v1/enrolments/{enrolment['id']}/exit"
    out = await desk.call("POST", path, version=enrolment["version"])
    assert (out["status"], out["exit_reason"]) == ("exited", "manual")
    again = await desk.company.send("POST", path, version=out["version"])
    assert again.json()["code"] == "invalid_transition"


@pytest.mark.parametrize("recipe", RECIPES)
async def test_the_recipes_can_be_activated_as_they_are(desk: Desk, recipe: str) -> None:
    made = await desk.call("POST", "/v1/automation-recipes", {"recipe": recipe})
    path = f"/v1/automations/{made['id']}"
    active = await desk.call("POST", f"{path}/activate", version=1)
    assert active["status"] == "active"
    assert (await desk.got(f"{path}/simulation"))["entered"] == 0
    assert await moved(desk) == 0


async def test_a_message_is_put_into_a_send_once_and_only_with_consent(desk: Desk, time: MovedClock) -> None:
    time.go("2026-11-01 09:00")
    send = {"kind": "send", "key": "voeux", "template_code": "birthday"}
    automation = await drawn(desk, steps=[send], first_step="voeux")
    await enrolled(desk, automation, await desk.customer())
    assert await moved(desk) == 1
    told = (await desk.got(f"/v1/automations/{automation['id']}/statistics"))["steps"][0]
    assert (told["reached"], told["suppressed"], told["sent"]) == (1, 1, 0)
    reasons = await desk.owner.fetch("SELECT status, count(*) FROM messages GROUP BY 1")
    assert [tuple(row) for row in reasons] == [("suppressed", 1)]
    missing = await desk.company.send(
        "POST",
        "/v1/automations",
        BODY | {"name": "X", "steps": [send | {"template_code": "rien"}], "first_step": "voeux"},
    )
    refused = await desk.company.send("POST", f"/v1/automations/{missing.json()['id']}/activate", version=1)
    assert refused.json()["code"] == "automation_template_missing"
