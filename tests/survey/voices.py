"""What the staff say to each other and customers to the company: what no plain POST makes."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from crm_api.surveys.filling import link_of
from crm_api.surveys.models import SurveyInvitation, SurveyInvitationStatus
from crm_api.tracking.repository.collecting import CollectingRepository
from crm_api.tracking.schemas.collecting import WebEventBatch
from crm_api.tracking.service import CollectorService
from files.papers import PDF

if TYPE_CHECKING:
    from survey.estate import Estate, Values

QUESTION = {"key": "note", "kind": "score", "label": {"fr": "Satisfait ?"}}
BODIES: Mapping[str, Mapping[str, Any]] = {
    "/v1/discussions": {"kind": "private", "name": "Sinistres"},
    "/v1/discussion-exports": {
        "reason": "Réquisition du tribunal",
        "said_gte": "2026-11-01T00:00:00Z",
        "said_lt": "2026-12-01T00:00:00Z",
    },
    "/v1/templates": {"code": "essai", "channel": "push", "purpose": "transactional"},
    "/v1/campaigns": {"channels": ["social_ads"]},
    "/v1/campaigns/generate": {"objective": "renewal"},
    "/v1/automations": {
        "trigger": {"kind": "manual"},
        "first_step": "fin",
        "steps": [{"kind": "exit", "key": "fin"}],
    },
    "/v1/automation-recipes": {"recipe": "birthday"},
    "/v1/web-goals": {"event_type": "page_view"},
    "/v1/public/web-events": {
        "consent": False,
        "events": [
            {
                "event_id": "5f0c7c8e-0d0a-4c56-9c64-6c1d2f3a4b5c",
                "type": "page_view",
                "at": "2026-11-23T08:30:00Z",
                "url": "/auto",
                "referrer": "https://www.google.com/",
            }
        ],
    },
    "/v1/surveys": {"type": "csat", "questions": [QUESTION], "languages": ["fr"], "cooldown_days": 0},
    "/v1/public/surveys/{link}": {"answers": [{"key": "note", "value": 4}]},
}


async def member(estate: "Estate") -> "Values":
    room, user = await estate.one("/v1/discussions/{discussion_id}"), await estate.one("/v1/users/{user_id}")
    invite = estate.called("inviteToDiscussion")
    answer = await estate.send(invite, room, {"user_ids": [user["user_id"]]})
    assert answer.status_code == 200, answer.text
    return room | user


async def file(estate: "Estate") -> "Values":
    """Uploaded, and said."""
    room = await estate.one("/v1/discussions/{discussion_id}")
    path = f"/v1/discussions/{room['discussion_id']}/files"
    given = {"file": ("constat.pdf", PDF, "application/pdf")}
    uploaded = await estate.client.post(path, files=given, headers=estate.headers)
    assert uploaded.status_code == 201, uploaded.text
    files = [uploaded.json()["id"]]
    said = await estate.another("/v1/discussion-messages/{discussion_message_id}", file_ids=files)
    return said | {"file_id": files[0]}


async def _asked(estate: "Estate") -> SurveyInvitation:
    """A survey is activated, and somebody asked; the mail went out."""
    survey = await estate.another("/v1/surveys/{survey_id}", code="envoyee")
    activated = await estate.send(estate.called("activateSurvey"), survey)
    assert activated.status_code == 200, activated.text
    person = await estate.another("/v1/contacts/{contact_id}", emails=[{"value": "karim@example.test"}])
    invite = estate.called("inviteToSurvey")
    answer = await estate.send(invite, survey, {"contact_id": person["contact_id"]})
    assert answer.status_code == 201, answer.text
    ctx = estate.company.context()
    found = await ctx.session.get(SurveyInvitation, (ctx.organization_id, UUID(answer.json()["id"])))
    assert found is not None
    found.status = SurveyInvitationStatus.SENT
    await ctx.commit()
    await ctx.close()
    return found


async def enrolment(estate: "Estate") -> "Values":
    """Somebody in an automation that is active."""
    automation = await estate.another("/v1/automations/{automation_id}", name="Active")
    activated = await estate.send(estate.called("activateAutomation"), automation)
    assert activated.status_code == 200, activated.text
    person = await estate.one("/v1/contacts/{contact_id}")
    answer = await estate.send(
        estate.called("enrolContact"), automation, {"contact_id": person["contact_id"]}
    )
    assert answer.status_code == 201, answer.text
    return {"enrolment_id": str(answer.json()["id"])}


async def form_link(estate: "Estate") -> "Values":
    ctx = estate.company.context()
    link = link_of(ctx, await _asked(estate))
    await ctx.close()
    return {"link": link.partition("#token=")[2]}


async def response(estate: "Estate") -> "Values":
    form = await estate.one("/v1/public/surveys/{link}")
    answer = await estate.client.post(
        f"/v1/public/surveys/{form['link']}", json=BODIES["/v1/public/surveys/{link}"]
    )
    assert answer.status_code == 200, answer.text
    listed = await estate.client.get("/v1/survey-responses", headers=estate.headers)
    return {"survey_response_id": str(listed.json()["data"][0]["id"])}


async def visit(estate: "Estate") -> "Values":
    """Somebody came to the site, and the minute is over."""
    ctx = estate.company.context()
    told = BODIES["/v1/public/web-events"]
    told = told | {"events": [event | {"event_id": uuid4()} for event in told["events"]]}
    body = WebEventBatch.model_validate(told, strict=False)
    await CollectorService(ctx).receive(body)
    await ctx.close()
    ctx = estate.company.context()
    await CollectingRepository(ctx).gather(100)
    await ctx.commit()
    await ctx.close()
    listed = await estate.client.get("/v1/web-sessions", headers=estate.headers)
    return {"web_session_id": str(listed.json()["data"][0]["id"])}


async def visitor(_: "Estate") -> "Values":
    """A cookie of the site: anybody's until somebody says whose."""
    return {"visitor_id": str(uuid4())}


WAYS: Mapping[str, Any] = {
    "/v1/web-sessions/{web_session_id}": visit,
    "/v1/web-visitors/{visitor_id}": visitor,
    "/v1/web-visitors/{visitor_id}/identify": visitor,
    "/v1/discussions/{discussion_id}/members/{user_id}": member,
    "/v1/discussion-messages/{discussion_message_id}/files/{file_id}": file,
    "/v1/enrolments/{enrolment_id}": enrolment,
    "/v1/public/surveys/{link}": form_link,
    "/v1/survey-responses/{survey_response_id}": response,
}
