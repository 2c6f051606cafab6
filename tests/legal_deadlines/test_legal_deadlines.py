"""Legal limits over HTTP: dated rows, each with its source; the past keeps its own."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from actors import actor
from company import Company, open_company
from crm_api.core.context import Context
from crm_api.core.principal import system
from crm_api.kit.clock import today
from crm_api.legal_deadlines.errors import LegalDeadlineUnknown
from crm_api.legal_deadlines.jobs import furnish_legal_deadlines
from crm_api.legal_deadlines.models import LegalDeadlineCode, LegalUnit
from crm_api.legal_deadlines.seeds import SEEDS
from crm_api.legal_deadlines.service import LegalDeadlineService

pytestmark = pytest.mark.anyio
PATH = "/v1/legal-deadlines"
BOOK = {
    "claim_report_general": (7, "calendar_days"),
    "claim_report_theft": (3, "working_days"),
    "claim_report_hail": (4, "calendar_days"),
    "claim_report_livestock": (24, "hours"),
    "claim_report_catnat": (30, "calendar_days"),
    "claim_late": (1, "flag"),
    "settle_auto": (21, "calendar_days"),
    "settle_ida": (45, "calendar_days"),
    "settle_tous_risques": (60, "calendar_days"),
    "settle_catnat": (3, "months"),
    "premium_notice": (30, "calendar_days"),
    "premium_grace": (15, "calendar_days"),
    "premium_formal_notice": (30, "calendar_days"),
    "premium_suspend": (0, "calendar_days"),
    "premium_terminate": (10, "calendar_days"),
    "premium_reinstate": (1, "calendar_days"),
    "premium_promise_pause": (7, "calendar_days"),
    "limitation": (36, "months"),
    "cash_ban": (1, "flag"),
    "env_tax": (12, "months"),
    "breach_notice": (5, "calendar_days"),
    "dsr_rectify": (10, "calendar_days"),
    "dsr_access": (10, "calendar_days"),
    "direct_marketing": (24, "hours"),
    "complaint_acknowledge": (24, "hours"),
    "complaint_answer": (15, "calendar_days"),
    "complaint_answer_ministry": (8, "calendar_days"),
    "complaint_answer_supervisor": (8, "calendar_days"),
}
"""domain.md 0.6, row by row."""


@pytest.fixture
async def company(app: FastAPI, client: httpx.AsyncClient) -> Company:
    return await open_company(app, client)


def row(**changed: object) -> dict[str, object]:
    body = {"code": "settle_auto", "valid_from": "2027-01-01", "value": 15, "unit": "calendar_days"}
    return body | {"source": "Arrêté du 1er décembre 2026"} | changed


async def limit(company: Company, code: str) -> dict[str, Any] | None:
    answer = await company.send("GET", PATH)
    assert answer.status_code == 200, answer.text
    return next((each for each in answer.json()["data"] if each["code"] == code), None)


async def test_an_organization_that_opens_has_every_row_of_the_book(company: Company) -> None:
    answer = await company.send("GET", PATH)
    assert answer.status_code == 200, answer.text
    found = {each["code"]: each for each in answer.json()["data"]}
    assert {code: (each["current"]["value"], each["current"]["unit"]) for code, each in found.items()} == BOOK
    assert all(each["current"]["source"] and each["label_fr"] and each["label_ar"] for each in found.values())
    assert not any(each["current"]["verified"] for each in found.values()), (
        "nobody checked them (domain.md N)"
    )
    assert [each["code"] for each in answer.json()["data"]] == sorted(BOOK)


async def test_a_new_row_rules_from_its_day_and_the_old_one_until_then(company: Company) -> None:
    ahead = today() + timedelta(days=10)
    answer = await company.send("POST", PATH, row(valid_from=str(ahead), verified=True))
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert [each["value"] for each in told["history"]] == [15, 21]
    assert told["current"]["value"] == 21
    assert told["history"][1]["valid_to"] == str(ahead - timedelta(days=1))
    assert (told["history"][0]["valid_to"], told["history"][0]["verified"]) == (None, True)
    assert told["label_fr"] == "Indemniser un sinistre automobile"  # as before
    assert await limit(company, "settle_auto") == told
    ctx = company.context()
    service = LegalDeadlineService(ctx)
    assert (await service.rule("settle_auto", ahead - timedelta(days=1))).value == 21
    assert (await service.rule("settle_auto", ahead)).value == 15
    await ctx.close()


async def test_two_rows_of_a_limit_do_not_begin_on_one_day(company: Company) -> None:
    assert (await company.send("POST", PATH, row())).status_code == 201
    twice = await company.send("POST", PATH, row(value=16))
    assert (twice.status_code, twice.json()["code"]) == (409, "legal_deadline_taken")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"code": "settle_tomorrow"}, "enum"),
        ({"unit": "weeks"}, "enum"),
        ({"value": -1}, "greater_than_equal"),
        ({"value": 100_001}, "less_than_equal"),
        ({"value": "21"}, "int_type"),
        ({"valid_from": "1959-12-31"}, "not_in_legal_times"),
        ({"valid_from": "2100-01-01"}, "not_in_legal_times"),
        ({"source": "x"}, "string_too_short"),
        ({"colour": "red"}, "extra_forbidden"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    company: Company, changed: dict[str, object], code: str
) -> None:
    answer = await company.send("POST", PATH, row(**changed))
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["code"] == code


@pytest.mark.parametrize(
    ("code", "unit"), [("settle_auto", "flag"), ("cash_ban", "hours"), ("late_interest_rate", "months")]
)
async def test_a_limit_is_counted_in_its_own_units(company: Company, code: str, unit: str) -> None:
    answer = await company.send("POST", PATH, row(code=code, unit=unit, value=1))
    assert (answer.status_code, answer.json()["code"]) == (422, "legal_unit_unfit")


async def test_a_rate_of_interest_is_there_once_somebody_lays_it_down(company: Company) -> None:
    assert await limit(company, "late_interest_rate") is None
    rate = row(code="late_interest_rate", unit="basis_points", value=600, label_fr="Intérêts de retard")
    assert (await company.send("POST", PATH, rate)).status_code == 201
    laid_down = await limit(company, "late_interest_rate")
    assert laid_down is not None
    assert laid_down["history"][0]["value"] == 600


async def test_who_may(company: Company) -> None:
    reader = actor(company.organization_id, "organization:read")
    assert (await company.send("GET", PATH, by=reader)).status_code == 200
    refused = await company.send("POST", PATH, row(), by=reader)
    assert (refused.status_code, refused.json()["code"]) == (403, "insufficient_scope")
    nobody = actor(company.organization_id, "leads:read")
    assert (await company.send("GET", PATH, by=nobody)).status_code == 403


async def test_another_organization_has_its_own(app: FastAPI, company: Company) -> None:
    assert (await company.send("POST", PATH, row(valid_from=str(today())))).status_code == 201
    other = await open_company(app, company.client)
    seen = await limit(other, "settle_auto")
    assert seen is not None
    assert [each["value"] for each in seen["history"]] == [21]


async def test_an_older_organization_counts_by_the_book_and_gets_its_rows_at_night(
    app: FastAPI, owner: asyncpg.Connection
) -> None:
    ctx = Context(system(uuid4()), app.state.database, app.state.tools)
    service = LegalDeadlineService(ctx)
    assert (await service.list()).data == []
    rule = await service.rule("settle_auto", today())
    assert (rule.value, rule.unit, rule.code) == (21, LegalUnit.CALENDAR_DAYS, LegalDeadlineCode.SETTLE_AUTO)
    assert await service.holds("cash_ban", date(2025, 1, 1))
    assert not await service.holds("cash_ban", date(2024, 12, 31))
    with pytest.raises(LegalDeadlineUnknown):
        await service.rule("settle_auto", date(2021, 2, 28))
    assert await service.rule_or_none("late_interest_rate", today()) is None
    ctx.begin()
    await furnish_legal_deadlines(ctx, {})
    await furnish_legal_deadlines(ctx, {})  # twice is once
    await ctx.commit()
    assert len((await LegalDeadlineService(ctx).list()).data) == len(SEEDS)
    assert await owner.fetchval("SELECT count(*) FROM legal_deadlines") == len(SEEDS)
    await ctx.close()
