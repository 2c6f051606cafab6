from collections.abc import Iterator

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from mailings.post import Catcher, Post, catching, open_post


@pytest.fixture
def catcher() -> Iterator[Catcher]:
    with catching() as found:
        yield found


@pytest.fixture
async def post(app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, catcher: Catcher) -> Post:
    return await open_post(app, client, owner, catcher)
