"""Who is asked: after a claim, a ticket, a contract; in waves; and what it comes to."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from actors import actor
from claims.bureau import open_bureau
from crm_api.kit.ids import new_id
from surveys.desk import Answer, Desk, open_desk
from tickets.counter import open_counter

pytestmark = pytest.mark.anyio
PERIOD = {
    "start": (date.today() - timedelta(days=2)).isoformat(),  # noqa: DTZ011 - two days of margin
    "end": (date.today() + timedelta(days=2)).isoformat(),  # noqa: DTZ011
}


async def test_a_settled_claim_asks_who_declared_it(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    bureau = await open_bureau(app, client, owner)
    desk = await open_desk(app, bureau.company, owner, monkeypatch)
    karim = await desk.customer()
    survey = await desk.survey(trigger="claim_settled")
    claim = await bureau.settled(declarant_contact_id=karim["id"])
    await desk.answered(await desk.link(), 1)
    (kept,) = (await desk.got("/v1/survey-responses", survey_id=survey["id"]))["data"]
    about = (kept["related_type"], kept["related_id"], kept["contact_id"], kept["agency_id"])
    assert about == ("claim", claim["id"], karim["id"], claim["agency_id"])
    assert len((await desk.got("/v1/tasks", object_id=karim["id"], object_type="contact"))["data"]) == 1


async def test_a_solved_ticket_asks_its_requester_once_after_the_delay(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = await open_counter(app, client, owner)
    desk = await open_desk(app, counter.company, owner, monkeypatch)
    lina = await desk.customer("Haddad")
    survey = await desk.survey(trigger="ticket_solved", delay_minutes=60)
    never = await desk.survey("rare", trigger="ticket_solved", sampling="0.000001")
    ticket = await counter.opened(requester_contact_id=lina["id"])
    await counter.say(ticket, status="solved")
    await counter.written(ticket)
    await counter.say(ticket, status="solved")
    (asked,) = (await desk.got("/v1/survey-invitations", contact_id=lina["id"]))["data"]
    about = (asked["survey_id"], asked["status"], asked["related_type"], asked["related_id"])
    assert about == (survey["id"], "planned", "ticket", ticket["id"])
    assert not (await desk.got("/v1/survey-invitations", survey_id=never["id"]))["data"]
    await desk.work()
    assert desk.mails == [], "it waits an hour"
    await owner.execute("UPDATE pgqueuer SET execute_after = now() WHERE entrypoint = 'send_survey'")
    await desk.work()
    assert [mail.to for mail in desk.mails] == ["haddad@example.test"]


async def test_a_wave_asks_every_customer_once_and_tells_how_far_it_is(desk: Desk) -> None:
    survey = await desk.survey("nps-t4", type="nps", cooldown_days=90)
    people = [await desk.customer(f"Client{n}") for n in "abcd"]
    silent = await desk.customer("Muet", emails=[])
    tired = await desk.customer("Fatigue")
    await desk.owner.execute(
        """UPDATE accounts SET lifecycle = 'customer' WHERE id IN
        (SELECT account_id FROM contact_account_links WHERE contact_id = ANY($1))""",
        [UUID(one["id"]) for one in (*people[:3], silent, tired)],
    )
    await desk.invited(survey, tired)
    job = await desk.call("POST", f"/v1/surveys/{survey['id']}/waves", {"name": "NPS T4 2026"})
    await desk.work()
    ended = await desk.got(f"/v1/jobs/{job['id']}")
    assert (ended["status"], ended["counts"]["done"], ended["progress"]) == ("succeeded", 4, 1), ended
    (wave,) = (await desk.got("/v1/survey-waves", survey_id=survey["id"]))["data"]
    assert (wave["name"], wave["reached"], wave["invited"], wave["job_id"]) == (
        "NPS T4 2026",
        4,
        3,
        job["id"],
    )
    asked = (await desk.got("/v1/survey-invitations", wave_id=wave["id"]))["data"]
    assert {one["contact_id"] for one in asked} == {one["id"] for one in people[:3]}
    assert {mail.to for mail in desk.mails[1:]} == {f"client{n}@example.test" for n in "abc"}
    with pytest.raises(asyncpg.UniqueViolationError):
        await desk.owner.execute(
            """INSERT INTO survey_invitations (organization_id, id, version, survey_id, wave_id, contact_id,
                status, language, expires_at)
            SELECT organization_id, gen_random_uuid(), 1, survey_id, wave_id, contact_id, 'sent', 'fr', now()
            FROM survey_invitations WHERE wave_id = $1 LIMIT 1""",
            UUID(wave["id"]),
        )


async def _said(desk: Desk, survey: Answer, scores: list[int], **columns: object) -> None:
    """Answers straight in the table."""
    names = "".join(f", {name}" for name in columns)
    marks = "".join(f", ${at}" for at in range(5, 5 + len(columns)))
    for score in scores:
        await desk.owner.execute(
            f"""INSERT INTO survey_responses (organization_id, id, version, survey_id, score, answers,
                language, answered_at{names})
            VALUES ($1, $2, 1, $3, $4, '[]', 'fr', clock_timestamp(){marks})""",
            *(desk.company.organization_id, new_id(), UUID(survey["id"]), score),
            *columns.values(),
        )


async def test_results_are_those_of_the_book_and_small_samples_say_nothing(desk: Desk) -> None:
    survey = await desk.survey()
    north, south = await desk.company.agency("16101"), await desk.company.agency("16102")
    agent = await desk.company.hire(agency_id=north)
    await _said(desk, survey, [5] * 100 + [4] * 65 + [3] * 20 + [1] * 22, agency_id=north, agent_id=agent.id)
    await _said(desk, survey, [4, 4, 4], agency_id=south)
    path = f"/v1/surveys/{survey['id']}/results"
    found = await desk.got(path, **PERIOD, group_by="agency")
    whole = found["whole"]
    assert (whole["value"], whole["numerator"], whole["denominator"]) == ("0.8000", 168, 210)
    assert (whole["low"], whole["high"], whole["status"]) == ("0.7407", "0.8485", "ok")
    assert [(one["agency_id"], one["sample_size"], one["status"]) for one in found["groups"]] == [
        (str(north), 207, "ok"),
        (str(south), 3, "no_data"),
    ]
    assert (found["groups"][1]["value"], found["groups"][1]["low"]) == (None, None)
    by_agent = await desk.got(path, **PERIOD, group_by="agent")
    assert [(one["agent_id"], one["sample_size"]) for one in by_agent["groups"]] == [(str(agent.id), 207)]
    about = {"agency_id": south, "agency_ids": (south,), "data_scope": "agency"}
    manager = actor(desk.company.organization_id, "surveys:read", **about)
    theirs = await desk.got(path, manager, **PERIOD, group_by="agency")
    assert (theirs["whole"]["sample_size"], theirs["whole"]["status"]) == (3, "no_data")
    assert [one["agency_id"] for one in theirs["groups"]] == [str(south)]
    listed = await desk.got("/v1/survey-responses", manager, survey_id=survey["id"])
    assert len(listed["data"]) == 3
    empty = await desk.got(path, start="2020-01-01", end="2020-02-01")
    assert (empty["whole"]["status"], empty["whole"]["value"]) == ("no_data", None)
    backwards = {"start": PERIOD["end"], "end": PERIOD["start"]}
    refused = await desk.company.client.get(path, params=backwards, headers=desk.company.admin.headers)
    assert refused.status_code == 422


async def test_recommendation_is_that_of_the_book(desk: Desk) -> None:
    survey = await desk.survey(type="nps")
    await _said(desk, survey, [10] * 52 + [8] * 30 + [3] * 18)
    whole = (await desk.got(f"/v1/surveys/{survey['id']}/results", **PERIOD))["whole"]
    assert (whole["value"], whole["numerator"], whole["denominator"]) == ("34.0", 34, 100)


async def test_of_one_object_the_last_answer_counts(desk: Desk) -> None:
    survey = await desk.survey()
    ticket = uuid4()
    await _said(desk, survey, [1, 2, 5], related_type="ticket", related_id=ticket)
    await _said(desk, survey, [5, 5, 5, 5])
    whole = (await desk.got(f"/v1/surveys/{survey['id']}/results", **PERIOD))["whole"]
    assert (whole["value"], whole["sample_size"]) == ("1.0000", 5)
