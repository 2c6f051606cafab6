from collections.abc import AsyncIterator

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from channels.house import Correspondence
from company import open_company


@pytest.fixture
async def post(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection
) -> AsyncIterator[Correspondence]:
    """A company with an inbox and a mail channel, and a mailroom that listens on the loopback."""
    room = await Correspondence.of(await open_company(app, client), owner)
    yield room
    await room.close()
