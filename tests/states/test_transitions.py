"""Every pair of states of every machine: a step that the table lists is made, any other is refused."""

from typing import Any, NamedTuple

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from company import open_company
from crm_api.accounts.models import ACCOUNT
from crm_api.agencies.models import AGENCY
from crm_api.auth.models import API_CLIENT
from crm_api.calendars.models import CALENDAR
from crm_api.invitations.models import INVITATION
from crm_api.kit.states import Machine
from crm_api.knowledge.models.article import KB_ARTICLE
from crm_api.products.models import PRODUCT
from survey.estate import Estate
from survey.operations import survey

pytestmark = pytest.mark.anyio


class Life(NamedTuple):
    """The machine of a kind of object, and the operation that leads to each state."""

    machine: Machine
    template: str
    table: str
    steps: dict[str, str]


LIVES = (
    Life(
        AGENCY,
        "/v1/agencies/{agency_id}",
        "agencies",
        {"active": "resumeAgency", "suspended": "suspendAgency", "closed": "closeAgency"},
    ),
    Life(
        API_CLIENT,
        "/v1/api-clients/{api_client_id}",
        "api_clients",
        {"active": "resumeApiClient", "suspended": "suspendApiClient", "revoked": "revokeApiClient"},
    ),
    Life(
        CALENDAR,
        "/v1/calendars/{calendar_id}",
        "business_calendars",
        {"active": "reopenCalendar", "retired": "retireCalendar"},
    ),
    Life(
        PRODUCT,
        "/v1/products/{product_id}",
        "products",
        {"active": "activateProduct", "retired": "retireProduct"},
    ),
    Life(
        KB_ARTICLE,
        "/v1/kb/articles/{kb_article_id}",
        "kb_articles",
        {
            "draft": "takeKbArticleBack",
            "in_review": "submitKbArticle",
            "published": "publishKbArticle",
            "archived": "archiveKbArticle",
        },
    ),
    Life(INVITATION, "/v1/invitations/{invitation_id}", "invitations", {"revoked": "revokeInvitation"}),
    Life(
        ACCOUNT,
        "/v1/accounts/{account_id}",
        "accounts",
        {"active": "reopenAccount", "archived": "archiveAccount", "closed": "closeAccount"},
    ),
)
"""Leads, users and quotes have rules of their own: tests/leads/test_steps.py, tests/users/test_users.py,
tests/quotes/test_states.py."""


@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.machine.entity)
async def test_a_listed_step_is_made_and_any_other_is_refused(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, life: Life
) -> None:
    estate = Estate(await open_company(app, client), survey(app))
    values = await estate.one(life.template)
    if life.machine is PRODUCT:
        planned = estate.called("createPlan")
        assert (await estate.send(planned, values, await estate.body(planned))).status_code == 201
    wrong: list[str] = []
    for wanted, name in life.steps.items():
        operation = estate.called(name)
        body = await _body(estate, name) if operation.media_type else None
        for current in life.machine.states:
            await _bring(owner, life.table, values, current)
            version = await estate.version(operation, values)
            answer = await estate.send(operation, values, body, version=version)
            said = _judged(life.machine, current, wanted, answer)
            wrong += [f"{name} from {current}: {said}"] if said else []
    assert not wrong, "\n".join(wrong)


async def _body(estate: Estate, name: str) -> Any:
    body = await estate.body(estate.called(name))
    if name == "closeAgency":
        heir = await estate.another("/v1/agencies/{agency_id}", code="16999")
        body["transfer_to_agency_id"] = heir["agency_id"]
    return body


async def _bring(owner: asyncpg.Connection, table: str, values: dict[str, str], state: str) -> None:
    """Straight in the table: how it got there is the other rows of this test."""
    id = [*values.values()][-1]
    await owner.execute(f"UPDATE {table} SET status = $2 WHERE id = $1", id, state)


def _judged(machine: Machine, current: str, wanted: str, answer: httpx.Response) -> str | None:
    if wanted in machine.allowed(current):
        arrived = answer.is_success and (not answer.content or answer.json()["status"] == wanted)
        return None if arrived else f"{answer.status_code} {answer.text}"
    told = answer.json()
    refused = (answer.status_code, told["code"]) == (409, "invalid_transition")
    listed = refused and set(told["allowed"]) == set(machine.allowed(current))
    return None if listed else f"{answer.status_code} {answer.text}"
