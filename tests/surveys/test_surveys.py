"""Surveys from the draft to the answer: states, links, changes of mind, anonymity, the closed loop."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from actors import actor, principal_of
from crm_api.core.db import now
from crm_api.surveys.jobs import tend_surveys
from crm_api.surveys.models import INVITATION, SURVEY
from surveys.desk import OTHERS, SCORE, Answer, Desk

pytestmark = pytest.mark.anyio


async def test_a_survey_is_written_activated_and_closed_and_nothing_else(desk: Desk) -> None:
    survey = await desk.survey(active=False)
    path = f"/v1/surveys/{survey['id']}"
    taken = await desk.company.send(
        "POST", "/v1/surveys", {"code": "satisfaction", "name": "X", "type": "csat", "questions": [SCORE]}
    )
    assert taken.json()["code"] == "survey_code_taken"
    for current in SURVEY.states:
        for step, wanted in (("activate", "active"), ("close", "closed")):
            await desk.owner.execute("UPDATE surveys SET status = $1", current)
            version = (await desk.got(path))["version"]
            answer = await desk.company.send("POST", f"{path}/{step}", version=version)
            if wanted in SURVEY.allowed(current):
                assert answer.json()["status"] == wanted
            else:
                told = answer.json()
                assert (answer.status_code, told["code"]) == (409, "invalid_transition"), (current, step)
                assert set(told["allowed"]) == set(SURVEY.allowed(current))


async def test_what_is_being_asked_does_not_change(desk: Desk) -> None:
    survey = await desk.survey(active=False)
    path = f"/v1/surveys/{survey['id']}"
    changed = await desk.call("PATCH", path, {"questions": [SCORE, *OTHERS]}, version=1)
    assert len(changed["questions"]) == 3
    unsaid = await desk.company.send("PATCH", path, {"languages": ["fr", "ar"]}, version=2)
    assert unsaid.json()["errors"][0]["code"] == "survey_words"
    active = await desk.call("POST", f"{path}/activate", version=2)
    late = await desk.company.send("PATCH", path, {"anonymous": True}, version=active["version"])
    assert late.json()["code"] == "survey_underway"
    slower = await desk.call("PATCH", path, {"sampling": "0.5"}, version=active["version"])
    assert slower["sampling"] == "0.5"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"questions": [SCORE, SCORE]}, "survey_keys"),
        ({"questions": OTHERS}, "survey_score"),
        ({"type": "custom"}, "survey_score"),
        ({"questions": [SCORE, {"key": "x", "kind": "choice", "label": {"fr": "?"}}]}, "survey_options"),
        ({"languages": ["ar"]}, "survey_words"),
        ({"sampling": "0"}, "survey_sampling"),
        ({"questions": [SCORE | {"key": f"q{n}"} for n in range(11)]}, "too_long"),
    ],
)
async def test_a_survey_that_makes_no_sense_is_refused(
    desk: Desk, changed: dict[str, Any], code: str
) -> None:
    body = {"code": "satisfaction", "name": "S", "type": "csat", "questions": [SCORE]} | changed
    answer = await desk.company.send("POST", "/v1/surveys", body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == code


async def test_a_customer_answers_by_the_link_and_may_think_again_for_a_day(desk: Desk) -> None:
    survey, karim = await desk.survey(questions=[SCORE, *OTHERS]), await desk.customer()
    link = await desk.invited(survey, karim)
    assert desk.mails[-1].to == "bouchareb@example.test"
    form = (await desk.company.client.get(link)).json()
    assert [(one["key"], one["lowest"], one["highest"]) for one in form["questions"]] == [
        ("note", 1, 5),
        ("rapide", None, None),
        ("canal", None, None),
    ]
    assert (form["answered"], form["organization"]) == (False, "Alliance Assurances SPA")
    done = await desk.answered(link, 4, comment="Bien", rapide=True, canal="tel")
    assert (done["answered"], done["comment"]) == (True, "Bien")
    again = await desk.answered(link, 5, rapide=True)
    assert again["comment"] is None
    (kept,) = (await desk.got("/v1/survey-responses", survey_id=survey["id"]))["data"]
    assert (kept["score"], kept["sentiment"], kept["contact_id"]) == (5, "1", karim["id"])
    assert kept["edited_at"] is not None
    (asked,) = (await desk.got("/v1/survey-invitations", survey_id=survey["id"]))["data"]
    assert asked["status"] == "answered"
    await desk.owner.execute("UPDATE survey_responses SET answered_at = now() - interval '25 hours'")
    for late in (await desk.company.client.get(link), await desk.answer(link, 1, rapide=True)):
        assert (late.status_code, late.json()["code"]) == (410, "survey_link_used")
    facts = await desk.owner.fetch("SELECT kind FROM event_log WHERE kind LIKE 'survey.%ed' ORDER BY id")
    assert [row[0] for row in facts][-3:] == ["survey.invited", "survey.answered", "survey.answered"]


async def test_an_answer_that_does_not_fit_is_named(desk: Desk) -> None:
    survey, karim = await desk.survey(questions=[SCORE, *OTHERS]), await desk.customer()
    link = await desk.invited(survey, karim)
    lines = [
        {"key": "note", "value": 6},
        {"key": "canal", "value": "pigeon"},
        {"key": "canal", "value": "tel"},
        {"key": "autre", "value": True},
    ]
    answer = await desk.company.client.post(link, json={"answers": lines})
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [
        ("/answers/0/value", "survey_answer"),
        ("/answers/1/value", "survey_answer"),
        ("/answers/2/key", "survey_question"),
        ("/answers/3/key", "survey_question"),
        ("/answers", "survey_left_out"),
    ]
    for wrong in (True, "5", 0):
        body = {"answers": [{"key": "note", "value": wrong}, {"key": "rapide", "value": True}]}
        assert (await desk.company.client.post(link, json=body)).status_code == 422, wrong


async def test_links_that_lead_nowhere(desk: Desk) -> None:
    survey, karim = await desk.survey(), await desk.customer()
    link = await desk.invited(survey, karim)
    forged = await desk.company.client.get(link[:-4] + "AAAA")
    assert (forged.status_code, forged.json()["code"]) == (404, "survey_link_unknown")
    for status, code in (("planned", 404), ("failed", 404), ("expired", 410), ("sent", 200)):
        past = now() - timedelta(days=1) if status == "expired" else now() + timedelta(days=1)
        await desk.owner.execute("UPDATE survey_invitations SET status = $1, expires_at = $2", status, past)
        assert (await desk.company.client.get(link)).status_code == code, status
    await desk.call("POST", f"/v1/surveys/{survey['id']}/close", version=survey["version"])
    closed = await desk.answer(link, 5)
    assert (closed.status_code, closed.json()["code"]) == (410, "survey_link_expired")


async def test_every_step_of_an_invitation_is_in_its_table() -> None:
    for current in INVITATION.states:
        for wanted in INVITATION.states:
            if wanted not in INVITATION.allowed(current):
                with pytest.raises(Exception, match="state"):
                    INVITATION.check(current, wanted)
    assert INVITATION.final == {"answered", "expired", "failed"}


async def test_an_anonymous_answer_leaves_nothing_that_tells_whose_it_is(desk: Desk) -> None:
    survey, karim = await desk.survey(anonymous=True), await desk.customer()
    link = await desk.invited(survey, karim)
    done = await desk.answered(link, 1, comment="Très déçu")
    assert (done["answered"], done["editable_until"], done["answers"]) == (True, None, [])
    row = dict(await desk.owner.fetchrow("SELECT * FROM survey_responses") or {})
    named = (
        "invitation_id",
        "contact_id",
        "related_id",
        "agency_id",
        "agent_id",
        "created_by_id",
        "edited_at",
    )
    assert [row[name] for name in named] == [None] * len(named)
    assert UUID(str(row["id"])).version == 4, "its key tells no time"
    for moment in (row["answered_at"], row["created_at"], row["updated_at"]):
        assert moment == datetime.combine(moment.date(), datetime.min.time(), moment.tzinfo)
    asked = dict(await desk.owner.fetchrow("SELECT * FROM survey_invitations") or {})
    assert (asked["status"], asked["answered_at"]) == ("answered", None)
    assert asked["updated_at"] < now() - timedelta(microseconds=1)
    for log in ("audit_log", "event_log"):
        lines = await desk.owner.fetch(f"SELECT * FROM {log} WHERE object_type LIKE 'survey%'")
        assert not [line for line in lines if str(row["id"]) in str(line) or "answered" in str(line)], log
    assert (await desk.got("/v1/tasks"))["data"] == [], "nobody can be called back"
    twice = await desk.answer(link, 5)
    assert (twice.status_code, twice.json()["code"]) == (410, "survey_link_used")


async def test_nobody_is_asked_twice_in_ninety_days(desk: Desk) -> None:
    first = await desk.survey(cooldown_days=90)
    other = await desk.survey("autre", cooldown_days=90)
    karim = await desk.customer()
    await desk.invited(first, karim)
    path = f"/v1/surveys/{other['id']}/invitations"
    refused = await desk.company.send("POST", path, {"contact_id": karim["id"]})
    assert (refused.json()["code"], refused.json()["days"]) == ("survey_too_soon", 90)
    await desk.owner.execute("UPDATE survey_invitations SET created_at = now() - interval '91 days'")
    await desk.invited(other, karim)
    silent = await desk.customer("Haddad", emails=[])
    nobody = await desk.company.send("POST", path, {"contact_id": silent["id"]})
    assert nobody.json()["code"] == "survey_nobody_to_ask"
    unknown = await desk.company.send("POST", path, {"contact_id": str(UUID(int=1))})
    assert unknown.status_code == 404
    draft = await desk.survey("brouillon", active=False)
    early = await desk.company.send(
        "POST", f"/v1/surveys/{draft['id']}/invitations", {"contact_id": karim["id"]}
    )
    assert early.json()["code"] == "survey_not_active"


@pytest.mark.parametrize(("kind", "alarms", "content"), [("csat", 2, 3), ("nps", 6, 7)])
async def test_who_is_not_satisfied_is_called_within_a_day(
    desk: Desk, kind: str, alarms: int, content: int
) -> None:
    survey, karim = await desk.survey(type=kind), await desk.customer()
    link = await desk.invited(survey, karim)
    await desk.answered(link, content)
    assert (await desk.got("/v1/tasks"))["data"] == []
    await desk.answered(link, alarms)
    await desk.answered(link, alarms - 1)
    (task,) = (await desk.got("/v1/tasks"))["data"]
    assert task["title"].startswith("Rappel client mécontent : ")
    assert "Karim" in task["title"]
    assert (task["type"], task["object_type"], task["object_id"]) == ("call", "contact", karim["id"])
    assert task["group_id"] == str(await desk.company.group("quality"))
    due = datetime.fromisoformat(task["due_at"]) - now()
    assert timedelta(hours=23, minutes=50) < due <= timedelta(hours=24)
    told = await desk.owner.fetchval("SELECT count(*) FROM event_log WHERE kind = 'survey.detractor'")
    assert told == 2


async def test_what_has_had_its_time(desk: Desk) -> None:
    survey, karim = await desk.survey(), await desk.customer()
    link = await desk.invited(survey, karim)
    await desk.answered(link, 5, comment="Merci Lila")
    lina = await desk.customer("Haddad")
    await desk.invited(survey, lina)
    await desk.owner.execute(
        "UPDATE survey_invitations SET expires_at = now() - interval '1 day' WHERE status = 'sent'"
    )
    await desk.owner.execute("UPDATE survey_responses SET answered_at = now() - interval '37 months'")
    ctx = desk.company.context()
    await tend_surveys(ctx, {})
    await ctx.commit()
    await ctx.close()
    states = await desk.owner.fetch("SELECT status FROM survey_invitations")
    assert {row[0] for row in states} == {"answered", "expired"}
    (kept,) = (await desk.got("/v1/survey-responses"))["data"]
    assert (kept["contact_id"], kept["comment"], kept["score"]) == (None, None, 5)


async def test_another_company_sees_nothing_and_cannot_ask(desk: Desk) -> None:
    survey = await desk.survey()
    elsewhere = actor(UUID(int=9), "surveys:read", "surveys:write")
    path = f"/v1/surveys/{survey['id']}"
    assert (await desk.company.client.get(path, headers=elsewhere)).status_code == 404
    assert (await desk.company.client.get("/v1/surveys", headers=elsewhere)).json()["data"] == []


async def test_only_who_may_write_surveys_does(desk: Desk) -> None:
    seller = await desk.company.hire()
    body = {"code": "x_y", "name": "X", "type": "csat", "questions": [SCORE]}
    assert (await desk.company.send("POST", "/v1/surveys", body, by=seller.headers)).status_code == 403
    group_id = await desk.company.group("quality")
    quality = await desk.company.hire(group_ids=(group_id,))
    made: Answer = await desk.call("POST", "/v1/surveys", body, quality.headers)
    assert made["status"] == "draft"
    assert principal_of(quality.headers).scopes >= {"surveys:write"}
