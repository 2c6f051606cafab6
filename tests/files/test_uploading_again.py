"""An upload whose answer was lost is sent again with its key, and is one upload."""

from uuid import uuid4

import asyncpg
import httpx
import pytest

from actors import actor
from files.papers import PDF, RIGHTS

pytestmark = pytest.mark.anyio
ANNA = actor(uuid4(), *RIGHTS, "data:import")
LIST = b"Nom complet;Tel\nKarim BOUCHAREB;0550123456\n"


async def sent(
    client: httpx.AsyncClient, path: str, content: bytes, name: str, **words: str
) -> httpx.Response:
    files = {"file": (name, content)}
    return await client.post(path, files=files, data=words, headers=ANNA | {"Idempotency-Key": "again"})


@pytest.mark.parametrize(
    ("path", "content", "name", "words"),
    [
        ("/v1/files", PDF, "carte-grise.pdf", {"kind": "vehicle_registration"}),
        ("/v1/imports", LIST, "liste.csv", {"entity": "lead"}),
    ],
)
async def test_the_same_upload_gives_the_first_answer_again_and_another_is_refused(
    client: httpx.AsyncClient,
    owner: asyncpg.Connection,
    path: str,
    content: bytes,
    name: str,
    words: dict[str, str],
) -> None:
    first = await sent(client, path, content, name, **words)
    assert first.status_code == 201, first.text
    again = await sent(client, path, content, name, **words)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.headers["Location"] == first.headers["Location"] == f"{path}/{first.json()['id']}"
    listed = (await client.get(path, headers=ANNA)).json()["data"]
    assert [one["id"] for one in listed] == [first.json()["id"]]
    other = await sent(client, path, content + b"\n", name, **words)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
