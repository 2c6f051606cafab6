"""A read is one round trip; what costs more stands here with its reason (performance.md, the data path)."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from actors import Headers, actor
from architecture.statements import counted
from crm_api.registry import ROUTERS
from crm_api.roles.catalogue import permissions

pytestmark = pytest.mark.anyio
ORGANIZATION = uuid4()
DEARER_READS: dict[str, tuple[int, str]] = {}
"""Path -> statements, and why more than one."""


def reads() -> Iterator[str]:
    for router in ROUTERS:
        for route in router.routes:
            if isinstance(route, APIRoute) and "GET" in (route.methods or ()):
                yield route.path_format


def anybody_with_everything() -> Headers:
    return (
        actor(ORGANIZATION, *permissions(), "session:self", "mfa:enrol", mfa_level=2)
        if False
        else actor(ORGANIZATION, *permissions(), "session:self", "mfa:enrol")
    )


@pytest.mark.parametrize("path", sorted(set(reads())))
async def test_a_read_costs_one_statement(
    path: str, app: FastAPI, client: httpx.AsyncClient, monkeypatch: Any
) -> None:
    who = anybody_with_everything()
    at = "/".join(_filled(part) for part in path.split("/"))
    with counted(app, monkeypatch) as sent:
        answer = await client.get(at, headers=who)
    print("READ", path, answer.status_code, len(sent), answer.text[:150] if answer.status_code == 422 else "")
    assert answer.status_code in (200, 404), answer.text
    most, _ = DEARER_READS.get(path, (1, ""))
    assert len(sent) <= most, sent


def _filled(part: str) -> str:
    return str(uuid4()) if part.startswith("{") else part
