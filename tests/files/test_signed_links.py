"""A signed link opens one document for a minute, without a session, and nothing else."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
import time_machine
from fastapi import FastAPI

from actors import actor, principal_of
from crm_api.core.signed_links import SignedLink, expiring
from crm_api.files.service import DOWNLOAD, LINK_LASTS
from files.papers import PDF, RIGHTS, added, match

pytestmark = pytest.mark.anyio
OURS = uuid4()
ANNA = actor(OURS, *RIGHTS, "documents:delete", "health:read")


async def linked(client: httpx.AsyncClient, **sheet: str) -> tuple[str, dict[str, str]]:
    paper = await added(client, ANNA, **sheet)
    answer = await client.post(f"/v1/files/{paper['id']}/signed-link", headers=ANNA)
    assert answer.status_code == 200, answer.text
    return answer.json()["href"], paper


async def test_whoever_has_the_link_has_the_document(client: httpx.AsyncClient) -> None:
    href, _ = await linked(client)
    given = await client.get(href)
    assert (given.status_code, given.content) == (200, PDF)
    assert given.headers["content-disposition"].startswith("attachment;")
    part = await client.get(href, headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, PDF[:4])


async def test_after_a_minute_it_is_gone(client: httpx.AsyncClient) -> None:
    href, _ = await linked(client)
    with time_machine.travel(expiring(LINK_LASTS), tick=False):
        late = await client.get(href)
    assert (late.status_code, late.json()["code"]) == (410, "link_expired")


async def test_a_link_is_no_other_link(client: httpx.AsyncClient, app: FastAPI) -> None:
    href, paper = await linked(client)
    path, _, token = href.partition("?link=")
    raw = bytearray(urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    for at in range(len(raw)):
        forged = bytearray(raw)
        forged[at] ^= 1
        answer = await client.get(path, params={"link": urlsafe_b64encode(forged).decode().rstrip("=")})
        assert answer.status_code == 404, at
    for nonsense in ("x", token[:-4], token + "AAAA", "é", "=" * 8):
        assert (await client.get(path, params={"link": nonsense})).status_code == 404, nonsense
    other = SignedLink(OURS, UUID(paper["id"]), principal_of(ANNA).id, "user", expiring(LINK_LASTS))
    for purpose in ("", "another purpose"):
        stolen = app.state.tools.links.sign(other, purpose)
        assert (await client.get(path, params={"link": stolen})).status_code == 404
    assert (await client.get(path, params={"link": app.state.tools.links.sign(other, DOWNLOAD)})).is_success
    assert (await client.get(path)).status_code == 422


async def test_it_opens_nothing_of_another_organization(client: httpx.AsyncClient, app: FastAPI) -> None:
    href, paper = await linked(client)
    foreign = SignedLink(uuid4(), UUID(paper["id"]), principal_of(ANNA).id, "user", expiring(LINK_LASTS))
    token = app.state.tools.links.sign(foreign, DOWNLOAD)
    assert (await client.get(href.partition("?")[0], params={"link": token})).status_code == 404


async def test_what_was_deleted_meanwhile_is_gone(client: httpx.AsyncClient) -> None:
    href, paper = await linked(client)
    assert (await client.delete(f"/v1/files/{paper['id']}", headers=ANNA | match(1))).status_code == 204
    assert (await client.get(href)).status_code == 404


async def test_the_audit_log_names_who_gave_the_link(
    client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    for kind in ("id_card", "medical_certificate"):
        href, paper = await linked(client, kind=kind)
        assert (await client.get(href)).content == PDF
        line = await owner.fetchrow(
            "SELECT * FROM audit_log WHERE action = 'document.downloaded' AND object_id = $1",
            UUID(paper["id"]),
        )
        assert line["actor_id"] == principal_of(ANNA).id
