import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from claims.bureau import Bureau, open_bureau


@pytest.fixture
async def bureau(app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection) -> Bureau:
    return await open_bureau(app, client, owner)
