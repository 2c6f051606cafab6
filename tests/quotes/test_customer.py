"""What whoever has the link sees and answers."""

import asyncio
import email
import re
from datetime import timedelta
from email.policy import default
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from chores import done
from crm_api.kit.clock import today
from quotes.desk import Desk

pytestmark = pytest.mark.anyio
NO = {"reason": "price", "comment": "Moins cher ailleurs"}


async def letters(app: FastAPI, owner: asyncpg.Connection) -> list[Any]:
    """All that was mailed, oldest first, once the jobs are done."""
    await done(app, owner)
    folder = Path(app.state.tools.settings.data_dir) / "mails"
    found = sorted(folder.glob("*.eml"))
    return [email.message_from_bytes(path.read_bytes(), policy=default) for path in found]


def text_of(letter: Any) -> str:
    return str(letter.get_body(("plain",)).get_content())


async def test_the_customer_gets_a_link_and_opens_the_quote(
    desk: Desk, app: FastAPI, owner: asyncpg.Connection
) -> None:
    quote = await desk.sent()
    letter = next(one for one in reversed(await letters(app, owner)) if quote["number"] in one["Subject"])
    assert letter["To"] == "atlas@example.test"
    assert "83 677,96 DA" in text_of(letter)
    token = re.search(r"#token=(\S+)", text_of(letter))
    assert token
    assert token[1] == await desk.token(quote)
    seen = await desk.client.get(f"/v1/public/quotes/{token[1]}")
    assert seen.status_code == 200, seen.text
    told = seen.json()
    assert (told["status"], told["number"], told["is_estimate"]) == ("viewed", quote["number"], True)
    assert told["total_premium"]["amount"] == "83677.96"
    assert "inputs" not in told
    assert (await desk.read(quote))["viewed_at"]
    page = await desk.client.get(f"/v1/public/quotes/{token[1]}/pdf")
    assert page.content.startswith(b"%PDF")


async def test_the_customer_accepts_with_the_code_that_is_mailed(
    desk: Desk, app: FastAPI, owner: asyncpg.Connection
) -> None:
    quote = await desk.sent()
    address = f"/v1/public/quotes/{await desk.token(quote)}/accept"
    asked = await desk.client.post(address, json={"name": "Karim BOUCHAREB"})
    assert (asked.status_code, asked.json()["code_sent"], asked.json()["status"]) == (200, True, "sent")
    mailed = [one for one in await letters(app, owner) if one["Subject"].startswith("Code pour accepter")]
    code = re.search(r"^\d{6}\b", text_of(mailed[-1]), re.MULTILINE)
    assert code
    kept = await owner.fetchrow("SELECT * FROM quotes WHERE id = $1", quote["id"])
    assert code[0] not in str(dict(kept))
    wrong = "000000" if code[0] != "000000" else "000001"
    refused = await desk.client.post(address, json={"name": "Karim", "code": wrong})
    assert (refused.status_code, refused.json()["code"]) == (422, "acceptance_code_wrong")
    assert await owner.fetchval("SELECT codes_tried FROM quotes WHERE id = $1", quote["id"]) == 1
    accepted = await desk.client.post(address, json={"name": "Karim BOUCHAREB", "code": code[0]})
    assert (accepted.status_code, accepted.json()["status"]) == (200, "accepted")
    again = await desk.client.post(address, json={"name": "Karim BOUCHAREB", "code": code[0]})
    assert again.status_code == 422
    now = await desk.read(quote)
    assert (now["accepted_name"], now["signature_document_id"]) == ("Karim BOUCHAREB", None)


async def test_codes_are_neither_guessed_nor_sent_without_end(
    desk: Desk, app: FastAPI, owner: asyncpg.Connection
) -> None:
    quote = await desk.sent()
    address = f"/v1/public/quotes/{await desk.token(quote)}/accept"
    early = await desk.client.post(address, json={"name": "Karim", "code": "123456"})
    assert early.json()["code"] == "acceptance_code_wrong"
    for _ in range(3):
        assert (await desk.client.post(address, json={"name": "Karim"})).status_code == 200
    await letters(app, owner)
    fourth = await desk.client.post(address, json={"name": "Karim"})
    assert (fourth.status_code, fourth.json()["code"]) == (409, "too_many_codes")
    await owner.execute("UPDATE quotes SET codes_tried = 5 WHERE id = $1", quote["id"])
    guessed = await desk.client.post(address, json={"name": "Karim", "code": "123456"})
    assert (guessed.status_code, guessed.json()["code"]) == (409, "too_many_codes")


async def test_two_clicks_on_no_are_one_answer(desk: Desk) -> None:
    quote = await desk.sent()
    address = f"/v1/public/quotes/{await desk.token(quote)}/decline"
    answers = await asyncio.gather(*(desk.client.post(address, json=NO) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    now = await desk.read(quote)
    assert (now["status"], now["decline_reason"]) == ("declined", "price")
    late = await desk.client.get(address.removesuffix("/decline"))
    assert late.json()["status"] == "declined"


@pytest.mark.parametrize("token", ["A" * 130, "x" * 40])
async def test_a_link_that_we_did_not_sign_opens_nothing(
    client: httpx.AsyncClient, app: FastAPI, token: str
) -> None:
    answer = await client.get(f"/v1/public/quotes/{token}")
    assert (answer.status_code, answer.json()["code"]) == (404, "quote_link_unknown")


async def test_a_quote_whose_time_is_over_is_not_accepted(
    desk: Desk, app: FastAPI, owner: asyncpg.Connection
) -> None:
    quote = await desk.sent()
    address = f"/v1/public/quotes/{await desk.token(quote)}"
    yesterday = today() - timedelta(days=1)
    await owner.execute("UPDATE quotes SET valid_until = $2 WHERE id = $1", quote["id"], yesterday)
    answer = await desk.client.post(f"{address}/decline", json=NO)
    assert (answer.status_code, answer.json()["code"]) == (409, "quote_out_of_date")
    assert (await desk.client.get(address)).json()["status"] == "sent"
    signed = await desk.signed(quote)
    late = await desk.act(quote, "accept", {"name": "Karim", "document_id": signed})
    assert late.json()["code"] == "quote_out_of_date"


async def test_nobody_signs_with_a_document_that_is_not_there(desk: Desk) -> None:
    quote = await desk.sent()
    answer = await desk.act(quote, "accept", {"name": "Karim", "document_id": str(uuid4())})
    assert (answer.status_code, answer.json()["code"]) == (422, "signature_needed")
    assert (await desk.read(quote))["status"] == "sent"
