"""A language model, where one is configured: a real server on loopback; good, evil, slow and broken."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from crm_api.assistant.answering import Answering
from crm_api.assistant.llm import ChatModel, believable, rephraser_of
from crm_api.core.settings import Settings
from crm_api.demo.library import stock
from crm_api.knowledge.models.article import KbLanguage
from knowledge.shelf import Shelf

pytestmark = pytest.mark.anyio
PASSAGE = "Le vol : trois jours ouvrables. Les autres sinistres : 7 jours. Appelez le 0550 12 34 56."
QUESTION = "Je suis karim@example.dz, police P-2026-000777 : combien de jours pour un vol ?"
Act = Callable[[asyncio.StreamWriter], Any]


def saying(text: str, status: str = "200 OK") -> Act:
    body = json.dumps({"choices": [{"message": {"content": text}}]}).encode()

    async def act(writer: asyncio.StreamWriter) -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        writer.write(head.encode() + b"Connection: close\r\n\r\n" + body)

    return act


async def silent(_: asyncio.StreamWriter) -> None:
    await asyncio.sleep(5)


async def nonsense(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\nnot json!")


async def endless(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    for _ in range(100):
        writer.write(b"x" * 4096)
        await writer.drain()


@asynccontextmanager
async def serving(act: Act) -> AsyncIterator[tuple[str, list[tuple[dict[str, str], Any]]]]:
    """Its address up to /v1, and the requests that it got."""
    got: list[tuple[dict[str, str], Any]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
        headers = {name.lower(): value for name, value in headers.items()} | {":line": head.split("\r\n")[0]}
        got.append((headers, json.loads(await reader.readexactly(int(headers["content-length"])))))
        try:
            await act(writer)
            await writer.drain()
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", got
    finally:
        server.close()


async def rephrased(act: Act, patience: float = 2.0) -> tuple[str | None, list[tuple[dict[str, str], Any]]]:
    async with serving(act) as (url, got):
        model = ChatModel(url, "petit-modele", "secret-key", patience)
        return await model.rephrase(QUESTION, [PASSAGE], KbLanguage.FR), got


async def test_it_is_given_what_was_retrieved_and_nothing_personal() -> None:
    said, got = await rephrased(saying("Déclarez le vol sous trois jours ouvrables. [1]"))
    assert said == "Déclarez le vol sous trois jours ouvrables. [1]"
    ((headers, body),) = got
    assert headers[":line"] == "POST /v1/chat/completions HTTP/1.1"
    assert headers["authorization"] == "Bearer secret-key"
    assert (body["model"], body["temperature"]) == ("petit-modele", 0)
    sent = json.dumps(body, ensure_ascii=False)
    assert "Le vol : trois jours ouvrables" in sent
    for personal in ("karim@example.dz", "P-2026-000777", "0550"):
        assert personal not in sent
    assert "combien de jours pour un vol" in sent


@pytest.mark.parametrize(
    "act",
    [
        saying("Vous recevrez 500 000 DA sous 48 heures."),  # numbers that nobody gave it
        saying("SANS REPONSE"),
        saying(""),
        saying("x" * 2000),
        saying("Payez ici : https://evil.example"),
        saying("Trois jours.", "500 Internal Server Error"),
        saying("Trois jours.", "302 Found"),
        nonsense,
        endless,
    ],
)
async def test_what_cannot_be_believed_is_not_said(act: Act) -> None:
    said, got = await rephrased(act)
    assert said is None
    assert len(got) == 1


async def test_who_is_late_is_not_waited_for() -> None:
    started = asyncio.get_running_loop().time()
    said, _ = await rephrased(silent, patience=0.2)
    assert said is None
    assert asyncio.get_running_loop().time() - started < 2


async def test_where_nobody_listens_the_articles_speak_for_themselves(shelf: Shelf) -> None:
    ctx = shelf.company.context()
    await stock(ctx, shelf.company.admin.id)
    await ctx.commit()
    await ctx.close()
    answering = Answering(shelf.company.context())
    assert answering.rephraser is None  # none is configured
    question = "J'ai égaré mon attestation d'assurance"
    for act, rephrased_so in ((saying("Demandez un duplicata à votre agence."), True), (nonsense, False)):
        async with serving(act) as (url, got):
            answering.rephraser = ChatModel(url, "m", None, 2)
            said = await answering.answer(question, KbLanguage.FR)
        assert said.is_rephrased is rephrased_so
        assert said.sources[0].slug == "attestation-duplicata"
        assert "duplicata" in said.text
        assert "authorization" not in got[0][0]
    async with serving(saying("jamais demandé")) as (url, got):
        answering.rephraser = ChatModel(url, "m", None, 2)
        for refused in ("Suis-je responsable ?", "Assurez-vous les chevaux de course ?", "conseiller"):
            await answering.answer(refused, KbLanguage.FR)
    assert got == []  # without something retrieved it is not asked


def test_numbers_must_have_been_given() -> None:
    assert believable("Sous 7 jours [1].", ["Déclarez sous 7 jours."])
    assert not believable("Sous 8 jours.", ["Déclarez sous 7 jours."])
    assert not believable("Sous ٨ أيام", ["خلال ٧ أيام"])
    assert believable("خلال 7 أيام", ["خلال ٧ أيام"])


def test_it_is_configured_by_its_address() -> None:
    assert rephraser_of(Settings(env="test")) is None
    settings = Settings(env="test", llm_url="http://127.0.0.1:1/v1/", llm_key="k")  # type: ignore[arg-type]
    assert isinstance(rephraser_of(settings), ChatModel)
