"""Every operation against everybody who must not be let in, and what the tables hold after.

The refused requests are sound in everything but the caller: a route that writes first and asks later
(the class of CVE-2026-41160) is found by the rows, whatever it answers.
"""

from collections.abc import AsyncIterator, Mapping
from typing import NamedTuple

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import URL

from actors import Headers, actor, principal_of
from company import Company, open_company
from crm_api.roles.catalogue import BASE_ROLES
from survey.estate import Estate, Values
from survey.operations import Operation, survey
from survey.rows import UUIDS, digest, ids_of

pytestmark = pytest.mark.anyio
PUBLIC: Mapping[str, str] = {
    "GET /.well-known/jwks.json": "the keys that verify tokens are public",
    "GET /v1/public/calendars/{secret}/appointments.ics": "the secret in the address is the proof",
    "GET /v1/public/mission-orders/{code}": "the code on the paper is the proof",
    "GET /v1/public/files/content": "the signed link itself is the proof",
    "GET /v1/public/quotes/{link}": "the signed link itself is the proof",
    "GET /v1/public/quotes/{link}/pdf": "the signed link itself is the proof",
    "POST /v1/public/quotes/{link}/accept": "the signed link itself is the proof, and a mailed code",
    "POST /v1/public/quotes/{link}/decline": "the signed link itself is the proof",
    "GET /v1/public/surveys/{link}": "the signed link itself is the proof",
    "POST /v1/public/surveys/{link}": "the signed link itself is the proof",
    "GET /v1/public/consents/{link}": "the signed link itself is the proof",
    "POST /v1/public/consents/{link}": "the signed link itself is the proof",
    "GET /v1/public/preferences/{link}": "the signed link itself is the proof",
    "PUT /v1/public/preferences/{link}": "the signed link itself is the proof",
    "GET /v1/u/{link}": "the signed link itself is the proof",
    "POST /v1/u/{link}": "the signed link itself is the proof",
    "POST /v1/public/mentions/{link}": "the signature of the body is the proof",
    "GET /o/{link}": "the signed link in the message is the proof",
    "POST /v1/integrations/messages/{provider_key}/events": "the signature of the body is the proof",
    "GET /v1/public/onboarding": "the words of welcome",
    "GET /v1/public/counters/{link}": "the signed link on the poster is the proof",
    "POST /v1/public/counters/{link}": "the signed link on the poster is the proof",
    "POST /v1/public/channels/{channel_key}/messages": "the signature of the body is the proof",
    "POST /v1/public/channels/{channel_key}/receipts": "the signature of the body is the proof",
    "POST /v1/auth/register": "a company that registers is not known yet",
    "POST /v1/auth/verify-email": "the secret of the mail is the proof",
    "POST /v1/auth/resend-verification": "who has not proved the address cannot sign in",
    "POST /v1/auth/password-reset": "who lost the password cannot sign in",
    "POST /v1/auth/password-reset/confirm": "the secret of the mail is the proof",
    "POST /v1/auth/token": "this is where one signs in",
    "POST /v1/invitations/accept": "the secret of the mail is the proof",
    "POST /v1/invitations/lookup": "the secret of the mail is the proof",
}
"""The only operations for which nobody signs in."""
NOTHING_YET = (
    *("no_logo", "job_has_no_results", "no_snapshot"),
    *("quote_not_sent", "dunning_not_there", "complaint_answer_missing"),
    *("raw_message_gone", "channel_has_no_counter"),
    *("campaign_no_test", "template_not_letter", "template_not_sms"),
)
"""Answers behind the door: nothing is there to be read."""
BY_THE_PATH = frozenset(
    {
        "GET /v1/public/calendars/{secret}/appointments.ics",
        "GET /v1/public/mission-orders/{code}",
        "GET /v1/public/quotes/{link}",
        "GET /v1/public/quotes/{link}/pdf",
        "POST /v1/public/quotes/{link}/accept",
        "POST /v1/public/quotes/{link}/decline",
        "GET /v1/public/counters/{link}",
        "POST /v1/public/counters/{link}",
        "POST /v1/public/channels/{channel_key}/messages",
        "POST /v1/public/channels/{channel_key}/receipts",
        "GET /v1/public/surveys/{link}",
        "POST /v1/public/surveys/{link}",
        "GET /v1/public/consents/{link}",
        "POST /v1/public/consents/{link}",
        "GET /v1/public/preferences/{link}",
        "PUT /v1/public/preferences/{link}",
        "GET /v1/u/{link}",
        "POST /v1/u/{link}",
        "POST /v1/public/mentions/{link}",
        "GET /o/{link}",
        "POST /v1/integrations/messages/{provider_key}/events",
    }
)
"""Public ones whose path holds a secret: whoever has it is let in, from whatever house they come."""
KIND_OF_OBJECT = "GET /v1/metadata/entities/{entity}"
"""Its path names a kind, the same in every house; it is there for whoever may read objects of the kind."""
NOT_FOR: Mapping[str, str] = {"partners_only": "the same for every person, whatever the id"}
"""Refusals that say nothing about an object."""


class Call(NamedTuple):
    """A sound request, but for who sends it."""

    operation: Operation
    values: Values
    body: object


class Scene(NamedTuple):
    """An organization with one of everything in it, and a stranger who may do anything in his own."""

    estate: Estate
    calls: list[Call]
    foreign: Company
    owner: asyncpg.Connection

    async def refused(self, call: Call, by: Headers) -> httpx.Response:
        """The answer; nothing at all may have been written."""
        before = await digest(self.owner)
        query = await self.estate.query(call.operation)
        answer = await self.estate.send(call.operation, call.values, call.body, by=by, query=query)
        after = await digest(self.owner)
        changed = {table for table in before if before[table] != after[table]}
        assert not changed, f"{named(call.operation)} answered {answer.status_code} and wrote {changed}"
        return answer


def named(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


@pytest.fixture(scope="module")
async def scene(house: FastAPI, owner_url: URL) -> AsyncIterator[Scene]:
    """Made once: what is refused changes nothing, and that is what is tested."""
    owner = await asyncpg.connect(owner_url.set(drivername="postgresql").render_as_string(False))
    transport = httpx.ASGITransport(house)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        estate = Estate(await open_company(house, client), survey(house))
        calls = [
            Call(operation, await estate.values(operation), await estate.body(operation))
            for operation in await estate.reached()
        ]
        yield Scene(estate, calls, await open_company(house, client), owner)
    await owner.close()


async def test_nobody_is_let_in_without_signing_in_but_where_a_reason_is_written(scene: Scene) -> None:
    open_to_all = {named(o) for o in scene.estate.operations if o.public}
    assert open_to_all == set(PUBLIC)
    wrong = []
    for call in scene.calls:
        if not call.operation.public:
            for nobody in ({}, {"Authorization": "Bearer forged"}, {"X-API-Key": "crm_live_forged"}):
                answer = await scene.refused(call, nobody)
                if answer.status_code != 401 or "WWW-Authenticate" not in answer.headers:
                    wrong.append(f"{named(call.operation)}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


async def test_every_other_operation_asks_for_a_scope(scene: Scene) -> None:
    bare = {named(o) for o in scene.estate.operations if not o.public and not o.scopes}
    assert not bare


@pytest.mark.parametrize("caller", ["nothing", "client", *(role.code for role in BASE_ROLES)])
async def test_a_missing_scope_is_named_and_nothing_is_written(scene: Scene, caller: str) -> None:
    wrong = []
    for call in scene.calls:
        needed = call.operation.scopes
        by = await _caller(scene, caller, needed)
        missing = needed - principal_of(by).scopes
        if missing:
            answer = await scene.refused(call, by)
            said = answer.json()
            if (answer.status_code, said["code"]) != (403, "insufficient_scope") or said[
                "required_scopes"
            ] != sorted(needed):
                wrong.append(f"{named(call.operation)}: {answer.status_code} {answer.text}")
    assert not wrong, "\n".join(wrong)


async def _caller(scene: Scene, caller: str, needed: frozenset[str]) -> Headers:
    """Somebody of the organization; `nothing` and `client` have every scope but one of those needed."""
    if caller not in ("nothing", "client"):
        role = next(role for role in BASE_ROLES if role.code == caller)
        return scene.estate.may(*role.permissions)
    some = sorted(scene.estate.every_scope - set(sorted(needed)[:1]))
    return scene.estate.may() if caller == "nothing" else scene.estate.may(*some, kind="client")


async def test_the_scopes_that_a_route_names_are_enough(scene: Scene) -> None:
    """Reads only: whether a write goes through is told by the tests of its domain."""
    wrong = []
    for call in scene.calls:
        if call.operation.method == "GET" and call.operation.scopes:
            kind = "client" if "/partner/" in call.operation.path else "user"
            about = principal_of(scene.estate.headers if kind == "user" else scene.estate.client_headers)
            more = ("leads:read",) if named(call.operation) == KIND_OF_OBJECT else ()
            by = scene.estate.may(*call.operation.scopes, *more, kind=kind, id=about.id)
            query = await scene.estate.query(call.operation)
            answer = await scene.estate.send(call.operation, call.values, by=by, query=query)
            if answer.status_code != 200 and answer.json()["code"] not in NOTHING_YET:
                wrong.append(f"{named(call.operation)}: {answer.status_code} {answer.text}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("kind", ["user", "client"])
async def test_an_object_of_another_organization_does_not_exist(scene: Scene, kind: str) -> None:
    stranger = _stranger(scene, kind)
    wrong = []
    for call in scene.calls:
        if named(call.operation) in BY_THE_PATH | {KIND_OF_OBJECT}:
            continue
        if _names_an_object(call.operation) and not _creates_by_name(call.operation):
            body = call.operation.sample()
            answer = await scene.refused(Call(call.operation, call.values, _sound(call, body)), stranger)
            if answer.status_code != 404 and answer.json()["code"] not in NOT_FOR:
                wrong.append(f"{named(call.operation)}: {answer.status_code} {answer.text}")
    assert not wrong, "\n".join(wrong)


async def test_no_list_no_count_no_search_tells_of_another_organization(scene: Scene) -> None:
    stranger = _stranger(scene, "user")
    theirs = await ids_of(scene.owner, scene.estate.company.organization_id)
    wrong = []
    for call in sorted(scene.calls, key=lambda call: call.operation.method != "GET"):
        if _names_an_object(call.operation) or call.operation.public:
            continue
        query = await scene.estate.query(call.operation)
        answer = await scene.estate.send(call.operation, call.values, call.body, by=stranger, query=query)
        sent = set(UUIDS.findall(f"{call.body} {query}"))  # what one knows already is no news
        told = (theirs & set(UUIDS.findall(answer.text))) - sent
        if told or (call.operation.path.endswith("/count") and answer.json()["count"] != 0):
            wrong.append(f"{named(call.operation)}: {answer.text}")
    assert not wrong, "\n".join(wrong)


def _stranger(scene: Scene, kind: str) -> Headers:
    scopes = scene.estate.every_scope | principal_of(scene.estate.headers).scopes
    person = principal_of(scene.foreign.admin.headers)
    about = {"id": person.id} if kind == "user" else {"kind": "client", "session_id": None}
    return actor(scene.foreign.organization_id, *scopes, **about)


def _sound(call: Call, body: object) -> object:
    """The same body, but for references: a stranger does not know ours."""
    if not isinstance(body, dict) or not isinstance(call.body, dict):
        return body
    return {**call.body, **{name: value for name, value in body.items() if name.endswith(("_id", "_ids"))}}


def _names_an_object(operation: Operation) -> bool:
    """A system is whoever calls itself so: no object, and every house may have one of that name."""
    return bool({*operation.path_names} - {"system"})


def _creates_by_name(operation: Operation) -> bool:
    """An upsert by external id makes the caller's own object: the name is free in every organization."""
    return "/v1/external-ids/" in operation.path and operation.method != "GET"
