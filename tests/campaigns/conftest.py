import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from campaigns.desk import Desk, open_desk


@pytest.fixture
async def desk(app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection) -> Desk:
    return await open_desk(app, client, owner)
