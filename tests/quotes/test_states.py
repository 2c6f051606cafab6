"""Every pair of states of a quote: a step that the table lists is made, any other is refused."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from actors import Headers
from chores import done
from crm_api.kit.clock import today
from crm_api.kit.errors import InvalidTransition
from crm_api.quotes.jobs import expire_quotes
from crm_api.quotes.models import QUOTE
from quotes.desk import Desk

pytestmark = pytest.mark.anyio
Step = Callable[[Desk, dict[str, Any]], Awaitable[httpx.Response]]
WHY = {"reason": "Bon risque"}
MEANWHILE = """UPDATE quotes SET status = $2::text,
    rated_at = CASE WHEN $2::text = 'draft' THEN NULL ELSE now() END,
    rated_by = CASE WHEN $2::text = 'draft' THEN NULL ELSE 'internal' END,
    sent_at = CASE WHEN $2::text NOT IN ('draft', 'rated', 'needs_referral', 'approved', 'refused')
        THEN now() END,
    decline_reason = CASE WHEN $2::text = 'declined' THEN 'price' END,
    policy_id = CASE WHEN $2::text = 'converted' THEN $3::uuid END,
    referred_by_id = $3, decided_by_id = NULL WHERE id = $1"""


async def _rate(desk: Desk, quote: dict[str, Any]) -> httpx.Response:
    return await desk.act(quote, "rate")


async def _approve(desk: Desk, quote: dict[str, Any]) -> httpx.Response:
    return await desk.act(quote, "approve", WHY, by=_boss(desk))


async def _refuse(desk: Desk, quote: dict[str, Any]) -> httpx.Response:
    return await desk.act(quote, "refuse", WHY, by=_boss(desk))


async def _send(desk: Desk, quote: dict[str, Any]) -> httpx.Response:
    return await desk.act(quote, "send", {"by": "handed_over"})


async def _accept(desk: Desk, quote: dict[str, Any]) -> httpx.Response:
    body = {"name": "Karim BOUCHAREB", "document_id": await desk.signed(quote)}
    return await desk.act(quote, "accept", body)


async def _decline(desk: Desk, quote: dict[str, Any]) -> httpx.Response:
    return await desk.act(quote, "decline", {"reason": "price"})


def _boss(desk: Desk) -> Headers:
    return desk.company.admin.headers


STEPS: dict[str, Step] = {
    "rated": _rate,
    "approved": _approve,
    "refused": _refuse,
    "sent": _send,
    "accepted": _accept,
    "declined": _decline,
}
"""`viewed` and `converted`, `expired`, `needs_referral` and `superseded` are other tests here."""


@pytest.mark.parametrize("wanted", STEPS)
async def test_a_listed_step_is_made_and_any_other_is_refused(
    desk: Desk, owner: asyncpg.Connection, wanted: str
) -> None:
    quote = await desk.draft()
    wrong = []
    for current in QUOTE.states:
        await owner.execute(MEANWHILE, quote["id"], current, uuid4())
        answer = await STEPS[wanted](desk, quote)
        if wanted in QUOTE.allowed(current):
            arrived = answer.is_success and answer.json()["status"] == wanted
        else:
            told = answer.json()
            arrived = (answer.status_code, told["code"]) == (409, "invalid_transition")
            arrived = arrived and set(told["allowed"]) == set(QUOTE.allowed(current))
        wrong += [] if arrived else [f"{current} -> {wanted}: {answer.status_code} {answer.text}"]
    assert not wrong, "\n".join(wrong)


async def test_only_what_was_sent_is_viewed_by_its_link(desk: Desk, owner: asyncpg.Connection) -> None:
    quote = await desk.sent()
    address = f"/v1/public/quotes/{await desk.token(quote)}"
    for current in QUOTE.states:
        await owner.execute(MEANWHILE, quote["id"], current, uuid4())
        answer = await desk.client.get(address)
        now = (await desk.read(quote))["status"]
        assert now == ("viewed" if current == "sent" else current)
        hidden = current in ("draft", "rated", "needs_referral", "approved", "refused")
        assert answer.status_code == (404 if hidden else 200), (current, answer.text)


async def test_only_what_was_accepted_is_converted(desk: Desk, owner: asyncpg.Connection) -> None:
    quote = await desk.draft()
    for current in QUOTE.states:
        await owner.execute(MEANWHILE, quote["id"], current, uuid4())
        if current == "accepted":
            assert (await desk.converted(quote, uuid4())).quote_id
        else:
            with pytest.raises(InvalidTransition):
                await desk.converted(quote, uuid4())


async def test_what_nobody_took_in_time_expires_once(
    desk: Desk, app: FastAPI, owner: asyncpg.Connection
) -> None:
    yesterday = today() - timedelta(days=1)
    quotes = {}
    for current in QUOTE.states:
        quote = quotes[current] = await desk.draft()
        await owner.execute(MEANWHILE, quote["id"], current, uuid4())
        await owner.execute("UPDATE quotes SET valid_until = $2 WHERE id = $1", quote["id"], yesterday)
    fresh = await desk.sent()
    for _ in range(2):  # twice is as good as once
        ctx = desk.company.context()
        await expire_quotes(ctx, {})
        await ctx.commit()
        await ctx.close()
    for current, quote in quotes.items():
        now = (await desk.read(quote))["status"]
        assert now == ("expired" if "expired" in QUOTE.allowed(current) else current)
    assert (await desk.read(fresh))["status"] == "sent"
    told = await owner.fetchval("SELECT count(*) FROM event_log WHERE kind = 'quote.expired'")
    assert told == 3
    await done(app, owner)


async def test_a_revision_supersedes_what_the_table_lists(desk: Desk, owner: asyncpg.Connection) -> None:
    ended = {"refused", "declined", "expired"}
    for current in QUOTE.states:
        quote = await desk.draft()
        await owner.execute(MEANWHILE, quote["id"], current, uuid4())
        answer = await desk.act(quote, "revise", {})
        now = (await desk.read(quote))["status"]
        if "superseded" in QUOTE.allowed(current):
            assert (answer.status_code, now) == (201, "superseded"), answer.text
        elif current in ended:
            assert (answer.status_code, now) == (201, current), answer.text
        else:
            assert (answer.status_code, now) == (409, current), answer.text
