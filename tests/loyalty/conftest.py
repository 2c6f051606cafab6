import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from billing.counter import Counter, open_counter


@pytest.fixture
async def counter(app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection) -> Counter:
    return await open_counter(app, client, owner)
